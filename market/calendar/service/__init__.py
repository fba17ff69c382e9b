"""Market days: writing them down, copying them, taking their steps, and what place and date still lack."""

from __future__ import annotations

from market.calendar.service.drafts import (
    DayDraft,
    check_editable,
    copy_day,
    create_day,
    draft_of,
    edit_day,
    reschedule,
    same_weekday_later,
    shifted_draft,
)
from market.calendar.service.queries import (
    COMING_STATES,
    FINISHED_STATES,
    actual_opening,
    all_public_days,
    days,
    days_ahead,
    days_to_do,
    find_day,
    find_day_by_ref,
    find_public_day,
    local_date,
    next_day,
    open_for_application,
    public_days,
)
from market.calendar.service.readiness import (
    add_day_paper,
    place_readiness,
    report_readiness,
    waive,
    with_waivers,
)
from market.calendar.service.steps import closes_early, take_due_steps, take_step

__all__ = [
    "COMING_STATES",
    "FINISHED_STATES",
    "DayDraft",
    "actual_opening",
    "add_day_paper",
    "all_public_days",
    "check_editable",
    "closes_early",
    "copy_day",
    "create_day",
    "days",
    "days_ahead",
    "days_to_do",
    "draft_of",
    "edit_day",
    "find_day",
    "find_day_by_ref",
    "find_public_day",
    "local_date",
    "next_day",
    "open_for_application",
    "place_readiness",
    "public_days",
    "report_readiness",
    "reschedule",
    "same_weekday_later",
    "shifted_draft",
    "take_due_steps",
    "take_step",
    "waive",
    "with_waivers",
]
