"""Not come by mistake, late, or really not: back again, let in with the minutes, replaced by who can come."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate import service
from market.gate.rules import Verdict
from market.passes import service as passes
from market.people.models import User
from market.places.models import Stall
from market.stalls import service as stalls
from market.stalls.models import Assignment, StallHold
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.typed_text import masked_phone
from market.vendors import service as vendors
from market.vendors.models import Application
from market.vendors.rules import Conduct, minutes_late
from market.vendors.service import approve
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories import gate as make
from tests.factories.calendar import bring_to
from tests.factories.desk import Desk, refused
from tests.factories.vendors import make_application, make_vendor
from tests.races import at_once, guards_off
from tests.stalls.desk import words
from tests.trail import select_said

SignIn = Callable[[str], FlaskClient]


def waits(day: MarketDay, name: str, by: User) -> Application:
    """One more who is approved and has no stall."""
    application = make_application(day, make_vendor(day.community, by, name), by)
    approve(application, by=by, at=day.open_at)
    return application


def misses(desk: Desk, label: str = "A02", at: datetime | None = None) -> Assignment:
    held = desk.held(label)
    service.mark_no_show(held, by=desk.staff, at=at or desk.day.open_at)
    return held


def back(missed: Assignment, desk: Desk, at: datetime | None = None) -> Assignment:
    return service.undo_no_show(missed, by=desk.staff, at=at or missed.day.open_at)


# ── a mistake ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_mistake_is_taken_back_and_the_paper_in_the_hand_is_a_pass_again(desk: Desk) -> None:
    code = desk.stall_pass("A02").short_code
    missed = misses(desk)
    assert ([one.label for one in stalls.absent(desk.day)], desk.scan(code).verdict) == (
        ["A02"], Verdict.RELEASED,
    )  # fmt: skip
    assert [back(missed, desk).label, back(missed, desk).label] == ["A02", "A02"]
    assert (stalls.absent(desk.day), desk.scan(code).verdict) == ([], Verdict.ADMITTED)
    acts = [row.act for row in db.session.scalars(select_said(audit.AuditRow)) if "no_show" in row.act]
    assert acts[:2] == ["gate.mark_no_show", "gate.undo_no_show"]


@pytest.mark.parametrize("state", [DayState.CLOSED, DayState.SETTLING])
def test_it_can_be_taken_back_until_the_market_is_settled(desk: Desk, state: DayState) -> None:
    missed = misses(desk)
    bring_to(desk.day, state, desk.staff)
    assert back(missed, desk).released_at is None
    again = desk.held("A03")
    service.mark_no_show(again, by=desk.staff, at=desk.day.close_at)
    bring_to(desk.day, DayState.SETTLED, desk.staff)
    with refused("gate.over"):
        back(again, desk)
    with refused("gate.over"):
        service.mark_no_show(desk.held("A01"), by=desk.staff, at=desk.day.close_at)


def test_who_comes_back_stands_elsewhere_when_the_stall_is_given_and_the_sentence_says_who_has_it(
    desk: Desk,
) -> None:
    missed, other = misses(desk), waits(desk.day, "补位的", desk.staff)
    stalls.place(other, missed.stall, by=desk.staff, at=desk.day.open_at)
    assert back(missed, desk).label == "A04"
    assert [one.label for one in stalls.assignments(desk.day)] == ["A01", "A02", "A03", "A04"]
    again = misses(desk, "A01")
    desk.day.stall_limit = 4
    stalls.place(waits(desk.day, "又一家", desk.staff), again.stall, by=desk.staff, at=desk.day.open_at)
    with refused("stalls.no_room"):
        back(again, desk)


def test_an_offer_of_the_stall_ends_when_its_vendor_is_back(desk: Desk) -> None:
    asked = waits(desk.day, "问过的", desk.staff)
    missed = misses(desk, at=desk.day.arrive_by)
    (offer,) = stalls.open_offers(desk.day)
    assert (offer.application, offer.stall_id) == (asked, missed.stall_id)
    back(missed, desk)
    assert offer.answer is OfferAnswer.WITHDRAWN


def test_only_who_was_marked_is_brought_back(desk: Desk) -> None:
    held = desk.held("A02")
    stalls.withdraw(held.application, by=desk.staff, at=desk.day.open_at)
    with refused("stalls.not_absent"):
        back(held, desk)


# ── late ──────────────────────────────────────────────────────────────────────────────────────────────────

HOUR = datetime(2026, 5, 3, 7, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("came", "late"),
    [
        (timedelta(minutes=-30), 0),
        (timedelta(), 0),
        (timedelta(seconds=59), 0),
        (timedelta(minutes=1), 1),
        (timedelta(minutes=12, seconds=40), 12),
        (timedelta(hours=2), 120),
    ],
)
def test_how_late_somebody_came_is_told_in_full_minutes(came: timedelta, late: int) -> None:
    assert minutes_late(HOUR + came, HOUR) == late


def earned(held: Assignment) -> set[Conduct]:
    return vendors.conduct_of(held.vendor, [held.day_id])[held.day_id]


def test_who_comes_late_after_all_is_let_in_and_has_no_point_for_it(desk: Desk) -> None:
    missed = misses(desk)
    late = desk.day.arrive_by + timedelta(minutes=35)
    seen = service.admit_late(missed, client_id="late-0001", by=desk.volunteer, at=late)
    assert (seen.verdict, earned(missed), stalls.absent(desk.day)) == (Verdict.ADMITTED, set(), [])
    again = service.admit_late(missed, client_id="late-0001", by=desk.volunteer, at=late)
    assert again.id == seen.id


def test_the_point_follows_the_hour_that_holds(desk: Desk) -> None:
    held = desk.held("A01")
    service.admit_from_list(
        held, client_id="list-0001", by=desk.staff, at=desk.day.arrive_by + timedelta(minutes=5)
    )
    assert earned(held) == set()
    desk.day.arrive_by += timedelta(minutes=10)
    assert earned(held) == {Conduct.CAME_IN_TIME}


# ── somebody else ─────────────────────────────────────────────────────────────────────────────────────────


def test_one_act_marks_the_absent_and_places_who_can_come(desk: Desk) -> None:
    held, other = desk.held("A02"), waits(desk.day, "补位的", desk.staff)
    at = desk.day.open_at
    placed = service.substitute(held, other, by=desk.staff, at=at)
    assert (placed.label, placed.vendor.trading_name, held.release_reason) == (
        "A02", "补位的", ReleaseReason.NO_SHOW,
    )  # fmt: skip
    assert passes.pass_of(placed) is not None
    assert stalls.open_offers(desk.day) == []
    assert service.substitute(held, other, by=desk.staff, at=at).id == placed.id


def test_only_those_whom_the_stall_fits_are_named_next_in_line_first(desk: Desk) -> None:
    day, held = desk.day, desk.held("A02")
    waits(day, "第一位", desk.staff)
    hungry = waits(day, "要电的", desk.staff)
    hungry.power_w = 5_000
    waits(day, "第三位", desk.staff)
    db.session.flush()
    at = day.open_at
    assert [a.vendor.trading_name for a in stalls.substitutes(held, at)] == ["第一位", "第三位"]
    with refused("gate.not_in_line"):
        service.substitute(held, hungry, by=desk.staff, at=at)
    assert held.released_at is None
    stalls.place(stalls.substitutes(held, at)[0], free_stall(day), by=desk.staff, at=at)
    assert [a.vendor.trading_name for a in stalls.substitutes(held, at)] == ["第三位"]


def free_stall(day: MarketDay) -> Stall:
    current = stalls.plan_state(day)
    return next(stall for stall in current.stalls.values() if current.holder_of(stall) is None)


def test_who_stands_elsewhere_meanwhile_is_not_moved(desk: Desk) -> None:
    other = waits(desk.day, "补位的", desk.staff)
    stalls.place(other, free_stall(desk.day), by=desk.staff, at=desk.day.open_at)
    with refused("gate.not_in_line"):
        service.substitute(desk.held("A02"), other, by=desk.staff, at=desk.day.open_at)


def test_who_is_in_is_not_replaced(desk: Desk) -> None:
    other = waits(desk.day, "补位的", desk.staff)
    desk.scan(desk.stall_pass("A02").short_code)
    with refused("gate.already_in"):
        service.substitute(desk.held("A02"), other, by=desk.staff, at=desk.day.open_at)


# ── both at once ──────────────────────────────────────────────────────────────────────────────────────────


def both_acts(desk: Desk) -> list[Callable[[], str]]:
    """One brings the vendor back, another gives the stall to who waits."""
    with unit_of_work():
        missed, other = misses(desk), waits(desk.day, "补位的", desk.staff)
        desk.day.stall_limit = 3
        ids = missed.id, other.id, missed.stall_id, desk.staff.id
        at = desk.day.open_at

    def bring_back() -> str:
        by = db.session.get_one(User, ids[3])
        return service.undo_no_show(db.session.get_one(Assignment, ids[0]), by=by, at=at).label

    def place() -> str:
        by, application = db.session.get_one(User, ids[3]), db.session.get_one(Application, ids[1])
        stall = next(s for s in application.day.venue.stalls if s.id == ids[2])
        return stalls.place(application, stall, by=by, at=at).vendor.trading_name

    return [bring_back, place]


@both_engines
def test_brought_back_and_given_away_at_once_one_has_the_stall(context: Flask, published: Desk) -> None:
    answers = at_once(context, both_acts(published))
    assert sorted(answers) in (["A02", "stalls.taken"], ["stalls.no_room", "补位的"])
    holders = [one.label for one in stalls.assignments(published.day)]
    assert holders == ["A01", "A02", "A03"]


@both_engines
def test_without_the_guards_both_have_it(
    context: Flask, published: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = both_acts(published)
    with guards_off(
        context, monkeypatch, "stalls.bring_back", "stalls.claim", together=2, indices=["uq_stall_hold_stall"]
    ):
        at_once(context, acts)
    query = sa.select(sa.func.count(StallHold.id)).group_by(StallHold.stall_id)
    assert max(db.session.scalars(query)) == 2


# ── over HTTP ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def today(app: Flask, cast: Cast) -> str:
    """A market that is on, and one who waits."""
    with app.app_context(), unit_of_work():
        day = make.running_today(find_community(cast.ours), person("staff"))
        waits(day, "补位的", person("staff"))
        return day.ref


def text(client: FlaskClient, address: str) -> str:
    return words(client.get(address).get_data(as_text=True))


def held_ref(app: Flask, ref: str, label: str) -> str:
    with app.app_context():
        return next(h.ref for h in stalls.assignments(find_day_by_ref(ref)) if h.label == label)


def test_staff_read_whom_to_call_replace_and_take_back(app: Flask, today: str, sign_in: SignIn) -> None:
    staff, desk = sign_in("staff"), f"/staff/huaiyin/days/{today}"
    page = f"{desk}/assignments/{held_ref(app, today, 'A02')}/absence"
    read = text(staff, page)
    assert "没来，请补位的来补" in read
    with app.app_context():
        (waiting,) = stalls.waiting_list(find_day_by_ref(today))
        chosen, phone = waiting.ref, masked_phone(waiting.vendor.phone)
    assert phone in read
    answer = post(staff, page, substitute=chosen)
    assert answer.location == f"{desk}/passes#absent"
    after = text(staff, f"{desk}/passes")
    assert ("补位的补到 A02 号" in after, "记成没来的 1 家" in after) == (True, True)
    for page_of_staff in (desk, f"{desk}/plan"):
        assert "记成没来的：A02 第2家百货。" in text(staff, page_of_staff)
    undo = re.findall(r'action="([^"]+/absence/removal)"', staff.get(f"{desk}/passes").get_data(as_text=True))
    assert post(staff, f"{desk}/passes", undo[0]).status_code == 302
    assert "撤回了：第2家百货在 A04 号。" in text(staff, f"{desk}/passes")
    assert "已经不在 A02 号了" in text(staff, page)


def test_the_gate_lets_in_who_comes_late_after_all(app: Flask, today: str, sign_in: SignIn) -> None:
    staff, gate, desk = sign_in("staff"), sign_in("gate"), f"/staff/huaiyin/days/{today}"
    ref = held_ref(app, today, "A03")
    post(staff, f"{desk}/passes", f"{desk}/assignments/{ref}/absence")
    listed = f"/gate/huaiyin/days/{today}/sign-in"
    assert "记成没来的 1 家" in text(gate, listed)
    fields = {"assignment": ref, "client_id": "late-0000001"}
    assert post(gate, listed, f"/gate/huaiyin/days/{today}/late-arrivals", **fields).status_code == 302
    read = text(gate, listed)
    assert ("可以进场" in read, "迟到" in read, "记成没来的" in read) == (True, True, False)
