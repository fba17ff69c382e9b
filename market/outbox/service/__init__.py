"""What the pages and the clock ask of this room."""

from __future__ import annotations

from market.outbox.service.letters import (
    Recipient,
    find_copy,
    find_letter,
    letters_of,
    letters_to_call,
    recipients,
    take_back_letter,
    tell_copy,
    unread_letters,
    write_letter,
)
from market.outbox.service.planning import carried, communities_that_send, plan
from market.outbox.service.records import (
    counts,
    delivery_log,
    find_outgoing,
    held_back,
    last_failure,
    purge,
    retry,
)
from market.outbox.service.sending import send_due
from market.outbox.service.settings import (
    ask_for_test,
    remove_robot,
    rule_of,
    set_robot,
    set_rule,
    ways_open,
)
from market.outbox.service.ways import choose_ways, forget, ways_of

__all__ = [
    "Recipient", "ask_for_test", "carried", "choose_ways", "communities_that_send", "counts",
    "delivery_log", "find_copy", "find_letter", "find_outgoing", "forget", "held_back", "last_failure",
    "letters_of", "letters_to_call", "plan", "purge", "recipients", "remove_robot", "retry", "rule_of",
    "send_due", "set_robot", "set_rule", "take_back_letter", "tell_copy", "unread_letters", "ways_of",
    "ways_open", "write_letter",
]  # fmt: skip
