"""The steps of a market day, taken by people and by the clock."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import DayStep, MarketDay
from market.calendar.rules import (
    ANNOUNCED_STATES,
    EARLY_CLOSE,
    SET_UP_BEFORE,
    DayState,
    Step,
    due_step,
    next_state,
)
from market.calendar.words import state_word, step_verb
from market.db import db, lock_row, race_point, spelt
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Venue


def refuse_clash(day: MarketDay) -> None:
    """One place holds one market at a time; the lock makes two clerks look one after the other."""
    if day.venue.community_id != day.community.id:
        raise NotFound("places.no_venue", _("没有这个场地。"))
    lock_row(day.venue)
    refuse_taken(day.venue, day.open_at, day.close_at, besides=day)
    race_point("calendar.clash")


def refuse_taken(
    venue: Venue, open_at: datetime, close_at: datetime, *, besides: MarketDay | None = None
) -> None:
    """Refuses (`calendar.clash`) hours in which another market has the place."""
    query = sa.select(MarketDay).where(
        MarketDay.venue_id == venue.id,
        MarketDay.state.not_in((DayState.POSTPONED, DayState.CANCELLED)),
        MarketDay.open_at < close_at,
        MarketDay.close_at > open_at,
    )
    for other in db.session.scalars(query):
        if other is not besides:
            sentence = _("这个场地那天已经有一场「%(theme)s」了，请换个日子、时间或场地。", theme=other.theme)
            raise Refusal("calendar.clash", sentence)


def mark_changed(day: MarketDay, at: datetime) -> None:
    day.revision += 1
    day.changed_at = at


def take_step(
    day: MarketDay,
    step: Step,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    public_note: str | None = None,
) -> None:
    """Takes a step; `by` is None when the clock takes it, `public_note` is what residents read on top.

    Refuses `calendar.wrong_step` (naming the state), `calendar.reason_missing` and `calendar.window_over`.
    """
    lock_row(day)
    before, target = day.state, next_state(day.state, step)
    if target is None:
        raise Refusal(
            "calendar.wrong_step",
            _(
                "这场集市现在是「%(state)s」，不能「%(verb)s」。",
                state=state_word(before),
                verb=step_verb(step),
            ),
        )
    reason, note = reason.strip(), public_note.strip() if public_note is not None else None
    refuse_long(reason, note or "")
    _refuse_step(day, step, reason or note or "", at)
    race_point("calendar.step")
    _apply_step(day, step, target, note, at)
    db.session.add(
        DayStep(
            day=day, step=step, from_state=before, to_state=target,
            taken_by=by.id if by else None, taken_at=at, reason=reason or note or "",
        )
    )  # fmt: skip
    db.session.flush()
    audit.record("calendar.take_step", day, by=by, at=at, step=step.value, before=before.value)


def closes_early(day: MarketDay, at: datetime) -> bool:
    """Whether closing now is earlier than residents were told."""
    return at < day.close_at - EARLY_CLOSE


def refuse_long(*texts: str) -> None:
    if any(len(text) > 200 for text in texts):
        raise Refusal("calendar.reason_too_long", _("说明最多 200 个字。"), 422)


def _refuse_step(day: MarketDay, step: Step, words: str, at: datetime) -> None:
    if step in (Step.POSTPONE, Step.CANCEL) and day.was_public and not words:
        raise Refusal("calendar.reason_missing", _("居民已经看到这场集市了，请写一句为什么。"), 422)
    if step is Step.CLOSE and closes_early(day, at) and not words:
        raise Refusal("calendar.reason_missing", _("还没到收市时间。提前收市请写一句原因，居民会看到。"), 422)
    if step is Step.OPEN_APPLICATIONS and at >= day.apply_until:
        raise Refusal("calendar.window_over", _("报名截止时间已经过了。请先改报名截止时间，再开始报名。"))


def _apply_step(day: MarketDay, step: Step, target: DayState, note: str | None, at: datetime) -> None:
    day.state = target
    if step is Step.OPEN_APPLICATIONS:
        day.apply_from = min(day.apply_from, at)
    if step is Step.CLOSE:
        day.closed_at = at
        day.closed_early = closes_early(day, at)
    if step is Step.RESCHEDULE:
        day.public_note = ""
    if note is not None:
        day.public_note = note
    day.was_public = day.was_public or target in ANNOUNCED_STATES
    mark_changed(day, at)


def take_due_steps(at: datetime) -> int:
    """Takes every step that the clock asks for; how many were taken. Doing it twice does nothing more."""
    return sum(take_due_step(number, at) for number in days_with_due_step(at))


def days_with_due_step(at: datetime) -> list[int]:
    """The markets of which the clock asks for a step; a day that has none is not touched."""
    applying = sa.and_(MarketDay.state == spelt(DayState.OPEN_FOR_APPLICATION), MarketDay.apply_until <= at)
    setting_up = sa.and_(
        MarketDay.state == spelt(DayState.PUBLISHED), MarketDay.open_at <= at + SET_UP_BEFORE
    )
    opening = sa.and_(MarketDay.state == spelt(DayState.SETTING_UP), MarketDay.open_at <= at)
    ids = (sa.select(MarketDay.id).where(due) for due in (applying, setting_up, opening))
    return sorted(db.session.scalars(sa.union_all(*ids)))


def take_due_step(day_id: int, at: datetime) -> bool:
    """Takes the step of one market that the clock asks for, if it still does."""
    day = db.session.get_one(MarketDay, day_id)
    lock_row(day)
    step = due_step(day.state, apply_until=day.apply_until, open_at=day.open_at, at=at)
    if step is None:
        return False
    take_step(day, step, by=None, at=at)
    return True
