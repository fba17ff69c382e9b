"""Hard rules on a whole plan and on a move: what is broken, and by whom."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from market.allocation.rules.facts import Applicant, Conflict, Layout, Param, Spot, StallFacts, queue_order
from market.allocation.rules.needs import misfits, misfits_beside


def check_layout(layout: Layout) -> list[Conflict]:
    """Every hard rule the plan breaks, in the order of application; empty = the plan holds."""
    placed = [a for a in sorted(layout.applicants, key=queue_order) if a.id in layout.assignment]
    return [conflict for applicant in placed for conflict in _conflicts_of(layout, applicant)]


def check_move(layout: Layout, applicant_id: int, spot: Spot) -> list[Conflict]:
    """What would be wrong if this applicant, placed or waiting, stood there."""
    moved = replace(layout, assignment={**layout.assignment, applicant_id: spot})
    return _conflicts_of(moved, layout.applicant(applicant_id))


def _conflicts_of(layout: Layout, applicant: Applicant) -> list[Conflict]:
    stall = layout.stall(layout.assignment[applicant.id].stall_id)
    found = _need_conflicts(layout, applicant, stall)
    return found + [conflict for rule in PLAN_RULES for conflict in rule.find(layout, applicant, stall)]


def _need_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    second = layout.assignment[applicant.id].second_id
    codes, where = misfits(applicant, stall), stall
    if applicant.double and second is not None and not codes:
        beside = layout.stall(second)
        codes = misfits_beside(applicant, stall, beside)
        where = beside if codes[:1] != ["too_narrow"] else stall
    params: dict[str, Param] = {
        "stall": where.label,
        "vendor": applicant.name,
        "need_w": applicant.power_w,
        "has_w": stall.power_w,
    }
    return [Conflict(code, applicant.id, stall.id, params) for code in codes[:1]]


def _taken_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    return [
        Conflict("taken", applicant.id, own, {"stall": layout.stall(own).label, "by": _name(layout, key)})
        for own in layout.assignment[applicant.id].stall_ids
        for key in layout.holders.get(own, ())
        if key != applicant.id
    ]


def _name(layout: Layout, applicant_id: int) -> str:
    person = layout.person_by_id.get(applicant_id)
    return person.name if person else ""


def _circuit_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if stall.circuit is None or not applicant.power_w:
        return []
    load, capacity = layout.loads[stall.circuit], layout.capacity[stall.circuit]
    if load <= capacity:
        return []
    params: dict[str, Param] = {
        "stall": stall.label,
        "circuit": stall.circuit,
        "load_w": load,
        "capacity_w": capacity,
    }
    return [Conflict("circuit_full", applicant.id, stall.id, params)]


def _limit_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if layout.limit is None or layout.used <= layout.limit:
        return []
    params: dict[str, Param] = {"limit": layout.limit, "placed": layout.used}
    return [Conflict("limit_reached", applicant.id, stall.id, params)]


def _pin_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    if applicant.pinned_stall_id in (None, stall.id):
        return []
    pinned = layout.stall_by_id.get(applicant.pinned_stall_id)
    params: dict[str, Param] = {
        "stall": stall.label,
        "vendor": applicant.name,
        "pinned": pinned.label if pinned else "",
    }
    return [Conflict("pinned", applicant.id, stall.id, params)]


def _double_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    """Who needs two stands on a pair of neighbours; where nobody said which stalls are, nothing is asked."""
    if not applicant.double or not layout.market_rules.neighbours:
        return []
    spot = layout.assignment[applicant.id]
    if spot in layout.market_rules.neighbours or spot[::-1] in layout.market_rules.neighbours:
        return []
    params: dict[str, Param] = {"stall": stall.label, "vendor": applicant.name}
    return [Conflict("not_double", applicant.id, stall.id, params)]


def _most_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    quota = layout.market_rules.quotas.get(applicant.category)
    if quota is None or quota.maximum is None:
        return []
    placed = layout.placed_of.get(applicant.category, 0)
    if placed <= quota.maximum:
        return []
    params: dict[str, Param] = {"category": applicant.category, "most": quota.maximum, "placed": placed}
    return [Conflict("category_full", applicant.id, stall.id, params)]


def _apart_conflicts(layout: Layout, applicant: Applicant, stall: StallFacts) -> list[Conflict]:
    found: dict[int, Conflict] = {}
    for here in sorted(layout.assignment[applicant.id].stall_ids):
        for mine, there, theirs in layout.market_rules.apart_at.get(here, ()):
            if applicant.category != mine:
                continue
            for key in layout.holders.get(there, ()):
                other = layout.person_by_id.get(key)
                if other and other.id != applicant.id and other.category == theirs:
                    params: dict[str, Param] = {
                        "stall": layout.stall(here).label,
                        "vendor": applicant.name,
                        "by": other.name,
                        "beside": layout.stall(there).label,
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
    find: Callable[[Layout, Applicant, StallFacts], list[Conflict]]


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
