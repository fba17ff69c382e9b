"""Writing days down, copying, steps, overrides, papers, finding, and what the clock does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import count
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings, strategies as st
from icalendar import Calendar

from market import clock
from market.audit import AuditRow
from market.calendar import service
from market.calendar.ical import write_calendar
from market.calendar.models import DayStep, MarketDay
from market.calendar.printed import hours_of
from market.calendar.rules import DayPermitKind, DayState, Severity, Step, next_state
from market.calendar.words import notice_facts, said
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places.models import Venue
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import ZONE, bring_to, draft_on, make_day, make_venue, time_of
from tests.trail import select_said

S = DayState


class Ground(NamedTuple):
    """Our community, its plaza and its clerk, inside a unit of work."""

    community: Community
    venue: Venue
    by: User
    at: datetime


@pytest.fixture
def ground(context: Flask, cast: Cast) -> Iterator[Ground]:
    with unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        yield Ground(community, make_venue(community, by), by, clock.now())


def acts(day: MarketDay) -> list[str]:
    query = select_said(AuditRow.act).where(AuditRow.object_ref == day.ref).order_by(AuditRow.id)
    return list(db.session.scalars(query))


# ── writing a day down ────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_a_new_day_is_a_draft_in_the_hours_of_the_wall(ground: Ground) -> None:
    on = clock.today(ZONE) + timedelta(days=30)
    day = service.create_day(ground.community, draft_on(ground.venue, on), by=ground.by, at=ground.at)
    assert (day.state, day.was_public, day.revision) == (S.DRAFT, False, 0)
    assert day.open_at == clock.at_local(on, time(8, 0), ZONE)
    assert service.draft_of(day) == draft_on(ground.venue, on)
    assert acts(day) == ["pages.create_day"]


@both_engines
@pytest.mark.parametrize(
    ("opens", "closes", "hours"),
    [(time(18, 0), time(0, 0), "18:00–24:00"), (time(22, 0), time(0, 30), "22:00–次日 0:30")],
)
def test_a_market_over_midnight_ends_on_the_next_day_everywhere(
    ground: Ground, opens: time, closes: time, hours: str
) -> None:
    on = clock.today(ZONE) + timedelta(days=30)
    draft = draft_on(ground.venue, on, opens=opens, closes=closes, arrive_by=opens, theme="跨年集")
    day = service.create_day(ground.community, draft, by=ground.by, at=ground.at)
    assert day.close_at == clock.at_local(on + timedelta(days=1), closes, ZONE)
    assert (service.local_date(day), service.draft_of(day)) == (on, draft)
    assert service.shifted_draft(day, on + timedelta(days=7)).closes == closes
    assert hours_of(day) == hours
    assert said(notice_facts(day))["hours"] == hours
    body = write_calendar(
        "集市", [day], public_url="https://market.example", address=lambda _day: "https://x"
    )
    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (day.open_at, day.close_at)


def test_what_cannot_be_is_refused_by_its_code(ground: Ground) -> None:
    on = clock.today(ZONE) + timedelta(days=30)
    for changes, code in (
        ({"on": on - timedelta(days=60)}, "calendar.date_past"),
        ({"closes": time(7, 0)}, "calendar.closes_before_opens"),
        ({"expected_visitors": 10**12}, "calendar.bad_visitors"),
    ):
        draft = replace(draft_on(ground.venue, on), **changes)
        with pytest.raises(Refusal) as refused:
            service.create_day(ground.community, draft, by=ground.by, at=ground.at)
        assert (refused.value.code, refused.value.status) == (code, 422)
    assert service.days(ground.community) == []


def test_a_theme_is_one_line(ground: Ground) -> None:
    draft = draft_on(ground.venue, clock.today(ZONE) + timedelta(days=30), theme="  冬储\r\n 菜集 ")
    day = service.create_day(ground.community, draft, by=ground.by, at=ground.at)
    assert day.theme == "冬储 菜集"


def test_one_place_holds_one_market_at_a_time(ground: Ground) -> None:
    first = make_day(ground.community, ground.by, in_days=10)
    with pytest.raises(Refusal) as refused:
        make_day(ground.community, ground.by, in_days=10, theme="夜市", opens=time(11, 0), closes=time(12, 0))
    assert refused.value.code == "calendar.clash"
    night = make_day(ground.community, ground.by, in_days=10, opens=time(17, 30), closes=time(21, 0))
    assert night.state is S.DRAFT
    service.take_step(first, Step.CANCEL, by=ground.by, at=ground.at)
    assert make_day(ground.community, ground.by, in_days=10).state is S.DRAFT


def test_a_plaza_of_another_community_is_not_found(ground: Ground, cast: Cast) -> None:
    theirs = find_community(cast.theirs)
    with pytest.raises(NotFound) as refused:
        make_day(theirs, person("staff-b"), venue=ground.venue)
    assert refused.value.code == "places.no_venue"


def test_an_edit_counts_a_revision_and_tells_the_time(ground: Ground) -> None:
    day = make_day(ground.community, ground.by)
    service.edit_day(day, replace(service.draft_of(day), theme="腊八集市"), by=ground.by, at=ground.at)
    assert (day.theme, day.revision, day.changed_at) == ("腊八集市", 1, ground.at)
    assert acts(day) == ["pages.create_day", "pages.edit_day"]


@pytest.mark.parametrize("state", [S.OPEN_FOR_APPLICATION, S.REVIEWING, S.ALLOCATED, S.PUBLISHED])
def test_once_vendors_could_apply_date_and_place_are_fixed(ground: Ground, state: DayState) -> None:
    day = make_day(ground.community, ground.by, in_days=30, state=state)
    written = service.draft_of(day)
    later = replace(written, on=written.on + timedelta(days=1))
    other = replace(written, venue=make_venue(ground.community, ground.by, name="西广场"))
    for draft, code in ((later, "calendar.date_fixed"), (other, "calendar.venue_fixed")):
        with pytest.raises(Refusal) as refused:
            service.edit_day(day, draft, by=ground.by, at=ground.at)
        assert refused.value.code == code
    service.edit_day(day, replace(written, closes=time(12, 0)), by=ground.by, at=ground.at)
    assert service.draft_of(day).closes == time(12, 0)


@pytest.mark.parametrize("state", [S.OPEN, S.CLOSED, S.SETTLED, S.ARCHIVED, S.CANCELLED])
def test_a_day_that_runs_or_is_over_is_not_rewritten(ground: Ground, state: DayState) -> None:
    day = make_day(ground.community, ground.by, state=state)
    with pytest.raises(Refusal) as refused:
        service.edit_day(day, service.draft_of(day), by=ground.by, at=ground.at)
    assert refused.value.code == "calendar.not_editable"


def test_a_copy_keeps_the_hours_and_moves_the_window_along(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, theme="冬储菜集", expected_visitors=700, stall_limit=5)
    on = service.local_date(day) + timedelta(weeks=4)
    copy = service.copy_day(day, on, by=ground.by, at=ground.at)
    shift = timedelta(weeks=4)
    assert copy.ref != day.ref
    assert (copy.state, copy.theme, copy.venue, copy.expected_visitors, copy.stall_limit) == (
        S.DRAFT, "冬储菜集", day.venue, 700, 5,
    )  # fmt: skip
    for name in ("open_at", "close_at", "arrive_by", "apply_from", "apply_until"):
        assert getattr(copy, name) == getattr(day, name) + shift


def test_the_next_date_is_the_same_weekday_and_never_past(ground: Ground) -> None:
    old = make_day(ground.community, ground.by, in_days=-60)
    today = clock.today(ZONE)
    on = service.same_weekday_later(old, today)
    assert on.weekday() == service.local_date(old).weekday()
    assert today <= on < today + timedelta(weeks=4)


def test_hours_on_the_wall_survive_a_change_of_the_clocks(ground: Ground) -> None:
    ground.community.zone = "Europe/Berlin"
    db.session.flush()
    october = clock.today(ZONE).replace(year=clock.today(ZONE).year + 1, month=10, day=10)
    day = service.create_day(ground.community, draft_on(ground.venue, october), by=ground.by, at=ground.at)
    copy = service.copy_day(day, october + timedelta(weeks=4), by=ground.by, at=ground.at)
    assert service.draft_of(copy).opens == time(8, 0)
    assert copy.open_at - day.open_at == timedelta(weeks=4, hours=1)


# ── steps ─────────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_every_step_of_a_whole_life_is_written_down(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.ARCHIVED)
    assert [(step.step, step.to_state) for step in day.steps] == [
        (Step.PREPARE, S.PREPARED),
        (Step.OPEN_APPLICATIONS, S.OPEN_FOR_APPLICATION),
        (Step.CLOSE_APPLICATIONS, S.REVIEWING),
        (Step.ALLOCATE, S.ALLOCATED),
        (Step.PUBLISH, S.PUBLISHED),
        (Step.SET_UP, S.SETTING_UP),
        (Step.OPEN, S.OPEN),
        (Step.CLOSE, S.CLOSED),
        (Step.START_SETTLING, S.SETTLING),
        (Step.SETTLE, S.SETTLED),
        (Step.ARCHIVE, S.ARCHIVED),
    ]
    assert day.steps[0].taken_at == time_of(day, S.PREPARED)
    assert {step.taker for step in day.steps} == {ground.by}
    assert day.revision == 11
    assert day.closed_at == day.close_at
    assert day.closed_early is False


def test_a_wrong_step_names_the_state_and_changes_nothing(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.PREPARED)
    with pytest.raises(Refusal) as refused:
        service.take_step(day, Step.CLOSE, by=ground.by, at=ground.at)
    assert refused.value.code == "calendar.wrong_step"
    assert str(refused.value.sentence) == "这场集市现在是「准备好了」，不能「收市」。"
    assert (day.state, day.revision, len(day.steps)) == (S.PREPARED, 1, 1)


dates = count(10)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(Step), max_size=12))
def test_no_order_of_steps_leads_where_the_rules_do_not(ground: Ground, steps: list[Step]) -> None:
    day = make_day(ground.community, ground.by, in_days=next(dates))
    for step in steps:
        before, taken = day.state, len(day.steps)
        target = next_state(before, step)
        if target is None:
            with pytest.raises(Refusal) as refused:
                service.take_step(day, step, by=ground.by, at=day.apply_from, reason="试")
            assert refused.value.code == "calendar.wrong_step"
        else:
            service.take_step(day, step, by=ground.by, at=day.apply_from, reason="试")
            db.session.refresh(day)
        assert (day.state, len(day.steps)) == (target or before, taken + (target is not None))


def test_residents_see_a_day_from_the_first_application_on_for_ever(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.PREPARED)
    before = day.was_public
    bring_to(day, S.OPEN_FOR_APPLICATION, ground.by)
    assert (before, day.was_public) == (False, True)
    service.take_step(day, Step.POSTPONE, by=ground.by, at=ground.at, public_note="大雪。")
    assert (day.was_public, day.public_note) == (True, "大雪。")


def test_calling_off_what_residents_saw_needs_a_sentence(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.PUBLISHED)
    for step in (Step.POSTPONE, Step.CANCEL):
        with pytest.raises(Refusal) as refused:
            service.take_step(day, step, by=ground.by, at=ground.at, public_note="  ")
        assert refused.value.code == "calendar.reason_missing"
    unseen = make_day(ground.community, ground.by, in_days=11)
    service.take_step(unseen, Step.CANCEL, by=ground.by, at=ground.at)
    assert unseen.state is S.CANCELLED


def test_a_reason_longer_than_its_column_is_refused(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.PUBLISHED)
    with pytest.raises(Refusal) as refused:
        service.take_step(day, Step.CANCEL, by=ground.by, at=ground.at, reason="雪" * 201)
    assert refused.value.code == "calendar.reason_too_long"


def test_a_postponed_day_begins_again_on_its_new_date(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.PUBLISHED)
    service.take_step(day, Step.POSTPONE, by=ground.by, at=ground.at, public_note="大雪。")
    on = service.local_date(day) + timedelta(days=30)
    service.reschedule(
        day, service.shifted_draft(day, on), public_note="改到下个月。", by=ground.by, at=ground.at
    )
    assert (day.state, service.local_date(day), day.public_note) == (S.PREPARED, on, "改到下个月。")
    assert day.was_public is True


def test_opening_applications_means_now(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, in_days=60, state=S.PREPARED)
    assert day.apply_from > ground.at
    service.take_step(day, Step.OPEN_APPLICATIONS, by=ground.by, at=ground.at)
    assert day.apply_from == ground.at
    assert service.open_for_application(ground.community, ground.at) == [day]


def test_applications_do_not_open_after_their_end(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.PREPARED)
    with pytest.raises(Refusal) as refused:
        service.take_step(day, Step.OPEN_APPLICATIONS, by=ground.by, at=day.apply_until)
    assert refused.value.code == "calendar.window_over"


@pytest.mark.parametrize(
    ("minutes", "early"), [(60, True), (16, True), (15, False), (0, False), (-60, False)]
)
def test_closing_well_before_the_hour_is_news(ground: Ground, minutes: int, early: bool) -> None:
    day = make_day(ground.community, ground.by, state=S.OPEN)
    at = day.close_at - timedelta(minutes=minutes)
    service.take_step(day, Step.CLOSE, by=ground.by, at=at, public_note="下雨了。")
    assert (day.closed_early, day.closed_at) == (early, at)


def test_closing_early_needs_a_sentence(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.OPEN)
    with pytest.raises(Refusal) as refused:
        service.take_step(day, Step.CLOSE, by=ground.by, at=day.close_at - timedelta(hours=1))
    assert refused.value.code == "calendar.reason_missing"


@both_engines
def test_the_clock_takes_what_is_due_and_twice_is_once(ground: Ground) -> None:
    apply = make_day(ground.community, ground.by, in_days=20, state=S.OPEN_FOR_APPLICATION)
    market = make_day(ground.community, ground.by, in_days=10, state=S.PUBLISHED)
    assert service.take_due_steps(apply.apply_until - timedelta(seconds=1)) == 1
    assert (apply.state, market.state) == (S.OPEN_FOR_APPLICATION, S.OPEN)
    assert service.take_due_steps(apply.apply_until) == 1
    assert service.take_due_steps(apply.apply_until) == 0
    assert apply.state is S.REVIEWING
    assert apply.steps[-1].taken_by is None


def test_the_clock_sets_up_opens_and_never_closes(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, state=S.PUBLISHED)
    seen = []
    for at in (day.open_at - timedelta(hours=2), day.open_at, day.close_at, day.close_at + timedelta(days=9)):
        service.take_due_steps(at)
        seen.append(day.state)
    assert seen == [S.SETTING_UP, S.OPEN, S.OPEN, S.OPEN]


# ── what is missing ───────────────────────────────────────────────────────────────────────────────────────


def codes(day: MarketDay) -> list[tuple[str, Severity, bool]]:
    found = service.place_readiness(day, clock.today(ZONE))
    return [(finding.code, finding.severity, finding.waived) for finding in found]


def test_a_bare_place_lacks_its_papers_and_its_lane(ground: Ground) -> None:
    bare = make_venue(ground.community, ground.by, name="空地", ready=False)
    assert codes(make_day(ground.community, ground.by, venue=bare)) == [
        ("designation", Severity.WARN, False),
        ("check_scale", Severity.WARN, False),
        ("fire_lane", Severity.WARN, False),
    ]
    assert codes(make_day(ground.community, ground.by)) == []


def test_a_paper_of_the_day_mends_and_replaces_itself(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, expected_visitors=1_500)
    today = clock.today(ZONE)
    for number in ("公安〔2026〕1 号", "公安〔2026〕2 号"):
        service.add_day_permit(
            day, DayPermitKind.POLICE_LICENCE, number, "公安分局", today, by=ground.by, at=ground.at
        )
    db.session.refresh(day)
    assert [paper.number for paper in day.permits] == ["公安〔2026〕2 号"]
    assert codes(day) == [("safety_plan", Severity.WARN, False)]


@both_engines
def test_an_override_carries_a_name_and_a_reason_and_twice_is_once(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, expected_visitors=1_500)
    first = service.waive(day, "crowd_licence", "M05", " 分三个时段 ", by=ground.by, at=ground.at)
    second = service.waive(day, "crowd_licence", "M05", "又一次", by=person("second"), at=ground.at)
    assert second is first
    assert (first.reason, first.person) == ("分三个时段", ground.by)
    db.session.refresh(day)
    assert codes(day)[0] == ("crowd_licence", Severity.OVERRIDABLE, True)


def test_an_override_without_a_reason_is_refused(ground: Ground) -> None:
    day = make_day(ground.community, ground.by, expected_visitors=1_500)
    with pytest.raises(Refusal) as refused:
        service.waive(day, "crowd_licence", "M05", "  ", by=ground.by, at=ground.at)
    assert refused.value.code == "calendar.reason_missing"


# ── finding days ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_day_is_found_in_its_own_community_only(ground: Ground, cast: Cast) -> None:
    day = make_day(ground.community, ground.by)
    assert service.find_day(ground.community, day.ref) is day
    assert service.find_day_by_ref(day.ref) is day
    looks: list[Callable[[], object]] = [
        lambda: service.find_day(find_community(cast.theirs), day.ref),
        lambda: service.find_day(ground.community, "nothing"),
        lambda: service.find_day_by_ref("nothing"),
        lambda: service.find_public_day(ground.community, day.ref),
    ]
    for look in looks:
        with pytest.raises(NotFound) as refused:
            look()
        assert refused.value.code == "calendar.no_day"


def test_the_next_day_is_the_first_that_is_neither_over_nor_called_off(ground: Ground) -> None:
    make_day(ground.community, ground.by, in_days=-3, state=S.CLOSED)
    make_day(ground.community, ground.by, in_days=3, state=S.CANCELLED)
    make_day(ground.community, ground.by, in_days=5)
    coming = make_day(ground.community, ground.by, in_days=12, state=S.PUBLISHED)
    make_day(ground.community, ground.by, in_days=19, state=S.PUBLISHED)
    assert service.next_day(ground.community, ground.at) is coming
    assert service.next_day(ground.community, coming.close_at - timedelta(seconds=1)) is coming
    assert service.next_day(ground.community, coming.close_at) is not coming


def test_public_days_leave_out_what_residents_never_saw(ground: Ground) -> None:
    seen = make_day(ground.community, ground.by, in_days=5, state=S.PUBLISHED)
    off = make_day(ground.community, ground.by, in_days=6, state=S.OPEN_FOR_APPLICATION)
    bring_to(off, S.POSTPONED, ground.by)
    make_day(ground.community, ground.by, in_days=7)
    since, until = ground.at, off.open_at + timedelta(seconds=1)
    assert service.public_days(ground.community, since, until) == [seen, off]
    assert service.public_days(ground.community, since, off.open_at) == [seen]
    assert service.all_public_days(ground.community) == [seen, off]


def test_the_most_urgent_day_comes_first_and_finished_days_are_left_out(ground: Ground) -> None:
    make_day(ground.community, ground.by, in_days=-30, state=S.SETTLED)
    unsettled = make_day(ground.community, ground.by, in_days=-2, state=S.CLOSED)
    draft = make_day(ground.community, ground.by, in_days=9)
    make_day(ground.community, ground.by, in_days=12, state=S.CANCELLED)
    assert service.days_to_do(ground.community) == [unsettled, draft]
    assert len(service.days(ground.community)) == 4


def test_steps_belong_to_a_day(ground: Ground) -> None:
    make_day(ground.community, ground.by, state=S.PREPARED)
    assert db.session.scalar(sa.select(sa.func.count(DayStep.id))) == 1
