"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.passes.pdf import PrintOrder
from market.passes.service.long_print import LONG, LongPrint, long_print
from market.passes.service.passes import (
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
from market.passes.service.printing import write_passes
from market.passes.service.publication import (
    CallOff,
    accept_offer,
    add_second,
    call_off_day,
    call_off_preview,
    give_back_second,
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
    "LONG", "CallOff", "LongPrint", "PrintOrder", "Verification", "accept_offer", "add_second",
    "call_off_day", "call_off_preview", "find_pass", "gate_opens_at", "give_back_second", "issue_passes",
    "live_passes", "long_print", "move_vendor", "outdated", "pass_of", "pass_token", "pass_url",
    "place_vendor", "promote_next", "publish_day", "reissue", "reissue_all", "reschedule_day", "revoke",
    "swap_vendors", "verify_token", "withdraw_pass", "withdraw_vendor", "write_passes",
]  # fmt: skip
