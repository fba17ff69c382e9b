"""Published markets with passes, made by the services; call inside a unit of work."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.gate import service
from market.gate.models import Scan, StallPass
from market.gate.rules import ScanMethod
from market.people.models import User
from market.places.models import Community
from market.stalls import service as stalls
from tests.factories.calendar import make_day, time_of
from tests.factories.vendors import fill_day

ALL_DAY: dict[str, object] = {"opens": time(0, 1), "closes": time(23, 59), "arrive_by": time(0, 0)}
"""Hours within which every test runs that asks the clock."""

_client_ids = iter(f"client-{number:04d}" for number in range(10_000))


def planned_day(
    community: Community, by: User, *, vendors: int = 3, in_days: int = 10, **changes: object
) -> MarketDay:
    """A market with a plan: vendors with all papers on A01, A02 …, not yet published."""
    day = make_day(community, by, in_days=in_days, state=DayState.OPEN_FOR_APPLICATION, **changes)
    fill_day(day, by, vendors)
    take_step(day, Step.CLOSE_APPLICATIONS, by=by, at=time_of(day, DayState.REVIEWING))
    stalls.compute_plan(day, by=by, at=time_of(day, DayState.ALLOCATED))
    return day


def published_day(
    community: Community, by: User, *, vendors: int = 3, in_days: int = 10, **changes: object
) -> MarketDay:
    """The same, published, with a pass for everyone."""
    day = planned_day(community, by, vendors=vendors, in_days=in_days, **changes)
    service.publish_day(day, by=by, at=time_of(day, DayState.PUBLISHED))
    return day


def running_today(community: Community, by: User, *, vendors: int = 3) -> MarketDay:
    """A published market that is on at this moment, whatever the hour: for tests that go through pages."""
    return published_day(community, by, vendors=vendors, in_days=0, **ALL_DAY)


def morning(day: MarketDay) -> datetime:
    """A moment at which vendors drive in."""
    return day.open_at - timedelta(minutes=30)


def passes_by_stall(day: MarketDay) -> dict[str, StallPass]:
    """The passes that count, by stall number."""
    return {stall_pass.assignment.stall.label: stall_pass for stall_pass in service.live_passes(day)}


def scan_code(
    day: MarketDay, code: str, by: User, *, at: datetime | None = None, client_id: str = "", **more: object
) -> Scan:
    """A scan by camera at the hour of driving in, with a number of its own."""
    at = at or morning(day)
    facts: dict[str, object] = {"method": ScanMethod.CAMERA, "scanned_at": at, **more}
    return service.scan(day, code, client_id=client_id or next(_client_ids), by=by, at=at, **facts)  # type: ignore[arg-type]  # plain keyword values
