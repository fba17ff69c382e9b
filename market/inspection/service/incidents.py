"""What happened at a market: noted at once, ended when it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.inspection.models import Incident
from market.inspection.service.rounds import INSPECTING_STATES
from market.people.models import User

NOTING_STATES = (*INSPECTING_STATES, DayState.SETTLED)
"""Also once it is settled: who fell on the plaza may come days later."""


@dataclass(frozen=True)
class IncidentDraft:
    """What somebody says of an incident, in the order of the paper form."""

    happened_at: datetime
    place: str
    what: str
    told: str = ""
    done: str = ""


def incidents_of(day: MarketDay) -> list[Incident]:
    """The incidents of a day, those still open first."""
    query = sa.select(Incident).where(Incident.day_id == day.id).order_by(Incident.happened_at, Incident.id)
    return sorted(db.session.scalars(query), key=lambda one: one.ended_at is not None)


def find_incident(day: MarketDay, ref: str) -> Incident:
    found = db.session.scalar(sa.select(Incident).where(Incident.day_id == day.id, Incident.ref == ref))
    if found is None:
        raise NotFound("inspection.no_incident", _("没有这件事的记录。请回到列表再点一次。"))
    return found


def note_incident(
    day: MarketDay, draft: IncidentDraft, *, client_id: str, by: User, at: datetime, ended: bool = False
) -> Incident:
    """Notes what happened; the same `client_id` again is the same incident. `ended`: it is over already.

    Refuses `inspection.not_now` and `inspection.not_yet` (an hour that has not come).
    """
    lock_row(day)
    query = sa.select(Incident).where(Incident.day_id == day.id, Incident.client_id == client_id)
    known = db.session.scalar(query)
    if known is not None:
        return known
    if day.state not in NOTING_STATES:
        raise Refusal("inspection.not_now", _("这一场现在不能记：还没发布，或者没有办成。"))
    if draft.happened_at > at:
        raise Refusal("inspection.not_yet", _("这个时间还没到，请看看是不是填错了。"), 422)
    row = Incident(**vars(draft), day=day, client_id=client_id, noted_at=at, noted_by=by.id)
    if ended:
        row.ended_at, row.ended_by = at, by.id
    db.session.add(row)
    db.session.flush()
    audit.record("inspection.note_incident", row, by=by, at=at, community=day.community, ended=ended)
    return row


def end_incident(incident: Incident, done: str, *, by: User, at: datetime) -> Incident:
    """What was done, and that it is over. Twice is once. Refuses `inspection.ended` for other words."""
    lock_row(incident.day)
    db.session.refresh(incident)
    if incident.ended_at is not None:
        if done and done != incident.done:
            raise Refusal("inspection.ended", _("这件事已经了结了，写下的不再改。"))
        return incident
    incident.done = done or incident.done
    incident.ended_at, incident.ended_by = at, by.id
    db.session.flush()
    audit.record("inspection.end_incident", incident, by=by, at=at, community=incident.day.community)
    return incident
