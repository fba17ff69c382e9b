"""Entries that are as they must be, told at a glance: nearly all of a long book.

Whatever is not plainly right is looked at closely (chain.check_next), which finds the fault and its name; an
entry passes here only when it has none there, and a test compares both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import Any

from market.ledger.chain import Reader, entry_of, spelt_line
from market.ledger.rules import CHART, MAX_LINE_FEN, Code, EntryKind
from market.stored import UNREADABLE, spelt_moment


def plainly_right(row: Sequence[Any], lines: Sequence[Any], reader: Reader) -> bool:
    """Whether a stored entry continues its book; then it counts as read. False: look closely.

    What another entry undoes, and what undoes one, is always looked at closely.
    """
    (
        _id, reverses_id, ref, sequence, year, number, kind, source, day, at, by, memo, reason, journal, salt,
        before, hash_, _undoes,
    ) = row  # fmt: skip
    noted = reader.noteworthy
    if reverses_id is not None or kind == EntryKind.REVERSAL or source in noted.repeated:
        return False
    try:
        said, at_charity = _lines(lines)
        day, when = str(day), spelt_moment(at)
        text = entry_of(
            ref, sequence, year, number, kind, source, day, when, by, memo, said, None, reason, journal, salt
        )
        fits = sha256(bytes.fromhex(before) + text.encode()).hexdigest() == hash_
    except UNREADABLE:
        return False
    follows = before == reader.prev_hash and sequence == reader.sequence + 1 and when >= reader.prev_at
    numbered = number == reader.numbers[year] + 1 and is_day(day) and day[:4] == str(year)
    overdrawn = at_charity < 0 and reader.at_charity + at_charity < 0
    if not (fits and follows and numbered) or overdrawn or sequence in noted.undone:
        return False
    reader.prev_hash, reader.prev_at, reader.sequence = hash_, when, sequence
    reader.numbers[year] = number
    reader.at_charity += at_charity
    return True


@lru_cache(maxsize=4096)
def is_day(text: str) -> bool:
    """Whether a text is a date as it is spelt."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _lines(rows: Sequence[Any]) -> tuple[str, int]:
    """How the lines of an entry are spelt, and what they do to the account at the charity."""
    said, total, at_charity = [], 0, 0
    for place, (_entry, position, account, fen, dimension) in enumerate(rows, 1):
        if position != place or type(fen) is not int or account not in CHART:
            raise ValueError(place)
        if not fen or not -MAX_LINE_FEN <= fen <= MAX_LINE_FEN:
            raise ValueError(fen)
        said.append(spelt_line(account, fen, dimension))
        total += fen
        at_charity += fen if account == Code.AT_CHARITY else 0
    if total or len(said) < 2:
        raise ValueError(total)
    return ",".join(said), at_charity
