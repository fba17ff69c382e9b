"""One file with which anybody can do the sums of a fund again: book, settlements, hashes, a program."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.config import settings
from market.db import db
from market.fund.disclosure import Disclosure, disclose
from market.fund.models import Fund
from market.journal.checkpoint import signer_of
from market.journal.printed import checkpoint_of
from market.journal.rules import canonical, shown_facts
from market.journal.verification import read_lines
from market.journal.writing import kinds
from market.ledger import service as ledger
from market.ledger.chain import entry_facts
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
它证明账没有被改过、每个数都算得出来，不证明摊主报的数是真的。

All public accounts of one community fund, and a program that does the sums again with nothing but Python.
A hash stands for each vendor's line; the vendor can open it with what its own statement shows (--line).
"""

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same books make the same file."""


def write_bundle(fund: Fund, out: BinaryIO) -> None:
    """Writes the file; nothing in it names a vendor or says what one sold."""
    community = fund.community
    files = {
        "README.txt": README,
        "recompute.py": PROGRAM.read_text(encoding="utf-8"),
        "book.json": _json(_book(fund)),
        "settlements.json": _json(_settlements(fund)),
        "journal.jsonl": "".join(f"{line}\n" for line in _journal(fund)),
        "public.json": _json(_public(fund, disclose(fund))),
        "checkpoint.txt": checkpoint_of(community.id, community.slug),
        "key.txt": signer_of(community.slug, settings()).verifier + "\n",
    }
    with ZipFile(out, "w") as bundle:
        for name, text in files.items():
            bundle.writestr(ZipInfo(name, LONG_AGO), text, ZIP_DEFLATED)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _book(fund: Fund) -> dict[str, Any]:
    """Every entry with what goes into its hash; accounts are numbers, not names."""
    facts = book_facts(fund.book)
    return {
        "title": fund.book.title,
        "genesis": _plain({"book": facts.ref, "community": facts.community_id, "opened_at": facts.opened_at}),
        "entries": [
            {"facts": _plain(entry_facts(entry.facts)), "hash": entry.hash}
            for entry in sealed_entries(fund.book)
        ],
        "head": fund.book.head_hash,
    }


def _plain(facts: dict[str, object]) -> dict[str, Any]:
    """As it is spelt for its hash."""
    spelt: dict[str, Any] = json.loads(canonical(facts))
    return spelt


def _settlements(fund: Fund) -> list[dict[str, Any]]:
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
    found = list(db.session.scalars(query))
    revisions = Counter(one.day_id for one in found)
    return [_settlement(one, corrected=revisions[one.day_id] > 1) for one in found]


def _settlement(one: Settlement, *, corrected: bool) -> dict[str, Any]:
    """Groups of a corrected market are left out: between two revisions they would show who was corrected."""
    totals = [] if corrected else settlement.public_totals(one)
    return {
        "market": one.day.ref,
        "date": local_date(one.day).isoformat(),
        "theme": one.day.theme,
        "revision": one.revision,
        "rule": SHARE_RULE,
        "vendors": one.vendors,
        "takings_fen": one.takings_fen,
        "contribution_fen": one.contribution_fen,
        "reason": one.reason,
        "totals": [
            {"category": total.name, "stalls": total.stalls, "contribution_fen": total.contribution_fen}
            for total in totals
        ],
        "leaves": sorted(commitment(line) for line in one.lines),
    }


def _journal(fund: Fund) -> Iterator[str]:
    """Of each line its number, the hash of what it says, which entries it tells of, its hash."""
    public = kinds().public
    for sealed in read_lines(fund.community_id):
        shown = shown_facts(sealed.line.facts, public)
        yield json.dumps([sealed.line.number, sealed.said, shown, sealed.hash])


def _public(fund: Fund, it: Disclosure) -> dict[str, Any]:
    """The sums that the fund's page shows."""
    names = ("income", "spent", "at_charity", "in_transit", "owed", "came_in", "balance")
    return {
        "fund": fund.name,
        "charity": fund.charity,
        "journal": fund.community_id,
        "sums": {f"{name}_fen": getattr(it, f"{name}_fen") for name in names},
        "accounts": ledger.balances(fund.book),
        "contributed_fen": sum(market.settlement.contribution_fen for market in it.markets),
    }
