"""Hard rules on a whole plan and on a move: what is broken, and by whom."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from market.allocation.rules.facts import Applicant, Conflict, Param, Spot, StallFacts, State, queue_order
from market.allocation.rules.needs import misfits, misfits_beside


def check_state(state: State) -> list[Conflict]:
    """Every hard rule the plan breaks, in the order of application; empty = the plan holds."""
    placed = [a for a in sorted(state.applicants, key=queue_order) if a.id in state.assignment]
    return [conflict for applicant in placed for conflict in _conflicts_of(state, applicant)]


def check_move(state: State, applicant_id: int, spot: Spot) -> list[Conflict]:
    """What would be wrong if this applicant, placed or waiting, stood there."""
    moved = replace(state, assignment={**state.assignment, applicant_id: spot})
    return _conflicts_of(moved, state.applicant(applicant_id))


def _conflicts_of(state: State, applicant: Applicant) -> list[Conflict]:
    stall = state.stall(state.assignment[applicant.id].stall_id)
    found = _need_conflicts(state, applicant, stall)
    return found + [conflict for rule in PLAN_RULES for conflict in rule.find(state, applicant, stall)]


def _need_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    second = state.assignment[applicant.id].second_id
    codes, where = misfits(applicant, stall), stall
    if applicant.double and second is not None and not codes:
        beside = state.stall(second)
        codes = misfits_beside(applicant, stall, beside)
        where = beside if codes[:1] != ["too_narrow"] else stall
    params: dict[str, Param] = {
        "stall": where.label,
        "vendor": applicant.name,
        "need_w": applicant.power_w,
        "has_w": stall.power_w,
    }
    return [Conflict(code, applicant.id, stall.id, params) for code in codes[:1]]


def _taken_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    return [
        Conflict("taken", applicant.id, own, {"stall": state.stall(own).label, "by": _name(state, key)})
        for own in state.assignment[applicant.id].stall_ids
        for key in state.holders.get(own, ())
        if key != applicant.id
    ]


def _name(state: State, applicant_id: int) -> str:
    person = state.person_by_id.get(applicant_id)
    return person.name if person else ""


def _circuit_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if stall.circuit is None or not applicant.power_w:
        return []
    load, capacity = state.loads[stall.circuit], state.capacity[stall.circuit]
    if load <= capacity:
        return []
    params: dict[str, Param] = {
        "stall": stall.label,
        "circuit": stall.circuit,
        "load_w": load,
        "capacity_w": capacity,
    }
    return [Conflict("circuit_full", applicant.id, stall.id, params)]


def _limit_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if state.limit is None or state.used <= state.limit:
        return []
    params: dict[str, Param] = {"limit": state.limit, "placed": state.used}
    return [Conflict("limit_reached", applicant.id, stall.id, params)]


def _pin_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if applicant.pinned_stall_id in (None, stall.id):
        return []
    pinned = state.stall_by_id.get(applicant.pinned_stall_id)
    params: dict[str, Param] = {
        "stall": stall.label,
        "vendor": applicant.name,
        "pinned": pinned.label if pinned else "",
    }
    return [Conflict("pinned", applicant.id, stall.id, params)]


def _double_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    """Who needs two stands on a pair of neighbours; where nobody said which stalls are, nothing is asked."""
    if not applicant.double or not state.market_rules.neighbours:
        return []
    spot = state.assignment[applicant.id]
    if spot in state.market_rules.neighbours or spot[::-1] in state.market_rules.neighbours:
        return []
    params: dict[str, Param] = {"stall": stall.label, "vendor": applicant.name}
    return [Conflict("not_double", applicant.id, stall.id, params)]


def _most_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    quota = state.market_rules.quotas.get(applicant.category)
    if quota is None or quota.maximum is None:
        return []
    placed = state.placed_of.get(applicant.category, 0)
    if placed <= quota.maximum:
        return []
    params: dict[str, Param] = {"category": applicant.category, "most": quota.maximum, "placed": placed}
    return [Conflict("category_full", applicant.id, stall.id, params)]


def _apart_conflicts(state: State, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    found: dict[int, Conflict] = {}
    for here in sorted(state.assignment[applicant.id].stall_ids):
        for mine, there, theirs in state.market_rules.apart_at.get(here, ()):
            if applicant.category != mine:
                continue
            for key in state.holders.get(there, ()):
                other = state.person_by_id.get(key)
                if other and other.id != applicant.id and other.category == theirs:
                    params: dict[str, Param] = {
                        "stall": state.stall(here).label,
                        "vendor": applicant.name,
                        "by": other.name,
                        "beside": state.stall(there).label,
                    }
                    found.setdefault(there, Conflict("apart", applicant.id, stall.id, params))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class HardRule:
    """A hard rule that is judged in a whole plan, once for everybody who stands. Its words:
    `stalls/rule_words.py`."""

    code: str
    kind: str
    """What the model (`ROWS`) and a contradiction (`DESCRIBED`) call it."""
    find: Callable[[State, Applicant, StallFacts], list[Conflict]]


PLAN_RULES = (
    HardRule("taken", "stall", _taken_conflicts),
    HardRule("circuit_full", "circuit", _circuit_conflicts),
    HardRule("limit_reached", "limit", _limit_conflicts),
    HardRule("pinned", "pin", _pin_conflicts),
    HardRule("not_double", "double", _double_conflicts),
    HardRule("category_full", "max", _most_conflicts),
    HardRule("apart", "apart", _apart_conflicts),
)
"""What is told first stands first; the needs of `needs.NEEDS` come before all of these."""
