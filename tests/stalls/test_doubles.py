"""Two stalls side by side by hand: given, moved, exchanged, promoted, given back, and taken for everybody."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.passes import service as passes
from market.passes.validity import counts
from market.stalls import service
from market.stalls.models import Assignment, StallHold
from market.stalls.rules import ReleaseReason
from market.vendors.models import Application
from market.vendors.rules import ApplicationState, Category
from tests.cast import Cast, person
from tests.factories.calendar import bring_to
from tests.factories.gate import give_passes
from tests.factories.stalls import approved, day_under_review, held_by, stall

pytestmark = pytest.mark.usefixtures("context")


def needs_two(
    day: MarketDay, name: str, category: Category = Category.DAILY_GOODS, **needs: Any
) -> Application:
    application = approved(day, person("staff"), name, category, **needs)
    application.double = True
    return application


def put(application: Application, label: str, beside: str = "", **more: Any) -> Assignment:
    day = application.day
    second = stall(day, beside) if beside else None
    return service.place(
        application, stall(day, label), beside=second, by=person("staff"), at=clock.now(), **more
    )


def refused(act: Any, *args: Any, **kwargs: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as caught:
        act(*args, **kwargs)
    return caught.value.code, str(caught.value.sentence)


def labels(day: MarketDay) -> dict[str, str]:
    return {held.vendor.trading_name: held.label for held in service.assignments(day)}


def holds(day: MarketDay) -> int:
    query = sa.select(sa.func.count()).where(StallHold.day_id == day.id)
    return db.session.scalar(query) or 0


@pytest.fixture
def day(cast: Cast) -> MarketDay:
    with unit_of_work():
        return day_under_review(find_community(cast.ours), person("staff"))


def test_who_needs_two_gets_the_higher_number_then_the_lower_and_both_are_taken(day: MarketDay) -> None:
    with unit_of_work():
        wide, wider = needs_two(day, "棉被"), needs_two(day, "花伞")
        other = approved(day, person("staff"), "五金")
        assert put(wide, "A05").label == "A05+A06"
        assert put(wider, "A04").label == "A03+A04"
        told = refused(put, other, "A06")
    assert told == ("stalls.taken", "A06 已经给了 棉被。可以让两家对调，或换一个空摊位。")
    assert (labels(day), holds(day)) == ({"棉被": "A05+A06", "花伞": "A03+A04"}, 4)


def test_who_finds_no_free_stall_beside_reads_who_has_it_and_what_to_do(day: MarketDay) -> None:
    with unit_of_work():
        wide = needs_two(day, "棉被")
        for name, label in (("五金", "A04"), ("花伞", "A06")):
            put(approved(day, person("staff"), name), label)
        told = refused(put, wide, "A05")
    assert told == (
        "stalls.no_pair",
        "棉被要两个相邻的摊位，A05 号旁边的 A06 号已经给了 花伞。请换一处，或让他只要一个摊位。",
    )


def test_dropped_on_a_stall_the_pair_goes_there_and_its_old_stalls_are_free(day: MarketDay) -> None:
    with unit_of_work():
        held = put(needs_two(day, "棉被"), "A05")
        moved = service.move(held, stall(day, "A12"), by=person("staff"), at=clock.now())
        assert (moved.label, held.release_reason) == ("A11+A12", ReleaseReason.MOVED)
        again = service.move(moved, stall(day, "A11"), by=person("staff"), at=clock.now())
        put(approved(day, person("staff"), "五金"), "A06")
    assert (again.id, labels(day)) == (moved.id, {"棉被": "A11+A12", "五金": "A06"})


def test_dropped_on_its_own_second_stall_the_pair_moves_by_one(day: MarketDay) -> None:
    with unit_of_work():
        held = put(needs_two(day, "棉被"), "A05")
        moved = service.move(held, stall(day, "A06"), by=person("staff"), at=clock.now())
    assert (moved.label, holds(day)) == ("A06+A07", 2)


def test_all_hard_rules_judge_both_stalls(day: MarketDay) -> None:
    with unit_of_work():
        day.stall_limit = 3
        service.keep_free(day, stall(day, "A06"), by=person("staff"), at=clock.now())
        stall(day, "B02").reserved = True
        third = needs_two(day, "花伞")
        assert put(needs_two(day, "棉被"), "A05").label == "A04+A05"
        assert refused(put, third, "B01") == (
            "stalls.misfit",
            "B02 号是爱心或公益摊位，花伞不在名单里。请换一个摊位。",
        )
        assert refused(put, third, "A10") == (
            "stalls.full",
            "当天只开 3 个摊位，已经排满。请先空出一个摊位。",
        )


def test_a_neighbour_that_disturbs_the_second_stall_needs_a_reason_too(day: MarketDay) -> None:
    with unit_of_work():
        put(approved(day, person("staff"), "社区义诊", Category.HEALTH_OUTREACH), "A07")
        wide = needs_two(day, "亲子套圈", Category.KIDS_PLAY)
        code, sentence = refused(put, wide, "A05")
        assert (code, "紧挨 A07 号的社区义诊" in sentence) == ("stalls.unwise", True)
        assert put(wide, "A05", because="说好了轮流").label == "A05+A06"


def test_given_back_or_staying_away_both_stalls_are_free(day: MarketDay) -> None:
    with unit_of_work():
        wide, wider = needs_two(day, "棉被"), needs_two(day, "花伞")
        by, at = person("staff"), clock.now()
        service.release(put(wide, "A05"), ReleaseReason.REPLANNED, by=by, at=at)
        put(wider, "A09")
        service.withdraw(wider, by=by, at=at)
    assert (labels(day), holds(day), wide.state) == ({}, 0, ApplicationState.WAITLISTED)


# ── changing places ───────────────────────────────────────────────────────────────────────────────────────


def test_a_double_and_a_single_change_places_where_both_fit_and_back(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        wide, small = put(needs_two(day, "棉被"), "A03"), put(approved(day, by, "五金"), "A02")
        wide, small = service.swap(wide, small, by=by, at=at)
        assert labels(day) == {"棉被": "A02+A03", "五金": "A04"}
        service.swap(wide, small, by=by, at=at, beside=stall(day, "A03"))
    assert (labels(day), holds(day)) == ({"棉被": "A03+A04", "五金": "A02"}, 3)


def test_a_double_cannot_change_places_with_somebody_between_neighbours(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        wide, small = put(needs_two(day, "棉被"), "A01"), put(approved(day, by, "五金"), "A06")
        for name, label in (("甲", "A05"), ("乙", "A07")):
            put(approved(day, by, name), label)
        told = refused(service.swap, small, wide, by=by, at=at)
    assert told == (
        "stalls.no_pair",
        "棉被要两个相邻的摊位，这样对调放不下两家。请另选一处，或让他只要一个摊位。",
    )


# ── one or two ────────────────────────────────────────────────────────────────────────────────────────────


def test_who_makes_do_with_one_gives_the_second_back_and_may_have_it_again(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        wide = needs_two(day, "棉被")
        kept = service.give_back_second(put(wide, "A05"), by=by, at=at)
        assert (kept.label, wide.double, holds(day)) == ("A05", False, 1)
        assert service.give_back_second(kept, by=by, at=at).id == kept.id
        again = service.add_second(kept, stall(day, "A04"), by=by, at=at)
        assert (again.label, wide.double, holds(day)) == ("A05+A04", True, 2)
        assert service.add_second(again, by=by, at=at).id == again.id


def test_a_second_stall_is_refused_when_it_is_taken_kept_free_or_not_beside(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        held = put(approved(day, by, "棉被"), "A05")
        put(approved(day, by, "五金"), "A06")
        taken = refused(service.add_second, held, stall(day, "A06"), by=by, at=at)
        apart = refused(service.add_second, held, stall(day, "A09"), by=by, at=at)
        service.keep_free(day, stall(day, "A04"), by=by, at=at)
        kept = refused(service.add_second, held, stall(day, "A04"), by=by, at=at)
        none = refused(service.add_second, held, by=by, at=at)
    assert taken == ("stalls.taken", "A06 已经给了 五金。可以让两家对调，或换一个空摊位。")
    assert (apart[0], kept[0]) == ("stalls.misfit", "stalls.misfit")
    assert none == ("stalls.no_pair", "A05 号旁边没有空着的摊位。请先给旁边的一家换个地方。")
    assert labels(day) == {"棉被": "A05", "五金": "A06"}


def test_a_second_stall_beyond_the_limit_of_the_day_is_refused(day: MarketDay) -> None:
    with unit_of_work():
        day.stall_limit = 1
        held = put(approved(day, person("staff"), "棉被"), "A05")
        told = refused(service.add_second, held, by=person("staff"), at=clock.now())
    assert told[0] == "stalls.full"


def test_who_waits_may_ask_for_one_or_two_and_who_stands_is_changed_on_the_stall(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        wide = needs_two(day, "棉被")
        service.ask_for(wide, double=False, by=by, at=at)
        assert not wide.double
        put(wide, "A05")
        told = refused(service.ask_for, wide, double=True, by=by, at=at)
    assert told == ("stalls.placed", "棉被已经排在 A05 号了，请在他的摊位上改。")


# ── the waiting list ──────────────────────────────────────────────────────────────────────────────────────


def test_who_needs_two_comes_up_only_when_two_side_by_side_are_free(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        needs_two(day, "棉被")
        approved(day, by, "五金")
        for one in day.venue.stalls:
            if one.label not in ("B02", "B04", "B06", "B07"):
                service.keep_free(day, one, by=by, at=at)
        assert service.promote_next(day, by=by, at=at)
        service.keep_free(day, stall(day, "B02"), by=by, at=at)
        second = service.promote_next(day, by=by, at=at)
        assert second is not None
        assert (labels(day), second.reason_params["passed_over"]) == ({"棉被": "B06+B07", "五金": "B04"}, 0)


def test_after_publication_two_freed_stalls_are_offered_to_one_who_needs_two(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        put(needs_two(day, "棉被"), "A05")
        needs_two(day, "花伞")
        approved(day, by, "五金")
        day.stall_limit = 2
        bring_to(day, DayState.PUBLISHED, by)
        give_passes(day, by, at)
        service.withdraw(held_by(day, "棉被").application, by=by, at=at)
        (offer,) = service.open_offers(day)
        assert (offer.application.vendor.trading_name, offer.stall.label) == ("花伞", "A05")
        service.decline_offer(offer, by=by, at=at)
        (offer,) = service.open_offers(day)
        assert (offer.application.vendor.trading_name, offer.stall.label) == ("五金", "A05")


def test_the_stall_that_is_kept_beside_an_offer_is_not_offered_to_another(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        put(needs_two(day, "棉被"), "A05")
        needs_two(day, "花伞")
        approved(day, by, "五金")
        bring_to(day, DayState.PUBLISHED, by)
        give_passes(day, by, at)
        service.withdraw(held_by(day, "棉被").application, by=by, at=at)
        assert [service.offered_label(offer) for offer in service.open_offers(day)] == ["A05+A06"]
        placed = service.accept_offer(service.open_offers(day)[0], by=by, at=at)
        assert placed.label == "A05+A06"


def test_a_second_stall_given_back_after_publication_is_offered_and_the_pass_says_one(day: MarketDay) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        held = put(needs_two(day, "棉被"), "A05")
        approved(day, by, "五金")
        bring_to(day, DayState.PUBLISHED, by)
        give_passes(day, by, at)
        before = passes.pass_of(held)
        kept = service.give_back_second(held, by=by, at=at)
        (offer,) = service.open_offers(day)
        issued = passes.pass_of(kept)
        assert before is not None
        assert issued is not None
        assert (offer.stall.label, counts(before.shown), issued.version) == ("A06", False, 2)
        wide = service.add_second(kept, by=by, at=at)
        assert (wide.label, service.open_offers(day)) == ("A05+A06", [])
