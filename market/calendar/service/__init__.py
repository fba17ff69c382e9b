"""Market days: writing them down, copying them, taking their steps, and what place and date still lack."""

from __future__ import annotations

from market.calendar.service.drafts import (
    DayDraft,
    check_editable,
    copy_day,
    create_day,
    create_series,
    delete_draft,
    draft_of,
    edit_day,
    free_date,
    reschedule,
    same_weekday_later,
    shifted_draft,
)
from market.calendar.service.new_date import check_movable, move_day, move_faults, moved_draft
from market.calendar.service.queries import (
    COMING_STATES,
    FINISHED_STATES,
    actual_opening,
    all_public_days,
    count_days,
    days,
    days_ahead,
    days_around,
    days_by_number,
    days_on,
    days_to_do,
    find_day,
    find_day_alone,
    find_day_by_ref,
    find_public_day,
    last_held,
    local_date,
    next_day,
    next_days,
    open_for_application,
    public_days,
    public_days_after,
    public_themes,
    soonest_days,
)
from market.calendar.service.readiness import (
    DateAndPlace,
    add_day_permit,
    permits_in_force,
    permits_left_behind,
    place_readiness,
    planned,
    report_readiness,
    waive,
    waivers_in_force,
    with_waivers,
)
from market.calendar.service.steps import (
    closes_early,
    days_with_due_step,
    refuse_taken,
    take_due_step,
    take_due_steps,
    take_step,
)
from market.calendar.service.written_plan import plan_text_history, plan_texts, write_plan_texts

__all__ = [
    "COMING_STATES", "FINISHED_STATES", "DateAndPlace", "DayDraft", "actual_opening", "add_day_permit",
    "all_public_days", "check_editable", "check_movable", "closes_early", "copy_day", "count_days",
    "create_day", "create_series", "days", "days_ahead", "days_around", "days_by_number", "days_on",
    "days_to_do", "days_with_due_step", "delete_draft", "draft_of", "edit_day", "find_day",
    "find_day_alone", "find_day_by_ref", "find_public_day", "free_date", "last_held", "local_date",
    "move_day", "move_faults", "moved_draft", "next_day", "next_days", "open_for_application",
    "permits_in_force", "permits_left_behind", "place_readiness", "plan_text_history", "plan_texts",
    "planned", "public_days", "public_days_after", "public_themes", "refuse_taken",
    "report_readiness", "reschedule", "same_weekday_later", "shifted_draft",
    "soonest_days", "take_due_step", "take_due_steps", "take_step", "waive",
    "waivers_in_force", "with_waivers", "write_plan_texts",
]  # fmt: skip
