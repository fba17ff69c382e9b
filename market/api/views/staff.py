"""What programs with a key read: what staff see of their community, viewers of their region."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _

from market import clock
from market.api.shapes import (
    ApplicationTold,
    CountTold,
    DayTold,
    Page,
    RegionCountersTold,
    TakingsTold,
    VendorTold,
    VenueTold,
)
from market.api.staff_reading import (
    application_told,
    counts_told,
    day_told,
    region_counters_told,
    takings_told,
    vendor_told,
    venue_told,
)
from market.api.views.operations import (
    CURSOR,
    LIMIT,
    YEAR,
    asked_cursor,
    asked_limit,
    asked_number,
    bad_parameter,
    reads,
)
from market.calendar import service as calendar
from market.calendar.lookup import day_at
from market.config import settings
from market.gate import service as gate
from market.insight import service as insight
from market.people.access import current_community, current_region
from market.places import service as places
from market.programs.rules import Right
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.vendors import service as vendors

SLUG = "/communities/<slug>"
DAY = f"{SLUG}/days/<ref>"


@reads(f"{SLUG}/venues", _("社区的场地"), right=Right.READ)
def list_venues() -> Page[VenueTold]:
    found = places.venues(current_community())
    return Page[VenueTold](items=[venue_told(one) for one in found], next=None)


@reads(f"{SLUG}/vendors", _("登记的商户"), LIMIT, CURSOR, right=Right.READ)
def list_vendors() -> Page[VendorTold]:
    limit, offset = asked_limit(), asked_offset()
    found = vendors.register_page(current_community(), None, offset, limit)
    total = vendors.count_register(current_community(), None)
    after = str(offset + limit) if offset + limit < total else None
    return Page[VendorTold](items=[vendor_told(one) for one in found], next=after)


def asked_offset() -> int:
    """How many were read before, as the last page said."""
    text = asked_cursor() or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise bad_parameter(CURSOR, text)
    return int(text)


@reads(f"{SLUG}/vendors/<ref>", _("一位商户"), right=Right.READ)
def get_vendor(ref: str) -> VendorTold:
    return vendor_told(vendors.find_vendor(current_community(), ref))


@reads(f"{SLUG}/days", _("各场集市，草稿也在里面，新的在前"), LIMIT, CURSOR, right=Right.READ)
def list_days() -> Page[DayTold]:
    limit, offset = asked_limit(), asked_offset()
    found = calendar.days(current_community(), offset=offset, limit=limit + 1)
    after = str(offset + limit) if len(found) > limit else None
    return Page[DayTold](items=[day_told(day) for day in found[:limit]], next=after)


@reads(DAY, _("一场集市，草稿也可以"), right=Right.READ)
def get_day(ref: str) -> DayTold:
    return day_told(day_at(ref))


@reads(f"{DAY}/applications", _("一场集市的报名，先报的在前"), right=Right.READ)
def list_applications(ref: str) -> Page[ApplicationTold]:
    found = vendors.applications(day_at(ref))
    return Page[ApplicationTold](items=[application_told(one) for one in found], next=None)


@reads(f"{DAY}/takings", _("一场集市各摊位报的营业额"), right=Right.READ)
def list_takings(ref: str) -> Page[TakingsTold]:
    day = day_at(ref)
    known = settlement.reports(day)
    items = [
        takings_told(one, next(iter(known[one.vendor_id][-1:]), None)) for one in stalls.assignments(day)
    ]
    return Page[TakingsTold](items=items, next=None)


@reads(f"{DAY}/counts", _("一场集市各入口各时段的人次"), right=Right.READ)
def list_counts(ref: str) -> Page[CountTold]:
    return Page[CountTold](items=counts_told(gate.footfall(day_at(ref))), next=None)


@reads("/regions/<code>/counters", _("区划下面各社区一年的合计"), YEAR, LIMIT, CURSOR, right=Right.READ)
def list_region_counters() -> Page[RegionCountersTold]:
    """The year that runs, where none is asked for."""
    year = asked_number(YEAR) or clock.today(settings().zone).year
    limit, offset = asked_limit(), asked_offset()
    span = date(year, 1, 1), date(year, 12, 31)
    rows = insight.roll_up(current_region(), *span, offset=offset, limit=limit + 1)
    after = str(offset + limit) if len(rows) > limit else None
    items = [region_counters_told(place, sums, year) for place, sums in rows[:limit]]
    return Page[RegionCountersTold](items=items, next=after)
