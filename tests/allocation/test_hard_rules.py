"""Every hard rule is one entry: the check, the model, the contradiction and the words all know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pytest

from market.allocation.conflict_set import DESCRIBED, can_hold, find_conflict_set
from market.allocation.market_rules import Apart, MarketRules, Quota, side_by_side
from market.allocation.methods import make_plan
from market.allocation.optimum.limits import ROWS
from market.allocation.problem import Problem
from market.allocation.rules import (
    NEEDS,
    PLAN_RULES,
    Applicant,
    Circuit,
    HardRule,
    Need,
    Spot,
    StallFacts,
    check_state,
    needs_of,
    offers,
)
from market.stalls.rule_words import KINDS, RULE_WORDS, RuleWords, conflicting_words

ROW = tuple(
    StallFacts(
        n, f"A{n:02}", "A", 0, n, power_w=2000, circuit="east", water=True, vehicle=True, width_dm=30,
        depth_dm=30,
    )
    for n in (1, 2, 3)
)  # fmt: skip
FARMER = Applicant(
    11, 1, "周记鲜蔬", "produce", 0, power_w=1500, needs_water=True, needs_vehicle=True, burns=True,
    width_dm=25, depth_dm=25,
)  # fmt: skip
COOK = replace(FARMER, id=12, name="张记卤味", category="cooked_food", order=1)
HELD = Problem(
    ROW, [FARMER, COOK], [Circuit("east", 9000)], market_rules=MarketRules(neighbours=side_by_side(ROW))
)
"""A market in which both may stand side by side; every example below breaks one rule of it."""
BESIDE = {11: Spot(1), 12: Spot(2)}


@dataclass(frozen=True)
class Example:
    """A market, and who stands where against one rule alone."""

    problem: Problem
    standing: Mapping[int, Spot]


def first_stall(**facts: object) -> Example:
    stall = replace(ROW[0], **facts)  # type: ignore[arg-type]  # the table below names fields of a stall
    return Example(replace(HELD, stalls=[stall, *ROW[1:]]), BESIDE)


def farmer(**facts: object) -> Problem:
    person = replace(FARMER, **facts)  # type: ignore[arg-type]  # the table below names fields of a person
    return replace(HELD, applicants=[person, COOK])


EXAMPLES: dict[str, Example] = {
    "closed": first_stall(closed=True),
    "kept_free": first_stall(kept_free=True),
    "reserved": first_stall(reserved=True),
    "no_power": first_stall(power_w=0),
    "not_enough_power": first_stall(power_w=1000),
    "no_water": first_stall(water=False),
    "no_vehicle": first_stall(vehicle=False),
    "no_flame": first_stall(no_flame=True),
    "too_narrow": first_stall(width_dm=20),
    "too_shallow": first_stall(depth_dm=20),
    "taken": Example(HELD, {11: Spot(1), 12: Spot(1)}),
    "circuit_full": Example(replace(HELD, circuits=[Circuit("east", 2000)]), BESIDE),
    "limit_reached": Example(replace(HELD, limit=1), BESIDE),
    "pinned": Example(farmer(pinned_stall_id=3), BESIDE),
    "not_double": Example(farmer(double=True), BESIDE),
    "category_full": Example(
        replace(HELD, market_rules=replace(HELD.market_rules, quotas={"produce": Quota(maximum=0)})), BESIDE
    ),
    "apart": Example(
        replace(HELD, market_rules=replace(HELD.market_rules, apart=(Apart("produce", "cooked_food"),))),
        BESIDE,
    ),
}
CODES = [*(need.code for need in NEEDS), *(rule.code for rule in PLAN_RULES)]


def pinned_as(example: Example) -> Problem:
    """The same market, where everybody has to stand just there."""
    people = [
        replace(a, pinned_stall_id=example.standing[a.id].stall_id, wanted_stall_id=None)
        for a in example.problem.applicants
    ]
    return replace(example.problem, applicants=people)


def alone(problem: Problem) -> Problem:
    """Nobody beside, so that no second stall can be found."""
    return replace(problem, market_rules=replace(problem.market_rules, neighbours=()))


def test_every_rule_has_an_example_and_the_market_without_it_holds() -> None:
    assert list(EXAMPLES) == CODES, "each rule has its line in EXAMPLES, in the order of NEEDS and PLAN_RULES"
    assert check_state(HELD.state(BESIDE)) == []
    assert can_hold(pinned_as(Example(HELD, BESIDE))) is True


@pytest.mark.parametrize("code", CODES)
def test_the_check_finds_every_rule(code: str) -> None:
    example = EXAMPLES[code]
    assert {found.code for found in check_state(example.problem.state(example.standing))} == {code}


@pytest.mark.parametrize("code", [code for code in CODES if code not in ("pinned", "not_double")])
def test_the_model_keeps_every_rule(code: str) -> None:
    """Who has to stand just where the rule says no makes the whole market impossible."""
    assert can_hold(pinned_as(EXAMPLES[code])) is False


def test_the_model_puts_the_pinned_on_their_stall_and_two_stalls_side_by_side() -> None:
    wished = farmer(pinned_stall_id=3, wanted_stall_id=1)
    assert make_plan(wished).assignment[11] == Spot(3)
    assert make_plan(farmer(double=True)).assignment[11].second_id is not None
    assert can_hold(alone(farmer(double=True, pinned_stall_id=1))) is False


KIND_OF = {"circuit_full": "circuit", "limit_reached": "limit", "category_full": "max", "apart": "apart"}


@pytest.mark.parametrize("code", [*(need.code for need in NEEDS), *KIND_OF])
def test_a_contradiction_names_every_rule(code: str) -> None:
    named = {rule.code for rule in find_conflict_set(pinned_as(EXAMPLES[code]))}
    assert f"clash_{KIND_OF.get(code, code)}" in named
    assert "clash_pin" in named


def missing_words(codes: list[str], words: Mapping[str, RuleWords]) -> Iterator[str]:
    """What nobody could be told."""
    need_codes = {need.code for need in NEEDS}
    for code in codes:
        said = words.get(code, RuleWords())
        wanted = {"conflict": said.conflict, "missed": said.missed}
        if code in need_codes or code not in {rule.code for rule in PLAN_RULES}:
            wanted |= {"nowhere": said.nowhere, "in_conflict": said.in_conflict, "too_few": said.too_few}
            wanted |= {"pinned_amiss": said.pinned_amiss}
        yield from (f"{code}: {name}" for name, sentence in wanted.items() if not str(sentence))


def test_every_rule_has_its_words() -> None:
    assert list(missing_words(CODES, RULE_WORDS)) == [], "write them in stalls/rule_words.py: RULE_WORDS"
    assert [need.code for need in NEEDS if need.held_back and not str(RULE_WORDS[need.code].held_back)] == []
    assert [
        kind
        for kind in DESCRIBED
        if kind != "need" and not str(conflicting_words(f"clash_{kind}").in_conflict)
    ] == []
    assert set(KINDS.values()) <= set(RULE_WORDS)


def test_a_rule_without_words_would_be_found() -> None:
    """The control."""
    quiet = Need("too_loud", lambda a, s: False, asked=lambda a: None, offered=lambda s: 0, lift=10)
    assert "too_loud: conflict" in missing_words([*CODES, quiet.code], RULE_WORDS)
    silent = {**RULE_WORDS, "apart": RuleWords(conflict="…")}
    assert list(missing_words(CODES, silent)) == ["apart: missed"]


def unknown_to_the_model(rules: tuple[HardRule, ...]) -> list[str]:
    """Rules for which neither a row is added nor columns are left out."""
    by_columns = {"pin", "double"}
    return [rule.code for rule in rules if rule.kind not in ROWS and rule.kind not in by_columns]


def test_every_rule_of_a_plan_has_a_row_or_columns() -> None:
    assert unknown_to_the_model(PLAN_RULES) == [], "allocation/optimum/limits.py: ROWS has none of their kind"
    noise = HardRule("noise", "noise", lambda state, applicant, stall: [])
    assert unknown_to_the_model((*PLAN_RULES, noise)) == ["noise"]


@pytest.mark.parametrize("need", NEEDS, ids=lambda need: need.code)
def test_a_need_tells_apart_what_it_looks_at(need: Need) -> None:
    """Stalls and people that a need treats differently are never counted as alike."""
    one, other = EXAMPLES[need.code].problem.stalls[0], ROW[0]
    same = "let ROW offer it and FARMER ask for it, so that the example takes one of both away"
    assert offers(one) != offers(other), f"{need.code} looks at nothing in which these stalls differ. {same}"
    assert bool(need.broken(FARMER, one)) is not bool(need.broken(FARMER, other)), same
    content = Applicant(11, 1, "周记鲜蔬", "produce", 0, for_reserved=True)
    assert need.code in ("closed", "kept_free") or needs_of(content) != needs_of(FARMER)
