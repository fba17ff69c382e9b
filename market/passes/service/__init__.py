"""What the other rooms and the pages ask of this room."""

from __future__ import annotations

from market.passes.pdf import PrintOrder
from market.passes.service.batches import LONG, LongPrint, long_print
from market.passes.service.passes import (
    CountingPass,
    Verification,
    counting_passes,
    find_pass,
    gate_opens_at,
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
from market.passes.service.prints import write_passes
from market.passes.service.publication import (
    CallOff,
    call_off_day,
    call_off_preview,
    publish_day,
    reschedule_day,
    withdraw_pass,
)

__all__ = [
    "LONG", "CallOff", "CountingPass", "LongPrint", "PrintOrder", "Verification", "call_off_day",
    "call_off_preview", "counting_passes", "find_pass", "gate_opens_at", "live_passes", "long_print",
    "outdated", "pass_of", "pass_token", "pass_url", "publish_day", "reissue", "reissue_all",
    "reschedule_day", "revoke", "verify_token", "withdraw_pass", "write_passes",
]  # fmt: skip
