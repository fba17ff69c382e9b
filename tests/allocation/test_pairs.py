"""Where somebody put on a stall comes to stand: the stall beside, the way round, changing places."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from market.allocation.market_rules import MarketRules, side_by_side
from market.allocation.pairs import asking, exchange, find_spot, free_stalls, neighbours, standing
from market.allocation.rules import Applicant, Circuit, Spot, StallFacts, State, check_state
from tests.allocation.towns import town

ROW = tuple(
    StallFacts(n, f"A{n:02}", "A", 0, n, power_w=2000 if n == 6 else 0, kept_free=n == 8) for n in range(1, 9)
)
"""A01 to A08 side by side; only A06 has a socket, A08 is kept free."""


def state(*people: Applicant, **standing_on: int | tuple[int, int]) -> State:
    """`d1=(2, 3)`: applicant 1 stands on A02 and A03; `s4=5`: applicant 4 on A05."""
    places = {
        int(key[1:]): Spot(*place) if isinstance(place, tuple) else Spot(place)
        for key, place in standing_on.items()
    }
    empty = State(ROW, people, (Circuit("L", 0),), None, MarketRules(neighbours=side_by_side(ROW)))
    return standing(empty, places)


def single(key: int) -> Applicant:
    return Applicant(key, key, f"V{key}", "produce", key)


def double(key: int, power_w: int = 0) -> Applicant:
    return Applicant(key, key, f"V{key}", "produce", key, power_w, double=True)


@pytest.mark.parametrize(
    ("taken", "wanted", "beside", "there"),
    [
        ((), 3, None, Spot(3, 4)),  # the higher number
        ((4,), 3, None, Spot(2, 3)),  # else the lower
        ((), 3, 2, Spot(2, 3)),  # the one that is wanted most
        ((2,), 3, 2, Spot(3, 4)),  # if it can be
        ((), 7, None, Spot(6, 7)),  # what is kept free is nobody's second stall
        ((), 1, None, Spot(1, 2)),
    ],
)
def test_who_needs_two_gets_the_stall_beside(
    taken: tuple[int, ...], wanted: int, beside: int | None, there: Spot
) -> None:
    others = {f"s{10 + stall}": stall for stall in taken}
    ground = state(double(1), *(single(10 + stall) for stall in taken), **others)
    assert find_spot(ground, 1, wanted, beside) == (there, [])


def test_needs_are_met_on_one_of_the_two_whichever_it_is() -> None:
    assert find_spot(state(double(1, power_w=1500)), 1, 5) == (Spot(6, 5), [])
    assert find_spot(state(double(1, power_w=1500)), 1, 6) == (Spot(6, 7), [])
    place, conflicts = find_spot(state(double(1, power_w=1500)), 1, 2)
    assert (place, [conflict.code for conflict in conflicts]) == (Spot(2, 3), ["no_power"])


def test_one_stall_is_enough_for_everybody_else() -> None:
    assert find_spot(state(single(1)), 1, 3, 4) == (Spot(3), [])
    assert find_spot(asking(state(double(1)), 1, double=False), 1, 3) == (Spot(3), [])


def test_without_a_free_neighbour_the_first_choice_is_told_with_who_is_there() -> None:
    ground = state(double(1), single(2), single(3), s2=2, s3=4)
    place, conflicts = find_spot(ground, 1, 3)
    assert (place, conflicts[0].code, dict(conflicts[0].params)) == (
        Spot(3, 4),
        "taken",
        {"stall": "A04", "by": "V3"},
    )


def test_what_is_wrong_with_the_stall_itself_is_told_first() -> None:
    ground = state(double(1), single(7), s7=7)
    assert [(c.code, c.params["stall"]) for c in find_spot(ground, 1, 8)[1]] == [("kept_free", "A08")]


def test_a_stall_alone_in_its_row_is_no_place_for_two() -> None:
    alone = StallFacts(9, "B01", "B", 1, 1)
    ground = State((*ROW, alone), (double(1),), (), None, MarketRules(neighbours=side_by_side(ROW)))
    place, conflicts = find_spot(ground, 1, 9)
    assert (place, [conflict.code for conflict in conflicts]) == (Spot(9), ["not_double"])


def test_both_stalls_of_a_double_are_held() -> None:
    ground = state(double(1), single(2), d1=(2, 3), s2=7)
    assert [stall.label for stall in free_stalls(ground)] == ["A01", "A04", "A05", "A06", "A08"]
    assert ground.assignment[1].stall_ids == (2, 3)
    assert neighbours(ground, 3) == [4, 2]


@pytest.mark.parametrize(
    ("of_one", "of_other", "after_one", "after_other"),
    [
        ((2, 3), 6, Spot(6, 7), Spot(2)),  # room beside the other's stall
        ((2, 3), 4, Spot(4, 5), Spot(2)),
        ((3, 4), 2, Spot(2, 3), Spot(4)),  # the pair moves by one, the other goes round it
        ((2, 3), 1, Spot(1, 2), Spot(3)),
    ],
)
def test_a_double_and_a_single_change_places_where_both_fit(
    of_one: tuple[int, int], of_other: int, after_one: Spot, after_other: Spot
) -> None:
    ground = state(double(1), single(2), d1=of_one, s2=of_other)
    assert exchange(ground, 1, 2) == ({1: after_one, 2: after_other}, [])
    assert exchange(ground, 2, 1) == ({2: after_other, 1: after_one}, [])


def test_a_double_cannot_go_where_there_is_room_for_one() -> None:
    ground = state(double(1), single(2), single(3), single(4), d1=(1, 2), s2=6, s3=5, s4=7)
    places, conflicts = exchange(ground, 1, 2)
    assert (places[1], conflicts[0].code) == (Spot(6, 7), "taken")


def test_two_doubles_change_places_as_they_stand() -> None:
    ground = state(double(1), double(2), d1=(1, 2), d2=(6, 5))
    assert exchange(ground, 1, 2) == ({1: Spot(5, 6), 2: Spot(1, 2)}, [])


def test_changing_places_and_back_leaves_everything_as_it_was() -> None:
    ground = state(double(1), single(2), d1=(3, 4), s2=2)
    places, _conflicts = exchange(ground, 1, 2)
    back, conflicts = exchange(standing(ground, places), 1, 2, beside=3)
    assert (back, conflicts) == ({1: Spot(3, 4), 2: Spot(2)}, [])


@given(st.integers(0, 500), st.data())
def test_no_step_by_hand_breaks_a_hard_rule_or_gives_a_stall_twice(seed: int, data: st.DataObject) -> None:
    problem = town(14, 12, seed, double_share=0.4)
    ground = State(
        tuple(problem.stalls),
        tuple(problem.applicants),
        tuple(problem.circuits),
        12,
        problem.market_rules,
    )
    keys = st.sampled_from([applicant.id for applicant in problem.applicants])
    for _step in range(12):
        one, other = data.draw(keys), data.draw(keys)
        if one != other and {one, other} <= ground.assignment.keys() and data.draw(st.booleans()):
            places, conflicts = exchange(ground, one, other)
        else:
            place, conflicts = find_spot(ground, one, data.draw(st.sampled_from(ground.stalls)).id)
            places = {one: place}
        if not conflicts:
            ground = standing(ground, places)
        held = [stall_id for spot in ground.assignment.values() for stall_id in spot.stall_ids]
        assert (check_state(ground), len(held)) == ([], len(set(held)))
        doubles = {key for key, spot in ground.assignment.items() if spot.second_id is not None}
        assert doubles == {a.id for a in ground.applicants if a.double} & set(ground.assignment)
