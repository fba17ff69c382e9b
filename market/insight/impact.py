"""What the markets did for residents, the community, the government and vendors, by period (domain R1).

The four quadrants of the pilot, each counter a sum of facts: nothing is estimated, and what nobody counted is
left out instead of being nothing. Money that everybody may read comes from the public book.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.clock import at_local
from market.communities.models import Community
from market.db import db
from market.fund.models import Fund, Payment, Proposal
from market.fund.published import PublicBook
from market.insight.helped import Communities, helped
from market.insight.periods import Period
from market.insight.rules import Counters
from market.ledger.kept import moved_in_months
from market.ledger.rules import CHART, IN_KIND, Code, Kind
from market.ledger.spans import Span
from market.settlement.models import Settlement, SettlementLine
from market.stalls.models import Assignment
from market.vendors.models import Vendor
from market.vendors.rules import Category

HANDY = frozenset(
    {
        Category.REPAIR_SERVICE, Category.HAIRCUT, Category.HEALTH_OUTREACH, Category.PUBLIC_SERVICE,
        Category.CARE_EDUCATION,
    }
)  # fmt: skip
"""Kinds of stalls that do something for residents instead of selling something."""

IN_TRANSIT = (Code.CASH_IN_TRANSIT, Code.TRANSFER_PENDING)
EVER = Span(date(2000, 1, 1), date(2099, 12, 31))


class Quadrant(StrEnum):
    """Who is better off."""

    RESIDENTS = "residents"
    COMMUNITY = "community"
    GOVERNMENT = "government"
    VENDORS = "vendors"


class Counted(StrEnum):
    """What is counted."""

    DAYS = "days"
    VISITS = "visits"
    HANDY = "handy"
    CONTRIBUTED = "contributed"
    ITEMS = "items"
    PAID = "paid"
    PROJECTS = "projects"
    VENDORS = "vendors"
    APPEARANCES = "appearances"
    TAKINGS = "takings"
    PARTNERS = "partners"
    HOURS = "hours"
    JOBS = "jobs"


MONEY = frozenset({Counted.CONTRIBUTED, Counted.PAID, Counted.TAKINGS})
QUADRANTS: dict[Quadrant, tuple[Counted, ...]] = {
    Quadrant.RESIDENTS: (Counted.VISITS, Counted.HANDY, Counted.PARTNERS),
    Quadrant.COMMUNITY: (Counted.CONTRIBUTED, Counted.ITEMS, Counted.HOURS),
    Quadrant.GOVERNMENT: (Counted.PAID, Counted.PROJECTS),
    Quadrant.VENDORS: (Counted.VENDORS, Counted.APPEARANCES, Counted.TAKINGS, Counted.JOBS),
}


class Done(NamedTuple):
    """Something that the fund paid for."""

    paid_on: date
    purpose: str
    amount_fen: int


@dataclass(frozen=True)
class Impact:
    """What one period came to."""

    period: Period | None
    """None: from the first market to now."""
    figures: dict[Counted, int]
    """What is known; what is not stands not in it."""
    days: int = 0
    uncounted: int = 0
    """Markets at which nobody counted visits."""
    called_off: int = 0
    """Markets that were to be in this period and were called off."""
    on_its_way_fen: int = 0
    """Contributed and not yet confirmed by the charity; of a period that is over it says nothing."""
    kinds: list[tuple[Category, int]] = field(default_factory=list)
    """Appearances by kind of stall, the most first."""
    done: list[Done] = field(default_factory=list)

    @property
    def quadrants(self) -> list[tuple[Quadrant, list[tuple[Counted, int]]]]:
        """The quadrants in order, with what is known."""
        return [
            (quadrant, [(one, self.figures[one]) for one in each if one in self.figures])
            for quadrant, each in QUADRANTS.items()
        ]


def impact_of(community: Community, counted: Counters, seen: PublicBook, period: Period | None) -> Impact:
    """A community's impact as everybody may read it; `counted` are its counters, with what is public."""
    span = period.span if period is not None else EVER
    kinds = kinds_of([community.id], _hours(community.zone, span))
    figures = _figures(counted, kinds)
    figures[Counted.CONTRIBUTED] = counted.contribution_fen
    figures |= _helped([community.id], span, _hours(community.zone, span))
    done, moved = _done(community, span), seen.balances(span.last, span.first)
    if seen.book is not None:
        figures |= {Counted.PAID: _spent(moved), Counted.PROJECTS: len(done)}
    on_its_way = sum(moved.get(code, 0) for code in IN_TRANSIT) if period is None else 0
    called_off = _called_off([community.id], _hours(community.zone, span))
    uncounted = counted.days - counted.counted_days
    return Impact(period, figures, counted.days, uncounted, called_off, max(on_its_way, 0), kinds, done)


def impact_of_region(
    ids: Communities, zone: str, counted: Counters, period: Period, *, smallest: int
) -> Impact:
    """The same of many communities together; takings only where enough vendors are in the sum."""
    hours = _hours(zone, period.span)
    kinds = kinds_of(ids, hours)
    figures = _figures(counted, kinds)
    figures[Counted.CONTRIBUTED] = counted.contribution_fen
    figures |= _helped(ids, period.span, hours)
    moved = moved_in_months(ids, period.span)
    if moved:
        figures[Counted.PAID] = sum(row.fen for row in moved if _is_spending(row.account))
    if counted.vendors >= smallest and counted.takings_fen:
        figures[Counted.TAKINGS] = counted.takings_fen
    uncounted = counted.days - counted.counted_days
    return Impact(period, figures, counted.days, uncounted, _called_off(ids, hours), kinds=kinds)


def _figures(counted: Counters, kinds: Sequence[tuple[Category, int]]) -> dict[Counted, int]:
    found = {
        Counted.HANDY: sum(n for kind, n in kinds if kind in HANDY),
        Counted.ITEMS: counted.items,
        Counted.VENDORS: counted.vendors,
        Counted.APPEARANCES: counted.appearances,
    }
    return found | ({Counted.VISITS: counted.visits} if counted.counted_days else {})


def _helped(ids: Communities, span: Span, hours: tuple[datetime, datetime]) -> dict[Counted, int]:
    """What is known of partners, work and volunteers: what nobody noted is left out."""
    known = helped(ids, span, hours)
    found = {Counted.PARTNERS: known.partners, Counted.JOBS: known.jobs, Counted.HOURS: known.hours}
    return {one: value for one, value in found.items() if value is not None}


def _spent(moved: dict[str, int]) -> int:
    return sum(fen for account, fen in moved.items() if _is_spending(account))


def _is_spending(account: str) -> bool:
    """Whether something was done with the money; what the charity keeps for managing it is no deed, and goods
    are no money."""
    return CHART[account].kind is Kind.EXPENSE and account not in (*IN_KIND, Code.MANAGEMENT_FEE)


def _hours(zone: str, span: Span) -> tuple[datetime, datetime]:
    """From when to when markets of the period open; the communities of a region share their clock."""
    return at_local(span.first, time.min, zone), at_local(span.last, time.max, zone)


def kinds_of(ids: Communities, hours: tuple[datetime, datetime]) -> list[tuple[Category, int]]:
    """Who came to the settled markets, by kind of stall; one question."""
    latest = (
        sa.select(sa.func.max(Settlement.id))
        .join(MarketDay, MarketDay.id == Settlement.day_id)
        .where(MarketDay.community_id.in_(ids), MarketDay.open_at.between(*hours))
        .group_by(Settlement.day_id)
    )
    n = sa.func.count()
    query = (
        sa.select(Vendor.category, n)
        .select_from(SettlementLine)
        .join(Assignment, Assignment.id == SettlementLine.assignment_id)
        .join(Vendor, Vendor.id == Assignment.vendor_id)
        .where(SettlementLine.settlement_id.in_(latest))
        .group_by(Vendor.category)
        .order_by(n.desc(), Vendor.category)
    )
    return [(kind, int(many)) for kind, many in db.session.execute(query)]


def _called_off(ids: Communities, hours: tuple[datetime, datetime]) -> int:
    query = sa.select(sa.func.count(MarketDay.id)).where(
        MarketDay.community_id.in_(ids),
        MarketDay.was_public,
        MarketDay.open_at.between(*hours),
        MarketDay.state.in_((DayState.POSTPONED, DayState.CANCELLED)),
    )
    return int(db.session.scalar(query) or 0)


def _done(community: Community, span: Span) -> list[Done]:
    """What the charity paid for in the period, the newest first."""
    query = (
        sa.select(Payment.paid_on, Proposal.purpose, Proposal.amount_fen)
        .join(Proposal, Proposal.id == Payment.proposal_id)
        .join(Fund, Fund.id == Proposal.fund_id)
        .where(Fund.community_id == community.id, Payment.paid_on.between(*span))
        .order_by(Payment.paid_on.desc(), Payment.id.desc())
    )
    return [Done._make(row) for row in db.session.execute(query)]
