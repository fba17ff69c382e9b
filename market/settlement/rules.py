"""One vendor's share, the three-way close (assigned × scanned × reported), and computing it again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any

from market.ledger.rules import Code, Line
from market.money import MAX_FEN, percents_of
from market.vendors.rules import Category


class TermsKind(StrEnum):
    """What a vendor agreed to give, of their own will (慈善法 32, 37)."""

    PERCENT = "percent"
    FIXED = "fixed"
    TIERS = "tiers"
    """A percentage of each part of the takings, so that who sells more gives more of what is above."""
    NONE = "none"


MAX_BASIS_POINTS = 10_000
MAX_TIERS = 4


@dataclass(frozen=True)
class Tier:
    """What is given of the part of the takings above `from_fen`, up to the next tier."""

    from_fen: int
    basis_points: int


@dataclass(frozen=True)
class Terms:
    """An agreement in numbers; 0 and empty mean that there is no such clause.

    `basis_points` is a percentage (500 = 5 %), `fixed_fen` a fixed sum, `tiers` percentages by parts. Takings
    below `threshold_fen` give nothing. A percentage gives `floor_fen` at least and `cap_fen` at most. Vendors
    of the categories in `exempt` are asked for nothing.
    """

    kind: TermsKind
    basis_points: int = 0
    fixed_fen: int = 0
    tiers: tuple[Tier, ...] = ()
    floor_fen: int = 0
    cap_fen: int = 0
    threshold_fen: int = 0
    exempt: frozenset[Category] = frozenset()


NO_TERMS = Terms(TermsKind.NONE)

WORDING = "2026-2"
"""Version of the agreement that vendors read and sign (agreement.py, words.py); change all together."""


def terms_fault(terms: Terms) -> str | None:
    """Code of what is wrong with an agreement, None when nothing is."""
    if terms.kind is TermsKind.PERCENT and not 0 < terms.basis_points <= MAX_BASIS_POINTS:
        return "percent_range"
    if terms.kind is TermsKind.FIXED and not 0 < terms.fixed_fen <= MAX_FEN:
        return "fixed_range"
    if terms.kind is TermsKind.TIERS and not _are_tiers(terms.tiers):
        return "tiers_order"
    if any(not 0 <= fen <= MAX_FEN for fen in (terms.floor_fen, terms.cap_fen, terms.threshold_fen)):
        return "limits_range"
    return "floor_above_cap" if 0 < terms.cap_fen < terms.floor_fen else None


def _are_tiers(tiers: Sequence[Tier]) -> bool:
    """From nothing on, each above the one before, and something is given in one of them."""
    begins = [tier.from_fen for tier in tiers]
    rates = [tier.basis_points for tier in tiers]
    return (
        2 <= len(tiers) <= MAX_TIERS
        and begins[0] == 0
        and all(one < next_one <= MAX_FEN for one, next_one in pairwise(begins))
        and all(0 <= rate <= MAX_BASIS_POINTS for rate in rates)
        and any(rates)
    )


def plain_terms(terms: Terms) -> Terms:
    """The same agreement without numbers that do not belong to its kind; nothing per cent is nothing."""
    limits = {"floor_fen": terms.floor_fen, "cap_fen": terms.cap_fen}
    whole = {"threshold_fen": terms.threshold_fen, "exempt": terms.exempt}
    if terms.kind is TermsKind.PERCENT and terms.basis_points:
        return Terms(TermsKind.PERCENT, basis_points=terms.basis_points, **limits, **whole)  # type: ignore[arg-type]  # fields by name
    if terms.kind is TermsKind.TIERS and terms.tiers:
        return Terms(TermsKind.TIERS, tiers=terms.tiers, **limits, **whole)  # type: ignore[arg-type]  # fields by name
    if terms.kind is TermsKind.FIXED and terms.fixed_fen:
        return Terms(TermsKind.FIXED, fixed_fen=terms.fixed_fen, **whole)  # type: ignore[arg-type]  # fields by name
    return NO_TERMS


SHARE_RULE = "2026-2"
"""Version of the rule below, which the published hash of a line names; change both together."""


def terms_facts(terms: Terms) -> dict[str, Any]:
    """An agreement as the audit trail keeps it: what is not agreed is left out, but for the plain numbers."""
    clauses: dict[str, Any] = {
        "tiers": [[tier.from_fen, tier.basis_points] for tier in terms.tiers],
        "floor_fen": terms.floor_fen,
        "cap_fen": terms.cap_fen,
        "threshold_fen": terms.threshold_fen,
        "exempt": sorted(category.value for category in terms.exempt),
    }
    plain = {"kind": terms.kind.value, "basis_points": terms.basis_points, "fixed_fen": terms.fixed_fen}
    return {**plain, **{name: value for name, value in clauses.items() if value}}


def terms_for_category(terms: Terms, category: Category) -> Terms:
    """The agreement as it counts for a vendor of a category: nothing where that category is exempt.

    Which category it was is kept, so that a settled line says why nothing was given.
    """
    return Terms(TermsKind.NONE, exempt=frozenset({category})) if category in terms.exempt else terms


def share(takings_fen: int, terms: Terms, chosen_fen: int | None = None) -> int:
    """What a vendor gives for one market day, in fen.

    A percentage, or the percentages of all tiers together, is rounded half up to the fen, once; then come
    floor and cap. It is never more than was sold, and who sells more never gives less. A fixed sum is given
    only on a day with takings, whatever they are. Below the threshold nothing is given. `chosen_fen` is what
    the vendor decided for this once (giving stays voluntary after signing) and then counts alone.
    """
    if chosen_fen is not None:
        return chosen_fen
    if takings_fen <= 0 or takings_fen < terms.threshold_fen:
        return 0
    if terms.kind is TermsKind.FIXED:
        return terms.fixed_fen
    if terms.kind is TermsKind.NONE:
        return 0
    given = max(percents_of(_parts(takings_fen, terms)), terms.floor_fen)
    return min(given, terms.cap_fen or given, takings_fen)


def _parts(takings_fen: int, terms: Terms) -> Iterator[tuple[int, int]]:
    """The takings cut at the tiers, each part with its percentage."""
    tiers = terms.tiers if terms.kind is TermsKind.TIERS else (Tier(0, terms.basis_points),)
    ends = [*(tier.from_fen for tier in tiers[1:]), takings_fen]
    for tier, end in zip(tiers, ends, strict=True):
        yield max(0, min(end, takings_fen) - tier.from_fen), tier.basis_points


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
    LINK = "link"
    """By whoever held the link of this vendor and day, on a phone or from the slip, without signing in."""


FIRM = frozenset({TakingsSource.SELF, TakingsSource.STAFF, TakingsSource.LINK})
"""Somebody's word; an estimate is nobody's."""


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


def gift_doubt(gift_fen: int, of_vendor: Sold | None, of_category: Sold | None) -> Sold | None:
    """What is usually sold, when somebody who tells only the gift would give more than anybody sells."""
    usual = doubt(gift_fen, of_vendor, of_category)
    return usual if usual is not None and gift_fen > usual.most_fen else None


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
    gift_only: bool = False
    """Only the gift was told: what was sold is not known, so nothing can be more than it."""


def close_faults(facts: StallFactsAtClose) -> list[CloseFault]:
    """Everything of a stall that does not agree and is not accepted."""
    return [fault for fault in _disagreements(facts) if fault not in facts.waived]


def close_fault(facts: StallFactsAtClose) -> CloseFault | None:
    """The first exception of a stall that is neither resolved nor waived, None when the three counts agree.

    Was the vendor there? Then: what was sold? Then: can the gift be meant?
    """
    return next(iter(close_faults(facts)), None)


def _disagreements(facts: StallFactsAtClose) -> Iterator[CloseFault]:
    if not facts.scanned and not facts.waived & ABOUT_PRESENCE:
        yield CloseFault.NOT_SCANNED if facts.takings_fen is None else CloseFault.REPORTED_NOT_SCANNED
    if facts.takings_fen is None:
        if facts.sells:
            yield CloseFault.NOT_REPORTED
    elif facts.contribution_fen > facts.takings_fen and not facts.gift_only:
        yield CloseFault.GIVES_MORE_THAN_SOLD


class CloseGap(StrEnum):
    """What is missing when a market is posted, and does not keep anybody from posting it."""

    NOT_COUNTED = "not_counted"
    PARTLY_COUNTED = "partly_counted"
    NO_TAKINGS = "no_takings"
    GIFT_ONLY = "gift_only"
    ESTIMATED = "estimated"
    ACCEPTED = "accepted"


@dataclass(frozen=True)
class Completeness:
    """How much of what a market should be known by is known."""

    counted_cells: int
    uncounted_cells: int
    without_takings: int = 0
    gift_only: int = 0
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
        (CloseGap.GIFT_ONLY, known.gift_only),
        (CloseGap.ESTIMATED, known.estimated),
        (CloseGap.ACCEPTED, known.not_scanned),
    )
    return [(gap, number) for gap, number in found if number]


# ── closing by itself ────────────────────────────────────────────────────────────────────────────────────

LONGEST_WAIT = 24 * 14
"""Hours: a deadline later than that is none."""

ACCEPTED_AT_DEADLINE = frozenset({CloseFault.NOT_REPORTED, CloseFault.REPORTED_NOT_SCANNED})
"""Who came and told nothing gives nothing; who told takings was there by their own word. Whether somebody
came at all, and whether a gift above the takings was meant, only a person can say."""


@dataclass(frozen=True)
class CloseTiming:
    """What a community decided: hours after the end of a market."""

    after_hours: int
    """When everything agrees, it is settled from here on; until then somebody may still add something."""
    deadline_hours: int | None
    """Then it is settled without what is missing, as far as that can be; None: it waits for a person."""


class Due(StrEnum):
    """What the clock has to do about a market that is over."""

    WAIT = "wait"
    SETTLE = "settle"
    NEEDS_PERSON = "needs_person"
    """The deadline is over, and only a person can go on."""


def due_close(faults: Collection[CloseFault], gaps: int, hours_since_end: float, timing: CloseTiming) -> Due:
    """Whether a market is settled by itself now. `gaps` is how much is missing that may stay so."""
    if not faults and not gaps and hours_since_end >= timing.after_hours:
        return Due.SETTLE
    if timing.deadline_hours is None or hours_since_end < timing.deadline_hours:
        return Due.WAIT
    return Due.SETTLE if ACCEPTED_AT_DEADLINE.issuperset(faults) else Due.NEEDS_PERSON


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
