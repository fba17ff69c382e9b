"""Visits: counted per entrance and per slot of the opening hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.gate import rules
from market.gate.models import FootfallCount
from market.gate.rules import COUNTING_STATES, MAX_VISITS_A_SLOT, CountMethod
from market.people.models import User


@dataclass(frozen=True)
class Footfall:
    """The sheet of a day."""

    entrances: list[str]
    slots: list[tuple[datetime, datetime]]
    counts: dict[tuple[str, int], FootfallCount]
    """By entrance and number of the slot (1 …)."""

    @property
    def counted(self) -> int | None:
        """All visits of the day; None when nobody counted, which is not nobody."""
        return self.visits() if self.counts else None

    @property
    def uncounted_cells(self) -> int:
        """How many cells nobody has filled."""
        return len(self.entrances) * len(self.slots) - len(self.counts)

    def visits(self, entrance: str | None = None, slot: int | None = None) -> int:
        """Visits of one entrance, one slot, one cell or all of the day."""
        return sum(
            count.visits
            for (name, number), count in self.counts.items()
            if entrance in (None, name) and slot in (None, number)
        )


def entrances(day: MarketDay) -> list[str]:
    """Where people come in; a place without named gates has one without a name."""
    return day.venue.entrance_names() or [""]


def count_visits(
    day: MarketDay,
    entrance: str,
    slot: int,
    visits: int,
    method: CountMethod,
    *,
    by: User,
    at: datetime,
) -> FootfallCount:
    """Keeps how many came in by an entrance in a slot, as a whole figure, so that telling it twice is telling
    it once. A figure by CLICKER only grows; the other methods correct it.

    Refuses `gate.not_counting`, `gate.no_entrance`, `gate.no_slot` and `gate.bad_visits`.
    """
    lock_row(day)
    _check(day, entrance, slot, visits)
    query = sa.select(FootfallCount).where(
        FootfallCount.day_id == day.id, FootfallCount.entrance == entrance, FootfallCount.slot == slot
    )
    count = db.session.scalar(query)
    race_point("gate.count_visits")
    before = count.visits if count is not None else 0
    kept = rules.kept_visits(before, visits, correction=method is not CountMethod.CLICKER)
    if count is None:
        count = FootfallCount(day_id=day.id, entrance=entrance, slot=slot, method=method)
    elif kept == visits:
        count.method = method
    count.visits, count.counted_by, count.counted_at = kept, by.id, at
    db.session.add(count)
    db.session.flush()
    if method is not CountMethod.CLICKER:
        audit.record("gate.count_visits", day, by=by, at=at, entrance=entrance, slot=slot, visits=kept)
    return count


def add_missed_count(
    day: MarketDay, entrance: str, slot: int, visits: int, method: CountMethod, *, by: User, at: datetime
) -> FootfallCount:
    """A cell that nobody had counted, found later; who may add it after the settlement is asked there.

    Refuses `gate.counted`, `gate.no_entrance`, `gate.no_slot` and `gate.bad_visits`.
    """
    lock_row(day)
    _check_cell(day, entrance, slot, visits)
    if (entrance, slot) in footfall(day).counts:
        raise Refusal("gate.counted", _("这一格已经有人数了，不能改。请刷新页面看看。"))
    count = FootfallCount(
        day_id=day.id,
        entrance=entrance,
        slot=slot,
        visits=visits,
        method=method,
        counted_by=by.id,
        counted_at=at,
    )
    db.session.add(count)
    db.session.flush()
    return count


def _check(day: MarketDay, entrance: str, slot: int, visits: int) -> None:
    if day.state not in COUNTING_STATES:
        raise Refusal("gate.not_counting", _("这一场现在不能记人数：还没发布，或者已经入账。"))
    _check_cell(day, entrance, slot, visits)


def _check_cell(day: MarketDay, entrance: str, slot: int, visits: int) -> None:
    if entrance not in entrances(day):
        raise Refusal("gate.no_entrance", _("这个场地没有这个入口，请重新选。"), 422)
    if not 1 <= slot <= rules.SLOTS:
        raise Refusal("gate.no_slot", _("没有这个时段，请重新选。"), 422)
    if not 0 <= visits <= MAX_VISITS_A_SLOT:
        raise Refusal("gate.bad_visits", _("一个时段的人次请填 0 到 20,000 之间的整数。"), 422)


def visits(day: MarketDay) -> int:
    """All visits of a day."""
    query = sa.select(sa.func.coalesce(sa.func.sum(FootfallCount.visits), 0))
    return int(db.session.scalar(query.where(FootfallCount.day_id == day.id)) or 0)


def footfall(day: MarketDay) -> Footfall:
    """The sheet of a day, with the cells that have been counted."""
    rows = db.session.scalars(sa.select(FootfallCount).where(FootfallCount.day_id == day.id))
    counts = {(row.entrance, row.slot): row for row in rows}
    return Footfall(entrances(day), rules.slots(day.open_at, day.close_at, rules.SLOTS), counts)
