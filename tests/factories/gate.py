"""Published markets with passes, made by the services; call inside a unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.communities.models import Community
from market.db import Model, db, new_ref
from market.gate import service
from market.gate.models import Scan
from market.gate.rules import ScanMethod
from market.passes import keys, service as passes
from market.passes.models import StallPass
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.short_code import code_of
from market.vendors.models import Vendor
from tests.factories.calendar import make_day, time_of
from tests.factories.vendors import fill_day

ALL_DAY: dict[str, Any] = {"opens": time(0, 1), "closes": time(23, 59, 59), "arrive_by": time(0, 0)}
"""Hours within which every test runs that asks the clock."""

_client_ids = iter(f"client-{number:04d}" for number in range(10_000))


def planned_day(
    community: Community,
    by: User,
    *,
    vendors: int = 3,
    in_days: int = 10,
    papers: bool = True,
    **changes: object,
) -> MarketDay:
    """A market with a plan: vendors on A01, A02 …, not yet published; without `papers` they lose theirs
    once they are placed."""
    facts: Any = {"in_days": in_days, "state": DayState.OPEN_FOR_APPLICATION, **changes}
    day = make_day(community, by, **facts)
    applied = fill_day(day, by, vendors)
    take_step(day, Step.CLOSE_APPLICATIONS, by=by, at=time_of(day, DayState.REVIEWING))
    planned_at = time_of(day, DayState.ALLOCATED)
    stalls.choose_method(day, "first_come", by=by, at=planned_at)
    stalls.compute_plan(day, by=by, at=planned_at)
    for application in applied if not papers else ():
        take_papers(application.vendor)
    return day


def take_papers(vendor: Vendor) -> None:
    """Nothing has been shown by the vendor after all."""
    for document in vendor.documents:
        db.session.delete(document)
    db.session.flush()
    db.session.expire(vendor)


def published_day(
    community: Community, by: User, *, vendors: int = 3, in_days: int = 10, **changes: Any
) -> MarketDay:
    """The same, published, with a pass for everyone."""
    day = planned_day(community, by, vendors=vendors, in_days=in_days, **changes)
    passes.publish_day(day, by=by, at=time_of(day, DayState.PUBLISHED))
    return day


def running_today(community: Community, by: User, *, vendors: int = 3) -> MarketDay:
    """A published market that is on at this moment, whatever the hour: for tests that go through pages."""
    return published_day(community, by, vendors=vendors, in_days=0, **ALL_DAY)


def crowd(day: MarketDay, count: int, first_number: int = 0) -> None:
    """So many more vendors with a stall and a pass on a published day, written straight into the tables as
    copies of the first: by the services, a thousand would take a minute."""
    first = passes.live_passes(day)[0]
    held = first.assignment
    numbers = range(first_number, first_number + count)
    codes = [code_of(number * 1009 + 1) for number in numbers]
    people = [{"trading_name": f"第 {n} 家", "phone": f"139{n:08d}", "user_id": None} for n in numbers]
    vendors = _copies(held.vendor, people)
    for document in held.vendor.documents:
        _copies(document, [{"vendor_id": vendor} for vendor in vendors])
    stalls_ = _copies(held.stall, [{"label": f"Z{n:05d}", "column": 100 + n} for n in numbers])
    asked = _copies(held.application, [{"vendor_id": vendor} for vendor in vendors])
    owned = zip(vendors, stalls_, asked, strict=True)
    places = _copies(
        held,
        [{"vendor_id": v, "stall_id": s, "application_id": a, "second_stall_id": None} for v, s, a in owned],
    )
    _copies(
        first.shown,
        [{"assignment_id": held, "short_code": code} for held, code in zip(places, codes, strict=True)],
    )


def _copies(row: Model, changes: Sequence[Mapping[str, object]]) -> list[int]:
    """Copies of a row, each with its changes; their ids."""
    table = type(row)
    kept = {column.key: getattr(row, column.key) for column in sa.inspect(table).column_attrs}
    last = int(db.session.scalar(sa.select(sa.func.max(sa.inspect(table).primary_key[0]))) or 0)
    rows = [
        {**kept, **_new_ref(kept), **change, "id": last + number} for number, change in enumerate(changes, 1)
    ]
    db.session.execute(sa.insert(table), rows)
    return [last + number for number in range(1, len(rows) + 1)]


def _new_ref(kept: Mapping[str, object]) -> dict[str, str]:
    return {"ref": new_ref()} if "ref" in kept else {}


def give_passes(day: MarketDay, by: User, at: datetime) -> None:
    """What publishing does for those who hold a stall, on a day that was brought there by its steps alone."""
    keys.ensure_key(day.community, by=by, at=at)
    stalls.give_codes(stalls.assignments(day), at=at)


def morning(day: MarketDay) -> datetime:
    """A moment at which vendors drive in."""
    return day.open_at - timedelta(minutes=30)


def passes_by_stall(day: MarketDay) -> dict[str, StallPass]:
    """The passes that count, by stall number."""
    return {stall_pass.assignment.stall.label: stall_pass for stall_pass in passes.live_passes(day)}


def scan_code(
    day: MarketDay, code: str, by: User, *, at: datetime | None = None, client_id: str = "", **more: object
) -> Scan:
    """A scan by camera at the hour of driving in, with a number of its own."""
    at = at or morning(day)
    facts: dict[str, object] = {"method": ScanMethod.CAMERA, "scanned_at": at, **more}
    return service.scan(day, code, client_id=client_id or next(_client_ids), by=by, at=at, **facts)  # type: ignore[arg-type]  # plain keyword values
