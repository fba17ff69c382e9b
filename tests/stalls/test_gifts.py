"""What a vendor gives is no input of the allocation: not by import, not by field, not by result."""

from __future__ import annotations

from dataclasses import fields

import pytest
from flask import Flask
from hypothesis import given, strategies as st

from market import clock
from market.allocation.market_rules import MarketRules, Quota
from market.allocation.problem import Problem
from market.allocation.rules import PUBLISHED_WEIGHTS, Applicant, StallFacts
from market.allocation.weights import weights_fault
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import unit_of_work
from market.settlement import service as settlement
from market.settlement.rules import Terms, TermsKind
from market.stalls import service
from market.vendors.rules import ApplicationState
from tests.cast import Cast, person
from tests.factories.calendar import make_day
from tests.factories.settlement import settled_market
from tests.factories.vendors import make_application
from tests.test_architecture import imports

MONEY_ROOMS = ("market.ledger", "market.settlement", "market.fund", "market.money")
MONEY_WORDS = {
    "gift",
    "gave",
    "pledge",
    "donat",
    "fund",
    "fen",
    "rate",
    "takings",
    "paid",
    "terms",
    "contribution",
}
GIVES = (
    Terms(TermsKind.NONE),
    Terms(TermsKind.PERCENT, basis_points=10_000),
    Terms(TermsKind.FIXED, fixed_fen=100_000),
)


def reached_from(module: str) -> set[str]:
    """Every module that is loaded with this one, by way of the others."""
    edges: dict[str, set[str]] = {}
    for edge in imports():
        edges.setdefault(edge.importer, set()).add(edge.imported)
    found, open_ends = {module}, [module]
    while open_ends:
        new = edges.get(open_ends.pop(), set()) - found
        found |= new
        open_ends += new
    return found


@pytest.mark.parametrize(
    "module", ["stalls.service.plans", "stalls.service.settings", "allocation.methods", "stalls.problem_file"]
)
def test_no_module_of_the_allocation_reaches_a_room_of_money(module: str) -> None:
    reached = reached_from(f"market.{module}")
    assert "market.allocation.problem" in reached or module == "stalls.service.settings"
    assert [name for name in reached if name.startswith(MONEY_ROOMS)] == []


def test_nothing_a_plan_is_made_of_is_named_after_money() -> None:
    named = {
        field.name
        for facts in (Applicant, StallFacts, Problem, MarketRules, Quota)
        for field in fields(facts)
    }
    named |= set(PUBLISHED_WEIGHTS)
    assert [name for name in named if any(word in name.lower() for word in MONEY_WORDS)] == []


@given(st.sampled_from(sorted(MONEY_WORDS)), st.integers(-100, 100))
def test_a_community_cannot_weigh_what_is_given(word: str, points: int) -> None:
    assert weights_fault({**PUBLISHED_WEIGHTS, word: points}) == ("no_weight", word)


@pytest.fixture
def next_day(context: Flask, cast: Cast) -> MarketDay:
    """The market after one that was settled; the same three vendors have applied, two stalls are open."""
    with unit_of_work():
        by = person("staff")
        ours = find_community(cast.ours)
        before = settled_market(ours, by, in_days=-20).day
        day = make_day(ours, by, in_days=10, state=DayState.OPEN_FOR_APPLICATION, stall_limit=2)
        for held in service.assignments(before):
            make_application(day, held.vendor, by, state=ApplicationState.APPROVED)
        day.state = DayState.REVIEWING
        return day


def plan_of(day: MarketDay) -> tuple[bytes, str]:
    """The problem to the byte, and the plan with every reason."""
    plan = service.fresh_plan(day).plan
    return service.problem_file(day), repr((plan.assignment, plan.waiting, plan.reasons, plan.objective))


@pytest.mark.parametrize("gives", GIVES, ids=[str(one.kind) for one in GIVES])
def test_a_plan_is_the_same_to_the_byte_whatever_the_vendors_give(next_day: MarketDay, gives: Terms) -> None:
    with unit_of_work():
        day, second, at = next_day, person("second"), clock.now()
        before = plan_of(day)
        for number, application in enumerate(service.plan_state(day).applications.values()):
            if number != 1:
                settlement.agree_terms(application.vendor, gives, by=second, at=at)
            last = settlement.settlements(day.community)[0].lines[number].assignment
            settlement.correct_takings(
                last, 1_000_000, "看错了", by=second, at=at, chosen_fen=999_900 * number
            )
            second = person("staff") if second.login == "second" else person("second")
        assert plan_of(day) == before
