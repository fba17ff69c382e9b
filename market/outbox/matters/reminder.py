"""The day before: where, when, which stall, what to bring; to those who have no news anyway."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.calendar.words import notice_facts, said as spoken
from market.communities.models import Community
from market.db import db
from market.notices.models import Telling
from market.notices.rules import Held, Standing, changes
from market.notices.service.facts import Person, people
from market.outbox.matters.matter import Said, Want
from market.outbox.models import Outgoing
from market.outbox.rules import MOST_TIMES, reminds
from market.outbox.words import to_bring
from market.vendors.models import Application, Vendor


def wants(community: Community, at: datetime) -> Iterator[Want]:
    """Whoever stands on a market tomorrow."""
    days = [day for day in calendar.days_ahead(community, at) if day.state in GATE_STATES]
    for person in reminded(days, at):
        yield Want(
            person.row.ref,
            _mark(person),
            at,
            person.day.arrive_by,
            vendor_id=person.row.vendor_id,
            day_id=person.day.id,
            in_all=MOST_TIMES,
        )


def reminded(days: Sequence[MarketDay], at: datetime, only: Collection[Vendor] | None = None) -> list[Person]:
    """Who is reminded of these days now."""
    near = [day for day in days if _is_near(day, None, at)]
    if not near:
        return []
    told = _told_at([day.id for day in near])
    found = [person for person in people(near, at, only) if _stands(person)]
    return [person for person in found if _is_near(person.day, told.get(person.row.id), at)]


def _is_near(day: MarketDay, told_at: datetime | None, at: datetime) -> bool:
    zone = day.community.zone
    return reminds(clock.local(at, zone), clock.local(day.open_at, zone), told_at, at)


def _stands(person: Person) -> bool:
    """Stands there, and knows it."""
    now = person.now
    placed = now.standing is Standing.PLACED and now.held is Held.ON and not now.shut
    return placed and not changes(person.known, now)


def _told_at(days: Sequence[int]) -> dict[int, datetime]:
    """When each was told something last, by application."""
    query = (
        sa.select(Telling.application_id, sa.func.max(Telling.told_at))
        .join(Telling.application)
        .where(Application.day_id.in_(days), Telling.taken_back_at.is_(None))
        .group_by(Telling.application_id)
    )
    return dict(db.session.execute(query).all())


def _mark(person: Person) -> str:
    return str(person.now.on)


def say(rows: Sequence[Outgoing], at: datetime) -> dict[int, Said]:
    """Where to be tomorrow, as it is now."""
    days = {row.day for row in rows if row.day is not None and row.day.state in GATE_STATES}
    people = {row.vendor for row in rows if row.vendor is not None}
    stands = {(one.day.id, one.row.vendor_id): one for one in reminded(list(days), at, people)}
    keys = {row: (row.day_id or 0, row.vendor_id or 0) for row in rows}
    return {row.id: _said(row, stands[key]) for row, key in keys.items() if key in stands}


def _said(row: Outgoing, person: Person) -> Said:
    day, stall = person.day, str(person.now.stalls)
    facts = {**spoken(notice_facts(day)), "stall": stall}
    title = _("【%(theme)s】明天见", theme=day.theme)
    params = {name: str(value) for name, value in facts.items()}
    text = reminder_text(row.vendor, day, stall) if row.vendor is not None else ""
    return Said(_mark(person), title, text, day.arrive_by, template="reminder", params=params)


def reminder_text(vendor: Vendor, day: MarketDay, stall: str) -> str:
    """In full, for a screen or to be read out."""
    facts = spoken(notice_facts(day))
    return _(
        "%(vendor)s您好：%(day)s的集市 %(hours)s，在%(place)s。您在 %(stall)s 号摊位，请 %(arrive)s 前到。"
        "请带上：%(bring)s。来不了，请马上打 %(phone)s。%(community)s",
        vendor=vendor.trading_name,
        bring=to_bring(vendor),
        phone=day.community.phone,
        community=day.community.name,
        stall=stall,
        **{name: facts[name] for name in ("day", "hours", "place", "arrive")},
    )
