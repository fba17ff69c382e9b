"""The rules of allocation: what fits, what it is worth, what a move breaks, why someone waits."""

import ast
import dataclasses
from pathlib import Path

import pytest

from market.allocation import rules
from market.allocation.pairs import exchange
from market.allocation.reasons import explain
from market.allocation.rules import (
    PUBLISHED_WEIGHTS,
    Applicant,
    Circuit,
    Conflict,
    Reason,
    Spot,
    StallFacts,
    State,
    check_move,
    check_state,
    misfit,
    place_score,
    score,
    waiting_list,
)
from market.stalls import words

PLAIN = StallFacts(1, "A01", "A", 0, 0)
POWERED = StallFacts(2, "C01", "C", 1, 0, power_w=2500, circuit="east", water=True)
SHADY = StallFacts(3, "D01", "D", 2, 0, shade=True, vehicle=True)
CLOSED = StallFacts(4, "A02", "A", 0, 1, closed=True)
SECOND_SOCKET = StallFacts(5, "C02", "C", 1, 1, power_w=2500, circuit="east")
EAST = Circuit("east", 3000)

ZHOU = Applicant(11, 1, "周记鲜蔬", "produce", 0, wanted_stall_id=1)
ZHANG = Applicant(12, 2, "张记卤味", "cooked_food", 1, power_w=2000, needs_water=True)
BAI = Applicant(13, 3, "豆浆小铺", "bakery_drinks", 2, power_w=1500)
LAO = Applicant(14, 4, "老丁头", "repair_service", 3, needs_vehicle=True)


def state(assignment: dict[int, int], limit: int | None = None) -> State:
    stalls = (PLAIN, POWERED, SHADY, CLOSED, SECOND_SOCKET)
    return State(
        stalls,
        (ZHOU, ZHANG, BAI, LAO),
        (EAST,),
        limit,
        assignment={key: Spot(stall) for key, stall in assignment.items()},
    )


@pytest.mark.parametrize(
    "applicant, stall, expected",
    [
        (ZHOU, PLAIN, None),
        (ZHOU, POWERED, None),
        (ZHOU, CLOSED, "closed"),
        (ZHANG, PLAIN, "no_power"),
        (ZHANG, POWERED, None),
        (ZHANG, SECOND_SOCKET, "no_water"),
        (dataclasses.replace(ZHANG, power_w=2500), POWERED, None),
        (dataclasses.replace(ZHANG, power_w=2501), POWERED, "not_enough_power"),
        (dataclasses.replace(ZHANG, power_w=0), PLAIN, "no_water"),
        (LAO, PLAIN, "no_vehicle"),
        (LAO, SHADY, None),
    ],
)
def test_a_stall_fits_or_says_which_need_it_misses(
    applicant: Applicant, stall: StallFacts, expected: str | None
) -> None:
    assert misfit(applicant, stall) == expected


@pytest.mark.parametrize(
    "applicant, stall, expected",
    [
        (ZHOU, PLAIN, ["zone", "wanted_stall"]),
        (ZHOU, POWERED, []),
        (dataclasses.replace(ZHOU, last_stall_id=1), PLAIN, ["zone", "wanted_stall", "last_stall"]),
        (dataclasses.replace(ZHOU, last_stall_id=2), POWERED, ["last_stall"]),
        (LAO, SHADY, ["zone", "shade"]),
        (ZHOU, SHADY, []),
        (BAI, POWERED, ["zone"]),
        (dataclasses.replace(BAI, category="unheard_of"), POWERED, []),
    ],
)
def test_a_place_is_worth_the_sum_of_the_published_weights(
    applicant: Applicant, stall: StallFacts, expected: list[str]
) -> None:
    assert score(applicant, stall) == sum(PUBLISHED_WEIGHTS[name] for name in expected)


def test_another_communitys_weights_change_the_score() -> None:
    assert place_score(ZHOU, PLAIN, {**PUBLISHED_WEIGHTS, "zone": 7}) == 7


def test_gifts_and_pledges_cannot_reach_the_allocation() -> None:
    known = {field.name for field in dataclasses.fields(Applicant)}
    assert known == {
        "id", "vendor_id", "name", "category", "order", "power_w",
        "needs_water", "needs_vehicle", "last_stall_id", "wanted_stall_id", "width_dm", "depth_dm",
        "burns", "for_reserved", "double", "pinned_stall_id", "appearances", "misses", "points",
    }  # fmt: skip
    assert set(PUBLISHED_WEIGHTS) == {
        "placed", "zone", "target", "wanted_stall", "missed", "last_stall", "shade", "appeared",
        "same_neighbour", "points", "earlier",
    }  # fmt: skip


def test_the_rules_know_neither_the_web_nor_the_database_nor_numbers_libraries() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(rules.__path__[0]).glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    own = {f"market.allocation.rules.{name}" for name in ("conflicts", "facts", "needs", "ways", "worth")}
    outside = {
        "collections.abc",
        "dataclasses",
        "enum",
        "functools",
        "types",
        "typing",
        "market.allocation.market_rules",
    }
    assert imported == own | outside
    assert not [node for node in nodes if isinstance(node, ast.Import)]


def test_a_move_to_a_free_fitting_stall_breaks_nothing() -> None:
    assert check_move(state({11: 1}), 11, Spot(3)) == []


def test_a_waiting_applicant_may_be_moved_onto_the_plan() -> None:
    assert check_move(state({11: 1}), 12, Spot(2)) == []


def test_a_move_onto_a_taken_stall_names_who_stands_there() -> None:
    assert check_move(state({11: 1, 12: 2}), 11, Spot(2)) == [
        Conflict("taken", 11, 2, {"stall": "C01", "by": "张记卤味"})
    ]


def test_a_move_that_overloads_a_circuit_names_load_and_capacity() -> None:
    assert check_move(state({12: 2}), 13, Spot(5)) == [
        Conflict(
            "circuit_full", 13, 5, {"stall": "C02", "circuit": "east", "load_w": 3500, "capacity_w": 3000}
        )
    ]


def test_a_move_within_a_circuit_counts_the_mover_once() -> None:
    assert check_move(state({13: 2}), 13, Spot(5)) == []


def test_a_move_to_an_unfit_stall_names_the_need() -> None:
    assert [conflict.code for conflict in check_move(state({12: 2}), 12, Spot(1))] == ["no_power"]


def test_one_more_than_the_stalls_offered_that_day_is_a_conflict() -> None:
    assert [conflict.code for conflict in check_move(state({11: 1}, limit=1), 14, Spot(3))] == [
        "limit_reached"
    ]


def test_a_swap_checks_both_ends() -> None:
    _places, conflicts = exchange(state({11: 1, 12: 2}), 11, 12)
    assert [(conflict.applicant_id, conflict.code) for conflict in conflicts] == [(12, "no_power")]


def test_two_who_fit_each_others_stalls_may_swap() -> None:
    assert exchange(state({11: 2, 13: 5}), 11, 13) == ({11: Spot(5), 13: Spot(2)}, [])


def test_a_sound_plan_has_no_conflicts_and_a_broken_one_lists_them() -> None:
    assert check_state(state({11: 1, 12: 2, 14: 3})) == []
    assert [c.code for c in check_state(state({11: 4, 12: 2, 13: 2}))] == [
        "closed", "taken", "circuit_full", "taken", "circuit_full",
    ]  # fmt: skip


def test_the_waiting_list_is_the_order_of_application() -> None:
    assert waiting_list(state({12: 2})) == (11, 13, 14)


def test_the_placed_read_why_here() -> None:
    reasons = explain(state({11: 1, 12: 2, 14: 3}))
    assert reasons[11] == Reason("placed_wanted", {"stall": "A01", "zone": "A", "score": score(ZHOU, PLAIN)})
    assert reasons[12] == Reason(
        "placed_only_fit", {"stall": "C01", "zone": "C", "score": score(ZHANG, POWERED)}
    )


def test_who_did_not_get_the_wanted_stall_reads_why() -> None:
    assert explain(state({11: 3, 14: 1}))[11].params == {
        "stall": "D01", "zone": "D", "score": 0, "wanted": "A01", "wanted_because": "taken"
    }  # fmt: skip


def test_who_waits_for_watts_reads_how_many_are_left() -> None:
    params = {"position": 1, "fitting": 2, "need_w": 1500, "left_w": 1000}
    assert explain(state({11: 1, 12: 2, 14: 3}))[13] == Reason("waiting_circuit", params)


def test_who_waits_because_the_day_is_full_reads_the_number() -> None:
    params = {"position": 1, "fitting": 1, "need_w": 0, "room": 3}
    assert explain(state({11: 1, 12: 2, 13: 5}, limit=3))[14] == Reason("waiting_full", params)


def test_who_fits_nowhere_reads_the_nearest_obstacle() -> None:
    thirsty = dataclasses.replace(LAO, needs_water=True)
    plan = dataclasses.replace(state({}), applicants=(thirsty,))
    assert explain(plan)[14] == Reason(
        "waiting_no_fit", {"position": 1, "fitting": 0, "need_w": 0, "need": "no_vehicle"}
    )


def test_every_reason_and_conflict_has_its_sentence() -> None:
    params = dict.fromkeys(
        ("stall", "zone", "room", "position", "fitting", "left_w", "need_w", "has_w", "vendor", "by",
         "circuit", "load_w", "capacity_w", "limit", "wanted"), "3",
    )  # fmt: skip
    codes = [
        "placed_wanted", "placed_last", "placed_only_fit", "placed_zone", "placed_remaining",
        "waiting_full", "waiting_no_fit", "waiting_stalls", "waiting_circuit", "waiting_stalls_taken",
        "placed_reserved", "placed_fits",
    ]  # fmt: skip
    said = [words.reason_sentence(Reason(code, params | {"need": "no_water"})) for code in codes]
    misfits = ["closed", "no_power", "not_enough_power", "no_water", "no_vehicle"]
    broken = [*misfits, "taken", "circuit_full", "limit_reached"]
    said += [words.conflict_sentence(Conflict(code, 1, 1, params)) for code in broken]
    for because in [*misfits, "taken", "circuit_full", "better_together"]:
        said.append(words.reason_sentence(Reason("placed_zone", params | {"wanted_because": because})))
    assert [sentence for sentence in said if "%(" in sentence or not sentence.endswith("。")] == []
    assert len(set(said)) == len(said)


def test_a_reason_speaks_to_the_vendor() -> None:
    reason = Reason("placed_zone", {"stall": "A02", "zone": "A", "wanted": "A01", "wanted_because": "taken"})
    assert words.reason_sentence(reason) == (
        "A02 号摊位在 A 区\uff0c与您的品类相符。您想要的 A01 号已有别的摊主。"
    )


def test_the_weights_are_published_heaviest_first() -> None:
    told = [weight for _, weight in words.published_weights()]
    assert told == sorted(PUBLISHED_WEIGHTS.values(), key=abs, reverse=True)


def test_who_comes_outweighs_where_they_stand() -> None:
    """So nobody gains or loses a place by naming the stall they like, or by leaving it blank."""
    best = sum(PUBLISHED_WEIGHTS[name] for name in ("zone", "wanted_stall", "last_stall", "shade"))
    worst = 2 * PUBLISHED_WEIGHTS["same_neighbour"]
    assert best - worst < -PUBLISHED_WEIGHTS["earlier"]
    others = sum(abs(weight) for name, weight in PUBLISHED_WEIGHTS.items() if name != "placed")
    assert PUBLISHED_WEIGHTS["placed"] > others
