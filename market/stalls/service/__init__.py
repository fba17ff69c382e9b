"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.stalls.service.facts import Scene, latest_run, scene
from market.stalls.service.looking import (
    CircuitLoad,
    PlanStall,
    Waiting,
    assignment_of,
    assignments,
    coming_assignments,
    find_assignment,
    find_stall,
    lanes_view,
    loads,
    plan_findings,
    plan_view,
    readiness,
    runner,
    vendors_by_day,
    waiting_list,
    waiting_of,
    waiting_reasons,
)
from market.stalls.service.moving import (
    MOVING_STATES,
    move,
    next_in_line,
    place,
    promote_next,
    release,
    swap,
    withdraw,
)
from market.stalls.service.planning import PLANNING_STATES, compute_plan, confirm_plan

__all__ = [
    "MOVING_STATES", "PLANNING_STATES", "CircuitLoad", "PlanStall", "Scene", "Waiting", "assignment_of",
    "assignments", "coming_assignments", "compute_plan", "confirm_plan", "find_assignment",
    "find_stall", "lanes_view", "latest_run", "loads", "move", "next_in_line", "place", "plan_findings",
    "plan_view", "promote_next", "readiness", "release", "runner", "scene", "swap", "vendors_by_day",
    "waiting_list", "waiting_of", "waiting_reasons", "withdraw",
]  # fmt: skip
