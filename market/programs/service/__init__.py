"""Keys, allowances, kept answers, subscriptions and what is sent to them."""

from __future__ import annotations

from market.programs.service.answers import Answered, answer_once, forget_answers
from market.programs.service.deliveries import (
    find_delivery,
    forget_deliveries,
    hook_log,
    send_again,
    send_hooks,
)
from market.programs.service.events import hooks_with_news, number_of, plan
from market.programs.service.hooks import (
    ask_for_test,
    find_hook,
    hooks_of,
    resume,
    secret_of,
    subscribe,
    unsubscribe,
)
from market.programs.service.keys import (
    Place,
    find_key,
    keys_of,
    make_key,
    may_today,
    refuse_without,
    revoke_key,
    shown_key,
    state_of,
)
from market.programs.service.limits import forget_shares, headers_of, spend

__all__ = [
    "Answered", "Place", "answer_once", "ask_for_test", "find_delivery", "find_hook", "find_key",
    "forget_answers", "forget_deliveries", "forget_shares", "headers_of", "hook_log", "hooks_of",
    "hooks_with_news", "keys_of", "make_key", "may_today", "number_of", "plan", "refuse_without", "resume",
    "revoke_key", "secret_of", "send_again", "send_hooks", "shown_key", "spend", "state_of", "subscribe",
    "unsubscribe",
]  # fmt: skip
