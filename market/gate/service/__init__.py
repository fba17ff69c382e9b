"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.gate.pdf import PrintOrder
from market.gate.service.admission import (
    ScanView,
    admit_from_list,
    attendance,
    find_scan,
    scan,
    scan_view,
)
from market.gate.service.footfall import COUNTING_STATES, Footfall, count_visits, footfall, visits
from market.gate.service.leaving import LEAVING_STATES, tick_clean
from market.gate.service.long_print import LONG, LongPrint, long_print
from market.gate.service.passes import (
    Verification,
    find_pass,
    gate_opens_at,
    issue_passes,
    live_passes,
    outdated,
    pass_of,
    pass_token,
    pass_url,
    reissue,
    reissue_all,
    revoke,
    verify_token,
)
from market.gate.service.printing import sign_in_rows, write_passes, write_sign_in_sheet
from market.gate.service.publication import (
    CallOff,
    add_second,
    call_off_day,
    call_off_preview,
    give_back_second,
    mark_no_show,
    move_vendor,
    place_vendor,
    promote_next,
    publish_day,
    reschedule_day,
    swap_vendors,
    withdraw_pass,
    withdraw_vendor,
)

__all__ = [
    "COUNTING_STATES", "LEAVING_STATES", "LONG", "CallOff", "Footfall", "LongPrint", "PrintOrder",
    "ScanView", "Verification", "add_second", "admit_from_list", "attendance", "call_off_day",
    "call_off_preview", "count_visits", "find_pass", "find_scan", "footfall", "gate_opens_at",
    "give_back_second", "issue_passes", "live_passes", "long_print", "mark_no_show", "move_vendor",
    "outdated", "pass_of", "pass_token", "pass_url", "place_vendor", "promote_next", "publish_day",
    "reissue", "reissue_all", "reschedule_day", "revoke", "scan", "scan_view", "sign_in_rows",
    "swap_vendors", "tick_clean", "verify_token", "visits", "withdraw_pass", "withdraw_vendor",
    "write_passes", "write_sign_in_sheet",
]  # fmt: skip
