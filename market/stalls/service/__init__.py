"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.stalls.service.comparison import compare
from market.stalls.service.facts import Scene, latest_run, pinned_stalls, scene
from market.stalls.service.guards import MOVING_STATES
from market.stalls.service.house import (
    WeightChange,
    duties,
    kept_free,
    quotas,
    quotas_before,
    weight_changes,
    weights_of,
)
from market.stalls.service.lottery import (
    COMPARABLE,
    PLANNING_STATES,
    SeedAnswer,
    choose_method,
    current_draw,
    draws,
    find_draw,
    freeze_list,
    method_of,
    people_on,
    void_draw,
)
from market.stalls.service.offers import (
    accept_offer,
    decline_offer,
    expire_offers,
    find_offer,
    offer_freed,
    offer_stall,
    offer_to,
    offered_label,
    open_offers,
)
from market.stalls.service.pins import pin, unpin
from market.stalls.service.placement import move, place, swap
from market.stalls.service.plans import compute_plan, confirm_plan, draw_lots, fresh_plan, problem_file
from market.stalls.service.promotions import NextInLine, next_in_line, promote_next
from market.stalls.service.queries import (
    CircuitLoad,
    PlanStall,
    Waiting,
    assignment_of,
    assignments,
    coming_assignments,
    find_assignment,
    find_stall,
    labels_by_day,
    lanes_view,
    last_assignment,
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
from market.stalls.service.settings import (
    QUOTA_STATES,
    copy_rules,
    keep_free,
    set_duties,
    set_quotas,
    set_weights,
    use_again,
)
from market.stalls.service.two_stalls import add_second, ask_for, give_back_second
from market.stalls.service.undo import plan_before, undo_plan
from market.stalls.service.withdrawals import release, withdraw

__all__ = [
    "COMPARABLE", "MOVING_STATES", "PLANNING_STATES", "QUOTA_STATES",
    "CircuitLoad", "NextInLine", "PlanStall", "Scene", "SeedAnswer", "Waiting", "WeightChange",
    "accept_offer", "add_second", "ask_for", "assignment_of", "assignments", "choose_method",
    "coming_assignments", "compare", "compute_plan", "confirm_plan", "copy_rules", "current_draw",
    "decline_offer", "draw_lots", "draws", "duties", "expire_offers", "find_assignment", "find_draw",
    "find_offer", "find_stall", "freeze_list", "fresh_plan", "give_back_second", "keep_free", "kept_free",
    "labels_by_day",
    "lanes_view", "last_assignment", "latest_run", "loads", "method_of", "move", "next_in_line",
    "offer_freed", "offer_stall", "offer_to", "offered_label", "open_offers", "people_on", "pin",
    "pinned_stalls",
    "place", "plan_before", "plan_findings", "plan_view", "problem_file", "promote_next", "quotas",
    "quotas_before", "readiness", "release", "runner", "scene", "set_duties", "set_quotas", "set_weights",
    "swap", "undo_plan", "unpin", "use_again", "vendors_by_day", "void_draw", "waiting_list",
    "waiting_of", "waiting_reasons", "weight_changes", "weights_of", "withdraw",
]  # fmt: skip
