"""A market is edited, moved, called off and told at random; an oracle of its own says who must be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import booleans, integers, sampled_from

from market import clock
from market.calendar import service as calendar
from market.calendar.day_facts import day_facts
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState, Step
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.notices import service as notices
from market.notices.rules import Channel
from market.notices.service import Message, facts, rows
from market.notices.words import words_of
from market.passes import service as passes
from market.passes.rules import RevokeReason
from market.people.models import User
from market.places import service as places
from market.stalls import service as stalls
from market.stalls.models import Assignment, StallOffer
from market.stalls.rules import OfferAnswer, ReleaseReason
from market.stalls.service.offers import offers as offers_of
from market.vendors import service as vendors
from market.vendors.models import Application
from market.vendors.rules import LIVE, ApplicationState
from tests.cast import Cast, person
from tests.factories.calendar import time_of
from tests.factories.gate import planned_day

SMALL = settings(
    max_examples=12,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
"""Enough for every rule to be met several times, and no more."""

NAMES = "甲乙丙丁"
LABELS = tuple(f"A{number:02d}" for number in range(1, 7))
View = tuple[Any, ...]


@pytest.fixture
def day_ref(context: Flask, cast: Cast) -> str:
    """A market just published; nobody was told anything of the plan."""
    with unit_of_work():
        staff = person("staff")
        day = planned_day(find_community(cast.ours), staff, vendors=len(NAMES), stall_limit=3)
        for application, name in zip(vendors.applications(day), NAMES, strict=True):
            application.vendor.trading_name = name
        passes.publish_day(day, by=staff, at=time_of(day, DayState.PUBLISHED))
        ref = day.ref
    return ref


class Telling(RuleBasedStateMachine):
    """The market, and what the oracle remembers: what each person would have read when last told."""

    ref: str

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(unit_of_work())
        self.day: MarketDay = calendar.find_day_by_ref(self.ref)
        self.staff: User = person("staff")
        self.at = time_of(self.day, DayState.PUBLISHED)
        self.count = 0
        self.knows: dict[str, View | None] = dict.fromkeys(NAMES)
        self.applied = self.when_and_where()
        self.old: set[str] = set()
        """Words that were true once and are not any more."""

    def teardown(self) -> None:
        db.session.rollback()
        self.stack.close()

    @initialize(told=booleans())
    def begin(self, told: bool) -> None:
        """Half of the markets begin with everybody told."""
        if told:
            self.tell_all()

    # ── what happens ──────────────────────────────────────────────────────────────────────────────────────

    def act(self, deed: Callable[[], object]) -> None:
        """Does something; what is refused changes nothing."""
        self.at += timedelta(minutes=1)
        with suppress(Refusal), db.session.begin_nested():
            deed()
        db.session.expire_all()

    def edit(self, **changes: object) -> None:
        draft = replace(calendar.draft_of(self.day), **changes)  # type: ignore[arg-type]  # fields of a draft
        self.act(lambda: calendar.edit_day(self.day, draft, by=self.staff, at=self.at))

    @rule(hour=integers(8, 10), minute=sampled_from((0, 30)))
    def change_hours(self, hour: int, minute: int) -> None:
        self.edit(opens=time(hour, minute), closes=time(hour + 3, minute))

    @rule(minute=integers(0, 5))
    def change_arrival(self, minute: int) -> None:
        self.edit(arrive_by=time(5, minute))

    def once(self, word: str, old: str) -> str:
        """A word that was never used before."""
        self.count += 1
        self.old.add(old)
        return f"{word}{self.count}-"

    @rule()
    def change_theme(self) -> None:
        self.edit(theme=self.once("主题", self.day.theme))

    @rule(what=sampled_from(("name", "address", "entrances")))
    def change_venue(self, what: str) -> None:
        venue = self.day.venue
        names = ("name", "address", "land_type", "ownership", "width_dm", "depth_dm", "entrances")
        known = {name: getattr(venue, name) for name in names}
        draft = places.VenueDraft(**{**known, what: self.once("地方", known[what])})
        self.act(lambda: places.edit_venue(venue, draft, by=self.staff, at=self.at))

    def held(self) -> list[Assignment]:
        return stalls.assignments(self.day)

    @precondition(lambda self: self.held())
    @rule(who=integers(0, 3), label=sampled_from(LABELS))
    def move(self, who: int, label: str) -> None:
        held = self.held()[who % len(self.held())]
        there = next(stall for stall in self.day.venue.stalls if stall.label == label)
        self.act(lambda: stalls.move(held, there, by=self.staff, at=self.at, because="试试"))

    @precondition(lambda self: len(self.held()) > 1)
    @rule()
    def swap(self) -> None:
        one, other, *_rest = self.held()
        self.act(lambda: stalls.swap(one, other, by=self.staff, at=self.at, because="试试"))

    @precondition(lambda self: self.held() and self.day.state in GATE_STATES)
    @rule(who=integers(0, 3), reason=sampled_from((ReleaseReason.REPLANNED, ReleaseReason.WITHDRAWN)))
    def lose(self, who: int, reason: ReleaseReason) -> None:
        held = self.held()[who % len(self.held())]
        if reason is ReleaseReason.WITHDRAWN:
            self.act(lambda: stalls.withdraw(held.application, by=self.staff, at=self.at))
        else:
            self.act(lambda: stalls.release(held, reason, by=self.staff, at=self.at))

    @precondition(lambda self: self.held() and self.day.state in GATE_STATES)
    @rule(who=integers(0, 3))
    def new_pass(self, who: int) -> None:
        held = self.held()[who % len(self.held())]
        self.act(lambda: passes.reissue(held, RevokeReason.LOST, by=self.staff, at=self.at))

    def offers(self) -> list[StallOffer]:
        return stalls.open_offers(self.day)

    @precondition(lambda self: self.offers())
    @rule(answer=sampled_from(("accept", "decline", "lapse")))
    def answer(self, answer: str) -> None:
        offer = self.offers()[0]
        if answer == "accept":
            self.act(lambda: stalls.accept_offer(offer, by=self.staff, at=self.at))
        elif answer == "decline":
            self.act(lambda: stalls.decline_offer(offer, by=self.staff, at=self.at))
            self.forget_offer(offer)
        else:
            self.at = max(self.at, offer.until)
            self.act(lambda: stalls.expire_offers(at=self.at))

    def forget_offer(self, offer: StallOffer) -> None:
        """Who declined knows that nothing is offered any more."""
        name = offer.application.vendor.trading_name
        known = self.knows[name]
        if known is not None and known[0] == "waiting" and known[-2] == offer.ref:
            self.knows[name] = (*known[:-2], "", known[-1])

    @precondition(lambda self: self.day.state is DayState.PUBLISHED)
    @rule()
    def postpone(self) -> None:
        self.act(lambda: passes.call_off_day(self.day, Step.POSTPONE, "有大风", by=self.staff, at=self.at))

    @precondition(lambda self: self.day.state is DayState.POSTPONED)
    @rule(days=sampled_from((0, 1, 7)))
    def reschedule(self, days: int) -> None:
        on: date = calendar.local_date(self.day) + timedelta(days=days)
        draft = calendar.shifted_draft(self.day, on)
        self.act(lambda: calendar.reschedule(self.day, draft, public_note="改期", by=self.staff, at=self.at))

    @precondition(lambda self: self.day.state is DayState.PREPARED)
    @rule()
    def plan_again(self) -> None:
        """From the preparation to the next publication."""
        self.act(self._plan_again)

    def _plan_again(self) -> None:
        self.day.apply_until = self.at + timedelta(seconds=30)
        for step in (Step.OPEN_APPLICATIONS, Step.CLOSE_APPLICATIONS):
            calendar.take_step(self.day, step, by=self.staff, at=self.at)
        stalls.compute_plan(self.day, by=self.staff, at=self.at)
        passes.publish_day(self.day, by=self.staff, at=self.at)

    # ── who is told ───────────────────────────────────────────────────────────────────────────────────────

    def messages(self) -> dict[str, Message]:
        found = notices.messages([self.day], at=self.at)
        return {message.person.row.vendor: message for message in found}

    @rule(name=sampled_from(NAMES))
    def tell_one(self, name: str) -> None:
        self.tell(name)

    @rule()
    def tell_all(self) -> None:
        self.tell(NAMES)

    def tell(self, names: str) -> None:
        self.at += timedelta(minutes=1)
        seen = [message.seen for name, message in self.messages().items() if name in names]
        told = notices.tell(self.day, seen, channel=Channel.CALL, by=self.staff, at=self.at)
        assert len(told) == len(seen)
        for telling in told:
            name = telling.application.vendor.trading_name
            self.knows[name] = self.view(telling.application)

    # ── the oracle ────────────────────────────────────────────────────────────────────────────────────────

    def when_and_where(self) -> View:
        day, zone = self.day, self.day.community.zone
        opens, closes = (clock.local(moment, zone) for moment in (day.open_at, day.close_at))
        return opens.date(), opens.time(), closes.time(), day.venue.name, day.venue.address

    def view(self, application: Application) -> View:
        """What this person would read now, as far as it concerns them."""
        state, where = application.state, self.when_and_where()
        if self.day.state is DayState.POSTPONED and state in LIVE:
            return ("postponed",)
        if state is ApplicationState.WITHDRAWN:
            return ("withdrawn",)
        if self.day.state not in GATE_STATES:
            return ("approved", *where, self.day.theme)
        held = stalls.assignment_of(self.day, application.vendor)
        if held is None:
            mine = [o for o in reversed(offers_of(self.day)) if o.application_id == application.id]
            lapsed = [offer.ref for offer in mine if offer.answer is OfferAnswer.EXPIRED]
            asked = [o.ref for o in mine if o.answer is OfferAnswer.OPEN and self.at < o.until]
            return ("waiting", *where, asked[-1] if asked else "", lapsed[-1] if lapsed else "")
        shown = passes.pass_of(held)
        arrive = clock.local(self.day.arrive_by, self.day.community.zone).time()
        version = shown.version if shown else 0
        return ("placed", *where, self.day.venue.entrances, arrive, self.day.theme, held.label, version)

    def must_be_told(self, application: Application) -> bool:
        if application.state is ApplicationState.WITHDRAWN and self.day.state is DayState.POSTPONED:
            return False
        return self.knows[application.vendor.trading_name] != self.view(application)

    @invariant()
    def exactly_those_are_told_for_whom_something_is_not_as_they_know_it_and_only_what_holds(self) -> None:
        applications, messages = vendors.applications(self.day), self.messages()
        expected = {a.vendor.trading_name for a in applications if self.must_be_told(a)}
        assert set(messages) == expected
        for application in applications:
            message = messages.get(application.vendor.trading_name)
            if message is not None:
                self.check(words_of(message).sentence, application)

    def check(self, sentence: str, application: Application) -> None:
        view, known = self.view(application), self.knows[application.vendor.trading_name]
        day, zone = self.day, self.day.community.zone
        moments = [day.open_at, day.close_at, day.arrive_by, *(o.until for o in self.offers())]
        hours = {f"{wall.hour}:{wall.minute:02d}" for wall in (clock.local(m, zone) for m in moments)}
        assert set(re.findall(r"\d+:\d\d", sentence)) <= hours, sentence
        today = self.old - {day.theme, day.venue.name, day.venue.address, day.venue.entrances}
        assert not [word for word in today if word in sentence], sentence
        labels = set(re.findall(r"A\d\d", sentence))
        if view[0] == "placed":
            before = {str(known[-2])} if known is not None and known[0] == "placed" else set()
            assert labels <= {str(view[-2])} | before, sentence
        opens = clock.local(day.open_at, zone)
        dates = re.findall(r"(\d+) 月 (\d+) 日 星期", sentence)
        assert {(int(m), int(d)) for m, d in dates} <= {(opens.month, opens.day)}, sentence


def machine(ref: str) -> type[Telling]:
    """The machine on this market."""
    return type("Here", (Telling,), {"ref": ref})


def test_each_change_is_told_once_and_nothing_that_does_not_hold(day_ref: str) -> None:
    run_state_machine_as_test(machine(day_ref), settings=SMALL)


CHANGES: dict[str, Callable[[Telling], None]] = {
    "hours": lambda it: it.change_hours(9, 30),
    "arrive": lambda it: it.change_arrival(5),
    "theme": lambda it: it.change_theme(),
    "place": lambda it: it.change_venue("name"),
    "entrance": lambda it: it.change_venue("entrances"),
}


def driven(ref: str, change: Callable[[Telling], None]) -> None:
    """The machine, driven by hand: everybody was told, then something changes."""
    it = machine(ref)()
    try:
        it.begin(True)
        change(it)
        it.exactly_those_are_told_for_whom_something_is_not_as_they_know_it_and_only_what_holds()
    finally:
        it.teardown()


@pytest.mark.parametrize("fact", CHANGES)
def test_a_fact_that_is_not_derived_would_be_noticed(
    day_ref: str, monkeypatch: pytest.MonkeyPatch, fact: str
) -> None:
    """The control: one fact of the day is always what it was."""
    driven(day_ref, CHANGES[fact])
    true = day_facts
    first: dict[str, str] = true(calendar.find_day_by_ref(day_ref))
    monkeypatch.setattr(facts, "day_facts", lambda day: {**true(day), fact: first[fact]})
    with pytest.raises(AssertionError):
        driven(day_ref, CHANGES[fact])


def test_a_pass_that_is_not_looked_up_would_be_noticed(day_ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    driven(day_ref, lambda it: it.new_pass(0))
    monkeypatch.setattr(rows, "counting_passes", lambda _days: {})
    with pytest.raises(AssertionError):
        driven(day_ref, lambda it: it.new_pass(0))
