"""What an agreement promised by when, and how far it was kept: worked out, never stored."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import NamedTuple

from market.fund.rules import Rhythm


class Promise(NamedTuple):
    """What an agreement says of its supports."""

    starts_on: date
    ends_on: date
    """Its last day; an agreement that ended early ends then."""
    rhythm: Rhythm
    amount_fen: int

    @property
    def a_year_fen(self) -> int:
        return self.amount_fen * 12 // self.rhythm.months


class Due(NamedTuple):
    """One support: the days it is for, the last of which is when it is due."""

    first: date
    due_on: date
    amount_fen: int


@dataclass(frozen=True)
class Kept:
    """One support, and how much of it was given."""

    due: Due
    given_fen: int

    @property
    def open_fen(self) -> int:
        return self.due.amount_fen - self.given_fen

    def is_late(self, today: date) -> bool:
        return self.open_fen > 0 and self.due.due_on < today


def months_after(first: date, months: int) -> date:
    """The same day some months later; the last one of a month that has no such day."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def dues(promise: Promise) -> list[Due]:
    """The supports of whole periods, in order.

    For the days that are left when an agreement ends within a period nothing is due: who runs a space is
    asked, not chased.
    """
    return list(_dues(promise)) if promise.amount_fen else []


def _dues(promise: Promise) -> Iterator[Due]:
    for number in count():
        first = months_after(promise.starts_on, number * promise.rhythm.months)
        after = months_after(promise.starts_on, (number + 1) * promise.rhythm.months)
        last = after - timedelta(days=1)
        if last > promise.ends_on:
            return
        yield Due(first, last, promise.amount_fen)


def kept(supports: Sequence[Due], given_fen: int) -> list[Kept]:
    """What was given, counted to the oldest support first; more than all of them is a gift beyond."""
    found = []
    for due in supports:
        part = min(due.amount_fen, given_fen)
        given_fen -= part
        found.append(Kept(due, part))
    return found


class Standing(NamedTuple):
    """How an agreement stands today."""

    due_fen: int
    """What was due until yesterday."""
    late_fen: int
    late_since: date | None
    next_due: Kept | None


def standing(supports: Sequence[Kept], today: date) -> Standing:
    """What was due, what of it is missing and since when, and what comes next."""
    late = [one for one in supports if one.is_late(today)]
    ahead = [one for one in supports if one.open_fen and not one.is_late(today)]
    return Standing(
        due_fen=sum(one.due.amount_fen for one in supports if one.due.due_on < today),
        late_fen=sum(one.open_fen for one in late),
        late_since=late[0].due.due_on if late else None,
        next_due=ahead[0] if ahead else None,
    )
