"""Visits: counted per entrance and per slot of the opening hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.db import db, key_of, lock_row, race_point
from market.errors import Refusal
from market.gate import rules
from market.gate.models import FootfallCount, FootfallTap
from market.gate.rules import COUNTING_STATES, MAX_VISITS_A_SLOT, CountMethod, Sample, Way
from market.people.models import User


class SlotVisits(NamedTuple):
    """One part of the opening hours."""

    start: datetime
    end: datetime
    visits: int | None
    uncounted: int
    """Entrances at which nobody counted meanwhile."""


@dataclass(frozen=True)
class Inside:
    """How many visitors are on the plaza, and whether those who left were counted."""

    people: int
    is_counted: bool


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

    def told(self, entrance: str | None = None, slot: int | None = None) -> int | None:
        """The same as `visits`; None where nobody counted any of it."""
        cells = [c for c in self.counts if entrance in (None, c[0]) and slot in (None, c[1])]
        return self.visits(entrance, slot) if cells else None

    @property
    def curve(self) -> list[SlotVisits]:
        """The visits of each slot, with how many entrances nobody counted in it."""
        return [
            SlotVisits(
                *span,
                self.told(slot=number),
                sum((name, number) not in self.counts for name in self.entrances),
            )
            for number, span in enumerate(self.slots, 1)
        ]

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
    sample: Sample | None = None,
) -> FootfallCount:
    """Keeps how many came in by an entrance in a slot, as a whole figure, so that telling it twice is telling
    it once. A figure by CLICKER only grows; the other methods correct it. `sample`: what was really counted.

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
    if method is not CountMethod.CLICKER:
        _keep_sample(count, sample)
        count.whole_at = at
    count.visits, count.counted_by, count.counted_at = kept, key_of(by), at
    db.session.add(count)
    db.session.flush()
    if method is not CountMethod.CLICKER:
        audit.record("gate.count_visits", day, by=by, at=at, entrance=entrance, slot=slot, visits=kept)
    return count


def _keep_sample(count: FootfallCount, sample: Sample | None) -> None:
    count.raw = sample.raw if sample is not None else None
    count.sampling = sample.sampling if sample is not None else None
    count.factor_hundredths = sample.factor_hundredths if sample is not None else None


def count_sample(
    day: MarketDay, entrance: str, slot: int, sample: Sample, *, by: User, at: datetime
) -> FootfallCount:
    """Keeps a sample with its multiplier; the visits are what it comes to.

    Refuses `gate.bad_factor`, and as `count_visits` does.
    """
    if not 100 <= sample.factor_hundredths <= rules.MOST_FACTOR:
        raise Refusal("gate.bad_factor", _("系数请填 1 到 100 之间的数，比如 6 或 3.5。"), 422)
    return count_visits(day, entrance, slot, sample.estimate, CountMethod.SAMPLE, by=by, at=at, sample=sample)


def tap(
    day: MarketDay,
    entrance: str,
    way: Way,
    number: int,
    *,
    client_id: str,
    tapped_at: datetime,
    by: User,
    at: datetime,
) -> FootfallTap:
    """So many went in or out at this moment; the same `client_id` again is the same press. A number below
    zero takes presses back.

    Refuses `gate.not_counting`, `gate.no_entrance`, `gate.bad_tap`, and `gate.nothing_to_undo`.
    """
    lock_row(day)
    if (known := _known_tap(day, client_id)) is not None:
        return known
    slot = slot_at(day, tapped_at)
    _check(day, entrance, slot, 0)
    if number == 0 or abs(number) > rules.MOST_A_TAP:
        raise Refusal("gate.bad_tap", _("一次最多记 50 人。"), 422)
    race_point("gate.tap")
    _count_tap(day, entrance, way, slot, number, by, at)
    row = FootfallTap(
        day_id=day.id, client_id=client_id, entrance=entrance, way=way, number=number,
        tapped_at=tapped_at, counted_by=by.id, received_at=at,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    if number < 0:
        audit.record("gate.undo_tap", day, by=by, at=at, entrance=entrance, way=way.value, number=number)
    return row


def _known_tap(day: MarketDay, client_id: str) -> FootfallTap | None:
    query = sa.select(FootfallTap).where(FootfallTap.day_id == day.id, FootfallTap.client_id == client_id)
    return db.session.scalar(query)


def _count_tap(
    day: MarketDay, entrance: str, way: Way, slot: int, number: int, by: User, at: datetime
) -> None:
    """Who comes in is counted by its hour; who leaves only among the presses."""
    if way is Way.IN:
        _add_visits(day, entrance, slot, number, by, at)
    elif left(day) + number < 0:
        raise Refusal("gate.nothing_to_undo", _("没有可以撤回的了。"))


def slot_at(day: MarketDay, at: datetime) -> int:
    """The slot that a moment belongs to; before the opening the first, after the closing the last."""
    begun = sum(start <= at for start, _end in rules.slots(day.open_at, day.close_at, rules.SLOTS))
    return max(1, begun)


def slot_hours(day: MarketDay, slot: int) -> tuple[datetime | None, datetime | None]:
    """From when until when moments belong to a slot; the first and the last have no end outwards."""
    hours = rules.slots(day.open_at, day.close_at, rules.SLOTS)
    start, end = hours[slot - 1]
    return start if slot > 1 else None, end if slot < rules.SLOTS else None


def _add_visits(day: MarketDay, entrance: str, slot: int, number: int, by: User, at: datetime) -> None:
    query = sa.select(FootfallCount).where(
        FootfallCount.day_id == day.id, FootfallCount.entrance == entrance, FootfallCount.slot == slot
    )
    count = db.session.scalar(query)
    if count is None:
        count = FootfallCount(
            day_id=day.id, entrance=entrance, slot=slot, method=CountMethod.CLICKER, visits=0
        )
    if count.visits + number < 0:
        raise Refusal("gate.nothing_to_undo", _("没有可以撤回的了。"))
    _check_cell(day, entrance, slot, count.visits + number)
    count.visits += number
    count.counted_by, count.counted_at = key_of(by), at
    db.session.add(count)


def left(day: MarketDay, entrance: str | None = None) -> int:
    """How many were counted going out."""
    query = sa.select(sa.func.sum(FootfallTap.number)).where(
        FootfallTap.day_id == day.id, FootfallTap.way == Way.OUT
    )
    if entrance is not None:
        query = query.where(FootfallTap.entrance == entrance)
    return max(0, int(db.session.scalar(query) or 0))


def inside(day: MarketDay, counted: Footfall, at: datetime) -> Inside | None:
    """How many visitors are there now: who came less who left where both were counted, else an estimate by
    the usual stay. None when nobody counted, or the market is not on."""
    if not day.open_at <= at <= day.ends_at or counted.counted is None:
        return None
    out = left(day)
    if out:
        return Inside(max(0, counted.counted - out), is_counted=True)
    guess = rules.stay_estimate([(s.start, s.end, s.visits) for s in counted.curve], at)
    return Inside(guess, is_counted=False) if guess is not None else None


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
