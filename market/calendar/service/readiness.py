"""What place and date still lack, papers of a day, and what a person waived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import DayPaper, MarketDay, Waiver
from market.calendar.rules import (
    DayPaperKind,
    Finding,
    PlaceFacts,
    place_findings,
    report_findings,
)
from market.calendar.service.queries import local_date
from market.calendar.service.steps import refuse_long
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.places.service import papers_on


def place_readiness(day: MarketDay, today: date) -> list[Finding]:
    """What the place and the date lack; what somebody took upon himself is marked as waived."""
    on = local_date(day)
    facts = PlaceFacts(
        on=on,
        today=today,
        expected_visitors=day.expected_visitors,
        land_type=day.venue.land_type.value,
        ownership=day.venue.ownership.value,
        papers=papers_on(day.venue, on) | {paper.kind.value for paper in day.papers},
        has_fire_lane=any(lane.fire for lane in day.venue.lanes),
        has_donation_box=day.has_donation_box,
    )
    return with_waivers(day, place_findings(facts))


def report_readiness(day: MarketDay, today: date, food_stalls: int) -> list[Finding]:
    """Whether the food stalls are reported; how many there are is known to later rooms."""
    papers = frozenset(paper.kind.value for paper in day.papers)
    return with_waivers(day, report_findings(local_date(day), today, food_stalls, papers))


def with_waivers(day: MarketDay, findings: Iterable[Finding]) -> list[Finding]:
    """The same findings, marked where a named person overrode them."""
    waived = {(waiver.code, waiver.subject) for waiver in day.waivers}
    return [replace(finding, waived=(finding.code, finding.subject) in waived) for finding in findings]


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
    for known in day.waivers:
        if (known.code, known.subject) == (code, subject):
            return known
    waiver = Waiver(day=day, code=code, subject=subject, reason=reason, person=by, waived_at=at)
    db.session.add(waiver)
    db.session.flush()
    audit.record("calendar.waive", day, by=by, at=at, code=code, about=subject, reason=reason)
    return waiver


def add_day_paper(
    day: MarketDay, kind: DayPaperKind, number: str, issuer: str, filed_on: date, *, by: User, at: datetime
) -> DayPaper:
    """A paper of this day (M04, M05, M06, M08); the same kind again replaces what was written."""
    lock_row(day)
    paper = next((paper for paper in day.papers if paper.kind is kind), None)
    if paper is None:
        paper = DayPaper(day=day, kind=kind)
        db.session.add(paper)
    paper.number, paper.issuer, paper.filed_on = number.strip(), issuer.strip(), filed_on
    paper.added_by, paper.added_at = by.id, at
    db.session.flush()
    audit.record("calendar.add_day_paper", day, by=by, at=at, kind=kind.value, number=number.strip())
    return paper
