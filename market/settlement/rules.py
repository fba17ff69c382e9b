"""The share of one vendor, and the three-way close: assigned × scanned × reported."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from market.money import percent_of


class TermsKind(StrEnum):
    """What a vendor agreed to give, of their own will (慈善法 32, 37)."""

    PERCENT = "percent"
    FIXED = "fixed"
    NONE = "none"


MAX_BASIS_POINTS = 10_000


@dataclass(frozen=True)
class TermsFacts:
    """An agreement in numbers: `basis_points` for a percentage (500 = 5 %), `fixed_fen` for a fixed amount."""

    kind: TermsKind
    basis_points: int = 0
    fixed_fen: int = 0


NO_TERMS = TermsFacts(TermsKind.NONE)


def share(takings_fen: int, terms: TermsFacts, chosen_fen: int | None = None) -> int:
    """What a vendor gives for one market day, in fen.

    A percentage is rounded half up to the fen; a fixed amount is given only on a day with takings; `chosen_fen` is
    what the vendor decided for this once (giving stays voluntary after signing), and then counts alone.
    """
    if chosen_fen is not None:
        return chosen_fen
    if terms.kind is TermsKind.PERCENT:
        return percent_of(takings_fen, terms.basis_points)
    if terms.kind is TermsKind.FIXED and takings_fen > 0:
        return terms.fixed_fen
    return 0


class TakingsSource(StrEnum):
    """How the figure came about."""

    SELF = "self"
    STAFF = "staff"
    """Told to staff, by phone or on a slip."""
    ESTIMATED = "estimated"


class CloseFault(StrEnum):
    """What does not agree when a market is closed."""

    NOT_SCANNED = "not_scanned"
    """A stall is held, nobody was scanned in, nothing reported: absent, or let in without a scan?"""
    REPORTED_NOT_SCANNED = "reported_not_scanned"
    NOT_REPORTED = "not_reported"
    """Scanned in, but no takings report. Nothing sold is a report of 0; no report is not 0."""
    GIVES_MORE_THAN_SOLD = "gives_more_than_sold"


@dataclass(frozen=True)
class StallFactsAtClose:
    """The three counts of one assignment."""

    vendor_ref: str
    scanned: bool
    takings_fen: int | None
    """None: no report."""
    contribution_fen: int = 0
    waived: frozenset[CloseFault] = frozenset()


def close_fault(facts: StallFactsAtClose) -> CloseFault | None:
    """The one exception of an assignment that is neither resolved nor waived, None when the three counts agree."""
    fault = _disagreement(facts)
    return None if fault in facts.waived else fault


def _disagreement(facts: StallFactsAtClose) -> CloseFault | None:
    if not facts.scanned:
        return CloseFault.NOT_SCANNED if facts.takings_fen is None else CloseFault.REPORTED_NOT_SCANNED
    if facts.takings_fen is None:
        return CloseFault.NOT_REPORTED
    if facts.contribution_fen > facts.takings_fen:
        return CloseFault.GIVES_MORE_THAN_SOLD
    return None
