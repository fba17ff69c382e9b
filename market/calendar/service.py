"""Market days: writing them down, copying them, taking their steps, and what place and date still lack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar.models import DayPaper, DayStep, MarketDay, Waiver
from market.calendar.rules import (
    ANNOUNCED_STATES,
    EARLY_CLOSE,
    EDITABLE_STATES,
    MOVABLE_STATES,
    DayPaperKind,
    DayState,
    DraftFacts,
    Finding,
    PlaceFacts,
    Step,
    draft_faults,
    due_step,
    next_state,
    place_findings,
    report_findings,
)
from market.calendar.words import DRAFT_SENTENCES, state_word, step_verb
from market.communities.models import Community
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Venue
from market.places.service import papers_on

# ── writing a day down ────────────────────────────────────────────────────────────────────────────────────


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
            self.expected_visitors, self.stall_limit,
        )  # fmt: skip


def create_day(community: Community, draft: DayDraft, *, by: User, at: datetime) -> MarketDay:
    """A new market day, which only staff see for now.

    Refuses `calendar.<code>` of `rules.draft_faults`, and `calendar.clash` when the place is taken then.
    """
    _refuse_faults(draft_faults(draft.facts(community.zone, at)))
    day = MarketDay(community=community, state=DayState.DRAFT, created_at=at, changed_at=at)
    with db.session.no_autoflush:
        _write(day, draft)
        _refuse_clash(day)
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
    _refuse_faults(draft_faults(draft.facts(day.community.zone, at), date_is_new=moved))
    with db.session.no_autoflush:
        _write(day, draft)
        _refuse_clash(day)
    _mark_changed(day, at)
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


def local_date(day: MarketDay) -> date:
    """The date on the wall on which a market opens."""
    return clock.local(day.open_at, day.community.zone).date()


def _refuse_faults(faults: list[tuple[str, str]]) -> None:
    for _field, code in faults:
        raise Refusal(f"calendar.{code}", DRAFT_SENTENCES[code], 422)


def _refuse_move(day: MarketDay, draft: DayDraft, moved: bool) -> None:
    if moved:
        raise Refusal(
            "calendar.date_fixed", _("商户已经按这一天报了名，日子不能直接改。请先「延期」，再定新日子。")
        )
    if draft.venue.id != day.venue_id:
        raise Refusal(
            "calendar.venue_fixed", _("商户已经按这个场地报了名，不能换场地。请先「延期」，再改场地。")
        )


def _refuse_clash(day: MarketDay) -> None:
    """One place holds one market at a time; the lock makes two clerks look one after the other."""
    if day.venue.community_id != day.community.id:
        raise NotFound("places.no_venue", _("没有这个场地。"))
    lock_row(day.venue)
    query = sa.select(MarketDay).where(
        MarketDay.venue_id == day.venue.id,
        MarketDay.state.not_in((DayState.POSTPONED, DayState.CANCELLED)),
        MarketDay.open_at < day.close_at,
        MarketDay.close_at > day.open_at,
    )
    for other in db.session.scalars(query):
        if other is not day:
            sentence = _("这个场地那天已经有一场「%(theme)s」了，请换个日子、时间或场地。", theme=other.theme)
            raise Refusal("calendar.clash", sentence)
    race_point("calendar.clash")


def _write(day: MarketDay, draft: DayDraft) -> None:
    zone = day.community.zone
    day.venue = draft.venue
    day.theme = " ".join(draft.theme.split())
    day.open_at = clock.at_local(draft.on, draft.opens, zone)
    day.close_at = clock.at_local(draft.on, draft.closes, zone)
    day.arrive_by = clock.at_local(draft.on, draft.arrive_by, zone)
    day.apply_from, day.apply_until = draft.apply_from, draft.apply_until
    day.expected_visitors, day.stall_limit = draft.expected_visitors, draft.stall_limit
    day.has_donation_box = draft.has_donation_box


def _mark_changed(day: MarketDay, at: datetime) -> None:
    day.revision += 1
    day.changed_at = at


# ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────


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
    _refuse_long(reason, note or "")
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


def _refuse_long(*texts: str) -> None:
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
    _mark_changed(day, at)


def take_due_steps(at: datetime) -> int:
    """Takes every step that the clock asks for; how many were taken. Doing it twice does nothing more."""
    waiting = (DayState.OPEN_FOR_APPLICATION, DayState.PUBLISHED, DayState.SETTING_UP)
    query = sa.select(MarketDay).where(MarketDay.state.in_(waiting)).order_by(MarketDay.id)
    return sum(_take_due_step(day, at) for day in db.session.scalars(query).all())


def _take_due_step(day: MarketDay, at: datetime) -> int:
    lock_row(day)
    step = due_step(day.state, apply_until=day.apply_until, open_at=day.open_at, at=at)
    if step is None:
        return 0
    take_step(day, step, by=None, at=at)
    return 1


# ── what is missing ───────────────────────────────────────────────────────────────────────────────────────


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
    _refuse_long(reason)
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


# ── finding days ──────────────────────────────────────────────────────────────────────────────────────────

FINISHED_STATES = (DayState.SETTLED, DayState.ARCHIVED, DayState.CANCELLED)
"""States in which nothing is left to do for staff."""
COMING_STATES = (
    DayState.PREPARED, DayState.OPEN_FOR_APPLICATION, DayState.REVIEWING, DayState.ALLOCATED,
    DayState.PUBLISHED, DayState.SETTING_UP, DayState.OPEN,
)  # fmt: skip


def find_day(community: Community, ref: str) -> MarketDay:
    """A market day of this community."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id, MarketDay.ref == ref)
    return _found(db.session.scalar(query))


def find_public_day(community: Community, ref: str) -> MarketDay:
    """A market day that residents have seen; a draft looks as if it were not there."""
    day = find_day(community, ref)
    return _found(day if day.was_public else None)


def find_day_by_ref(ref: str) -> MarketDay:
    """A market day of whatever community, for commands."""
    return _found(db.session.scalar(sa.select(MarketDay).where(MarketDay.ref == ref)))


def _found(day: MarketDay | None) -> MarketDay:
    if day is None:
        raise NotFound("calendar.no_day", _("没有这场集市。请检查网址。"))
    return day


def days(community: Community) -> list[MarketDay]:
    """All market days, the newest first."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id)
    return list(db.session.scalars(query.order_by(MarketDay.open_at.desc(), MarketDay.id.desc())))


def days_to_do(community: Community) -> list[MarketDay]:
    """Days for which staff still has something to do, the most urgent first."""
    query = sa.select(MarketDay).where(
        MarketDay.community_id == community.id, MarketDay.state.not_in(FINISHED_STATES)
    )
    return list(db.session.scalars(query.order_by(MarketDay.open_at, MarketDay.id)))


def _public(community: Community) -> sa.Select[Any]:
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id, MarketDay.was_public)
    return query.order_by(MarketDay.open_at, MarketDay.id)


def public_days(community: Community, since: datetime, until: datetime) -> list[MarketDay]:
    """Days residents may see that open in [since, until), in order; postponed and cancelled ones too."""
    query = _public(community).where(MarketDay.open_at >= since, MarketDay.open_at < until)
    return list(db.session.scalars(query))


def all_public_days(community: Community) -> list[MarketDay]:
    """Every day residents may see, in order."""
    return list(db.session.scalars(_public(community)))


def next_day(community: Community, at: datetime) -> MarketDay | None:
    """The market that residents go to next: not over, not called off."""
    query = _public(community).where(MarketDay.close_at > at, MarketDay.state.in_(COMING_STATES))
    return db.session.scalars(query.limit(1)).first()


def days_ahead(community: Community, at: datetime) -> list[MarketDay]:
    """Every day that is not over, in order; drafts and days called off too."""
    query = sa.select(MarketDay).where(MarketDay.community_id == community.id, MarketDay.close_at > at)
    return list(db.session.scalars(query.order_by(MarketDay.open_at, MarketDay.id)))


def open_for_application(community: Community, at: datetime) -> list[MarketDay]:
    """Days for which vendors may apply at this moment, in order."""
    query = _public(community).where(
        MarketDay.state == DayState.OPEN_FOR_APPLICATION,
        MarketDay.apply_from <= at,
        MarketDay.apply_until > at,
    )
    return list(db.session.scalars(query))
