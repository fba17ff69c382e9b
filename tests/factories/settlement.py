"""Markets that have been held, with takings, made by the services; call inside a unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.fund import service as fund
from market.fund.models import Fund
from market.gate import service as gate
from market.people.models import User
from market.settlement import service
from market.settlement.models import Settlement, TakingsReport
from market.settlement.rules import TakingsSource, Terms, TermsKind
from market.stalls import service as stalls
from market.stalls.models import Assignment
from tests.factories.calendar import bring_to
from tests.factories.gate import morning, planned_day

FIVE_PERCENT = Terms(TermsKind.PERCENT, basis_points=500)
TWENTY_YUAN = Terms(TermsKind.FIXED, fixed_fen=2_000)

TAKINGS = (90_000, 82_010, 0)
"""What the first three stalls sold, in fen."""


def make_fund(community: Community, by: User, at: datetime) -> Fund:
    """The community's fund and its book."""
    return fund.open_fund(
        community, f"{community.name}慈善基金", charity="示例慈善总会", agreement_no="2024-1",
        signed_on=date(2024, 1, 2), purpose="本社区的公益服务", by=by, at=at,
    )  # fmt: skip


def open_market(
    community: Community,
    by: User,
    *,
    vendors: int = 3,
    in_days: int = 10,
    terms: Terms | None = FIVE_PERCENT,
    scanned: bool = True,
    with_fund: bool = True,
    **changes: object,
) -> MarketDay:
    """A market that has just opened: everyone holds a stall (A01 …), has signed and has come in."""
    day = planned_day(community, by, vendors=vendors, in_days=in_days, **changes)  # type: ignore[arg-type]  # plain keyword values
    if with_fund and fund.fund_of(community) is None:
        make_fund(community, by, day.open_at - timedelta(days=200))
    bring_to(day, DayState.SETTING_UP, by)
    for held in stalls.assignments(day):
        if terms is not None:
            service.agree_terms(held.vendor, terms, by=by, at=day.open_at - timedelta(days=20))
        if scanned:
            come_in(held, by)
    return bring_to(day, DayState.OPEN, by)


def come_in(held: Assignment, by: User) -> None:
    """Ticked on the list at the gate."""
    gate.admit_from_list(held, client_id=f"list-{held.ref}", by=by, at=morning(held.day))


def tell(held: Assignment, fen: int, by: User, **more: object) -> TakingsReport:
    """What was sold, told to staff half an hour before the end."""
    facts: dict[str, object] = {
        "source": TakingsSource.STAFF,
        "at": held.day.close_at - timedelta(minutes=30),
        **more,
    }
    return service.report_takings(held, fen, by=by, **facts)  # type: ignore[arg-type]  # plain keyword values


def ended_market(
    community: Community, by: User, takings: Sequence[int | None] = TAKINGS, **more: object
) -> MarketDay:
    """A market that is over; the stalls in order have told their takings, `None` has told nothing."""
    day = open_market(community, by, vendors=len(takings), **more)  # type: ignore[arg-type]  # plain keyword values
    for held, fen in zip(stalls.assignments(day), takings, strict=True):
        if fen is not None:
            tell(held, fen, by)
    return bring_to(day, DayState.CLOSED, by)


def settled_market(
    community: Community, by: User, takings: Sequence[int | None] = TAKINGS, **more: object
) -> Settlement:
    """A market that is settled by `by`."""
    day = ended_market(community, by, takings, **more)
    return service.close_day(day, by=by, at=evening(day))


def evening(day: MarketDay) -> datetime:
    """When staff sits down to settle."""
    return day.close_at + timedelta(hours=2)
