"""Acts after a market, on both databases: one phone one voice, machines, praise, complaints, forgetting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.feedback import service
from market.feedback.models import (
    Complaint,
    ComplaintPhone,
    DayVoice,
    FeedbackSalt,
    Praise,
    VendorSide,
)
from market.feedback.rules import (
    BUSY,
    MOST_COMPLAINTS,
    MOST_PRAISE,
    About,
    Again,
    Door,
    Outcome,
    Point,
    PraiseKind,
    Question,
    Rung,
    Stage,
    Step,
    Way,
    Who,
)
from market.feedback.service import ComplaintDraft, SheetDraft
from market.feedback.service.praise import NEWEST
from market.people.models import User
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import Conduct
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.gate import published_day
from tests.factories.vendors import make_vendor

HOME = "203.0.113.1"


class Ground:
    """A market with three vendors, and the moment an hour after it opened."""

    def __init__(self, community: Community) -> None:
        self.community = community
        self.staff: User = person("staff")
        self.day: MarketDay = published_day(community, self.staff)
        self.vendor: Vendor = stalls.assignments(self.day)[0].vendor
        self.at: datetime = self.day.open_at + timedelta(hours=1)

    def tap(
        self,
        phone: str = "p1",
        value: str = "5",
        question: Question = Question.SCORE,
        address: str = HOME,
        at: datetime | None = None,
    ) -> DayVoice:
        return service.answer_day(
            self.day, question, value, token=phone, address=address, way=Way.POSTER, at=at or self.at
        )

    def praise(self, phone: str = "p1", sentence: str = "", address: str = HOME) -> service.Praised:
        row = service.give_praise(
            self.day, self.vendor, PraiseKind.FAIR, sentence, token=phone, address=address, at=self.at
        )
        return service.Praised(row, None)

    def complain(self, text: str = "少了二两", phone: str = "p1", **changes: object) -> Complaint:
        draft = replace(
            ComplaintDraft(About.WEIGHT, text, day=self.day, vendor=self.vendor),
            **changes,  # type: ignore[arg-type]  # as the test says
        )
        return service.complain(self.community, draft, token=phone, address=HOME, at=self.at)

    def answer(
        self,
        complaint: Complaint,
        outcome: Outcome = Outcome.CONFIRMED,
        at: datetime | None = None,
        sentence: str = "公平秤复称，少了二两，补了钱。",
    ) -> None:
        service.answer(complaint, outcome, sentence, public=True, by=self.staff, at=at or self.at)


@pytest.fixture
def ground(context: Flask, cast: Cast) -> Iterator[Ground]:
    with unit_of_work():
        yield Ground(find_community(cast.ours))


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code


# ── three taps ────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_three_taps_are_one_voice(ground: Ground) -> None:
    ground.tap()
    ground.tap(value="price", question=Question.POINT)
    ground.tap(value="yes", question=Question.AGAIN)
    ground.tap(value="4", address="203.0.113.99")
    found = service.result_of(ground.day)
    assert (found.total, found.scores, found.points) == (1, {4: 1}, {Point.PRICE: 1})
    assert found.agains == {Again.YES: 1}
    assert service.take_back(ground.day, token="p1", at=ground.at)
    assert not service.take_back(ground.day, token="p1", at=ground.at)
    assert service.result_of(ground.day).total == 0


@both_engines
def test_many_answers_from_few_addresses_change_nothing_beyond_the_rule(ground: Ground) -> None:
    for number in range(12):
        ground.tap(f"home {number}", address=f"198.51.100.{number}")
    before = service.result_of(ground.day)
    for number in range(3 * (BUSY + 1)):
        ground.tap(f"bot {number}", "1", address=f"203.0.113.{number % 3}")
    after = service.result_of(ground.day)
    assert (after.total, after.scores) == (before.total, before.scores)
    (mark, often, said), *_more = service.networks_aside([ground.day])[ground.day.id]
    assert (often, said) == (BUSY + 1, None)
    service.say_of_network(ground.day, mark, counts=True, by=ground.staff, at=ground.at)
    service.say_of_network(ground.day, mark, counts=True, by=ground.staff, at=ground.at)
    assert service.result_of(ground.day).total == 12 + BUSY + 1
    with refused("feedback.no_network"):
        service.say_of_network(ground.day, "x", counts=True, by=ground.staff, at=ground.at)


def test_the_figures_are_published_when_enough_answered(ground: Ground) -> None:
    for number in range(10):
        assert not service.is_public(ground.day, service.result_of(ground.day))
        ground.tap(f"home {number}", address=f"198.51.100.{number}")
    assert service.is_public(ground.day, service.result_of(ground.day))


@pytest.mark.parametrize(
    ("question", "value", "code"),
    [
        (Question.POINT, "price", "feedback.first_question"),
        (Question.SCORE, "6", "feedback.no_answer"),
        (Question.SCORE, "0", "feedback.no_answer"),
        (Question.SCORE, "gut", "feedback.no_answer"),
        (Question.POINT, "5", "feedback.no_answer"),
        (Question.AGAIN, "", "feedback.no_answer"),
    ],
)
def test_a_tap_out_of_order_is_refused(ground: Ground, question: Question, value: str, code: str) -> None:
    with refused(code):
        ground.tap(value=value, question=question)
    assert service.result_of(ground.day).total == 0


def test_before_it_opens_and_after_a_week_nobody_is_asked(ground: Ground) -> None:
    with refused("feedback.not_yet"):
        ground.tap(at=ground.day.open_at - timedelta(minutes=1))
    ground.tap(at=ground.day.open_at + timedelta(days=7))
    for act in (
        lambda: ground.tap(at=ground.day.open_at + timedelta(days=8)),
        lambda: service.take_back(ground.day, token="p1", at=ground.day.open_at + timedelta(days=8)),
    ):
        with refused("feedback.over"):
            act()
    ground.day.state = DayState.CANCELLED
    with refused("feedback.over"):
        ground.tap("p2")


def test_paper_is_typed_in_and_taken_back(ground: Ground) -> None:
    draft = SheetDraft(Who.RESIDENT, 4, frozenset({Point.CLEAN}), Again.YES, "高志愿")
    sheet = service.add_sheet(ground.day, draft, by=ground.staff, at=ground.at + timedelta(days=30))
    service.add_sheet(ground.day, SheetDraft(Who.VENDOR, 5, frozenset(), None), by=ground.staff, at=ground.at)
    found = service.result_of(ground.day)
    assert (found.paper, found.points) == (2, {Point.CLEAN: 1, Point.NONE: 1})
    for _twice in range(2):
        service.undo_sheet(service.find_sheet(ground.day, sheet.ref), by=ground.staff, at=ground.at)
    assert service.result_of(ground.day).paper == 1
    with refused("feedback.no_answer"):
        service.add_sheet(ground.day, replace(draft, score=9), by=ground.staff, at=ground.at)
    with refused("feedback.not_yet"):
        service.add_sheet(ground.day, draft, by=ground.staff, at=ground.day.open_at - timedelta(hours=1))
    with refused("feedback.no_sheet"):
        service.find_sheet(ground.day, "none")


@both_engines
def test_marks_are_forgotten_and_nothing_else(ground: Ground) -> None:
    ground.tap()
    assert service.said_by(ground.day, "p1") is not None
    assert service.forget_marks(at=ground.at + timedelta(days=15)) == 0
    assert service.forget_marks(at=ground.at + timedelta(days=20)) == 1
    assert db.session.scalars(sa.select(FeedbackSalt)).all() == []
    assert service.said_by(ground.day, "p1") is None
    assert service.result_of(ground.day).total == 1


# ── praise ────────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_praise_goes_to_the_vendor_and_to_everybody_when_it_is_fit(ground: Ground) -> None:
    first = ground.praise(sentence="秤给得足").praise
    assert ground.praise(sentence="又来一句").praise is first
    assert [one.praise for one in service.praise_of_vendor(ground.vendor)] == [first]
    assert service.public_praise(ground.community) == []
    assert [one.praise for one in service.praise_waiting(ground.community)] == [first]
    for _twice in range(2):
        service.say_of_praise(first, fit=True, by=ground.staff, at=ground.at)
    assert [one.praise for one in service.public_praise(ground.community)] == [first]
    service.say_of_praise(first, fit=False, by=ground.staff, at=ground.at)
    assert service.public_praise(ground.community) == service.praise_of_vendor(ground.vendor) == []


def test_praise_is_refused_where_it_makes_no_sense(ground: Ground) -> None:
    with refused("feedback.names_a_person"):
        ground.praise(sentence="打 13812345678 找他")
    with refused("feedback.long_sentence"):
        ground.praise(sentence="好" * 61)
    stranger = make_vendor(ground.community, ground.staff, "没来过的")
    with refused("feedback.not_there"):
        service.give_praise(ground.day, stranger, PraiseKind.KIND, "", token="p1", address=HOME, at=ground.at)
    for number in range(MOST_PRAISE):
        ground.praise(f"phone {number}")
    with refused("feedback.too_often"):
        ground.praise("one more")
    with refused("feedback.no_praise"):
        service.find_praise(find_community("songhe"), ground.praise("phone 1").praise.ref)


# ── complaints ────────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_a_complaint_from_its_receipt_to_its_end(ground: Ground) -> None:
    row = ground.complain()
    receipt = f"{row.receipt[:4]} {row.receipt[4:8]} {row.receipt[8:]}"
    assert service.find_by_receipt(ground.community, receipt) is row
    stage = [service.case_of(row, ground.at).standing.stage]
    for _twice in range(2):
        service.acknowledge(row, by=ground.staff, at=ground.at)
    stage.append(service.case_of(row, ground.at).standing.stage)
    service.tell_side(row, ground.vendor, "秤坏了，已经换了。", by=ground.staff, at=ground.at)
    ground.answer(row)
    ground.answer(row)
    case = service.case_of(row, ground.at)
    stage.append(case.standing.stage)
    assert len(case.answers) == 1
    assert [one.complaint for one in service.public_cases(ground.community, ground.at)] == [row]
    for _twice in range(2):
        service.say_not_settled(row, at=ground.at)
    case = service.case_of(row, ground.at)
    stage.append(case.standing.stage)
    assert case.standing.rung is Rung.HEAD
    assert service.public_cases(ground.community, ground.at) == []
    ground.answer(row, Outcome.AGREED, sentence="又补了一次钱，双方说好了。")
    later = ground.at + timedelta(days=8)
    stage.append(service.case_of(row, later).standing.stage)
    assert stage == [Stage.RECEIVED, Stage.ACKNOWLEDGED, Stage.ANSWERED, Stage.AGAIN, Stage.SETTLED]
    acts: list[Callable[[], object]] = [
        lambda: ground.answer(row, Outcome.UNCLEAR, later),
        lambda: service.say_not_settled(row, at=later),
        lambda: service.tell_side(row, ground.vendor, "还有话说", by=ground.staff, at=later),
    ]
    for act in acts:
        with refused("feedback.settled"):
            act()
    with refused("feedback.answered"):
        service.acknowledge(row, by=ground.staff, at=later)


def test_acts_out_of_order_and_by_the_wrong_person(ground: Ground) -> None:
    row = ground.complain()
    with refused("feedback.no_answer_yet"):
        service.say_not_settled(row, at=ground.at)
    other = stalls.assignments(ground.day)[1].vendor
    with refused("feedback.no_complaint"):
        service.tell_side(row, other, "不是我", by=ground.staff, at=ground.at)
    with refused("feedback.no_complaint"):
        service.find_by_receipt(find_community("songhe"), row.receipt)
    with refused("feedback.no_complaint"):
        service.find_complaint(find_community("songhe"), row.ref)
    for sentence, code in (
        ("", "feedback.no_sentence"),
        ("好" * 201, "feedback.no_sentence"),
        ("打 13812345678", "feedback.names_a_person"),
    ):
        with refused(code):
            ground.answer(row, sentence=sentence)
    with refused("feedback.no_text"):
        service.tell_side(row, ground.vendor, " ", by=ground.staff, at=ground.at)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"text": " "}, "feedback.no_text"),
        ({"text": "长" * 401}, "feedback.long_text"),
        ({"text": "我的电话 13812345678"}, "feedback.names_a_person"),
        ({"day": None}, "feedback.not_there"),
    ],
)
def test_what_is_no_complaint_is_refused(ground: Ground, changes: dict[str, object], code: str) -> None:
    with refused(code):
        ground.complain(**changes)  # type: ignore[arg-type]  # as the case says
    assert db.session.scalars(sa.select(Complaint)).all() == []


def test_the_window_of_complaints(ground: Ground) -> None:
    ground.at = ground.day.open_at - timedelta(hours=1)
    with refused("feedback.not_yet"):
        ground.complain()
    ground.at = ground.day.open_at + timedelta(days=15)
    with refused("feedback.too_late"):
        ground.complain()
    ground.at = ground.day.open_at + timedelta(days=14)
    assert ground.complain().receipt


def test_who_calls_after_the_window_is_heard(ground: Ground) -> None:
    """The refusal on the page says that they should call."""
    late = ground.day.open_at + timedelta(days=15)
    assert service.days_to_complain_of(ground.community, late) == []
    called = ComplaintDraft(About.WEIGHT, "少了二两", Door.PHONE, day=ground.day, vendor=ground.vendor)
    row = service.complain(ground.community, called, by=ground.staff, at=late)
    assert row.day_id == ground.day.id
    in_time = ground.day.open_at + timedelta(days=14)
    assert service.days_to_complain_of(ground.community, in_time) == [ground.day]


@both_engines
def test_the_same_words_twice_are_one_complaint_and_a_network_has_its_measure(ground: Ground) -> None:
    first = ground.complain()
    assert ground.complain() is first
    for number in range(MOST_COMPLAINTS - 1):
        assert ground.complain(phone=f"other {number}") is not first
    with refused("feedback.too_often"):
        ground.complain(phone="one more")
    typed = ComplaintDraft(About.NOISE, "喇叭太响", Door.PHONE, phone="13812345678")
    row = service.complain(ground.community, typed, by=ground.staff, at=ground.at)
    assert service.phone_of_complaint(row) == "13812345678"


@both_engines
def test_a_true_complaint_costs_a_point_and_gives_it_back_when_it_was_none(ground: Ground) -> None:
    points: list[int] = []

    def count() -> None:
        points.append(vendors.conduct_points([ground.vendor.id], [ground.day.id])[ground.vendor.id])

    count()
    for conduct in (Conduct.LEFT_CLEAN, Conduct.REPORTED_IN_TIME):
        vendors.note_conduct(ground.vendor, ground.day, conduct, by=ground.staff, at=ground.at)
    count()
    first, second = ground.complain("少了二两"), ground.complain("少了三两")
    ground.answer(first)
    count()
    ground.answer(second)
    count()  # two complaints of one market are one point
    ground.answer(second, Outcome.UNFOUNDED)
    count()
    ground.answer(first, Outcome.UNFOUNDED)
    count()
    assert points == [0, 2, 1, 1, 1, 2]


def test_points_never_fall_below_nothing(ground: Ground) -> None:
    ground.answer(ground.complain())
    assert vendors.conduct_points([ground.vendor.id], [ground.day.id]) == {ground.vendor.id: 0}


@both_engines
def test_numbers_and_words_are_forgotten_on_their_day(ground: Ground) -> None:
    row = ground.complain()
    db.session.add(ComplaintPhone(complaint_id=row.id, number="13812345678"))
    service.tell_side(row, ground.vendor, "换了秤", by=ground.staff, at=ground.at)
    ground.answer(row)
    assert service.forget_old(at=ground.at + timedelta(days=30)) == 0
    assert service.forget_old(at=ground.at + timedelta(days=31)) == 1
    assert service.phone_of_complaint(row) == ""
    assert row.text == "少了二两"
    assert service.forget_old(at=ground.at + timedelta(days=366)) == 1
    assert (row.text, db.session.scalars(sa.select(VendorSide)).all()) == ("", [])
    assert service.case_of(row, ground.at).answer is not None


def test_a_number_is_deleted_at_once_when_somebody_asks(ground: Ground) -> None:
    typed = ComplaintDraft(About.NOISE, "喇叭太响", Door.PHONE, phone="13812345678")
    row = service.complain(ground.community, typed, by=ground.staff, at=ground.at)
    for _twice in range(2):
        service.forget_phone(row, by=ground.staff, at=ground.at)
    assert service.phone_of_complaint(row) == ""


def test_a_vendor_that_is_forgotten_leaves_no_words(ground: Ground) -> None:
    row, praise = ground.complain(), ground.praise(sentence="好").praise
    service.tell_side(row, ground.vendor, "换了秤", by=ground.staff, at=ground.at)
    service.forget_texts(ground.vendor)
    assert (row.text, praise.sentence, service.side_of(row)) == ("", "", None)


def test_what_is_due_first_stands_first(ground: Ground) -> None:
    first = ground.complain("一")
    ground.at += timedelta(days=3)
    second = ground.complain("二")
    ground.answer(first)
    third = ground.complain("三")
    assert [one.complaint for one in service.open_cases(ground.community, ground.at)] == [second, third]
    assert [one.complaint for one in service.answered_cases(ground.community, ground.at)] == [first]


@both_engines
def test_no_complaint_falls_off_the_desk_however_many_came_after_it(ground: Ground) -> None:
    row = ground.complain("最早的一件")
    db.session.add_all(_like(row, number) for number in range(250))
    db.session.flush()
    assert service.open_cases(ground.community, ground.at)[0].complaint is row
    assert (service.waiting(ground.community), service.answered(ground.community)) == (251, 0)
    ground.answer(row)
    assert (service.waiting(ground.community), service.answered(ground.community)) == (250, 1)
    assert [one.complaint for one in service.answered_cases(ground.community, ground.at)] == [row]
    assert service.answered_cases(ground.community, ground.at, offset=1) == []
    service.say_not_settled(row, at=ground.at)
    assert (service.waiting(ground.community), service.answered(ground.community)) == (251, 0)
    assert row in [one.complaint for one in service.open_cases(ground.community, ground.at)]


def _like(row: Complaint, number: int) -> Complaint:
    return Complaint(
        community=row.community, about=row.about, text=f"第 {number} 件", door=row.door,
        receipt=f"{number:012}", made_at=row.made_at,
    )  # fmt: skip


@both_engines
def test_what_is_open_to_the_database_is_open_by_the_rule(ground: Ground) -> None:
    """After each step of its ladder, and when its day is over."""
    row = ground.complain()
    acts: list[Callable[[], object]] = [
        lambda: None,
        lambda: service.acknowledge(row, by=ground.staff, at=ground.at),
        lambda: ground.answer(row),
        lambda: service.say_not_settled(row, at=ground.at),
        lambda: ground.answer(row, sentence="又补了一次。"),
    ]
    for act in acts:
        act()
        is_open = service.case_of(row, ground.at).standing.open
        assert service.waiting(ground.community) == int(is_open)
    assert not service.case_of(row, ground.at + timedelta(days=60)).standing.open


@both_engines
def test_praise_that_was_read_does_not_push_away_what_was_not(ground: Ground) -> None:
    first = ground.praise(sentence="秤给得足").praise
    service.say_of_praise(first, fit=True, by=ground.staff, at=ground.at)
    waits = ground.praise("p2", "人好").praise
    later = [_praise_like(first, number) for number in range(250)]
    db.session.add_all(later)
    db.session.flush()
    for row in later:
        service.say_of_praise(row, fit=False, by=ground.staff, at=ground.at)
    assert [one.praise for one in service.praise_waiting(ground.community)] == [waits]
    assert [one.praise for one in service.public_praise(ground.community)] == [first]
    assert [one.praise for one in service.praise_of_vendor(ground.vendor)] == [waits, first]


def _praise_like(row: Praise, number: int) -> Praise:
    return Praise(
        day=row.day, vendor=row.vendor, kind=row.kind, sentence="", phone=f"{number}", network="n",
        given_at=row.given_at,
    )  # fmt: skip


@both_engines
def test_what_is_unfit_does_not_hide_older_praise(ground: Ground) -> None:
    first = ground.praise("p1", "秤给得足").praise
    service.say_of_praise(first, fit=True, by=ground.staff, at=ground.at)
    for number in range(NEWEST):
        unfit = ground.praise(f"machine {number}", "不好", address=f"198.51.{number}.1").praise
        service.say_of_praise(unfit, fit=False, by=ground.staff, at=ground.at)
    assert [one.praise for one in service.praise_of_vendor(ground.vendor)] == [first]
    assert [one.praise for one in service.public_praise(ground.community)] == [first]
    assert service.praise_waiting(ground.community) == []


# ── the street ────────────────────────────────────────────────────────────────────────────────────────────

PASSED_UP = timedelta(days=40)
"""After so long two rungs have let their days pass, whatever holidays there are."""


def passed_up(ground: Ground, at: datetime) -> list[Complaint]:
    region = ground.community.region
    found = [*service.due_of_street(region, at), *service.answered_by_street(region, at)]
    return [case.complaint for case in found]


def from_street(row: Complaint, at: datetime, sentence: str = "街道和社区一起看过，换了秤。") -> None:
    service.answer_from_street(row, Outcome.CONFIRMED, sentence, public=True, by=person("viewer"), at=at)


@both_engines
def test_the_street_gets_what_two_rungs_left_unanswered(ground: Ground) -> None:
    row, later = ground.complain(), ground.at + PASSED_UP
    street = ground.community.region
    assert passed_up(ground, ground.at) == []
    assert passed_up(ground, later) == [row]
    assert service.waiting_for_street(street, later) == 1
    assert service.due_of_street(find_community("songhe").region, later) == []
    with refused("feedback.not_passed_up"):
        service.find_passed_up(street, row.ref, ground.at)
    with refused("feedback.not_passed_up"):
        service.find_passed_up(find_community("songhe").region, row.ref, later)
    assert service.find_passed_up(street, row.ref, later) is row


@both_engines
def test_the_street_gets_what_came_back_twice(ground: Ground) -> None:
    row = ground.complain()
    rungs = []
    for sentence in ("补了钱。", "又补了一次。"):
        ground.answer(row, Outcome.AGREED, sentence=sentence)
        rungs.append(passed_up(ground, ground.at))
        service.say_not_settled(row, at=ground.at)
    assert rungs == [[], []]
    assert passed_up(ground, ground.at) == [row]


@both_engines
def test_what_the_street_took_over_the_community_answers_no_more(ground: Ground) -> None:
    row, later, viewer = ground.complain(), ground.at + PASSED_UP, person("viewer")
    with refused("feedback.not_passed_up"):
        service.take_over(row, by=viewer, at=ground.at)
    for _twice in range(2):
        service.take_over(row, by=viewer, at=later)
    case = service.case_of(row, later)
    assert [step.step for step in case.steps] == [Step.TAKEN]
    assert case.standing.stage is Stage.ACKNOWLEDGED
    with refused("feedback.street_answers"):
        ground.answer(row, at=later)
    with refused("feedback.street_answers"):
        service.acknowledge(row, by=ground.staff, at=later)
    for _twice in range(2):
        from_street(row, later)
    case = service.case_of(row, later)
    assert [step.step for step in case.steps] == [Step.TAKEN, Step.ANSWERED]
    assert service.waiting_for_street(ground.community.region, later) == 0
    assert passed_up(ground, later) == [row]
    assert Conduct.COMPLAINT in vendors.conduct_of(ground.vendor, [ground.day.id])[ground.day.id]
    service.say_not_settled(row, at=later)
    assert service.waiting_for_street(ground.community.region, later) == 1
    from_street(row, later, "又去看了一次。")
    assert len(service.case_of(row, later).answers) == 2


def test_what_the_community_answered_at_last_the_street_leaves(ground: Ground) -> None:
    row, later = ground.complain(), ground.at + PASSED_UP
    ground.answer(row, at=later)
    with refused("feedback.answered"):
        from_street(row, later)
    assert passed_up(ground, later) == []
    service.say_not_settled(row, at=later)
    from_street(row, later)
    assert passed_up(ground, later) == [row]
