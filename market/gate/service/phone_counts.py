"""Visitors that phones at the gate counted, late, in any order, twice: each press is kept once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.db import db, lock_row, race_point
from market.errors import Refusal
from market.gate import rules
from market.gate.models import FootfallCount, FootfallSample, FootfallTap, GatePhone, HeldCount
from market.gate.rules import COUNTING_STATES, Brought, CountMethod, HeldReason, Sample, Way
from market.gate.service.uploads import HELD_AT_MOST, stopped_at
from market.gate.service.visitors import entrances, slot_at, slot_hours
from market.people.models import User

Cell = tuple[str, int]
"""An entrance and the number of a slot."""


@dataclass(frozen=True)
class CountTold:
    """One press as a phone tells it, or a sample of a slot. `told_at` is its time by our clock."""

    client_id: str
    told_at: datetime
    entrance: str = ""
    """Which gate the phone believes to be at; believed of a phone that we do not know."""
    way: Way = Way.IN
    number: int = 0
    slot: int | None = None
    sample: Sample | None = None


def receive_counts(
    day: MarketDay, phone: GatePhone | None, brought: Iterable[CountTold], *, at: datetime
) -> dict[str, bool]:
    """Keeps each press and sample once; says of each number whether it counts, or waits for a person.

    Refuses `gate.too_many_held`.
    """
    brought = list(brought)
    if not brought:
        return {}
    lock_row(day)
    known = _known(day, [told.client_id for told in brought])
    race_point("gate.receive_counts")
    counted = []
    for told in brought:
        if told.client_id in known:
            continue
        reason = _held_reason(day, phone, told, at)
        known[told.client_id] = reason is None
        if reason is not None or phone is None:
            _hold(day, phone, told, reason or HeldReason.UNKNOWN_PHONE, at)
        else:
            counted.append(told)
    if phone is not None:
        _keep(day, phone.entrance, phone, counted, by=phone.maker, at=at)
    return known


def _known(day: MarketDay, numbers: Sequence[str]) -> dict[str, bool]:
    """What was heard before, by number: whether it counts."""
    found: dict[str, bool] = {}
    for model, counts in ((FootfallTap, True), (FootfallSample, True), (HeldCount, False)):
        query = sa.select(model.client_id).where(model.day_id == day.id, model.client_id.in_(numbers))
        found |= dict.fromkeys(db.session.scalars(query), counts)
    return found


def _held_reason(day: MarketDay, phone: GatePhone | None, told: CountTold, at: datetime) -> HeldReason | None:
    reason = rules.held_reason(
        Brought(
            scanned_at=told.told_at,
            received_at=at,
            open_at=day.open_at,
            close_at=day.close_at,
            enrolled_at=phone.enrolled_at if phone is not None else None,
            revoked_at=stopped_at(phone),
        )
    )
    if reason is not None or phone is None:
        return reason
    if phone.entrance not in entrances(day):
        return HeldReason.NO_ENTRANCE
    return None if day.state in COUNTING_STATES else HeldReason.BOOKED


def _keep(
    day: MarketDay,
    entrance: str,
    phone: GatePhone | None,
    counted: Sequence[CountTold],
    *,
    by: User,
    at: datetime,
) -> None:
    """The rows of what is believed; then each cell that they touch is worked out."""
    cells: dict[Cell, int] = {}
    sampled = set()
    for told in counted:
        cell = entrance, told.slot or slot_at(day, told.told_at)
        cells.setdefault(cell, _pressed(day, cell))
        if told.sample is not None:
            sampled.add(cell)
        db.session.add(_row(day, cell, phone, told, by, at))
        if told.number < 0:
            audit.record(
                "gate.undo_tap", day, by=by, at=at, entrance=entrance, way=told.way.value, number=told.number
            )
    db.session.flush()
    for cell, before in cells.items():
        _settle(day, cell, before, by=by, at=at)
        if cell in sampled:
            _settle_sample(day, cell, by=by, at=at)
    db.session.flush()


def _row(
    day: MarketDay, cell: Cell, phone: GatePhone | None, told: CountTold, by: User, at: datetime
) -> FootfallTap | FootfallSample:
    phone_id = phone.id if phone is not None else None
    entrance, slot = cell
    if told.sample is not None:
        return FootfallSample(
            day_id=day.id, client_id=told.client_id, entrance=entrance, slot=slot, raw=told.sample.raw,
            sampling=told.sample.sampling, factor_hundredths=told.sample.factor_hundredths,
            sampled_at=told.told_at, counted_by=by.id, received_at=at, phone_id=phone_id,
        )  # fmt: skip
    return FootfallTap(
        day_id=day.id, client_id=told.client_id, entrance=entrance, way=told.way, number=told.number,
        tapped_at=told.told_at, counted_by=by.id, received_at=at, phone_id=phone_id,
    )  # fmt: skip


# ── what a cell comes to ──────────────────────────────────────────────────────────────────────────────────


def _count(day: MarketDay, cell: Cell) -> FootfallCount | None:
    entrance, slot = cell
    query = sa.select(FootfallCount).where(
        FootfallCount.day_id == day.id, FootfallCount.entrance == entrance, FootfallCount.slot == slot
    )
    return db.session.scalar(query)


def _pressed(day: MarketDay, cell: Cell, since: datetime | None = None) -> int:
    """What the presses of a cell add up to, after somebody told it as a whole."""
    count = _count(day, cell) if since is None else None
    since = since or (count.whole_at if count is not None else None)
    start, end = slot_hours(day, cell[1])
    query = sa.select(sa.func.sum(FootfallTap.number)).where(
        FootfallTap.day_id == day.id, FootfallTap.entrance == cell[0], FootfallTap.way == Way.IN
    )
    for bound in (
        FootfallTap.tapped_at >= start if start is not None else None,
        FootfallTap.tapped_at < end if end is not None else None,
        FootfallTap.tapped_at > since if since is not None else None,
    ):
        query = query.where(bound) if bound is not None else query
    return int(db.session.scalar(query) or 0)


def _settle(day: MarketDay, cell: Cell, before: int, *, by: User, at: datetime) -> None:
    """The cell follows its presses, which may have been heard of in any order."""
    after = _pressed(day, cell)
    count = _count(day, cell)
    if after == before and count is not None:
        return
    if count is None:
        if after == before:
            return
        count = FootfallCount(
            day_id=day.id, entrance=cell[0], slot=cell[1], method=CountMethod.CLICKER, visits=0
        )
        db.session.add(count)
    count.visits = max(0, rules.with_presses(count.visits, before, after))
    count.counted_by, count.counted_at = by.id, at


def _settle_sample(day: MarketDay, cell: Cell, *, by: User, at: datetime) -> None:
    """The latest sample of a cell is its figure, unless somebody wrote one after it."""
    query = sa.select(FootfallSample).where(
        FootfallSample.day_id == day.id, FootfallSample.entrance == cell[0], FootfallSample.slot == cell[1]
    )
    latest = db.session.scalars(
        query.order_by(FootfallSample.sampled_at.desc(), FootfallSample.client_id.desc()).limit(1)
    ).one()
    count = _count(day, cell) or FootfallCount(day_id=day.id, entrance=cell[0], slot=cell[1])
    if count.whole_at is not None and count.whole_at > latest.sampled_at:
        return
    sample = latest.sample
    count.method, count.raw, count.sampling = CountMethod.SAMPLE, sample.raw, sample.sampling
    count.factor_hundredths, count.whole_at = sample.factor_hundredths, latest.sampled_at
    later = _pressed(day, cell, since=latest.sampled_at)
    count.visits = rules.with_presses(sample.estimate, 0, later)
    count.counted_by, count.counted_at = by.id, at
    db.session.add(count)
    audit.record("gate.count_visits", day, by=by, at=at, entrance=cell[0], slot=cell[1], visits=count.visits)


# ── what waits for a person ───────────────────────────────────────────────────────────────────────────────


def _hold(day: MarketDay, phone: GatePhone | None, told: CountTold, reason: HeldReason, at: datetime) -> None:
    query = sa.select(sa.func.count()).select_from(HeldCount).where(HeldCount.day_id == day.id)
    if (db.session.scalar(query) or 0) >= HELD_AT_MOST:
        raise Refusal("gate.too_many_held", _("等人看的人次太多了，先请工作人员处理。"), 429)
    sample = told.sample
    held = HeldCount(
        day_id=day.id,
        client_id=told.client_id,
        phone=phone,
        entrance=phone.entrance if phone is not None else told.entrance[:30],
        way=told.way,
        number=sample.raw if sample is not None else told.number,
        slot=told.slot,
        sampling=sample.sampling if sample is not None else None,
        factor_hundredths=sample.factor_hundredths if sample is not None else None,
        told_at=told.told_at,
        received_at=at,
        reason=reason,
    )
    db.session.add(held)
    db.session.flush()


@dataclass(frozen=True)
class HeldCounts:
    """What one phone counted at one gate and what waits for the same reason: one word decides all of it."""

    number: int
    """By this the form names it: the first of its rows."""
    phone: GatePhone | None
    entrance: str
    reason: HeldReason
    rows: tuple[HeldCount, ...]

    @property
    def visits(self) -> int:
        return max(0, sum(row.number for row in self.rows if row.sampling is None and row.way is Way.IN))

    @property
    def samples(self) -> int:
        return sum(row.sampling is not None for row in self.rows)

    @property
    def last(self) -> int:
        """The newest of its rows: who decides has seen them up to here."""
        return max(row.id for row in self.rows)

    def until(self, last: int) -> HeldCounts:
        """Those of it that were there when somebody looked."""
        return replace(self, rows=tuple(row for row in self.rows if row.id <= last))

    @property
    def first_at(self) -> datetime:
        return min(row.told_at for row in self.rows)

    @property
    def last_at(self) -> datetime:
        return max(row.told_at for row in self.rows)


def held_counts(day: MarketDay) -> list[HeldCounts]:
    """What still waits for a person, by phone, gate and reason."""
    query = sa.select(HeldCount).where(HeldCount.day_id == day.id, HeldCount.decided_at.is_(None))
    rows = sorted(db.session.scalars(query), key=lambda row: (*_together(row), row.id))
    return [
        HeldCounts(group[0].id, group[0].phone, group[0].entrance, group[0].reason, tuple(group))
        for group in (list(found) for _key, found in groupby(rows, _together))
    ]


def _together(row: HeldCount) -> tuple[int, str, str]:
    return row.phone_id or 0, row.entrance, row.reason.value


def decide_counts(day: MarketDay, number: int, last: int, *, take: bool, by: User, at: datetime) -> int:
    """Somebody looked at them: they count after all, or they do not; returns how many visits that were.
    Twice is once. What came after the `last` of them has been seen by nobody, and goes on waiting.

    Refuses `gate.not_counting`, and `gate.no_entrance` where the place has no such gate any more.
    """
    lock_row(day)
    found = next((one.until(last) for one in held_counts(day) if one.number == number), None)
    if found is None:
        return 0
    if take and day.state not in COUNTING_STATES:
        raise Refusal("gate.not_counting", _("这一场现在不能记人数：还没发布，或者已经入账。"))
    if take and found.entrance not in entrances(day):
        raise Refusal("gate.no_entrance", _("这个场地没有这个入口，请重新选。"), 422)
    for row in found.rows:
        row.decided_at, row.decided_by, row.taken = at, by.id, take
    audit.record("gate.decide_counts", day, by=by, at=at, taken=take, visits=found.visits)
    if take:
        _keep(day, found.entrance, found.phone, [_told(row) for row in found.rows], by=by, at=at)
    return found.visits


def _told(row: HeldCount) -> CountTold:
    sample = None
    if row.sampling is not None:
        sample = Sample(row.number, row.sampling, row.factor_hundredths or 0)
    number = 0 if sample is not None else row.number
    return CountTold(row.client_id, row.told_at, row.entrance, row.way, number, row.slot, sample)
