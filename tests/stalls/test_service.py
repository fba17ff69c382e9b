"""Plans as stored: computed with reasons, changed by hand, given back, come up from the waiting list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa

from market import clock
from market.allocation.rules import check_state
from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Finding, Severity
from market.communities.models import Community
from market.db import db
from market.errors import NotFound, Refusal
from market.people.models import User
from market.places import service as places
from market.stalls import service
from market.stalls.models import Assignment, PlanRun
from market.stalls.rules import ReleaseReason
from market.stalls.words import assignment_sentence, finding_person, finding_sentence, knows, reason_sentence
from market.vendors import service as vendors
from market.vendors.rules import ApplicationState, Category
from tests.factories.calendar import bring_to
from tests.factories.stalls import (
    approved,
    crowd,
    day_under_review,
    held_by,
    planned_day,
    stall,
    standard_venue,
)
from tests.trail import select_said

TODAY = date(2026, 1, 1)


@pytest.fixture
def day(community: Community, by: User) -> MarketDay:
    """The crowd with a computed plan."""
    return planned_day(community, by)


def labels(day: MarketDay) -> dict[str, str]:
    return {held.vendor.trading_name: held.stall.label for held in service.assignments(day)}


def why(held: Assignment) -> str:
    return assignment_sentence(held.reason_code, held.reason_params)


def refused(act: Callable[[], object]) -> tuple[str, str]:
    """Code and sentence of a refusal."""
    with pytest.raises(Refusal) as caught, db.session.begin_nested():
        act()
    return caught.value.code, str(caught.value.sentence)


# ── the whole plan ────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_places_everybody_in_their_zone_and_says_why(day: MarketDay) -> None:
    assert labels(day) == {
        "周记鲜蔬": "A01",
        "王家百货": "B01",
        "老张豆浆坊": "C01",
        "赵阿姨糕点": "B05",
        "李姐缝补": "D01",
    }
    assert why(held_by(day, "周记鲜蔬")) == "A01 号摊位在 A 区，与您的品类相符。"
    assert day.state is DayState.ALLOCATED
    assert {held.application.state for held in service.assignments(day)} == {ApplicationState.ALLOCATED}


WORTH = 5 * 1_000_000 - (1 + 2 + 3 + 4) * 100 + 5 * 50 + 5
"""Five placed, four of them after others; each in the right zone, and the services in the shade."""


def test_a_plan_is_recorded_with_its_proof(day: MarketDay, by: User) -> None:
    run = service.latest_run(day)
    assert run is not None
    assert (run.placed, run.waiting, run.objective, run.bound, run.proven) == (5, 0, WORTH, WORTH, True)
    assert run.run_by == by.id
    row = db.session.scalars(select_said(AuditRow).where(AuditRow.act == "stalls.compute_plan")).one()
    assert row.detail == {"placed": 5, "waiting": 0, "proven": True}


def test_who_does_not_fit_waits_in_the_order_of_application(community: Community, by: User) -> None:
    day = day_under_review(community, by, limit=3)
    crowd(day, by)
    service.compute_plan(day, by=by, at=clock.now())
    waiting = service.waiting_reasons(day)
    assert [one.application.vendor.trading_name for one in waiting] == ["王家百货", "赵阿姨糕点"]
    assert [a.state for a in service.waiting_list(day)] == [ApplicationState.WAITLISTED] * 2
    assert waiting[1].reason is not None
    assert reason_sentence(waiting[1].reason) == "当天 3 个摊位已排满，您是候补第 2 位。先报名的先排。"
    mine = service.waiting_of(day, waiting[1].application.vendor)
    assert mine is not None
    assert mine.position == 2
    assert service.waiting_of(day, held_by(day, "周记鲜蔬").vendor) is None


def test_nobody_waits_for_a_reason_that_no_plan_worked_out(community: Community, by: User) -> None:
    day = day_under_review(community, by, limit=3)
    crowd(day, by)
    assert {one.reason for one in service.waiting_reasons(day)} == {None}
    service.compute_plan(day, by=by, at=clock.now())
    service.release(held_by(day, "周记鲜蔬"), ReleaseReason.REPLANNED, by=by, at=clock.now())
    approved(day, by, "后来的")
    found = {one.application.vendor.trading_name: one.reason for one in service.waiting_reasons(day)}
    assert [name for name, reason in found.items() if reason is None] == ["后来的"]
    assert found["周记鲜蔬"] is not None
    assert found["周记鲜蔬"].code == "taken_out"
    assert set(found) == {"周记鲜蔬", "王家百货", "赵阿姨糕点", "后来的"}


def test_what_a_vendor_asked_for_and_where_they_stood_last_time_counts(
    community: Community, by: User
) -> None:
    venue = standard_venue(community, by)
    before = day_under_review(community, by, venue=venue, in_days=10)
    keeper = approved(before, by, "周记鲜蔬", Category.PRODUCE)
    service.place(keeper, stall(before, "A07"), by=by, at=clock.now())
    later = day_under_review(community, by, venue=venue, in_days=20)
    again = vendors.apply(later, keeper.vendor, by=by, at=clock.now())
    vendors.approve(again, by=by, at=clock.now())
    approved(later, by, "果然新鲜", Category.PRODUCE, wanted=stall(later, "A05"))
    service.compute_plan(later, by=by, at=clock.now())
    assert labels(later) == {"周记鲜蔬": "A07", "果然新鲜": "A05"}
    assert why(held_by(later, "周记鲜蔬")) == "还是上一场的 A07 号摊位，老顾客好找。"
    assert why(held_by(later, "果然新鲜")) == "您想要的 A05 号摊位，给您留下了。"


def test_a_stall_only_planned_and_then_changed_is_not_where_somebody_stood(
    community: Community, by: User
) -> None:
    venue = standard_venue(community, by)
    before = day_under_review(community, by, venue=venue, in_days=10)
    keeper = approved(before, by, "周记鲜蔬", Category.PRODUCE)
    held = service.place(keeper, stall(before, "A07"), by=by, at=clock.now())
    service.move(held, stall(before, "A09"), by=by, at=clock.now())
    later = day_under_review(community, by, venue=venue, in_days=20)
    vendors.approve(vendors.apply(later, keeper.vendor, by=by, at=clock.now()), by=by, at=clock.now())
    service.compute_plan(later, by=by, at=clock.now())
    assert labels(later) == {"周记鲜蔬": "A09"}


def test_computing_again_replaces_the_plan_and_keeps_its_history(day: MarketDay, by: User) -> None:
    service.move(held_by(day, "周记鲜蔬"), stall(day, "A09"), by=by, at=clock.now())
    service.compute_plan(day, by=by, at=clock.now())
    assert labels(day)["周记鲜蔬"] == "A01"
    released = list(
        db.session.scalars(sa.select(Assignment.release_reason).where(Assignment.released_at.is_not(None)))
    )
    assert released.count(ReleaseReason.MOVED) == 1
    assert released.count(ReleaseReason.REPLANNED) == 5
    assert db.session.scalar(sa.select(sa.func.count(PlanRun.id))) == 2


def test_a_late_approval_takes_part_in_the_next_plan(day: MarketDay, by: User) -> None:
    approved(day, by, "果然新鲜", Category.PRODUCE)
    assert [a.vendor.trading_name for a in service.waiting_list(day)] == ["果然新鲜"]
    service.compute_plan(day, by=by, at=clock.now())
    assert labels(day)["果然新鲜"] == "A03"  # not beside the other greengrocer


@pytest.mark.parametrize(
    "state", [DayState.DRAFT, DayState.OPEN_FOR_APPLICATION, DayState.PUBLISHED, DayState.CANCELLED]
)
def test_a_whole_plan_is_laid_only_between_review_and_publication(
    community: Community, by: User, state: DayState
) -> None:
    day = day_under_review(community, by)
    day.state = state
    code, sentence = refused(lambda: service.compute_plan(day, by=by, at=clock.now()))
    assert code == "stalls.wrong_state"
    assert sentence.endswith("报名截止以后、发布以前，才能整场分摊位。")


def test_a_plan_needs_stalls_and_people(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    assert refused(lambda: service.compute_plan(day, by=by, at=clock.now()))[0] == "stalls.nobody"
    for one in day.venue.stalls:
        places.retire_stall(one, by=by, at=clock.now())
    assert refused(lambda: service.compute_plan(day, by=by, at=clock.now()))[0] == "stalls.no_stalls"


def test_a_plan_laid_by_hand_is_confirmed(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    one, other = approved(day, by, "甲"), approved(day, by, "乙")
    assert refused(lambda: service.confirm_plan(day, by=by, at=clock.now()))[0] == "stalls.nobody_placed"
    service.place(one, stall(day, "E03"), by=by, at=clock.now())
    assert day.state is DayState.REVIEWING
    for _twice in range(2):
        service.confirm_plan(day, by=by, at=clock.now())
    assert (day.state, one.state, other.state) == (
        DayState.ALLOCATED, ApplicationState.ALLOCATED, ApplicationState.WAITLISTED,
    )  # fmt: skip


# ── one at a time ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_vendor_is_moved_and_reads_that_staff_did_it(day: MarketDay, by: User) -> None:
    before = held_by(day, "周记鲜蔬")
    moved = service.move(before, stall(day, "A09"), by=by, at=clock.now())
    assert labels(day)["周记鲜蔬"] == "A09"
    assert (before.release_reason, before.released_by) == (ReleaseReason.MOVED, by.id)
    assert why(moved) == "工作人员安排您在 A09 号摊位。"
    assert check_state(service.plan_state(day).state) == []


def test_placing_twice_on_the_same_stall_is_once(day: MarketDay, by: User) -> None:
    held = held_by(day, "周记鲜蔬")
    assert service.place(held.application, held.stall, by=by, at=clock.now()) is held


def test_a_taken_stall_is_refused_with_the_name_of_its_holder(day: MarketDay, by: User) -> None:
    held = held_by(day, "王家百货")
    assert refused(lambda: service.move(held, stall(day, "A01"), by=by, at=clock.now())) == (
        "stalls.taken", "A01 已经给了 周记鲜蔬。可以让两家对调，或换一个空摊位。",
    )  # fmt: skip


def test_hard_rules_refuse_a_move_with_a_sentence(day: MarketDay, by: User) -> None:
    held = held_by(day, "老张豆浆坊")
    assert refused(lambda: service.move(held, stall(day, "A09"), by=by, at=clock.now())) == (
        "stalls.misfit", "A09 号没有电，老张豆浆坊需要 2000 瓦。请换一个带电的摊位。",
    )  # fmt: skip
    assert refused(lambda: service.move(held, stall(day, "B06"), by=by, at=clock.now())) == (
        "stalls.misfit", "B06 号没有水，老张豆浆坊需要用水。请换一个有水的摊位。",
    )  # fmt: skip


def test_a_circuit_bears_no_more_than_it_can(day: MarketDay, by: User) -> None:
    for label in ("B06", "A11", "C02"):
        service.place(
            approved(day, by, f"用电{label}", power_w=2_500), stall(day, label), by=by, at=clock.now()
        )
    code, sentence = refused(
        lambda: service.place(
            approved(day, by, "再来一家", power_w=1_500), stall(day, "C03"), by=by, at=clock.now()
        )
    )
    assert code == "stalls.misfit"
    assert sentence.startswith("1 号线 会用到 12500 瓦，超过 12000 瓦。")


def test_the_zone_is_a_wish_that_staff_may_override(day: MarketDay, by: User) -> None:
    service.move(held_by(day, "周记鲜蔬"), stall(day, "E01"), by=by, at=clock.now())
    assert labels(day)["周记鲜蔬"] == "E01"


def test_no_more_stalls_than_the_day_offers(community: Community, by: User) -> None:
    day = planned_day(community, by, limit=5)
    late = approved(day, by, "果然新鲜")
    assert refused(lambda: service.place(late, stall(day, "A09"), by=by, at=clock.now())) == (
        "stalls.full", "当天只开 5 个摊位，已经排满。请先空出一个摊位。",
    )  # fmt: skip


def test_a_retired_stall_and_one_of_another_place_cannot_be_given(
    day: MarketDay, community: Community, by: User
) -> None:
    held, old = held_by(day, "周记鲜蔬"), stall(day, "A09")
    places.retire_stall(old, by=by, at=clock.now())
    assert refused(lambda: service.move(held, old, by=by, at=clock.now()))[0] == "stalls.misfit"
    elsewhere = standard_venue(community, by).stalls[0]
    with pytest.raises(NotFound):
        service.move(held, elsewhere, by=by, at=clock.now())


def test_who_is_not_approved_gets_no_stall(day: MarketDay, by: User) -> None:
    late = approved(day, by, "果然新鲜")
    vendors.reject(late, "同类满了", by=by, at=clock.now())
    assert refused(lambda: service.place(late, stall(day, "A09"), by=by, at=clock.now())) == (
        "stalls.not_approved", "果然新鲜的报名还没有通过。请先审核报名。",
    )  # fmt: skip


def test_two_vendors_swap_and_read_with_whom(day: MarketDay, by: User) -> None:
    one, other = service.swap(held_by(day, "周记鲜蔬"), held_by(day, "王家百货"), by=by, at=clock.now())
    assert (labels(day)["周记鲜蔬"], labels(day)["王家百货"]) == ("B01", "A01")
    assert why(one) == "工作人员让您与王家百货对调，您到 B01 号摊位。"
    assert why(other) == "工作人员让您与周记鲜蔬对调，您到 A01 号摊位。"


def test_a_swap_that_breaks_a_hard_rule_changes_nothing(day: MarketDay, by: User) -> None:
    before = labels(day)
    pair = held_by(day, "老张豆浆坊"), held_by(day, "周记鲜蔬")
    assert refused(lambda: service.swap(*pair, by=by, at=clock.now()))[0] == "stalls.misfit"
    assert labels(day) == before


def test_a_move_of_an_assignment_that_is_gone_is_refused(day: MarketDay, by: User) -> None:
    old = held_by(day, "周记鲜蔬")
    service.move(old, stall(day, "A09"), by=by, at=clock.now())
    code, sentence = refused(lambda: service.move(old, stall(day, "A10"), by=by, at=clock.now()))
    assert code == "stalls.released"
    assert sentence.startswith("周记鲜蔬已经不在 A01 号了")


@pytest.mark.parametrize("state", [DayState.CLOSED, DayState.SETTLED, DayState.POSTPONED])
def test_nobody_is_moved_once_a_day_is_over_or_off(day: MarketDay, by: User, state: DayState) -> None:
    held = held_by(day, "周记鲜蔬")
    day.state = state
    assert (
        refused(lambda: service.move(held, stall(day, "A09"), by=by, at=clock.now()))[0]
        == "stalls.wrong_state"
    )


@pytest.mark.parametrize("state", [DayState.PUBLISHED, DayState.SETTING_UP, DayState.OPEN])
def test_a_published_plan_can_still_be_changed(day: MarketDay, by: User, state: DayState) -> None:
    bring_to(day, state, by)
    service.move(held_by(day, "周记鲜蔬"), stall(day, "A09"), by=by, at=clock.now())
    assert labels(day)["周记鲜蔬"] == "A09"


# ── giving back, coming up ────────────────────────────────────────────────────────────────────────────────


def test_who_withdraws_frees_the_stall_and_the_first_in_line_comes_up(community: Community, by: User) -> None:
    day = planned_day(community, by, limit=5)
    approved(day, by, "候补甲", Category.CRAFT)
    approved(day, by, "候补乙")
    assert service.promote_next(day, by=by, at=clock.now()) is None
    leaving = held_by(day, "王家百货").application
    for _twice in range(2):
        service.withdraw(leaving, by=by, at=clock.now())
    assert leaving.state is ApplicationState.WITHDRAWN
    promoted = service.promote_next(day, by=by, at=clock.now())
    assert promoted is not None
    assert (promoted.vendor.trading_name, promoted.stall.label) == ("候补甲", "E01")
    assert why(promoted) == "有摊位空出来了，您是候补里第一位合适的，排到 E01 号摊位。"
    assert [a.vendor.trading_name for a in service.waiting_list(day)] == ["候补乙"]


def test_whose_needs_no_free_stall_meets_is_passed_over_and_the_record_says_so(
    community: Community, by: User
) -> None:
    day = planned_day(community, by)
    for label in ("C02", "C03", "C04", "C05", "C06", "C07", "C08"):
        service.place(approved(day, by, f"占{label}"), stall(day, label), by=by, at=clock.now())
    approved(day, by, "要水的", needs_water=True)
    approved(day, by, "不挑的")
    promoted = service.promote_next(day, by=by, at=clock.now())
    assert promoted is not None
    assert promoted.vendor.trading_name == "不挑的"
    assert promoted.reason_params["passed_over"] == 1


def test_who_never_got_a_stall_withdraws_too(day: MarketDay, by: User) -> None:
    waiting = approved(day, by, "候补甲")
    service.withdraw(waiting, by=by, at=clock.now())
    assert waiting.state is ApplicationState.WITHDRAWN


def test_a_no_show_keeps_the_application_and_frees_the_stall(day: MarketDay, by: User) -> None:
    held = held_by(day, "周记鲜蔬")
    for _twice in range(2):
        service.release(held, ReleaseReason.NO_SHOW, by=by, at=clock.now())
    assert (held.application.state, service.assignment_of(day, held.vendor)) == (
        ApplicationState.ALLOCATED,
        None,
    )
    assert service.waiting_list(day) == []
    again = service.place(held.application, stall(day, "A02"), by=by, at=clock.now())
    assert again.stall.label == "A02"


def test_who_is_taken_off_waits(day: MarketDay, by: User) -> None:
    held = held_by(day, "周记鲜蔬")
    service.release(held, ReleaseReason.REPLANNED, by=by, at=clock.now())
    assert [a.vendor.trading_name for a in service.waiting_list(day)] == ["周记鲜蔬"]


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_plan_is_drawn_before_the_allocation_as_after_it(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    view = service.plan_view(day)
    assert (len(view), {one.state for one in view}, view[0].caption) == (36, {"free"}, "")
    crowd(day, by)
    service.compute_plan(day, by=by, at=clock.now())
    mine = held_by(day, "周记鲜蔬").vendor
    seen = {one.label: (one.state, one.caption) for one in service.plan_view(day, mine)}
    assert (seen["A01"], seen["C01"], seen["A02"]) == (
        ("mine", "周记鲜蔬"),
        ("taken", "老张豆浆坊"),
        ("free", ""),
    )


def test_a_retired_stall_stays_on_plans_that_use_it(day: MarketDay, by: User) -> None:
    for label in ("A01", "A02"):
        places.retire_stall(stall(day, label), by=by, at=clock.now())
    seen = [one.label for one in service.plan_view(day)]
    assert ("A01" in seen, "A02" in seen) == (True, False)


def test_the_plan_needs_three_queries(day: MarketDay) -> None:
    db.session.flush()
    db.session.expire_all()
    db.session.refresh(day)
    seen: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    service.plan_view(day)
    assert len(seen) == 3


def test_entrances_and_fire_lanes_are_drawn(day: MarketDay) -> None:
    lanes = service.lanes_view(day)
    assert [(lane.label, lane.entrance) for lane in lanes] == [
        ("消防通道", False),
        ("东门", True),
        ("南门", True),
    ]


def test_loads_of_the_lines(day: MarketDay) -> None:
    found = [
        (load.name, load.load_w, load.capacity_w, load.percent)
        for load in service.loads(service.plan_state(day))
    ]
    assert found == [("1 号线", 3_500, 12_000, 29), ("2 号线", 0, 12_000, 0)]


def test_who_was_promised_a_stall_on_coming_markets(day: MarketDay) -> None:
    coming = service.coming_assignments(stall(day, "A01"), clock.now())
    assert [held.vendor.trading_name for held in coming] == ["周记鲜蔬"]
    assert service.coming_assignments(stall(day, "A01"), day.close_at) == []


def test_days_of_others_are_not_found(day: MarketDay, community: Community, by: User) -> None:
    other = day_under_review(community, by, venue=day.venue, in_days=30)
    with pytest.raises(NotFound):
        service.find_assignment(other, held_by(day, "周记鲜蔬").ref)
    elsewhere = day_under_review(community, by, in_days=31)
    with pytest.raises(NotFound):
        service.find_stall(elsewhere, stall(day, "A01").ref)


# ── readiness ─────────────────────────────────────────────────────────────────────────────────────────────


def plan_part(day: MarketDay) -> list[Finding]:
    return [finding for finding in service.readiness(day, TODAY) if knows(finding)]


def test_an_empty_plan_blocks(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    [finding] = plan_part(day)
    assert (finding.code, finding.blocks) == ("plan_empty", True)
    assert finding_sentence(finding) == "还没有一家排上摊位。"
    assert finding_person(finding) == "社区工作人员"


def test_a_plan_that_holds_has_nothing_to_say_and_papers_of_the_placed_are_asked_for(day: MarketDay) -> None:
    assert plan_part(day) == []
    found = {finding.code for finding in service.readiness(day, TODAY)}
    assert found == {"designation", "check_scale", "regulator_report"}


def test_a_rule_broken_after_the_fact_blocks_with_its_sentence(day: MarketDay, by: User) -> None:
    places.retire_stall(stall(day, "A01"), by=by, at=clock.now())
    [finding] = plan_part(day)
    assert (finding.code, finding.severity) == ("plan_closed", Severity.BLOCK)
    assert finding_sentence(finding) == "A01 号当天不开放，请换一个摊位。"


def test_a_line_that_is_nearly_full_is_told(day: MarketDay, by: User) -> None:
    for label in ("B06", "A11"):
        service.place(
            approved(day, by, f"用电{label}", power_w=2_500), stall(day, label), by=by, at=clock.now()
        )
    assert plan_part(day) == []
    service.place(approved(day, by, "差一点", power_w=2_300), stall(day, "C02"), by=by, at=clock.now())
    [finding] = plan_part(day)
    assert (finding.severity, finding_sentence(finding)) == (
        Severity.WARN, "1 号线 已用 10,800 瓦，快到上限 12,000 瓦，不要再加用电的摊主。",
    )  # fmt: skip


def test_a_free_stall_for_somebody_waiting_is_told(day: MarketDay, by: User) -> None:
    approved(day, by, "果然新鲜", Category.PRODUCE)
    [finding] = plan_part(day)
    assert finding_sentence(finding) == "A02 号空着，候补的果然新鲜用得上，可以请来补位。"
