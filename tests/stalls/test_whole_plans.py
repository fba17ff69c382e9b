"""What a community decides reaches the computed plan; a run can be undone, and checked by anybody."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from market import clock
from market.allocation.market_rules import Quota
from market.allocation.rules import PUBLISHED_WEIGHTS
from market.audit import AuditRow
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.db import db
from market.errors import Refusal
from market.people.models import User
from market.places import service as places
from market.stalls import service
from market.stalls.models import Assignment, PlanRun, StallHold
from market.stalls.problem_file import solve_problem
from market.stalls.rules import ReleaseReason
from market.stalls.words import assignment_sentence
from market.vendors import service as vendors
from market.vendors.models import Application
from market.vendors.rules import ApplicationState, Category, Conduct
from tests.factories.calendar import bring_to
from tests.factories.stalls import approved, day_under_review, held_by, planned_day, stall, standard_venue
from tests.trail import select_said


def compute(day: MarketDay, by: User) -> PlanRun:
    return service.compute_plan(day, by=by, at=clock.now())


def labels(day: MarketDay) -> dict[str, str]:
    return {held.vendor.trading_name: held.label for held in service.assignments(day)}


def waiting(day: MarketDay) -> list[str]:
    return [application.vendor.trading_name for application in service.waiting_list(day)]


def refused(act: Callable[[], object]) -> tuple[str, str]:
    """Code and sentence of a refusal."""
    with pytest.raises(Refusal) as caught, db.session.begin_nested():
        act()
    return caught.value.code, str(caught.value.sentence)


# ── what a community decides ──────────────────────────────────────────────────────────────────────────────


def test_no_more_of_a_category_than_its_quota(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    for name in ("甲", "乙", "丙"):
        approved(day, by, name, Category.PRODUCE)
    service.set_quotas(day, {"produce": Quota(maximum=2)}, by=by, at=clock.now())
    compute(day, by)
    assert (sorted(labels(day)), waiting(day)) == (["乙", "甲"], ["丙"])


def test_a_category_comes_that_must_not_be_missing(community: Community, by: User) -> None:
    day = day_under_review(community, by, limit=2)
    approved(day, by, "菜一", Category.PRODUCE)
    approved(day, by, "菜二", Category.PRODUCE)
    approved(day, by, "理发", Category.HAIRCUT)
    service.set_quotas(day, {"haircut": Quota(minimum=1)}, by=by, at=clock.now())
    compute(day, by)
    assert (sorted(labels(day)), waiting(day)) == (["理发", "菜一"], ["菜二"])


def test_what_residents_ask_for_comes_before_whoever_applied_earlier(community: Community, by: User) -> None:
    day = day_under_review(community, by, limit=1)
    approved(day, by, "菜一", Category.PRODUCE)
    approved(day, by, "磨刀", Category.REPAIR_SERVICE)
    service.set_quotas(day, {"repair_service": Quota(target=1)}, by=by, at=clock.now())
    compute(day, by)
    assert (list(labels(day)), waiting(day)) == (["磨刀"], ["菜一"])


def test_rules_that_contradict_one_another_are_named(community: Community, by: User) -> None:
    venue = standard_venue(community, by)
    for one in [one for one in venue.stalls if one.power_w and one.label not in ("C01", "C02")]:
        places.retire_stall(one, by=by, at=clock.now())
    day = day_under_review(community, by, venue=venue, limit=len(places.live_stalls(venue)))
    for name in ("煎饼", "豆浆", "卤味"):
        approved(day, by, name, Category.COOKED_FOOD, power_w=1_500)
    service.set_quotas(day, {"cooked_food": Quota(minimum=3)}, by=by, at=clock.now())
    assert refused(lambda: compute(day, by)) == (
        "stalls.no_plan",
        "3 家熟食小吃需要用电，电位只有 2 个。请放宽其中一条，再排一次。",
    )
    assert (labels(day), day.state) == ({}, DayState.REVIEWING)


def test_a_reserved_stall_is_for_those_whom_staff_let_stand_there(community: Community, by: User) -> None:
    day = day_under_review(community, by, limit=36)
    for one in day.venue.stalls:
        one.reserved = one.label != "A05"
    approved(day, by, "先来", Category.PRODUCE)
    approved(day, by, "后来", Category.PRODUCE)
    helped = approved(day, by, "爱心", Category.PRODUCE)
    helped.vendor.may_use_reserved = True
    compute(day, by)
    assert (labels(day), waiting(day)) == ({"先来": "A05", "爱心": "A01"}, ["后来"])


def test_a_stall_kept_free_stays_free(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    approved(day, by, "菜一", Category.PRODUCE)
    service.keep_free(day, stall(day, "A01"), by=by, at=clock.now())
    compute(day, by)
    assert labels(day) == {"菜一": "A02"}


def test_a_wide_stand_goes_where_there_is_room(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    stall(day, "A07").width_dm = 50
    approved(day, by, "大棚", Category.PRODUCE).vendor.width_dm = 45
    compute(day, by)
    assert labels(day) == {"大棚": "A07"}


def test_two_stalls_side_by_side_are_given_as_one(community: Community, by: User) -> None:
    day = day_under_review(community, by, limit=3)
    approved(day, by, "两个摊", Category.PRODUCE).double = True
    approved(day, by, "一个摊", Category.PRODUCE)
    approved(day, by, "没有了", Category.PRODUCE)
    compute(day, by)
    assert (labels(day)["两个摊"], waiting(day)) == ("A01+A02", ["没有了"])
    assert db.session.scalar(sa.select(sa.func.count(StallHold.id))) == 3


def test_neighbours_that_disturb_each_other_are_kept_apart(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    for one in [one for one in day.venue.stalls if one.zone == "E" and one.label != "E03"]:
        one.reserved = False
    fun = approved(day, by, "亲子游戏", Category.KIDS_PLAY, wanted=stall(day, "E01"))
    approved(day, by, "义诊", Category.HEALTH_OUTREACH, wanted=stall(day, "E02"))
    compute(day, by)
    assert labels(day) == {"亲子游戏": "E01", "义诊": "E03"}
    assert fun.state is ApplicationState.ALLOCATED


def _day_after_one(community: Community, by: User) -> tuple[MarketDay, Application, Application]:
    """A market that is over, with one vendor who stood and one who waited; both apply again, with a third
    who applies first, for one stall."""
    venue = standard_venue(community, by)
    before = day_under_review(community, by, venue=venue, in_days=3, limit=1)
    stood, missed = approved(before, by, "上次来了"), approved(before, by, "上次候补")
    compute(before, by)
    bring_to(before, DayState.CLOSED, by)
    day = day_under_review(community, by, venue=venue, in_days=30, limit=1)
    for application in (stood, missed):
        again = vendors.apply(day, application.vendor, by=by, at=clock.now())
        vendors.approve(again, by=by, at=clock.now())
    return day, stood, missed


def test_who_waited_in_vain_comes_before_who_stood(community: Community, by: User) -> None:
    day, _stood, _missed = _day_after_one(community, by)
    compute(day, by)
    assert (list(labels(day)), waiting(day)) == (["上次候补"], ["上次来了"])


def test_good_conduct_counts(community: Community, by: User) -> None:
    day, stood, missed = _day_after_one(community, by)
    weights = {**PUBLISHED_WEIGHTS, "missed": 0, "appeared": 0, "points": 2_000}
    service.set_weights(community, weights, reason="试一季", by=by, at=clock.now())
    compute(day, by)
    assert waiting(day) == ["上次候补"]
    for conduct in (Conduct.CAME_IN_TIME, Conduct.LEFT_CLEAN):
        vendors.note_conduct(missed.vendor, stood.day, conduct, by=by, at=clock.now())
    run = compute(day, by)
    assert (waiting(day), run.weights) == (["上次来了"], weights)


# ── undone ────────────────────────────────────────────────────────────────────────────────────────────────


def test_laying_anew_is_undone_with_stalls_reasons_and_waiting_list(community: Community, by: User) -> None:
    day = planned_day(community, by, limit=5)
    service.swap(held_by(day, "周记鲜蔬"), held_by(day, "王家百货"), by=by, at=clock.now())
    approved(day, by, "候补", Category.CRAFT)
    service.pin(held_by(day, "老张豆浆坊"), by=by, at=clock.now())
    before, pinned = labels(day), service.pinned_stalls(day)
    first = service.latest_run(day)
    compute(day, by)
    assert labels(day) != before
    service.undo_plan(day, by=by, at=clock.now())
    assert (labels(day), service.pinned_stalls(day), waiting(day)) == (before, pinned, ["候补"])
    assert service.latest_run(day) == first
    held = held_by(day, "周记鲜蔬")
    assert assignment_sentence(held.reason_code, held.reason_params) == (
        "工作人员让您与王家百货对调，您到 B01 号摊位。"
    )
    assert refused(lambda: service.undo_plan(day, by=by, at=clock.now()))[0] == "stalls.nothing_before"
    row = db.session.scalars(select_said(AuditRow).where(AuditRow.act == "stalls.undo_plan")).one()
    assert row.detail == {"placed": 5}


def test_the_first_plan_and_one_changed_since_are_not_undone(community: Community, by: User) -> None:
    day = planned_day(community, by)
    assert refused(lambda: service.undo_plan(day, by=by, at=clock.now()))[0] == "stalls.nothing_before"
    compute(day, by)
    service.move(held_by(day, "周记鲜蔬"), stall(day, "A09"), by=by, at=clock.now())
    assert refused(lambda: service.undo_plan(day, by=by, at=clock.now()))[0] == "stalls.nothing_before"
    assert labels(day)["周记鲜蔬"] == "A09"


def test_who_left_meanwhile_does_not_come_back_by_undoing(community: Community, by: User) -> None:
    day = planned_day(community, by)
    leaving = held_by(day, "王家百货").application
    service.release(held_by(day, "王家百货"), ReleaseReason.REPLANNED, by=by, at=clock.now())
    vendors.withdraw(leaving, by=by, at=clock.now())
    compute(day, by)
    service.undo_plan(day, by=by, at=clock.now())
    assert ("王家百货" in labels(day), leaving.state) == (False, ApplicationState.WITHDRAWN)


def test_a_stall_retired_meanwhile_stops_the_undoing(community: Community, by: User) -> None:
    day = planned_day(community, by)
    service.move(held_by(day, "周记鲜蔬"), stall(day, "A09"), by=by, at=clock.now())
    compute(day, by)
    stall(day, "A09").retired_at = clock.now()
    assert refused(lambda: service.undo_plan(day, by=by, at=clock.now())) == (
        "stalls.misfit",
        "A09 号当天不开放，请换一个摊位。",
    )
    live = db.session.scalars(sa.select(Assignment).where(Assignment.released_at.is_(None)))
    assert len(live.all()) == 5


# ── checked by anybody ────────────────────────────────────────────────────────────────────────────────────


def test_the_downloaded_task_has_the_plan_of_the_day_as_its_answer(community: Community, by: User) -> None:
    day = planned_day(community, by, limit=4)
    problem = json.loads(service.problem_file(day))
    answer = solve_problem(problem)
    found = {
        problem["applicants"][number]["name"]: problem["stalls"][place]["label"]
        for number, place in enumerate(answer["assignment"])
        if place is not None
    }
    run = service.latest_run(day)
    assert run is not None
    assert (found, answer["objective"], answer["status"]) == (labels(day), run.objective, "optimal")
