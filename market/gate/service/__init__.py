"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.gate.rules import COUNTING_STATES
from market.gate.service.absence import ABSENCE_STATES, admit_late, mark_no_show, substitute, undo_no_show
from market.gate.service.admission import (
    ScanView,
    admit_from_list,
    attendance,
    find_scan,
    scan,
    scan_view,
    turnout,
)
from market.gate.service.departures import LEAVING_STATES, tick_clean
from market.gate.service.duty import on_duty
from market.gate.service.new_date import check_move, move_day
from market.gate.service.sign_in import sign_in_rows, write_sign_in_sheet
from market.gate.service.visitors import (
    Footfall,
    Inside,
    add_missed_count,
    count_sample,
    count_visits,
    footfall,
    inside,
    left,
    slot_at,
    tap,
    visits,
)

__all__ = [
    "ABSENCE_STATES", "COUNTING_STATES", "LEAVING_STATES", "Footfall", "Inside", "ScanView",
    "add_missed_count", "admit_from_list", "admit_late", "attendance", "check_move", "count_sample",
    "count_visits", "find_scan", "footfall", "inside", "left", "mark_no_show", "move_day", "on_duty",
    "scan", "scan_view", "sign_in_rows", "slot_at", "substitute", "tap", "tick_clean", "turnout",
    "undo_no_show", "visits", "write_sign_in_sheet",
]  # fmt: skip
