"""What the pages and the clock ask of this room."""

from __future__ import annotations

from market.notices.service.due import Carried, Message, due_messages, messages, of_vendor, to_call
from market.notices.service.tellings import (
    find_telling,
    history,
    purge,
    take_back,
    take_back_list,
    tell,
    told_lately,
)

__all__ = [
    "Carried", "Message", "due_messages", "find_telling", "history", "messages", "of_vendor", "purge",
    "take_back", "take_back_list", "tell", "to_call", "told_lately",
]  # fmt: skip
