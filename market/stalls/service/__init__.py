"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.stalls.service.absences import absent, bring_back, missed_days, substitutes
from market.stalls.service.closures import open_again, shut, shut_stalls
from market.stalls.service.comparison import compare
from market.stalls.service.drafts import discard_draft
from market.stalls.service.facts import PlanState, latest_run, pinned_stalls, plan_state
from market.stalls.service.guards import MOVING_STATES
from market.stalls.service.last_time import apply_last_time, back_from_last_time, held_before
from market.stalls.service.lottery import (
    COMPARABLE,
    PLANNING_STATES,
    SeedAnswer,
    came_later,
    choose_method,
    current_lottery,
    find_lottery,
    freeze_list,
    left_out,
    lotteries,
    method_of,
    people_on,
    void_list,
)
from market.stalls.service.market_rules import (
    WeightChange,
    duties,
    kept_free,
    quotas,
    quotas_before,
    weight_changes,
    weights_of,
)
from market.stalls.service.offers import (
    accept_offer,
    decline_offer,
    expire_offer,
    expire_offers,
    find_offer,
    is_open,
    late_offers,
    offer_freed,
    offer_stall,
    offer_to,
    offered_label,
    offers_now,
    open_offers,
)
from market.stalls.service.other_venue import carry_over, conflicts_at, refuse_other_venue
from market.stalls.service.pins import pin, unpin
from market.stalls.service.placement import move, place, swap
from market.stalls.service.plans import compute_plan, confirm_plan, fresh_plan, hold_lottery, problem_file
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
    held_back,
    labels_by_day,
    lanes_view,
    last_assignment,
    last_releases,
    loads,
    plan_findings,
    plan_view,
    readiness,
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
from market.stalls.service.standings import Stand, is_planned, stands, waiting_list
from market.stalls.service.two_stalls import add_second, ask_for, give_back_second
from market.stalls.service.undo import plan_before, undo_plan
from market.stalls.service.versions import give_codes, raise_version
from market.stalls.service.withdrawals import dismiss, release, withdraw

__all__ = [
    "COMPARABLE", "MOVING_STATES", "PLANNING_STATES", "QUOTA_STATES", "CircuitLoad", "NextInLine",
    "PlanStall", "PlanState", "SeedAnswer", "Stand", "Waiting", "WeightChange", "absent",
    "accept_offer", "add_second", "apply_last_time", "ask_for", "assignment_of", "assignments",
    "back_from_last_time", "bring_back", "came_later", "carry_over", "choose_method",
    "coming_assignments", "compare", "compute_plan", "confirm_plan", "conflicts_at", "copy_rules",
    "current_lottery", "decline_offer", "discard_draft", "dismiss", "duties", "expire_offer",
    "expire_offers", "find_assignment", "find_lottery", "find_offer", "find_stall", "freeze_list",
    "fresh_plan", "give_back_second", "give_codes", "held_back", "held_before", "hold_lottery",
    "is_open", "is_planned", "keep_free", "kept_free", "labels_by_day", "lanes_view", "last_assignment",
    "last_releases", "late_offers", "latest_run", "left_out", "loads", "lotteries", "method_of",
    "missed_days", "move", "next_in_line", "offer_freed", "offer_stall", "offer_to", "offered_label",
    "offers_now", "open_again", "open_offers", "people_on", "pin", "pinned_stalls", "place",
    "plan_before", "plan_findings", "plan_state", "plan_view", "problem_file", "promote_next", "quotas",
    "quotas_before", "raise_version", "readiness", "refuse_other_venue", "release", "set_duties",
    "set_quotas", "set_weights", "shut", "shut_stalls", "stands", "substitutes", "swap", "undo_plan",
    "unpin", "use_again", "void_list", "waiting_list", "waiting_of", "waiting_reasons",
    "weight_changes", "weights_of", "withdraw",
]  # fmt: skip
