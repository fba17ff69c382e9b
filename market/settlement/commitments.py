"""What may be published of one vendor's line: a hash that says nothing, and that the vendor can open.

Amounts of a market are so few that a hash without salt is an open book; so each line has a salt of its own,
which only the vendor's statement shows.
"""

from __future__ import annotations

import hashlib

from market.journal.rules import canonical
from market.settlement.models import SettlementLine
from market.settlement.rules import SHARE_RULE, terms_facts

LEAF = b"\x00"
"""What a hashed line begins with, so that it can be taken for nothing else."""


def line_facts(line: SettlementLine) -> dict[str, object]:
    """What a line says, under the names that go into its hash."""
    closed = line.settlement
    fee = {"fee_fen": line.fee_fen} if line.fee_fen else {}
    return {
        "market": closed.day.ref,
        "revision": closed.revision,
        "line": line.assignment.ref,
        "takings_fen": line.takings_fen,
        "terms": terms_facts(line.terms),
        "chosen_fen": line.chosen_fen,
        "gift_only": line.gift_only,
        "share_fen": line.contribution_fen,
        "rule": SHARE_RULE,
        **fee,
    }


def commitment(line: SettlementLine) -> str:
    """The hash that is published."""
    return hashlib.sha256(LEAF + bytes.fromhex(line.salt) + canonical(line_facts(line))).hexdigest()


def opening(line: SettlementLine) -> str:
    """The text that opens it: for the vendor's statement, and for nobody else."""
    return canonical({"salt": line.salt, "says": line_facts(line)}).decode()
