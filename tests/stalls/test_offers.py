"""A stall that becomes free after publication: kept for the next in line, answered in time, or passed on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import unit_of_work
from market.errors import Refusal
from market.passes import service as passes
from market.passes.validity import counts
from market.people import service as people
from market.people.rules import Role
from market.stalls import service
from market.stalls.rules import OFFER_TIME, OfferAnswer
from market.stalls.service.offers import offers
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person, post
from tests.factories.calendar import bring_to
from tests.factories.gate import give_passes
from tests.factories.stalls import approved, day_under_review, held_by
from tests.factories.vendors import act_for
from tests.stalls.desk import words


def published(cast: Cast, *names: str) -> MarketDay:
    """A published day with one stall; the first vendor has it."""
    staff = person("staff")
    day = day_under_review(find_community(cast.ours), staff, limit=1)
    for name in names or ("甲", "乙", "丙"):
        approved(day, staff, name)
    service.compute_plan(day, by=staff, at=clock.now())
    bring_to(day, DayState.PUBLISHED, staff)
    give_passes(day, staff, clock.now())
    return day


def leaves(day: MarketDay, name: str) -> None:
    service.withdraw(held_by(day, name).application, by=person("staff"), at=clock.now())


def names(day: MarketDay) -> list[str]:
    return [held.vendor.trading_name for held in service.assignments(day)]


@pytest.mark.usefixtures("context")
def test_one_act_frees_the_stall_and_keeps_it_for_the_next_who_gets_a_pass(cast: Cast) -> None:
    with unit_of_work():
        day = published(cast)
        stall = held_by(day, "甲").stall
        leaves(day, "甲")
        (offer,) = service.open_offers(day)
        assert (offer.application.vendor.trading_name, offer.stall.id, names(day)) == ("乙", stall.id, [])
        placed = service.accept_offer(offer, by=person("staff"), at=clock.now())
    assert (names(day), offer.answer, service.open_offers(day)) == (["乙"], OfferAnswer.ACCEPTED, [])
    issued = passes.pass_of(placed)
    assert issued is not None
    assert (counts(issued.shown), issued.assignment.stall.id) == (True, stall.id)
    assert len(passes.live_passes(day)) == 1


@pytest.mark.usefixtures("context")
def test_who_declines_waits_on_and_the_next_is_asked(cast: Cast) -> None:
    with unit_of_work():
        day = published(cast)
        leaves(day, "甲")
        service.decline_offer(service.open_offers(day)[0], by=person("staff"), at=clock.now())
    assert [o.application.vendor.trading_name for o in service.open_offers(day)] == ["丙"]
    assert {a.vendor.trading_name: a.state for a in service.waiting_list(day)} == {
        "乙": ApplicationState.WAITLISTED,
        "丙": ApplicationState.WAITLISTED,
    }


@pytest.mark.usefixtures("context")
def test_an_offer_that_nobody_answers_goes_on_when_the_clock_says_so(cast: Cast) -> None:
    with unit_of_work():
        day = published(cast)
        leaves(day, "甲")
        offer = service.open_offers(day)[0]
        assert service.expire_offers(at=offer.expires_at - timedelta(seconds=1)) == 0
        assert service.expire_offers(at=offer.expires_at) == 1
    with pytest.raises(Refusal) as caught:
        service.accept_offer(offer, by=person("staff"), at=clock.now())
    assert caught.value.code == "stalls.offer_over"
    assert [(o.application.vendor.trading_name, o.answer) for o in offers(day)] == [
        ("丙", OfferAnswer.OPEN),
        ("乙", OfferAnswer.EXPIRED),
    ]


@pytest.mark.usefixtures("context")
def test_an_offer_ends_when_it_is_too_late_to_come(cast: Cast) -> None:
    with unit_of_work():
        day = published(cast)
        evening = day.arrive_by - timedelta(hours=10)
        held = held_by(day, "甲")
        service.withdraw(held.application, by=person("staff"), at=evening)
        [first] = service.open_offers(day)
        assert first.stall_id == held.stall_id
        assert first.expires_at == day.arrive_by < evening + OFFER_TIME
        second = service.decline_offer(first, by=person("staff"), at=day.arrive_by - timedelta(minutes=10))
        assert second is not None
        assert second.expires_at == day.arrive_by + timedelta(minutes=5)
        assert service.expire_offers(at=second.expires_at) == 1
    assert service.open_offers(day) == []


@pytest.mark.usefixtures("context")
def test_staff_who_places_somebody_answers_the_offer_too(cast: Cast) -> None:
    with unit_of_work():
        day = published(cast)
        stall = held_by(day, "甲").stall
        leaves(day, "甲")
        other = next(a for a in service.waiting_list(day) if a.vendor.trading_name == "丙")
        service.place(other, stall, by=person("staff"), at=clock.now())
    assert ([o.answer for o in offers(day)], names(day)) == ([OfferAnswer.WITHDRAWN], ["丙"])


@pytest.mark.usefixtures("context")
def test_who_is_asked_and_stays_at_home_makes_room_for_the_next(cast: Cast) -> None:
    with unit_of_work():
        day = published(cast)
        leaves(day, "甲")
        asked = service.open_offers(day)[0].application
        service.withdraw(asked, by=person("staff"), at=clock.now())
    assert [o.application.vendor.trading_name for o in service.open_offers(day)] == ["丙"]


def test_a_vendor_reads_the_offer_and_takes_it(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = published(cast)
        second = service.waiting_list(day)[0].vendor
        act_for(second, person("gate"))
        people.grant(person("gate"), Role.VENDOR, community=day.community, at=clock.now())
        leaves(day, "甲")
        ref, offer = day.ref, service.open_offers(day)[0].ref
    vendor = sign_in("gate")
    page = words(vendor.get("/vendor/huaiyin/").get_data(as_text=True))
    assert ("空出来了，先留给您" in page, "我来" in page) == (True, True)
    staff_page = words(sign_in("staff").get(f"/staff/huaiyin/days/{ref}/plan").get_data(as_text=True))
    assert "等答复的补位" in staff_page
    address = f"/vendor/huaiyin/days/{ref}/offer-answers"
    assert post(vendor, "/vendor/huaiyin/", address, offer=offer, answer="yes").status_code == 302
    with app.app_context():
        assert names(find_day_by_ref(ref)) == ["乙"]
    again = post(vendor, "/vendor/huaiyin/", address, offer=offer, answer="yes")
    assert "已有答复" in words(vendor.get(again.location).get_data(as_text=True))
