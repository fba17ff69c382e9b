"""Giving a planned market another date, place or hours; everything that was decided for it stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar.models import DayStep, MarketDay
from market.calendar.new_date import MOVABLE, Window, moved_window, state_after
from market.calendar.rules import DayState, Step, draft_faults
from market.calendar.service.drafts import DayDraft, draft_of, refuse_faults, shifted_draft, write_day
from market.calendar.service.queries import local_date
from market.calendar.service.steps import mark_changed, refuse_clash, refuse_long
from market.calendar.words import state_word
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.places.models import Venue
from market.places.service import live_stalls


def moved_draft(
    day: MarketDay, on: date, opens: time, closes: time, arrive_by: time, venue: Venue, *, at: datetime
) -> DayDraft:
    """What would be written of a market on another date, with the window of applications that follows it.

    A smaller place opens no more stalls than it has.
    """
    shifted = shifted_draft(day, on)
    window = moved_window(
        Window(day.apply_from, day.apply_until),
        Window(shifted.apply_from, shifted.apply_until),
        day.state,
        open_at=clock.at_local(on, opens, day.community.zone),
        at=at,
    )
    return replace(
        draft_of(day), venue=venue, on=on, opens=opens, closes=closes, arrive_by=arrive_by,
        apply_from=window.start, apply_until=window.end,
        stall_limit=min(day.stall_limit, len(live_stalls(venue)) or day.stall_limit),
    )  # fmt: skip


def move_faults(day: MarketDay, draft: DayDraft, at: datetime) -> list[tuple[str, str]]:
    """(field, code) of everything that cannot be."""
    date_is_new = draft.on != local_date(day)
    return draft_faults(draft.facts(day.community.zone, at), date_is_new=date_is_new)


def check_movable(day: MarketDay) -> None:
    """Refuses (`calendar.not_movable`) a day that runs, is over, or was called off."""
    if day.state not in MOVABLE:
        sentence = _("这场集市现在是「%(state)s」，不能改日子。", state=state_word(day.state))
        raise Refusal("calendar.not_movable", sentence)


def move_day(day: MarketDay, draft: DayDraft, *, public_note: str, by: User, at: datetime) -> None:
    """The market takes place on the date, at the place and in the hours of `draft`; its state stays, and with
    it everybody's approval and stall. Whoever is in a later room asks what else this touches.

    Refuses `calendar.not_movable`, `calendar.<code>` of `rules.draft_faults`, `calendar.clash`, and
    `calendar.reason_missing` when residents have seen the day.
    """
    lock_row(day)
    check_movable(day)
    note = public_note.strip()
    refuse_long(note)
    if day.was_public and not note:
        raise Refusal("calendar.reason_missing", _("居民已经看到这场集市了，请写一句为什么。"), 422)
    refuse_faults(move_faults(day, draft, at))
    old, before = local_date(day), day.state
    with db.session.no_autoflush:
        write_day(day, draft)
        refuse_clash(day)
    day.state = state_after(before, open_at=day.open_at, at=at)
    day.public_note = note
    mark_changed(day, at)
    day.edited_at = at
    _keep_step(day, before, note, by=by, at=at)
    audit.record("calendar.move_day", day, by=by, at=at, before=old.isoformat(), on=draft.on.isoformat())


def _keep_step(day: MarketDay, before: DayState, note: str, *, by: User, at: datetime) -> None:
    db.session.add(
        DayStep(
            day=day, step=Step.RESCHEDULE, from_state=before, to_state=day.state, taken_by=by.id, taken_at=at,
            reason=note,
        )
    )  # fmt: skip
    db.session.flush()


def last_moved_at(day: MarketDay) -> datetime | None:
    """When the day was last given another date or other hours."""
    taken = [step.taken_at for step in day.steps if step.step is Step.RESCHEDULE]
    return taken[-1] if taken else None
