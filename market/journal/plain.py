"""Lines that are as they must be, told at a glance: nearly all of them.

Whatever is not plainly right is looked at closely (rules.line_faults), which finds the fault and its name; a
line passes here only when it has none there, and a test compares both.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from market.journal.opening import OPENED
from market.journal.rules import ChainEnd, Facts, line_of, shown_facts, spelt, spelt_facts
from market.stored import UNREADABLE, mapping, spelt_moment

_ONE_FACT = re.compile(r'\{"(([a-z]+):\w+)": "([0-9a-f]{32})"\}').fullmatch
"""How SQLite keeps what most lines tell: one fact."""

_NOTHING = sha256(b"{}").digest()


def plainly_told(row: Any, end: ChainEnd, public: frozenset[str]) -> Facts | None:
    """What a stored line tells when it continues its chain, which then ends with it; None: look closely."""
    *named, detail, at, facts, salt, said, hash_, _id = row
    try:
        told, text, shown = _told(facts, public)
        line = line_of("{}" if detail == "{}" else spelt(mapping(detail)), spelt_moment(at), text, *named)
        if sha256(bytes.fromhex(salt) + line.encode()).hexdigest() != said:
            return None
        new = sha256(bytes.fromhex(end.hash + said) + shown).hexdigest()
    except UNREADABLE:
        return None
    chain, number, *_others, act, _kind, _ref = named
    if new != hash_ or number != end.number + 1 or chain != end.chain or act == OPENED:
        return None
    end.number, end.hash = number, hash_
    return told


def _told(stored: Any, public: frozenset[str]) -> tuple[Facts, str, bytes]:
    """What a line tells, how that is spelt, and the hash of what of it is public."""
    one = _ONE_FACT(stored) if type(stored) is str else None
    if one is None:
        told = mapping(stored)
        shown = sha256(spelt_facts(shown_facts(told, public)).encode()).digest()
        return told, spelt_facts(told), shown
    key, kind, digest = one.groups()
    text = f'{{"{key}":"{digest}"}}'
    return {key: digest}, text, sha256(text.encode()).digest() if kind in public else _NOTHING
