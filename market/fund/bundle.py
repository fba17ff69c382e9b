"""One file with which anybody can do the sums of a fund again: book, settlements, hashes, a program."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
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
from market.fund.models import Fund
from market.fund.published import JointLine, PublicBook, public_book
from market.journal.checkpoint import signer_of
from market.journal.printed import checkpoint_of
from market.journal.rules import Sealed as SealedLine, canonical, shown_facts
from market.journal.verification import read_lines
from market.journal.writing import kinds
from market.ledger.chain import Sealed, entry_facts
from market.ledger.verification import book_facts, sealed_entries
from market.settlement import service as settlement
from market.settlement.commitments import commitment
from market.settlement.models import Settlement, SettlementLine
from market.settlement.rules import SHARE_RULE
from market.stalls.models import Assignment

PROGRAM = Path(__file__).with_name("recompute.py")

README = """这个文件里是一个社区基金的全部公开账目，和一个只用 Python 就能重算一遍的程序。
    python3 recompute.py FILE.zip
book.json 每一笔凭证；settlements.json 每一场的结算，每家一个看不出是谁的校验值；
journal.jsonl 每一次操作的校验值；checkpoint.txt 签过名的校验码，
key.txt 验签名的公钥；public.json 基金页面上写的数。
涉及商户太少的凭证只有校验值，没有金额；together 里是它们合在一起的数。
它证明账没有被改过、公布的数都算得出来，不证明摊主报的数是真的。

All public accounts of one community fund, and a program that does the sums again with nothing but Python.
A hash stands for each vendor's line; the vendor can open it with what its own statement shows (--line).
Of entries that concern too few vendors there is the hash, and their sum under "together".
"""

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same books make the same file."""


def write_bundle(fund: Fund, out: BinaryIO) -> None:
    """Writes the file; it says no more of markets and entries than the public pages do."""
    community = fund.community
    seen = public_book(community)
    files = {
        "README.txt": README,
        "recompute.py": PROGRAM.read_text(encoding="utf-8"),
        "book.json": _json(_book(fund, seen)),
        "settlements.json": _json(_settlements(fund, seen)),
        "journal.jsonl": "".join(f"{line}\n" for line in _journal(fund, seen)),
        "public.json": _json(_public(fund, seen, disclose_public(fund, seen))),
        "checkpoint.txt": checkpoint_of(community.id, community.slug),
        "key.txt": signer_of(community.slug, settings()).verifier + "\n",
    }
    with ZipFile(out, "w") as bundle:
        for name, text in files.items():
            bundle.writestr(ZipInfo(name, LONG_AGO), text, ZIP_DEFLATED)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _book(fund: Fund, seen: PublicBook) -> dict[str, Any]:
    """Every entry with what goes into its hash, or the hash alone; accounts are numbers, not names."""
    facts = book_facts(fund.book)
    withheld = {entry.ref for entry in seen.hidden.values()}
    return {
        "title": fund.book.title,
        "genesis": _plain({"book": facts.ref, "community": facts.community_id, "opened_at": facts.opened_at}),
        "entries": [
            _withheld(entry)
            if entry.facts.ref in withheld
            else {"facts": _plain(entry_facts(entry.facts)), "hash": entry.hash}
            for entry in sealed_entries(fund.book)
        ],
        "together": [_together(line) for line in seen.joint],
        "waiting": seen.waiting,
        "head": fund.book.head_hash,
    }


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


def _plain(facts: dict[str, object]) -> dict[str, Any]:
    """As it is spelt for its hash."""
    spelt: dict[str, Any] = json.loads(canonical(facts))
    return spelt


def _settlements(fund: Fund, seen: PublicBook) -> list[dict[str, Any]]:
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
    return [_settlement(one, seen) for one in db.session.scalars(query)]


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
        "accounts": seen.balances(),
        "contributed_fen": it.contributed_fen,
    }
