"""The last rung: complaints that were passed up to the street, which takes them over and answers."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.communities.models import Community, Region
from market.communities.service import regions_inside
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.feedback.models import Complaint, ComplaintStep
from market.feedback.rules import Outcome, Rung, Step
from market.feedback.service.complaints import Case, add_step, case_of, cases, say_found, with_last_step
from market.people.models import User

MOST = 500
"""Complaints without an answer that are looked at: the oldest, since they are the latest."""
DONE_SHOWN = 20


def due_of_street(region: Region, at: datetime) -> list[Case]:
    """The complaints of a region's communities that the street has to answer, what is due first first. Those
    that the community may still answer are nobody's business here."""
    query = _inside(region).where(sa.or_(ComplaintStep.id.is_(None), ComplaintStep.step != Step.ANSWERED))
    rows = db.session.scalars(query.order_by(Complaint.id).limit(MOST))
    found = [case for case in cases(rows, at) if case.standing.rung is Rung.STREET]
    return sorted(found, key=lambda case: case.standing.due or date.max)


def answered_by_street(region: Region, at: datetime) -> list[Case]:
    """Those that the street took over and answered, the newest first."""
    taken = sa.select(ComplaintStep.complaint_id).where(ComplaintStep.step == Step.TAKEN)
    query = _inside(region).where(ComplaintStep.step == Step.ANSWERED, Complaint.id.in_(taken))
    return cases(db.session.scalars(query.order_by(Complaint.id.desc()).limit(DONE_SHOWN)), at)


def _inside(region: Region) -> sa.Select[Complaint]:
    """The complaints of a region's communities, each beside the last step of it, if any."""
    return (
        with_last_step()
        .join(Community, Community.id == Complaint.community_id)
        .where(Community.region_id.in_(regions_inside(region)))
        .options(
            joinedload(Complaint.community).joinedload(Community.region),
            joinedload(Complaint.vendor),
            joinedload(Complaint.day),
        )
    )


def waiting_for_street(region: Region, at: datetime) -> int:
    """How many complaints the street has to answer."""
    return len(due_of_street(region, at))


def find_passed_up(region: Region, ref: str, at: datetime) -> Complaint:
    """A complaint that is the street's; any other does not exist here. Refuses `feedback.not_passed_up`."""
    row = db.session.scalar(
        sa.select(Complaint)
        .join(Community, Community.id == Complaint.community_id)
        .where(Complaint.ref == ref, Community.region_id.in_(regions_inside(region)))
    )
    if row is None or case_of(row, at).standing.rung is not Rung.STREET:
        raise NotFound("feedback.not_passed_up", _("没有转到街道的这一件投诉。"))
    return row


def take_over(complaint: Complaint, *, by: User, at: datetime) -> None:
    """The street takes it over; from now on the community does not answer any more. Twice is once.

    Refuses `feedback.not_passed_up` and `feedback.answered`.
    """
    lock_row(complaint)
    case = case_of(complaint, at)
    if case.taken:
        return
    if case.standing.rung is not Rung.STREET:
        raise Refusal("feedback.not_passed_up", _("这一件还没有转到街道，先由社区答复。"))
    if not case.standing.open:
        raise Refusal("feedback.answered", _("这一件已经答复过了。"))
    race_point("feedback.take_over")
    add_step(complaint, Step.TAKEN, by, at)
    audit.record("feedback.take_over", complaint, by=by, at=at)


def answer_from_street(
    complaint: Complaint, outcome: Outcome, sentence: str, *, public: bool, by: User, at: datetime
) -> ComplaintStep:
    """The street says what it found; whoever answers has taken it over. Refuses what `take_over` and
    `say_found` refuse."""
    take_over(complaint, by=by, at=at)
    return say_found(complaint, outcome, sentence, public=public, by=by, at=at)
