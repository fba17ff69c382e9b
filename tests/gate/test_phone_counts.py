"""Visitors that phones counted are one figure, whatever the order and repetitions of the uploads."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate import rules, service
from market.gate.models import FootfallCount, FootfallSample, FootfallTap, GatePhone, HeldCount
from market.gate.rules import CountMethod, HeldReason, Sample, Sampling, Way
from market.gate.service import CountTold, HeldCounts
from tests.cast import person
from tests.factories import gate as make

MINUTE = timedelta(minutes=1)


def counters(day: MarketDay, how_many: int = 2) -> list[GatePhone]:
    """Phones at the first gate, let in when the market opened."""
    phones = []
    for number in range(how_many):
        gate, key = day.venue.entrance_names()[0], f"{number:064x}"
        phones.append(service.enrol_own(day, gate, key, by=person("gate"), at=day.open_at))
    return phones


def today() -> MarketDay:
    return make.running_today(find_community("huaiyin"), person("staff"))


def press(number: int, at: datetime, change: int = 1, way: Way = Way.IN) -> CountTold:
    return CountTold(f"press-{number:05}", at, way=way, number=change)


def sample(number: int, at: datetime, raw: int) -> CountTold:
    taken = Sample(raw, Sampling.FIVE_OF_THIRTY, 600)
    return CountTold(f"sample-{number:05}", at, slot=1, sample=taken)


def morning(day: MarketDay, chance: random.Random) -> list[list[CountTold]]:
    """What two phones heard: presses of the first part of the day, some taken back, and two samples."""
    phones = []
    for phone in range(2):
        told = []
        for number in range(60):
            at = day.open_at + timedelta(seconds=chance.randrange(1, 7_000))
            told.append(press(1000 * phone + number, at))
            if number % 7 == 0:
                told.append(press(1000 * phone + 500 + number, at, -1))
        told.append(sample(phone, day.open_at + timedelta(seconds=2_000 + phone), 20 + phone))
        phones.append(told)
    return phones


@pytest.mark.parametrize("seed", range(8))
def test_any_order_of_uploads_comes_to_the_same_figure(context: object, cast: object, seed: int) -> None:
    with unit_of_work():
        day, chance = today(), random.Random(seed)
        phones, heard = counters(day), morning(day, random.Random(1))
        at = day.open_at + timedelta(hours=3)
        pieces = [(phone, one) for phone, told in zip(phones, heard, strict=True) for one in told]
        chance.shuffle(pieces)
        pieces += pieces[::4]
        while pieces:
            length = chance.randint(1, 30)
            some, pieces = pieces[:length], pieces[length:]
            for phone in phones:
                service.receive_counts(day, phone, [one for own, one in some if own is phone], at=at)
        count = service.footfall(day).counts[day.venue.entrance_names()[0], 1]
        everything = [one for told in heard for one in told]
        since = max(one.told_at for one in everything if one.sample)
        later = sum(one.number for one in everything if not one.sample and one.told_at > since)
        assert (count.visits, count.method, count.raw) == (21 * 6 + later, CountMethod.SAMPLE, 21)
        assert db.session.query(FootfallTap).count() == sum(not one.sample for one in everything)
        assert db.session.query(FootfallSample).count() == 2


def test_a_press_taken_back_before_it_is_heard_of_is_none(context: object, cast: object) -> None:
    with unit_of_work():
        day = today()
        (phone,), at = counters(day, 1), day.open_at + MINUTE
        gate = phone.entrance
        service.receive_counts(day, phone, [press(2, at, -1)], at=at)
        assert service.footfall(day).visits() == 0
        service.receive_counts(day, phone, [press(1, at)], at=at)
        service.receive_counts(day, phone, [press(1, at), press(3, at)], at=at)
        assert service.footfall(day).counts[gate, 1].visits == 1


def test_a_rule_that_cuts_off_at_nobody_would_depend_on_the_order(
    context: object, cast: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: an undo that comes first would be forgotten."""
    monkeypatch.setattr(rules, "with_presses", lambda visits, before, after: max(0, visits + after - before))
    with unit_of_work():
        day = today()
        (phone,), at = counters(day, 1), day.open_at + MINUTE
        for told in (press(2, at, -1), press(1, at)):
            service.receive_counts(day, phone, [told], at=at)
        assert service.footfall(day).visits() == 1


def test_what_somebody_wrote_on_the_sheet_holds_what_was_pressed_before(
    context: object, cast: object
) -> None:
    with unit_of_work():
        day = today()
        (phone,), by = counters(day, 1), person("staff")
        gate, at = phone.entrance, day.open_at + 10 * MINUTE
        service.count_visits(day, gate, 1, 40, CountMethod.FULL_COUNT, by=by, at=at)
        late = [press(1, at - MINUTE), sample(1, at - MINUTE, 50), press(2, at + MINUTE)]
        service.receive_counts(day, phone, late, at=at + 2 * MINUTE)
        count = service.footfall(day).counts[gate, 1]
        assert (count.visits, count.method) == (41, CountMethod.FULL_COUNT)


def test_who_leaves_is_counted_by_phones_too(context: object, cast: object) -> None:
    with unit_of_work():
        day = today()
        (phone,), at = counters(day, 1), day.open_at + MINUTE
        told = [press(1, at), press(2, at, way=Way.OUT), press(3, at, -1, Way.OUT), press(4, at, way=Way.OUT)]
        service.receive_counts(day, phone, reversed(told), at=at)
        assert (service.left(day), service.visits(day)) == (1, 1)


def test_what_cannot_be_believed_waits_and_is_decided_as_a_whole(context: object, cast: object) -> None:
    with unit_of_work():
        day = today()
        (phone,), by = counters(day, 1), person("staff")
        at = day.open_at.replace(minute=50) + 60 * MINUTE  # all of it in one hour, for each is counted apart
        service.revoke_phone(phone, by=by, at=at - 30 * MINUTE)
        told = [press(n, at - 20 * MINUTE) for n in range(5)]
        kept = service.receive_counts(
            day, phone, [press(9, at - 40 * MINUTE), *told, press(8, at, -1)], at=at
        )
        assert [number for number, counts in kept.items() if counts] == ["press-00009"]
        unknown = CountTold("press-77777", at, phone.entrance, number=2)
        service.receive_counts(day, None, [unknown, unknown], at=at)
        held = {one.reason: one for one in service.held_counts(day)}
        revoked, stranger = held[HeldReason.REVOKED_PHONE], held[HeldReason.UNKNOWN_PHONE]
        assert (revoked.visits, stranger.visits, service.visits(day)) == (4, 2, 1)
        assert decide(day, revoked, take=True, at=at) == 4
        assert decide(day, revoked, take=True, at=at) == 0
        decide(day, stranger, take=False, at=at)
        assert (service.visits(day), service.held_counts(day)) == (5, [])
        service.receive_counts(day, phone, told, at=at)
        assert service.visits(day) == 5


def decide(day: MarketDay, seen: HeldCounts, *, take: bool, at: datetime) -> int:
    """What staff say of what they saw."""
    return service.decide_counts(day, seen.number, seen.last, take=take, by=person("staff"), at=at)


def test_what_came_after_somebody_looked_is_not_decided_with_it(context: object, cast: object) -> None:
    with unit_of_work():
        day = today()
        (phone,), at = counters(day, 1), day.open_at + MINUTE
        service.receive_counts(day, None, [CountTold("press-70001", at, phone.entrance, number=2)], at=at)
        (seen,) = service.held_counts(day)
        service.receive_counts(day, None, [CountTold("press-70002", at, phone.entrance, number=50)], at=at)
        assert decide(day, seen, take=True, at=at) == 2
        (waiting,) = service.held_counts(day)
        assert (service.visits(day), waiting.visits) == (2, 50)


def test_after_the_figures_are_settled_presses_wait(context: object, cast: object) -> None:
    with unit_of_work():
        day = today()
        (phone,), at = counters(day, 1), day.open_at + MINUTE
        day.state = DayState.SETTLED
        service.receive_counts(day, phone, [press(1, at)], at=at)
        (held,) = service.held_counts(day)
        assert held.reason is HeldReason.BOOKED
        with pytest.raises(Refusal):
            decide(day, held, take=True, at=at)
        assert db.session.query(FootfallCount).count() == 0
        assert db.session.query(HeldCount).one().decided_at is None


def test_the_same_key_again_is_the_same_place_and_another_is_told_no(context: object, cast: object) -> None:
    with unit_of_work():
        day, at = today(), clock.now()
        place = service.invite(day, "", by=person("staff"), at=at)
        for _press in range(2):
            service.enrol(place, "老高", "a" * 64, at=at)
        for key in ("b" * 64, "", "short"):
            with pytest.raises(Refusal) as refused:
                service.enrol(place, "小李", key, at=at)
            assert refused.value.code == "gate.invitation_used"
        own = service.enrol_own(day, "东门", "c" * 64, by=person("gate"), at=at)
        assert service.enrol_own(day, "东门", "c" * 64, by=person("gate"), at=at) is own
        service.revoke_phone(own, by=person("staff"), at=at)
        with pytest.raises(Refusal):
            service.enrol_own(day, "东门", "c" * 64, by=person("gate"), at=at)
        assert len(service.phones_of(day)) == 2
