"""One market, and everything that can happen to it at once; after each step all of it must be true."""

from __future__ import annotations

import os
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from market.calendar import service as calendar
from market.calendar.day_facts import day_facts
from market.calendar.rules import Step
from market.communities.profile_files import profiles
from market.notices.service import facts, rows
from market.passes import service as passes
from market.stalls import service as stalls
from market.stalls.service import holds, versions
from market.vendors.rules import DocumentKind
from tests.machine.truth import Market
from tests.machine.world import LABELS

SOAK = int(os.environ.get("SOAK", "0"))
"""So many markets, each with a long life (`make soak`); 0: the short run of the suite."""
PROFILE = settings(
    max_examples=SOAK or 10,
    stateful_step_count=40 if SOAK else 15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    report_multiple_bugs=False,
)


def machine(ref: str) -> type[Market]:
    """The machine on this market."""
    return type("Here", (Market,), {"ref": ref})


def test_whatever_happens_to_a_market_what_is_told_shown_and_let_in_is_true(day_ref: str) -> None:
    run_state_machine_as_test(machine(day_ref), settings=PROFILE)


# ── with one derivation switched off it must fail ─────────────────────────────────────────────────────────

Deeds = Callable[[Market], None]


def driven(ref: str, *deeds: Deeds) -> None:
    """The machine, driven by hand: everybody was told, and all is looked at after each deed."""
    it = machine(ref)()
    try:
        it.begin(True)
        for deed in deeds:
            deed(it)
            for must_hold in it.invariants:
                must_hold.function(it)
    finally:
        it.teardown()


CHANGES: dict[str, Deeds] = {
    "hours": lambda it: it.change_hours(9, 30),
    "arrive": lambda it: it.change_arrival(5),
    "theme": lambda it: it.change_theme(),
    "place": lambda it: it.change_venue("name"),
    "entrance": lambda it: it.change_venue("entrances"),
}


@pytest.mark.parametrize("fact", CHANGES)
def test_a_fact_that_is_not_derived_would_be_noticed(
    day_ref: str, monkeypatch: pytest.MonkeyPatch, fact: str
) -> None:
    """What people are told: one fact of the day is always what it was."""
    driven(day_ref, CHANGES[fact])
    true = day_facts
    first: dict[str, str] = true(calendar.find_day_by_ref(day_ref))
    monkeypatch.setattr(facts, "day_facts", lambda day: {**true(day), fact: first[fact]})
    with pytest.raises(AssertionError):
        driven(day_ref, CHANGES[fact])


def test_a_pass_that_is_not_looked_up_would_be_noticed(day_ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    driven(day_ref, lambda it: it.new_pass(0))
    monkeypatch.setattr(rows, "counting_passes", lambda _days, _only: {})
    with pytest.raises(AssertionError):
        driven(day_ref, lambda it: it.new_pass(0))


def test_a_version_that_does_not_rise_would_be_noticed(day_ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the gate says: after a postponement and another plan the old pass is an old one."""
    deeds: tuple[Deeds, ...] = (
        lambda it: it.call_off(Step.POSTPONE),
        lambda it: it.reschedule(7),
        lambda it: it.plan_again(),
    )
    driven(day_ref, *deeds)
    for module in (holds, versions):
        monkeypatch.setattr(module, "number", lambda _new: None)
    with pytest.raises(AssertionError):
        driven(day_ref, *deeds)


def lose_paper(it: Market) -> None:
    it.show_paper("丁", DocumentKind.ENTRY_AGREEMENT, -30)


LETTING_IN: dict[str, tuple[str, tuple[Deeds, ...]]] = {
    "placing": (
        "market.stalls.service.placement.refuse_barred",
        (lose_paper, lambda it: it.withdraw("甲", False), lambda it: it.place("丁", "A01")),
    ),
    "promoting": (
        "market.stalls.service.facts.vendors.barred",
        (lose_paper, lambda it: it.withdraw("甲", False), lambda it: it.promote()),
    ),
    "the gate": (
        "market.gate.service.look_up.barred_by",
        (lambda it: it.show_paper("甲", DocumentKind.ENTRY_AGREEMENT, -30),),
    ),
}
"""Who may stand: where it is asked, and what shows that it is not."""


@pytest.mark.parametrize("where", LETTING_IN)
def test_a_question_that_is_not_asked_would_be_noticed(
    day_ref: str, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    question, deeds = LETTING_IN[where]
    driven(day_ref, *deeds)
    monkeypatch.setattr(question, lambda *_facts, **_more: {})
    with pytest.raises(AssertionError):
        driven(day_ref, *deeds)


def test_a_stall_that_is_thought_open_would_be_noticed(day_ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    deeds: tuple[Deeds, ...] = (
        lambda it: it.shut_stall("A01", False),
        lambda it: it.move(0, "A05"),
        lambda it: it.shut_stall("A01", True),
    )
    driven(day_ref, *deeds)
    for where in (
        "market.gate.service.admission.stalls.shut_stalls",
        "market.notices.service.rows._shut",
        "market.stalls.service.facts.shut_ids",
    ):
        with monkeypatch.context() as patched:
            patched.setattr(where, lambda _day: {})
            with pytest.raises(AssertionError):
                driven(day_ref, *deeds, lambda it: it.shut_stall("A04", False), lambda it: it.move(0, "A04"))


def sell_loose(it: Market) -> None:
    """Allowed by the rules of Hunan alone, and agreed to by staff while they held."""
    it.change_profile("hunan")
    it.change_goods("甲", "loose", False)


def test_rules_of_another_region_that_are_not_followed_would_be_noticed(
    day_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may be sold there and not here: at the gate, on paper, at home, when the market is made ready."""
    deeds: tuple[Deeds, ...] = (
        sell_loose,
        lambda it: it.print_passes(False, 0),
        lambda it: it.change_profile("shandong_zibo"),
        lambda it: it.print_passes(False, 0),
        lambda it: it.change_profile("hunan"),
    )
    driven(day_ref, *deeds)
    for profile in profiles().values():
        with monkeypatch.context() as patched:
            patched.setattr("market.vendors.service.eligibility.profile_of", lambda _place: profile)  # noqa: B023
            with pytest.raises(AssertionError):
                driven(day_ref, *deeds)


def test_a_print_for_who_may_not_stand_would_be_noticed(
    day_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds: tuple[Deeds, ...] = (
        lambda it: it.print_passes(False, 0),
        lambda it: it.show_paper("甲", DocumentKind.ENTRY_AGREEMENT, -30),
        lambda it: it.print_passes(False, 0),
    )
    driven(day_ref, *deeds)
    monkeypatch.setattr("market.passes.service.prints.printable", passes.live_passes)
    with pytest.raises(AssertionError):
        driven(day_ref, *deeds)


def shut_half(it: Market) -> None:
    it.shut_zone(LABELS[:3], False)


PUBLIC: dict[str, tuple[Deeds, str, Any]] = {
    "who stands where": (lambda it: it.move(0, "A05"), "sellers_on", lambda *_asked: []),
    "what does not open": (
        shut_half,
        "stalls",
        SimpleNamespace(**{**vars(stalls), "shut_stalls": lambda _day: {}}),
    ),
}
"""What residents read: what is done, where the page asks, and what it would be told."""


@pytest.mark.parametrize("fact", PUBLIC)
def test_a_public_page_that_does_not_ask_would_be_noticed(
    day_ref: str, monkeypatch: pytest.MonkeyPatch, fact: str
) -> None:
    deed, asked, wrong = PUBLIC[fact]

    def read(it: Market) -> None:
        it.check_public(it.public_page())

    driven(day_ref, deed, read)
    monkeypatch.setattr(f"market.pages.market.{asked}", wrong)
    with pytest.raises(AssertionError):
        driven(day_ref, deed, read)


def test_a_market_closed_early_lets_nobody_in_and_tells_nobody_anything(day_ref: str) -> None:
    """All that must hold is looked at after each deed: before, while it is on, and when it was broken off."""
    driven(
        day_ref,
        lambda it: it.come_to_the_morning(-40),
        lambda it: it.drive_in(0, False),
        lambda it: it.come_to_the_morning(40),
        lambda it: it.miss(1, True),
        lambda it: it.close(),
        lambda it: it.drive_in(1, False),
        lambda it: it.change_venue("name"),
    )


def test_an_answer_that_outlived_its_date_would_be_noticed(
    day_ref: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody answered for a stall on one date; the market moves to another."""
    deeds: tuple[Deeds, ...] = (
        lambda it: it.change_goods("甲", "odd", False),
        lambda it: it.answer_for("甲"),
        lambda it: it.move_market(7, False),
    )
    driven(day_ref, *deeds)

    def for_ever(day: Any, _plan: object = None) -> dict[tuple[str, str], Any]:
        return {(waiver.code, waiver.subject): waiver for waiver in day.waivers}

    monkeypatch.setattr("market.calendar.service.readiness.waivers_in_force", for_ever)
    with pytest.raises(AssertionError):
        driven(day_ref, *deeds)


def test_what_was_shut_at_one_place_is_said_of_no_other(day_ref: str) -> None:
    """The market moves to another plaza on the same date, and back."""
    driven(
        day_ref,
        lambda it: it.shut_stall("A05", False),
        lambda it: it.check_public(it.public_page()),
        lambda it: it.move_market(0, True),
        lambda it: it.check_public(it.public_page()),
        lambda it: it.move_market(0, True),
        lambda it: it.check_public(it.public_page()),
    )
