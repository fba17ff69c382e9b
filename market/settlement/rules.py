"""One vendor's share, the three-way close (assigned × scanned × reported), and computing it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.ledger.rules import Code, Line
from market.money import MAX_FEN, percent_of


class TermsKind(StrEnum):
    """What a vendor agreed to give, of their own will (慈善法 32, 37)."""

    PERCENT = "percent"
    FIXED = "fixed"
    NONE = "none"


MAX_BASIS_POINTS = 10_000


@dataclass(frozen=True)
class Terms:
    """An agreement in numbers: `basis_points` for a percentage (500 = 5 %), `fixed_fen` for a fixed sum."""

    kind: TermsKind
    basis_points: int = 0
    fixed_fen: int = 0


NO_TERMS = Terms(TermsKind.NONE)

WORDING = "2026-2"
"""Version of the agreement that vendors read and sign (agreement.py, words.py); change all together."""


def terms_fault(terms: Terms) -> str | None:
    """Code of what is wrong with an agreement, None when nothing is."""
    if terms.kind is TermsKind.PERCENT and not 0 < terms.basis_points <= MAX_BASIS_POINTS:
        return "percent_range"
    if terms.kind is TermsKind.FIXED and not 0 < terms.fixed_fen <= MAX_FEN:
        return "fixed_range"
    return None


def plain_terms(terms: Terms) -> Terms:
    """The same agreement without numbers that do not belong to its kind; nothing per cent is nothing."""
    if terms.kind is TermsKind.PERCENT and terms.basis_points:
        return Terms(TermsKind.PERCENT, basis_points=terms.basis_points)
    if terms.kind is TermsKind.FIXED and terms.fixed_fen:
        return Terms(TermsKind.FIXED, fixed_fen=terms.fixed_fen)
    return NO_TERMS


SHARE_RULE = "2026-1"
"""Version of the rule below, which the published hash of a line names; change both together."""


def share(takings_fen: int, terms: Terms, chosen_fen: int | None = None) -> int:
    """What a vendor gives for one market day, in fen.

    A percentage is rounded half up to the fen; a fixed sum is given only on a day with takings; `chosen_fen`
    is what the vendor decided for this once (giving stays voluntary after signing) and then counts alone.
    """
    if chosen_fen is not None:
        return chosen_fen
    if terms.kind is TermsKind.PERCENT:
        return percent_of(takings_fen, terms.basis_points)
    if terms.kind is TermsKind.FIXED and takings_fen > 0:
        return terms.fixed_fen
    return 0


def restatement(position: Mapping[str, int], contribution_fen: int) -> list[Line]:
    """The lines that bring the accounts of one market to what holds; none when they do.

    `position` is what they hold now, debit positive. What the charity has not confirmed is on its way (1003)
    and not yet income (2001). What it confirmed is income (4101), but for what it received beyond the
    contribution: that is owed back (2002), also when it is spent.
    """
    arrived = position.get(Code.AT_CHARITY, 0)
    on_its_way, owed = max(0, contribution_fen - arrived), max(0, arrived - contribution_fen)
    right = {
        Code.TRANSFER_PENDING: on_its_way,
        Code.UNCONFIRMED: -on_its_way,
        Code.REFUNDABLE: -owed,
        Code.FROM_MARKETS: -(arrived - owed),
    }
    differences = ((code, fen - position.get(code, 0)) for code, fen in right.items())
    return [Line(code, fen) for code, fen in differences if fen]


class TakingsSource(StrEnum):
    """How the figure came about."""

    SELF = "self"
    STAFF = "staff"
    """Told to staff, by phone or on a slip."""
    ESTIMATED = "estimated"


# ── can it be meant ───────────────────────────────────────────────────────────────────────────────────────

ENOUGH_TIMES = 3
"""From this many markets on, a vendor's own figures say what is usual; before that, its category's help."""
FAR = 5
"""Far above: this many times the most that was ever sold."""
FAR_BELOW = 20
"""Far below: this part of the least, as when 9 is typed for 900."""
NEVER_FAR_FEN = 100_000
"""Below this nobody is asked for selling much: a vendor who sold 20 yuan so far may well sell 200."""
MOST_WHILE_UNKNOWN_FEN = 5_000_000
"""What a stall can sell on a morning, as long as nothing is known of others."""


@dataclass(frozen=True)
class Sold:
    """How often something was sold, and between which figures."""

    times: int
    least_fen: int
    most_fen: int

    def with_others(self, others: Sold | None) -> Sold:
        """Both together."""
        if others is None:
            return self
        return Sold(
            self.times + others.times,
            min(self.least_fen, others.least_fen),
            max(self.most_fen, others.most_fen),
        )


def doubt(takings_fen: int, of_vendor: Sold | None, of_category: Sold | None) -> Sold | None:
    """What is usual when a figure is far outside of it, None for one that can be meant. Nothing sold can."""
    usual = of_vendor if of_vendor and of_vendor.times >= ENOUGH_TIMES else of_category or of_vendor
    if usual is None:
        return Sold(0, 0, MOST_WHILE_UNKNOWN_FEN) if takings_fen > MOST_WHILE_UNKNOWN_FEN else None
    too_much = takings_fen > max(FAR * usual.most_fen, NEVER_FAR_FEN)
    too_little = 0 < takings_fen * FAR_BELOW < usual.least_fen
    return usual if too_much or too_little else None


class CloseFault(StrEnum):
    """What does not agree when a market is closed."""

    NOT_SCANNED = "not_scanned"
    """A stall is held, nobody was scanned in, nothing reported: absent, or let in without a scan?"""
    REPORTED_NOT_SCANNED = "reported_not_scanned"
    """Takings without a scan: let in without one, or reported for the wrong stall?"""
    NOT_REPORTED = "not_reported"
    """Scanned in, but no takings report. Nothing sold is a report of 0; no report is not 0."""
    GIVES_MORE_THAN_SOLD = "gives_more_than_sold"
    """Nobody is kept from it, but a slip of the finger looks the same."""


ABOUT_PRESENCE = frozenset({CloseFault.NOT_SCANNED, CloseFault.REPORTED_NOT_SCANNED})
"""Whoever accepts one of these has said that the vendor was there."""


@dataclass(frozen=True)
class StallFactsAtClose:
    """The three counts of one assignment."""

    vendor_ref: str
    scanned: bool
    takings_fen: int | None
    """None: no report."""
    contribution_fen: int = 0
    waived: frozenset[CloseFault] = frozenset()
    sells: bool = True
    """Whether takings are expected; a health check or an office desk has none to report."""


def close_fault(facts: StallFactsAtClose) -> CloseFault | None:
    """The first exception of a stall that is neither resolved nor waived, None when the three counts agree.

    Was the vendor there? Then: what was sold? Then: can the gift be meant?
    """
    return next((fault for fault in _disagreements(facts) if fault not in facts.waived), None)


def _disagreements(facts: StallFactsAtClose) -> Iterator[CloseFault]:
    if not facts.scanned and not facts.waived & ABOUT_PRESENCE:
        yield CloseFault.NOT_SCANNED if facts.takings_fen is None else CloseFault.REPORTED_NOT_SCANNED
    if facts.takings_fen is None:
        if facts.sells:
            yield CloseFault.NOT_REPORTED
    elif facts.contribution_fen > facts.takings_fen:
        yield CloseFault.GIVES_MORE_THAN_SOLD


class CloseGap(StrEnum):
    """What is missing when a market is posted, and does not keep anybody from posting it."""

    NOT_COUNTED = "not_counted"
    PARTLY_COUNTED = "partly_counted"
    NO_TAKINGS = "no_takings"
    ESTIMATED = "estimated"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Completeness:
    """How much of what a market should be known by is known."""

    counted_cells: int
    uncounted_cells: int
    without_takings: int = 0
    estimated: int = 0
    not_scanned: int = 0
    """Came without a scan, as somebody accepted by name."""


def close_gaps(known: Completeness) -> list[tuple[CloseGap, int]]:
    """What is named before a market is posted, with how many."""
    partly = known.uncounted_cells if known.counted_cells else 0
    found = (
        (CloseGap.NOT_COUNTED, int(not known.counted_cells)),
        (CloseGap.PARTLY_COUNTED, partly),
        (CloseGap.NO_TAKINGS, known.without_takings),
        (CloseGap.ESTIMATED, known.estimated),
        (CloseGap.ACCEPTED, known.not_scanned),
    )
    return [(gap, number) for gap, number in found if number]


# ── computing it again ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class LineFacts:
    """One vendor's line as it was stored."""

    label: str
    takings_fen: int
    terms: Terms
    chosen_fen: int | None
    contribution_fen: int


@dataclass(frozen=True)
class Miscount:
    """Something in a stored settlement that does not follow from its lines."""

    what: str
    """A stall label, or the name of a total."""
    expected: int
    stored: int

    def __str__(self) -> str:
        return f"{self.what}: {self.expected} ≠ {self.stored}"


def miscounts(
    lines: Sequence[LineFacts], vendors: int, takings_fen: int, contribution_fen: int
) -> list[Miscount]:
    """Everything that differs when a settlement is computed again from its own lines; empty when it holds."""
    again = [
        (line.label, share(line.takings_fen, line.terms, line.chosen_fen), line.contribution_fen)
        for line in lines
    ]
    totals = [
        ("vendors", len(lines), vendors),
        ("takings", sum(line.takings_fen for line in lines), takings_fen),
        ("contribution", sum(line.contribution_fen for line in lines), contribution_fen),
    ]
    return [Miscount(*row) for row in [*again, *totals] if row[1] != row[2]]
