"""Writing a market day down: a new one, an edited one, a copied one, a new date for a postponed one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar.models import DayPermit, DayStep, MarketDay, PlanText, Waiver
from market.calendar.rules import (
    EDITABLE_STATES,
    MOVABLE_STATES,
    DayState,
    DraftFacts,
    Step,
    draft_faults,
    ends_next_day,
)
from market.calendar.service.queries import days_on, local_date
from market.calendar.service.steps import mark_changed, refuse_clash, take_step
from market.calendar.words import DRAFT_SENTENCES, state_word
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.places.models import Venue
from market.places.service import live_stalls


@dataclass(frozen=True)
class DayDraft:
    """What a person says of a market day; `opens`, `closes`, `arrive_by` are hours on the local wall."""

    venue: Venue
    theme: str
    on: date
    opens: time
    closes: time
    arrive_by: time
    apply_from: datetime
    apply_until: datetime
    expected_visitors: int
    stall_limit: int
    has_donation_box: bool = False

    def facts(self, zone: str, at: datetime) -> DraftFacts:
        """The same for the rules, which know no zones."""
        return DraftFacts(
            self.theme, self.on, clock.local(at, zone).date(), self.opens, self.closes, self.arrive_by,
            self.apply_from, self.apply_until, clock.at_local(self.on, self.opens, zone),
            self.expected_visitors, self.stall_limit, len(live_stalls(self.venue)) or None,
        )  # fmt: skip


def create_day(community: Community, draft: DayDraft, *, by: User, at: datetime) -> MarketDay:
    """A new market day, which only staff see for now.

    Refuses `calendar.<code>` of `rules.draft_faults`, and `calendar.clash` when the place is taken then.
    """
    refuse_faults(draft_faults(draft.facts(community.zone, at)))
    day = MarketDay(community=community, state=DayState.DRAFT, created_at=at, changed_at=at)
    with db.session.no_autoflush:
        write_day(day, draft)
        refuse_clash(day)
    db.session.add(day)
    db.session.flush()
    audit.record("pages.create_day", day, by=by, at=at, on=draft.on.isoformat())
    return day


def edit_day(day: MarketDay, draft: DayDraft, *, by: User, at: datetime) -> None:
    """Writes a day down anew.

    Refuses `calendar.not_editable` once the market runs, `calendar.date_fixed` and `calendar.venue_fixed`
    once vendors could apply: they applied for that date and that place.
    """
    lock_row(day)
    check_editable(day)
    moved = draft.on != local_date(day)
    if day.state not in MOVABLE_STATES:
        _refuse_move(day, draft, moved)
    refuse_faults(draft_faults(draft.facts(day.community.zone, at), date_is_new=moved))
    with db.session.no_autoflush:
        write_day(day, draft)
        refuse_clash(day)
    mark_changed(day, at)
    day.edited_at = at
    db.session.flush()
    audit.record("pages.edit_day", day, by=by, at=at, on=draft.on.isoformat())


def check_editable(day: MarketDay) -> None:
    """Refuses (`calendar.not_editable`) a day that runs, is over, or was cancelled."""
    if day.state not in EDITABLE_STATES:
        raise Refusal(
            "calendar.not_editable",
            _("这场集市已经是「%(state)s」，不能再改了。", state=state_word(day.state)),
        )


def reschedule(day: MarketDay, draft: DayDraft, *, public_note: str, by: User, at: datetime) -> None:
    """Gives a postponed day its new date; it begins again at its preparation."""
    edit_day(day, draft, by=by, at=at)
    take_step(day, Step.RESCHEDULE, by=by, at=at, public_note=public_note)


def copy_day(day: MarketDay, on: date, *, by: User, at: datetime) -> MarketDay:
    """The same market on another date; the window of applications moves along."""
    return create_day(day.community, shifted_draft(day, on), by=by, at=at)


def create_series(
    like: MarketDay, dates: Iterable[date], theme: str, *, by: User, at: datetime
) -> list[MarketDay]:
    """The same market on many dates, all of them or, when one cannot be, none."""
    return [
        create_day(like.community, replace(shifted_draft(like, on), theme=theme), by=by, at=at)
        for on in dates
    ]


def delete_draft(day: MarketDay, *, by: User, at: datetime) -> None:
    """A draft that nobody has seen goes without a trace; what later rooms wrote about it, they delete first.

    Refuses `calendar.no_draft`.
    """
    lock_row(day)
    if day.state is not DayState.DRAFT or day.was_public:
        raise Refusal("calendar.no_draft", _("只有草稿可以删。这一场已经不是草稿，不办就「取消」。"))
    audit.record("calendar.delete_draft", day, by=by, at=at, on=local_date(day).isoformat())
    for kind in (DayPermit, Waiver, DayStep, PlanText):
        db.session.execute(sa.delete(kind).where(kind.day_id == day.id))
    db.session.expire(day)
    db.session.delete(day)
    db.session.flush()


def draft_of(day: MarketDay) -> DayDraft:
    """What stands written of a day."""
    opens, closes, arrive = (
        clock.local(m, day.community.zone) for m in (day.open_at, day.close_at, day.arrive_by)
    )
    return DayDraft(
        day.venue, day.theme, opens.date(), opens.time(), closes.time(), arrive.time(), day.apply_from,
        day.apply_until, day.expected_visitors, day.stall_limit, day.has_donation_box,
    )  # fmt: skip


def shifted_draft(day: MarketDay, on: date) -> DayDraft:
    """What would be written of the same market on another date."""
    zone, shift = day.community.zone, on - local_date(day)

    def shifted(moment: datetime) -> datetime:
        wall = clock.local(moment, zone)
        return clock.at_local(wall.date() + shift, wall.time(), zone)

    return replace(
        draft_of(day), on=on, apply_from=shifted(day.apply_from), apply_until=shifted(day.apply_until)
    )


def same_weekday_later(day: MarketDay, today: date) -> date:
    """Four weeks later, or so many times four weeks later that it lies ahead."""
    on = local_date(day) + timedelta(weeks=4)
    while on < today:
        on += timedelta(weeks=4)
    return on


def free_date(day: MarketDay, today: date) -> date:
    """The same weekday four weeks later, or so many times four weeks that no other market is held then."""
    on = same_weekday_later(day, today)
    while days_on(day.community, on):
        on += timedelta(weeks=4)
    return on


def refuse_faults(faults: list[tuple[str, str]]) -> None:
    """Refuses the first of what cannot be written down."""
    for _field, code in faults:
        raise Refusal(f"calendar.{code}", DRAFT_SENTENCES[code], 422)


def _refuse_move(day: MarketDay, draft: DayDraft, moved: bool) -> None:
    if moved:
        raise Refusal(
            "calendar.date_fixed", _("商户已经按这一天报了名，日子不能直接改。请用「改日子、时间或场地」。")
        )
    if draft.venue.id != day.venue_id:
        raise Refusal(
            "calendar.venue_fixed",
            _("商户已经按这个场地报了名，不能直接换场地。请用「改日子、时间或场地」。"),
        )


def write_day(day: MarketDay, draft: DayDraft) -> None:
    """Puts a draft's words into the row."""
    zone = day.community.zone
    day.venue = draft.venue
    day.theme = " ".join(draft.theme.split())
    overnight = ends_next_day(draft.opens, draft.closes)
    day.open_at = clock.at_local(draft.on, draft.opens, zone)
    day.close_at = clock.at_local(draft.on + timedelta(days=overnight), draft.closes, zone)
    day.arrive_by = clock.at_local(draft.on, draft.arrive_by, zone)
    day.apply_from, day.apply_until = draft.apply_from, draft.apply_until
    day.expected_visitors, day.stall_limit = draft.expected_visitors, draft.stall_limit
    day.has_donation_box = draft.has_donation_box
