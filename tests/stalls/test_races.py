"""Many at once: a stall has one holder, a vendor one stall; and what happens when the guards are off."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.people.models import User
from market.places.models import Stall
from market.stalls import service
from market.stalls.models import Assignment, PlanRun
from market.vendors.models import Application
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.stalls import approved, crowd, day_under_review, held_by, stall
from tests.races import at_once, guards_off

only_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
"""On SQLite without its lock every statement commits by itself, so that a refused act is not undone."""

INDICES = ("uq_stall_hold_stall", "uq_assignment_live_vendor")


class Ground(NamedTuple):
    """Keys, because every thread reads rows of its own."""

    day: int
    by: int
    stall: int
    applications: list[int]


@pytest.fixture
def make_ground(context: Flask, cast: Cast) -> Callable[[int], Ground]:
    """A day with so many approved vendors, all of whom could stand on A03."""

    def make(number: int) -> Ground:
        with unit_of_work():
            by = person("staff")
            day = day_under_review(find_community(cast.ours), by)
            applications = [approved(day, by, f"第{n}家").id for n in range(number)]
            return Ground(day.id, by.id, stall(day, "A03").id, applications)

    return make


def claim(ground: Ground, application_id: int, stall_id: int | None = None) -> Callable[[], str]:
    """Answers with the label that was won, or with the sentence of the refusal."""

    def act() -> str:
        application = db.session.get_one(Application, application_id)
        wanted, by = db.session.get_one(Stall, stall_id or ground.stall), db.session.get_one(User, ground.by)
        try:
            return service.place(application, wanted, by=by, at=clock.now()).label
        except Refusal as refusal:
            return f"{refusal.code} {refusal.sentence}"

    return act


def live() -> list[Assignment]:
    return list(db.session.scalars(sa.select(Assignment).where(Assignment.released_at.is_(None))))


@both_engines
def test_two_hundred_claims_of_one_stall_have_one_winner_and_every_loser_reads_who_won(
    context: Flask, make_ground: Callable[[int], Ground]
) -> None:
    ground = make_ground(200)
    answers = at_once(context, [claim(ground, key) for key in ground.applications])
    [winner] = live()
    name = winner.vendor.trading_name
    lost = f"stalls.taken A03 已经给了 {name}。可以让两家对调，或换一个空摊位。"
    assert sorted(answers) == sorted(["A03", *[lost] * 199])


@both_engines
def test_without_the_guards_one_stall_is_given_twice(
    context: Flask, make_ground: Callable[[int], Ground], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same claims, and the harm that locks and keys prevent."""
    ground = make_ground(8)
    acts = [claim(ground, key) for key in ground.applications]
    with guards_off(context, monkeypatch, "stalls.claim", together=8, indices=INDICES):
        answers = at_once(context, acts)
    assert answers.count("A03") >= 2
    assert len(live()) == answers.count("A03")


@only_postgresql
def test_without_locks_the_unique_key_alone_still_leaves_one_winner(
    context: Flask, make_ground: Callable[[int], Ground], monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = make_ground(8)
    acts = [claim(ground, key) for key in ground.applications]
    with guards_off(context, monkeypatch, "stalls.claim", together=8):
        answers = at_once(context, acts)
    assert (answers.count("A03"), len(live())) == (1, 1)
    assert sum(answer.startswith("stalls.taken A03 已经给了 第") for answer in answers) == 7


@both_engines
def test_one_vendor_claiming_thirty_stalls_holds_one(
    context: Flask, make_ground: Callable[[int], Ground]
) -> None:
    ground = make_ground(1)
    keys = list(db.session.scalars(sa.select(Stall.id).order_by(Stall.label).limit(30)))
    answers = at_once(context, [claim(ground, ground.applications[0], key) for key in keys])
    [held] = live()
    assert len(answers) == 30
    assert held.stall.label in answers


@both_engines
def test_claims_of_different_stalls_at_once_all_succeed(
    context: Flask, make_ground: Callable[[int], Ground]
) -> None:
    ground = make_ground(30)
    keys = list(db.session.scalars(sa.select(Stall.id).order_by(Stall.label).limit(30)))
    answers = at_once(context, [claim(ground, a, s) for a, s in zip(ground.applications, keys, strict=True)])
    labels = list(db.session.scalars(sa.select(Stall.label).order_by(Stall.label).limit(30)))
    assert answers == labels


@both_engines
def test_the_limit_of_a_day_holds_under_twenty_claims_of_free_stalls(
    context: Flask, make_ground: Callable[[int], Ground]
) -> None:
    ground = make_ground(20)
    with unit_of_work():
        db.session.get_one(MarketDay, ground.day).stall_limit = 5
    keys = list(db.session.scalars(sa.select(Stall.id).order_by(Stall.label).limit(20)))
    answers = at_once(context, [claim(ground, a, s) for a, s in zip(ground.applications, keys, strict=True)])
    full = "stalls.full 当天只开 5 个摊位，已经排满。请先空出一个摊位。"
    assert (len(live()), answers.count(full)) == (5, 15)


@both_engines
def test_two_people_swapping_the_same_stall_at_once_leave_a_plan_that_holds(
    context: Flask, cast: Cast
) -> None:
    with unit_of_work():
        by = person("staff")
        day = day_under_review(find_community(cast.ours), by)
        crowd(day, by)
        service.compute_plan(day, by=by, at=clock.now())
        names = ("周记鲜蔬", "王家百货", "李姐缝补")
        keys = [held_by(day, name).id for name in names]
        by_id, day_id = by.id, day.id

    def exchange(one: int, other: int) -> Callable[[], str]:
        def act() -> str:
            a, b = db.session.get_one(Assignment, one), db.session.get_one(Assignment, other)
            service.swap(a, b, by=db.session.get_one(User, by_id), at=clock.now())
            return "swapped"

        return act

    answers = at_once(
        context, [exchange(keys[0], keys[1]), exchange(keys[1], keys[2]), exchange(keys[2], keys[0])]
    )
    assert sorted(answers) == ["stalls.released", "stalls.released", "swapped"]
    day = db.session.get_one(MarketDay, day_id)
    held = service.assignments(day)
    assert (len(held), len({one.stall_id for one in held}), len({one.vendor_id for one in held})) == (5, 5, 5)


@both_engines
def test_ten_plans_computed_at_once_are_the_same_plan_and_nobody_stands_twice(
    context: Flask, cast: Cast
) -> None:
    with unit_of_work():
        by = person("staff")
        day = day_under_review(find_community(cast.ours), by)
        crowd(day, by)
        by_id, day_id = by.id, day.id

    def act() -> str:
        day = db.session.get_one(MarketDay, day_id)
        service.compute_plan(day, by=db.session.get_one(User, by_id), at=clock.now())
        return " ".join(held.stall.label for held in service.assignments(day))

    assert at_once(context, [act] * 10) == ["A01 B01 B05 C01 D01"] * 10
    assert len(live()) == 5
    assert db.session.scalar(sa.select(sa.func.count(PlanRun.id))) == 10
    assert db.session.get_one(MarketDay, day_id).state is DayState.ALLOCATED


@both_engines
def test_a_withdrawal_and_two_promotions_at_once_give_the_stall_to_the_first_in_line(
    context: Flask, cast: Cast
) -> None:
    with unit_of_work():
        by = person("staff")
        day = day_under_review(find_community(cast.ours), by, limit=5)
        crowd(day, by)
        approved(day, by, "候补甲")
        approved(day, by, "候补乙")
        service.compute_plan(day, by=by, at=clock.now())
        leaving = held_by(day, "王家百货").application_id
        by_id, day_id = by.id, day.id

    def promote() -> str:
        day = db.session.get_one(MarketDay, day_id)
        placed = service.promote_next(day, by=db.session.get_one(User, by_id), at=clock.now())
        return placed.vendor.trading_name if placed else "nobody"

    def leave() -> str:
        application = db.session.get_one(Application, leaving)
        service.withdraw(application, by=db.session.get_one(User, by_id), at=clock.now())
        return "left"

    answers = at_once(context, [leave, promote, promote])
    if "候补甲" not in answers:  # both looked before the stall was free
        answers += at_once(context, [promote])
    assert answers.count("候补甲") == 1
    assert "候补乙" not in answers
    assert len(live()) == 5


# ── two stalls as one ─────────────────────────────────────────────────────────────────────────────────────


class Pairs(NamedTuple):
    """A05 and A06, with nothing free on the left of A05."""

    day: int
    acts: list[Callable[[], str]]


@pytest.fixture
def make_pairs(context: Flask, cast: Cast) -> Callable[..., Pairs]:
    """So many vendors claim A05 or A06 in turn; `singles` of them, the last, need one stall only."""

    def make(number: int, singles: int) -> Pairs:
        with unit_of_work():
            by = person("staff")
            day = day_under_review(find_community(cast.ours), by)
            service.keep_free(day, stall(day, "A04"), by=by, at=clock.now())
            people = [approved(day, by, f"第{n}家") for n in range(number)]
            for one in people[: number - singles]:
                one.double = True
            stalls = [stall(day, label).id for label in ("A05", "A06")]
            ground = Ground(day.id, by.id, stalls[0], [one.id for one in people])
        return Pairs(
            ground.day, [claim(ground, key, stalls[n % 2]) for n, key in enumerate(ground.applications)]
        )

    return make


def stalls_held() -> list[str]:
    return sorted(label for held in live() for label in held.label.split("+"))


def lost_to(winner: str) -> set[str]:
    """What somebody reads who wanted A05 or A06."""
    way_out = "可以让两家对调，或换一个空摊位。"
    return {
        *(f"stalls.taken {label} 已经给了 {winner}。{way_out}" for label in ("A05", "A06")),
        *(
            f"stalls.no_pair {name}要两个相邻的摊位，A05 号旁边的 A06 号已经给了 {winner}。"
            "请换一处，或让他只要一个摊位。"
            for name in (f"第{n}家" for n in range(20))
        ),
    }


@both_engines
def test_of_pairs_that_overlap_one_is_given_and_every_loser_reads_who_won(
    context: Flask, make_pairs: Callable[..., Pairs]
) -> None:
    answers = at_once(context, make_pairs(20, 0).acts)
    [winner] = live()
    assert answers.count(winner.label) == 1
    assert set(answers) - {winner.label} <= lost_to(winner.vendor.trading_name)


@both_engines
def test_a_single_and_a_double_that_want_the_same_stall_have_one_winner(
    context: Flask, make_pairs: Callable[..., Pairs]
) -> None:
    answers = at_once(context, make_pairs(2, 1).acts)
    [winner] = live()
    assert sorted(set(answers) - lost_to(winner.vendor.trading_name)) == [winner.label]


@both_engines
@pytest.mark.parametrize("singles", [0, 1])
def test_without_the_guards_a_stall_is_given_as_a_first_and_as_a_second(
    context: Flask, make_pairs: Callable[..., Pairs], monkeypatch: pytest.MonkeyPatch, singles: int
) -> None:
    """The control: both looked before either wrote, and no key stops the second."""
    acts = make_pairs(2, singles).acts
    with guards_off(context, monkeypatch, "stalls.claim", together=2, indices=INDICES):
        answers = at_once(context, acts)
    assert sorted(answers) == ["A05+A06", "A06" if singles else "A06+A07"]
    assert stalls_held().count("A06") == 2


@only_postgresql
@pytest.mark.parametrize("singles", [0, 1])
def test_without_locks_the_key_over_firsts_and_seconds_alone_leaves_one_winner(
    context: Flask, make_pairs: Callable[..., Pairs], monkeypatch: pytest.MonkeyPatch, singles: int
) -> None:
    acts = make_pairs(2, singles).acts
    with guards_off(context, monkeypatch, "stalls.claim", together=2):
        answers = at_once(context, acts)
    [winner] = live()
    assert set(answers) - {winner.label} <= lost_to(winner.vendor.trading_name)
    assert len(set(stalls_held())) == len(stalls_held())


@pytest.fixture
def widening(context: Flask, cast: Cast) -> list[Callable[[], str]]:
    """甲 on A05 gets A06 too, while 乙 claims it; A04 is kept free."""
    with unit_of_work():
        by = person("staff")
        day = day_under_review(find_community(cast.ours), by)
        service.keep_free(day, stall(day, "A04"), by=by, at=clock.now())
        held = service.place(approved(day, by, "甲"), stall(day, "A05"), by=by, at=clock.now()).id
        ground = Ground(day.id, by.id, stall(day, "A06").id, [approved(day, by, "乙").id])

    def widen() -> str:
        by = db.session.get_one(User, ground.by)
        return service.add_second(db.session.get_one(Assignment, held), by=by, at=clock.now()).label

    return [widen, claim(ground, ground.applications[0])]


@both_engines
def test_a_second_stall_added_and_claimed_at_once_has_one_holder(
    context: Flask, widening: list[Callable[[], str]]
) -> None:
    assert at_once(context, widening) in (
        ["A05+A06", "stalls.taken A06 已经给了 甲。可以让两家对调，或换一个空摊位。"],
        ["stalls.no_pair", "A06"],
    )
    assert stalls_held() == ["A05", "A06"]


@both_engines
def test_without_the_guards_a_second_stall_is_added_although_it_was_claimed(
    context: Flask, widening: list[Callable[[], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with guards_off(context, monkeypatch, "stalls.claim", together=2, indices=INDICES):
        answers = at_once(context, widening)
    assert (answers, stalls_held()) == (["A05+A06", "A06"], ["A05", "A06", "A06"])


@both_engines
def test_keeping_a_stall_free_and_giving_it_at_once_does_not_do_both(
    context: Flask, make_ground: Callable[[int], Ground]
) -> None:
    ground = make_ground(1)

    def keep() -> str:
        day, wanted = db.session.get_one(MarketDay, ground.day), db.session.get_one(Stall, ground.stall)
        service.keep_free(day, wanted, by=db.session.get_one(User, ground.by), at=clock.now())
        return "kept"

    answers = at_once(context, [keep, claim(ground, ground.applications[0])])
    assert answers in (
        ["kept", "stalls.misfit A03 号由工作人员留空。请换一个摊位，或先取消留空。"],
        ["stalls.taken", "A03"],
    )
