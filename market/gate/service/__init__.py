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
from market.gate.service.package import day_package, millis
from market.gate.service.phone_counts import (
    CountTold,
    HeldCounts,
    decide_counts,
    held_counts,
    receive_counts,
)
from market.gate.service.phones import (
    enrol,
    enrol_own,
    find_phone,
    invitation_secret,
    invite,
    invited,
    leave,
    minds_gate,
    note_seen,
    phone_of,
    phones_at_work,
    phones_of,
    revoke_phone,
    until,
    wait_for_market,
    why_not,
)
from market.gate.service.sign_in import sign_in_rows, write_sign_in_sheet
from market.gate.service.uploads import (
    AT_ONCE,
    Handed,
    Told,
    conflicts,
    day_of_phone,
    decide_held,
    held_scans,
    receive,
    receive_all,
    undo_admission,
)
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
from market.gate.service.volunteers import may_note_volunteers, note_volunteers, volunteers_of

__all__ = [
    "ABSENCE_STATES", "AT_ONCE", "COUNTING_STATES", "LEAVING_STATES", "CountTold", "Footfall",
    "Handed", "HeldCounts", "Inside", "ScanView", "Told", "add_missed_count", "admit_from_list", "admit_late",
    "attendance", "check_move", "conflicts", "count_sample", "count_visits", "day_of_phone",
    "day_package", "decide_counts", "decide_held", "enrol", "enrol_own", "find_phone", "find_scan",
    "footfall", "held_counts", "held_scans", "inside", "invitation_secret", "invite", "invited",
    "leave", "left", "mark_no_show", "may_note_volunteers", "millis", "minds_gate", "move_day",
    "note_seen", "note_volunteers", "on_duty", "phone_of", "phones_at_work", "phones_of", "receive",
    "receive_all", "receive_counts", "revoke_phone", "scan", "scan_view", "sign_in_rows", "slot_at",
    "substitute", "tap", "tick_clean", "turnout", "undo_admission", "undo_no_show", "until", "visits",
    "volunteers_of", "wait_for_market", "why_not", "write_sign_in_sheet",
]  # fmt: skip
