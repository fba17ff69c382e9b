"""What the lists say of an applicant is read from the plan; staff who take a stall away say why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.calendar.service import find_day_by_ref, take_step
from market.communities.models import Community
from market.communities.profile_files import profiles
from market.communities.service import find_community
from market.db import unit_of_work
from market.notices.rules import Channel
from market.notices.service import of_vendor, tell
from market.notices.words import words_of
from market.people.models import User
from market.stalls import service
from market.stalls.rules import ReleaseReason, Standing, answer_until, last_answer, offer_until, standing
from market.stalls.words import reason_sentence
from market.vendors.eligibility import DocumentFacts, VendorFacts, is_replaced
from market.vendors.models import Application
from market.vendors.rules import ApplicationState, Category, DocumentKind
from market.vendors.service import check_document
from tests.cast import Cast, person, post
from tests.factories.calendar import bring_to
from tests.factories.desk import refused
from tests.factories.stalls import approved, crowd, day_under_review, held_by, planned_day
from tests.factories.vendors import act_for, make_vendor
from tests.stalls.desk import words

P, W, U, N = Standing.PLACED, Standing.WAITING, Standing.UNPLANNED, Standing.ABSENT


@pytest.mark.parametrize(
    ("planned", "has_stall", "absent", "found"),
    [
        (False, False, False, U),
        (False, True, False, P),
        (True, False, False, W),
        (True, True, False, P),
        (True, False, True, N),
        (True, True, True, P),
        (False, False, True, N),
    ],
)
def test_how_it_is_follows_from_the_plan(
    planned: bool, has_stall: bool, absent: bool, found: Standing
) -> None:
    assert standing(planned=planned, has_stall=has_stall, absent=absent) is found


# ── offers that can be used ───────────────────────────────────────────────────────────────────────────────

ARRIVE, CLOSE = datetime(2026, 5, 3, 7, 40, tzinfo=UTC), datetime(2026, 5, 3, 11, 30, tzinfo=UTC)


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 5, 3, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("freed", "until"),
    [
        (ARRIVE - timedelta(days=2), ARRIVE - timedelta(days=1, hours=12)),
        (ARRIVE - timedelta(hours=10), ARRIVE),
        (at(7, 24), ARRIVE),
        (at(7, 25), ARRIVE),
        (at(8, 20), at(8, 35)),
        (at(9, 45), at(10, 0)),
        (at(9, 46), None),
        (at(11, 5), None),
    ],
)
def test_a_stall_is_kept_only_while_somebody_could_still_come(
    freed: datetime, until: datetime | None
) -> None:
    assert offer_until(freed, ARRIVE, CLOSE) == until


@pytest.mark.parametrize("minutes", [-600, -16, -15, 40, 125])
def test_an_offer_is_open_for_as_long_as_it_was_promised_while_the_hours_stay(minutes: int) -> None:
    made = ARRIVE + timedelta(minutes=minutes)
    promised = offer_until(made, ARRIVE, CLOSE)
    assert promised is not None
    assert answer_until(made, promised, ARRIVE, CLOSE) == promised


@pytest.mark.parametrize(
    ("arrive", "close", "until"),
    [
        (at(7, 40), at(11, 30), at(7, 0)),
        (at(6, 30), at(10, 0), at(6, 30)),
        (at(6, 30), at(7, 30), at(6, 0)),
        (at(9, 40), at(13, 30), at(7, 0)),
        (at(0, 10), at(4, 0), at(0, 15)),
        (at(0, 10), at(1, 0), datetime(2026, 5, 2, 23, 30, tzinfo=UTC)),
    ],
)
def test_an_earlier_market_wants_an_earlier_answer(
    arrive: datetime, close: datetime, until: datetime
) -> None:
    """Made at midnight, promised until seven."""
    assert answer_until(at(0, 0), at(7, 0), arrive, close) == until


def test_a_market_moved_to_an_earlier_hour_ends_its_offers_earlier_and_says_so(
    community: Community, by: User
) -> None:
    day = _published(community, by)
    night = day.arrive_by - timedelta(hours=5)
    service.withdraw(held_by(day, "甲").application, by=by, at=night)
    (offer,) = service.open_offers(day)
    vendor, promised = offer.application.vendor, offer.until
    assert promised == day.arrive_by
    tell(day, [m.seen for m in of_vendor(vendor, at=night)], channel=Channel.CALL, by=by, at=night)
    assert of_vendor(vendor, at=night) == []
    draft = calendar.draft_of(day)
    earlier = replace(draft, opens=time(7, 0), closes=time(10, 0), arrive_by=time(6, 30))
    calendar.edit_day(day, earlier, by=by, at=night)
    assert offer.until == day.arrive_by < promised
    (message,) = of_vendor(vendor, at=night)
    assert message.kinds == ("stalls.offered", "notices.hours")
    assert "给您留到" in words_of(message).sentence
    assert "6:30" in words_of(message).sentence
    with refused("stalls.offer_over"):
        service.accept_offer(offer, by=by, at=day.arrive_by)
    assert service.expire_offers(at=day.arrive_by) == 1


def test_twenty_five_minutes_before_the_end_nobody_is_asked(community: Community, by: User) -> None:
    day = _published(community, by)
    held = held_by(day, "甲")
    service.withdraw(held.application, by=by, at=day.close_at - timedelta(minutes=25))
    assert service.open_offers(day) == []


def test_an_offer_ends_with_the_hours_whatever_was_promised(community: Community, by: User) -> None:
    day = _published(community, by)
    service.withdraw(held_by(day, "甲").application, by=by, at=day.arrive_by - timedelta(hours=3))
    (offer,) = service.open_offers(day)
    assert service.is_open(offer, offer.until - timedelta(seconds=1))
    day.close_at = day.open_at + timedelta(hours=1)
    assert offer.until == last_answer(day.close_at) < offer.expires_at
    told = [
        [kind for message in of_vendor(offer.application.vendor, at=at) for kind in message.kinds]
        for at in (offer.until - timedelta(seconds=1), offer.until)
    ]
    assert ["stalls.offered" in kinds for kinds in told] == [True, False]
    with refused("stalls.offer_over"):
        service.accept_offer(offer, by=by, at=last_answer(day.close_at))
    assert service.offers_now(day, last_answer(day.close_at)) == []
    assert service.expire_offers(at=last_answer(day.close_at)) == 1


def test_a_stall_whose_offer_ran_out_unseen_is_offered_again(community: Community, by: User) -> None:
    day = _published(community, by)
    held = held_by(day, "甲")
    service.withdraw(held.application, by=by, at=day.arrive_by - timedelta(hours=3))
    (first,) = service.open_offers(day)
    again = service.offer_stall(day, held.stall, by=by, at=first.until + timedelta(minutes=1))
    assert again is not None
    assert again.application.vendor.trading_name == "丙"


def _published(community: Community, by: User) -> MarketDay:
    day = day_under_review(community, by, limit=1)
    for name in ("甲", "乙", "丙"):
        approved(day, by, name)
    service.compute_plan(day, by=by, at=clock.now())
    bring_to(day, DayState.PUBLISHED, by)
    service.give_codes(service.assignments(day), at=clock.now())
    return day


# ── lists ─────────────────────────────────────────────────────────────────────────────────────────────────


def stands(day: MarketDay, *people: Application) -> list[Standing]:
    found = service.stands(day, people)
    return [found[one.id].standing for one in people]


def test_before_a_plan_nobody_waits_and_no_reason_is_given(community: Community, by: User) -> None:
    day = day_under_review(community, by)
    people = crowd(day, by)
    assert stands(day, *people) == [U] * 5
    assert {one.reason for one in service.waiting_reasons(day)} == {None}
    service.compute_plan(day, by=by, at=clock.now())
    assert stands(day, *people) == [P] * 5


def test_who_was_taken_off_by_hand_reads_that_and_a_new_plan_has_its_own_reason(
    community: Community, by: User
) -> None:
    day = planned_day(community, by)
    held = held_by(day, "周记鲜蔬")
    service.release(held, ReleaseReason.REPLANNED, by=by, at=clock.now())
    (waiting,) = service.waiting_reasons(day)
    assert waiting.reason is not None
    assert reason_sentence(waiting.reason) == (f"工作人员把您从 {held.label} 号调了出来，您是候补第 1 位。")
    assert stands(day, held.application) == [W]
    service.compute_plan(day, by=by, at=clock.now())
    assert service.waiting_reasons(day) == []


def test_a_plan_that_is_taken_back_is_no_hand(community: Community, by: User) -> None:
    day = day_under_review(community, by, limit=1)
    first, second = approved(day, by, "甲"), approved(day, by, "乙")
    service.compute_plan(day, by=by, at=clock.now())
    first.submitted_at = second.submitted_at + timedelta(minutes=1)
    service.choose_method(day, "first_come", by=by, at=clock.now())
    service.compute_plan(day, by=by, at=clock.now())
    service.undo_plan(day, by=by, at=clock.now())
    (waiting,) = service.waiting_reasons(day)
    assert waiting.reason is not None
    assert waiting.reason.code != "taken_out"


def test_after_a_market_was_called_off_nobody_has_a_stall(community: Community, by: User) -> None:
    day = planned_day(community, by)
    held = held_by(day, "周记鲜蔬")
    for one in service.assignments(day):
        service.release(one, ReleaseReason.DAY_CALLED_OFF, by=by, at=clock.now())
    take_step(day, Step.POSTPONE, by=by, at=clock.now(), public_note="大风。")
    assert (stands(day, held.application), held.application.state) == ([U], ApplicationState.ALLOCATED)
    assert len(service.waiting_list(day)) == 5


# ── staff say no to who has a stall ───────────────────────────────────────────────────────────────────────


def test_a_placed_vendor_is_refused_with_a_reason_and_the_next_is_asked(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = _published(find_community(cast.ours), person("staff"))
        held = held_by(day, "甲")
        act_for(held.vendor, person("gate"))
        ref, application, label = day.ref, held.application.ref, held.label
    staff, desk = sign_in("staff"), f"/staff/huaiyin/days/{ref}"
    page = f"{desk}/applications"
    assert f"{label} 排好摊位" in words(staff.get(page).get_data(as_text=True))
    decision = f"{page}/{application}/decision"
    assert post(staff, page, decision, decision="reject", note="").status_code == 422
    assert post(staff, page, decision, decision="reject", note="上次卖了过期的东西。").status_code == 302
    with app.app_context():
        again = find_day_by_ref(ref)
        (offer,) = service.open_offers(again)
        assert (service.assignments(again), offer.application.vendor.trading_name) == ([], "乙")
    read = words(sign_in("gate").get("/vendor/huaiyin/").get_data(as_text=True))
    assert ("社区说：上次卖了过期的东西。" in read, "您说了这一场不来" in read) == (True, False)


def test_a_market_that_is_over_refuses_nobody_any_more(community: Community, by: User) -> None:
    day = _published(community, by)
    bring_to(day, DayState.CLOSED, by)
    with refused("stalls.wrong_state"):
        service.dismiss(held_by(day, "甲").application, "晚了。", by=by, at=clock.now())


def test_the_application_list_says_who_has_not_come(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = _published(find_community(cast.ours), person("staff"))
        service.release(held_by(day, "甲"), ReleaseReason.NO_SHOW, by=person("staff"), at=clock.now())
        ref = day.ref
    read = words(sign_in("staff").get(f"/staff/huaiyin/days/{ref}/applications").get_data(as_text=True))
    assert ("没来" in read, "排好摊位" in read) == (True, False)


# ── papers ────────────────────────────────────────────────────────────────────────────────────────────────

D, ON = DocumentKind, date(2026, 5, 3)
OLD, NEW = date(2026, 4, 1), date(2027, 4, 1)


@pytest.mark.parametrize(
    ("paper", "others", "replaced"),
    [
        ((D.HEALTH_CERT, OLD), [], False),
        ((D.HEALTH_CERT, OLD), [(D.HEALTH_CERT, NEW)], True),
        ((D.HEALTH_CERT, OLD), [(D.HEALTH_CERT, None)], True),
        ((D.HEALTH_CERT, OLD), [(D.HEALTH_CERT, OLD)], False),
        ((D.HEALTH_CERT, OLD), [(D.FOOD_LICENCE, NEW)], False),
        ((D.SMALL_EATERY, OLD), [(D.FOOD_LICENCE, NEW)], True),
        ((D.SCALE, OLD), [(D.SCALE, NEW)], True),
        ((D.HEALTH_CERT, NEW), [(D.HEALTH_CERT, NEW)], False),
        ((D.QUARANTINE_CERT, OLD), [], True),  # the meat of that batch is sold
        ((D.QUARANTINE_CERT, NEW), [], False),
    ],
)
def test_a_paper_that_ran_out_is_no_alarm_beside_a_valid_one(
    paper: tuple[DocumentKind, date | None], others: list[tuple[DocumentKind, date | None]], replaced: bool
) -> None:
    facts = tuple(DocumentFacts(*one) for one in (paper, *others))
    meat = paper[0] is D.QUARANTINE_CERT
    category, goods = (Category.MEAT_EGG_AQUATIC, "猪肉") if meat else (Category.COOKED_FOOD, "")
    vendor = VendorFacts("abcdefghjk", "老张", category, facts, goods)
    assert is_replaced(facts[0], vendor, ON, profiles()["shandong_zibo"]) is replaced


def test_the_old_paper_is_grey(app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]) -> None:
    with app.app_context(), unit_of_work():
        vendor = make_vendor(find_community(cast.ours), person("staff"), category=Category.COOKED_FOOD)
        for number, until in (("旧", date(2020, 1, 1)), ("新", date(2099, 1, 1))):
            check_document(
                vendor, D.HEALTH_CERT, number=number, issuer="", valid_to=until, by=person("staff"),
                at=clock.now(),
            )  # fmt: skip
        ref = vendor.ref
    page = sign_in("staff").get(f"/staff/huaiyin/vendors/{ref}").get_data(as_text=True)
    assert "旧的，" in words(page)
    assert "tag stop" not in page[page.index("<main") :]
