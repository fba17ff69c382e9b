"""One file with which anybody can do the sums of a fund again: book, settlements, hashes, a program."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.communities.service import profile_of
from market.config import settings
from market.db import db
from market.fund.disclosure import Disclosure, disclose_public
from market.fund.goods_rows import GoodsValuation
from market.fund.models import Fund
from market.fund.published import JointLine, PublicBook, public_book
from market.fund.service import lots
from market.fund.words import joint_memo
from market.journal.checkpoint import signer_of
from market.journal.printed import checkpoint_of
from market.journal.rules import Sealed as SealedLine, canonical, shown_facts
from market.journal.verification import read_lines
from market.journal.writing import kinds
from market.ledger import service as ledger
from market.ledger.chain import Sealed, spelt_entry
from market.ledger.verification import book_facts, sealed_entries
from market.settlement import service as settlement
from market.settlement.commitments import commitment
from market.settlement.models import Settlement, SettlementLine
from market.settlement.rules import SHARE_RULE
from market.stalls.models import Assignment

PROGRAM = Path(__file__).with_name("recompute.py")

README = """这个文件里是一个社区基金的全部公开账目，和一个只用 Python 就能重算一遍的程序。
    python3 recompute.py FILE.zip
解开以后，在那个文件夹里运行 python3 recompute.py 也行。 Unpacked, it needs no name of a file.
book.json 每一笔凭证；settlements.json 每一场的结算，每家一个看不出是谁的校验值；
goods.json 每一批有票据的物资值多少、出去了多少件，它们不是钱；
journal.jsonl 每一次操作的校验值；checkpoint.txt 签过名的校验码，
key.txt 验签名的公钥；public.json 基金页面上写的数。
涉及商户太少的凭证只有校验值，没有金额；together 里是它们合在一起的数。
它证明账没有被改过、公布的数都算得出来，不证明摊主报的数是真的。

All public accounts of one community fund, and a program that does the sums again with nothing but Python.
A hash stands for each vendor's line; the vendor can open it with what its own statement shows (--line).
Of entries that concern too few vendors there is the hash, and their sum under "together".
Goods with a paper stand in goods.json and in accounts of their own; they are in no sum of money.
"""

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same books make the same file."""


def write_bundle(fund: Fund, out: BinaryIO) -> None:
    """Writes the file; it says no more of markets and entries than the public pages do.

    Everything is read while it is written: a book may be longer than a memory.
    """
    community = fund.community
    seen = public_book(community)
    files: dict[str, Iterable[str]] = {
        "README.txt": [README],
        "recompute.py": [PROGRAM.read_text(encoding="utf-8")],
        "book.json": _book(fund, seen),
        "settlements.json": chain(["["], _listed(_settlements(fund, seen)), ["]\n"]),
        "goods.json": chain(["["], _listed(_goods(fund)), ["]\n"]),
        "journal.jsonl": (f"{line}\n" for line in _journal(fund, seen)),
        "public.json": [_json(_public(fund, seen, disclose_public(fund, seen))), "\n"],
        "checkpoint.txt": [checkpoint_of(community.id, community.slug)],
        "key.txt": [signer_of(community.slug, settings()).verifier, "\n"],
    }
    with ZipFile(out, "w") as bundle:
        for name, parts in files.items():
            _write(bundle, name, parts)


def write_public_ledger(fund: Fund, form: str, out: BinaryIO) -> None:
    """The book as text, as far as it is public, so that anybody can add it up."""
    seen = public_book(fund.community)
    hidden = {entry.ref for entry in seen.hidden.values()}
    together = [
        ledger.Together(line.happened_on, line.kind, joint_memo(line), line.lines) for line in seen.joint
    ]
    export = ledger.export_csv if form == "csv" else ledger.export_beancount
    text = TextIOWrapper(out, encoding="utf-8", newline="")
    export(fund.book, text, hidden, together)
    text.detach()  # flushed, and `out` is left to who opened it


def _write(bundle: ZipFile, name: str, parts: Iterable[str]) -> None:
    told = ZipInfo(name, LONG_AGO)
    told.compress_type = ZIP_DEFLATED
    with bundle.open(told, "w", force_zip64=True) as inside:
        for some in batched(parts, PARTS_AT_ONCE):
            inside.write("".join(some).encode())


PARTS_AT_ONCE = 500


def batched(parts: Iterable[str], size: int) -> Iterator[list[str]]:
    """Some at a time: to pack each line by itself takes twice as long."""
    left = iter(parts)
    while some := list(islice(left, size)):
        yield some


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _listed(things: Iterable[str]) -> Iterator[str]:
    """Things of a list, a line each."""
    for place, thing in enumerate(things):
        yield f"{',' if place else ''}\n{thing}"


def _book(fund: Fund, seen: PublicBook) -> Iterator[str]:
    """Every entry with what goes into its hash, or the hash alone; accounts are numbers, not names."""
    facts = book_facts(fund.book)
    genesis = {"book": facts.ref, "community": facts.community_id, "opened_at": facts.opened_at}
    withheld = {entry.ref for entry in seen.hidden.values()}
    yield f'{{"title": {_json(fund.book.title)},\n"genesis": {canonical(genesis).decode()},\n"entries": ['
    yield from _listed(_entry(entry, withheld) for entry in sealed_entries(fund.book))
    yield f'],\n"together": {_json([_together(line) for line in seen.joint])},\n'
    yield f'"waiting": {seen.waiting},\n"head": {_json(fund.book.head_hash)}}}\n'


def _entry(entry: Sealed, withheld: set[str]) -> str:
    if entry.facts.ref in withheld:
        return _json(_withheld(entry))
    return f'{{"facts":{spelt_entry(entry.facts)},"hash":{_json(entry.hash)}}}'


def _withheld(entry: Sealed) -> dict[str, Any]:
    """Its place and its hash. The address of one without a salt would make its hash easier to guess from."""
    facts = entry.facts
    place = {"sequence": facts.sequence, "fiscal_year": facts.fiscal_year, "number": facts.number}
    named = {"ref": facts.ref} if facts.salt else {}
    return {"withheld": {**place, **named}, "hash": entry.hash}


def _together(line: JointLine) -> dict[str, Any]:
    return {
        "kind": line.kind.value,
        "happened_on": line.happened_on.isoformat(),
        "markets": sorted(day.ref for day in line.days),
        "entries": line.entries,
        "lines": [[str(one.account), one.amount_fen] for one in line.lines],
    }


def _settlements(fund: Fund, seen: PublicBook) -> Iterator[str]:
    query = (
        sa.select(Settlement)
        .join(Settlement.day)
        .options(
            contains_eager(Settlement.day),
            selectinload(Settlement.lines)
            .joinedload(SettlementLine.assignment)
            .joinedload(Assignment.vendor),
        )
        .where(Settlement.community_id == fund.community_id)
        .order_by(MarketDay.open_at, Settlement.id)
    )
    for one in db.session.scalars(query, execution_options={"yield_per": SETTLEMENTS_AT_ONCE}):
        yield _json(_settlement(one, seen))


SETTLEMENTS_AT_ONCE = 100


def _settlement(one: Settlement, seen: PublicBook) -> dict[str, Any]:
    """What may be said of a revision; null is what stands in a sum with other markets, or nowhere yet."""
    figures = seen.of_revision(one)
    totals = settlement.public_totals(one) if figures.groups else []
    return {
        "market": one.day.ref,
        "date": local_date(one.day).isoformat(),
        "theme": one.day.theme,
        "revision": one.revision,
        "rule": SHARE_RULE,
        "vendors": one.vendors,
        "takings_fen": figures.takings_fen,
        "contribution_fen": figures.contribution_fen,
        "reason": one.reason,
        "totals": [
            {"category": total.name, "stalls": total.stalls, "contribution_fen": total.contribution_fen}
            for total in totals
        ],
        "leaves": sorted(commitment(line) for line in one.lines),
        **_fees(one),
    }


def _fees(one: Settlement) -> dict[str, Any]:
    """What was charged beside the gifts: not of the fund, and the same for all who pay it."""
    if one.stall_fee is None:
        return {}
    fee = one.stall_fee.fee
    stalls = sum(line.fee_fen > 0 for line in one.lines)
    return {
        "fees": {
            "payee": fee.payee,
            "each_fen": fee.amount_fen,
            "stalls": stalls,
            "total_fen": one.fees_fen,
        }
    }


def _goods(fund: Fund) -> Iterator[str]:
    """Each lot that a paper says the worth of, without who gave it and who got it."""
    for lot in lots(fund.community):
        values = [one for one in lot.valuations if one.entry_id is not None]
        if values:
            yield _json(
                {
                    "lot": lot.ref,
                    "items": lot.count,
                    "values": [_value(one) for one in values],
                    "outs": [
                        {"out": out.ref, "way": out.way.value, "items": out.items}
                        for out in lot.outs
                        if out.voided_at is None
                    ],
                }
            )


def _value(one: GoodsValuation) -> dict[str, Any]:
    return {
        "value": one.ref,
        "fen": one.worth_fen,
        "basis": one.basis.value,
        "paper": one.paper,
        "paper_on": one.paper_on.isoformat(),
        "said_by": one.said_by,
        "undone": one.undone_at is not None,
    }


def _journal(fund: Fund, seen: PublicBook) -> Iterator[str]:
    """Of each line its number, the hash of what it says, which entries it tells of, its hash.

    Where it tells of a withheld entry without a salt, a hash stands for which entries those are.
    """
    public = kinds().public
    secret = {f"entry:{entry.ref}" for entry in seen.hidden.values() if not entry.salt}
    for sealed in read_lines(fund.community_id):
        yield json.dumps([sealed.line.number, sealed.said, _shown(sealed, public, secret), sealed.hash])


def _shown(sealed: SealedLine, public: frozenset[str], secret: set[str]) -> dict[str, str | None] | str:
    shown = shown_facts(sealed.line.facts, public)
    return hashlib.sha256(canonical(shown)).hexdigest() if secret & shown.keys() else shown


def _public(fund: Fund, seen: PublicBook, it: Disclosure) -> dict[str, Any]:
    """The sums that the fund's page shows."""
    names = ("income", "spent", "at_charity", "in_transit", "owed", "came_in", "balance")
    return {
        "fund": fund.name,
        "charity": fund.charity,
        "journal": fund.community_id,
        "smallest_group": profile_of(fund.community).disclosure.smallest_group,
        "sums": {f"{name}_fen": getattr(it, f"{name}_fen") for name in names},
        "goods": vars(it.goods),
        "accounts": seen.balances(),
        "contributed_fen": it.contributed_fen,
    }
