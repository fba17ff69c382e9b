"""What place and date still lack, permits of a day, and what a person waived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import DayPermit, MarketDay, Waiver
from market.calendar.rules import (
    DayPermitKind,
    Finding,
    PlaceFacts,
    Severity,
    place_findings,
    report_findings,
)
from market.calendar.service.queries import local_date
from market.calendar.service.steps import refuse_long
from market.communities.service import profile_of
from market.db import db, key_of, lock_row
from market.errors import Refusal
from market.people.models import User
from market.places.models import Venue
from market.places.service import permits_on


class DateAndPlace(NamedTuple):
    """When and where a market is to be held."""

    on: date
    venue: Venue


def place_readiness(day: MarketDay, today: date, plan: DateAndPlace | None = None) -> list[Finding]:
    """What the place and the date lack, as they stand or as somebody plans them; what a person took upon
    himself is marked as waived."""
    on, venue = plan or planned(day)
    facts = PlaceFacts(
        on=on,
        today=today,
        expected_visitors=day.expected_visitors,
        land_type=venue.land_type.value,
        ownership=venue.ownership.value,
        permits=permits_on(venue, on) | _filed(day, on, venue),
        has_fire_lane=any(lane.fire for lane in venue.lanes),
        has_donation_box=day.has_donation_box,
    )
    return with_waivers(day, place_findings(facts, profile_of(day.community)), plan)


def report_readiness(
    day: MarketDay, today: date, food_stalls: int, plan: DateAndPlace | None = None
) -> list[Finding]:
    """Whether the food stalls are reported; how many there are is known to later rooms."""
    on, venue = plan or planned(day)
    permits, filing = _filed(day, on, venue), profile_of(day.community).filing
    return with_waivers(day, report_findings(on, today, food_stalls, permits, filing), plan)


def planned(day: MarketDay) -> DateAndPlace:
    """When and where a market is held, as it is written down now."""
    return DateAndPlace(local_date(day), day.venue)


def permits_in_force(day: MarketDay) -> list[DayPermit]:
    """The permits of a day that were filed for the date and the place that it has now."""
    on, venue = planned(day)
    return [permit for permit in day.permits if (permit.filed_for, permit.venue_id) == (on, venue.id)]


def permits_left_behind(day: MarketDay) -> list[DayPermit]:
    """Those that speak of another date or place: the market has moved since."""
    current = permits_in_force(day)
    return [permit for permit in day.permits if permit not in current]


def _filed(day: MarketDay, on: date, venue: Venue) -> frozenset[str]:
    return frozenset(p.kind.value for p in day.permits if (p.filed_for, p.venue_id) == (on, venue.id))


def with_waivers(
    day: MarketDay, findings: Iterable[Finding], plan: DateAndPlace | None = None
) -> list[Finding]:
    """The same findings, marked where a named person overrode them."""
    found = list(findings)
    if not any(finding.severity is Severity.OVERRIDABLE for finding in found):
        return found
    waived = waivers_in_force(day, plan)
    return [
        replace(finding, waived=(finding.code, finding.subject) in waived)
        if finding.severity is Severity.OVERRIDABLE
        else finding
        for finding in found
    ]


def waivers_in_force(day: MarketDay, plan: DateAndPlace | None = None) -> dict[tuple[str, str], Waiver]:
    """By code and subject, what a named person answers for on the market's date and at its place, as they
    stand or as somebody plans them."""
    on, venue = plan or planned(day)
    return {
        (waiver.code, waiver.subject): waiver
        for waiver in day.waivers
        if (waiver.waived_for, waiver.venue_id) == (on, venue.id)
    }


def waive(day: MarketDay, code: str, subject: str, reason: str, *, by: User, at: datetime) -> Waiver:
    """A named person takes a finding upon himself, with a written reason; twice is once.

    Which findings may be overridden is known to those who make them: the page offers only
    `Severity.OVERRIDABLE`.
    Refuses `calendar.reason_missing`.
    """
    lock_row(day)
    reason = reason.strip()
    if not reason:
        raise Refusal("calendar.reason_missing", _("请写清楚为什么可以这样办，以后查得到。"), 422)
    refuse_long(reason)
    known = waivers_in_force(day).get((code, subject))
    if known is not None:
        return known
    on, venue = planned(day)
    waiver = Waiver(
        day=day, code=code, subject=subject, reason=reason, person=by, waived_at=at, waived_for=on,
        venue_id=venue.id,
    )  # fmt: skip
    db.session.add(waiver)
    db.session.flush()
    audit.record("calendar.waive", day, by=by, at=at, code=code, about=subject, reason=reason)
    return waiver


def add_day_permit(
    day: MarketDay, kind: DayPermitKind, number: str, issuer: str, filed_on: date, *, by: User, at: datetime
) -> DayPermit:
    """A permit (M04, M05, M06, M08) for the date and the place that the market has now; the same kind again
    replaces what was written for them. Permits for an earlier date stay with that date."""
    lock_row(day)
    permit = next((permit for permit in permits_in_force(day) if permit.kind is kind), None)
    if permit is None:
        on, venue = planned(day)
        permit = DayPermit(day=day, kind=kind, filed_for=on, venue_id=venue.id)
        db.session.add(permit)
    permit.number, permit.issuer, permit.filed_on = number.strip(), issuer.strip(), filed_on
    permit.added_by, permit.added_at = key_of(by), at
    db.session.flush()
    audit.record("calendar.add_day_paper", day, by=by, at=at, kind=kind.value, number=number.strip())
    return permit
