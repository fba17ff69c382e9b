"""Comparing the charity's statement with our book, line by line: what fits, and what does not.

A line fits one line, never two. Lines with the same number of the charity belong together, and what came back
with the number of what it undoes; lines without a number that somebody knows, when amount and date fit: first
those whose words say the same, then the nearest. Where two fit as well, somebody is asked. What remains is a
difference of one kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

from market.ledger.spans import Span
from market.tables.rows import MOST_ROWS
from market.typed_text import search_key

NEAR = timedelta(days=10)
"""How far apart the two dates of the same payment may lie: a bank's holiday, and a day to write it down."""


class TheirLine(NamedTuple):
    """One row of the charity's statement."""

    row: int
    """As the spreadsheet numbers it."""
    on: date
    fen: int
    """What came, in fen; what went is negative."""
    reference: str
    text: str
    balance_fen: int | None = None
    """What was left afterwards, where the statement says so."""


class OurLine(NamedTuple):
    """One entry of the book, as far as it moved what the charity holds."""

    entry_ref: str
    voucher: str
    on: date
    fen: int
    reference: str
    memo: str
    undoes: tuple[str, ...] = ()
    """Of what goes back: the charity's numbers of what it undoes."""


class Difference(StrEnum):
    """What does not fit."""

    AMOUNT = "amount"
    """The same number, another amount."""
    TWICE = "twice"
    """The statement has the same number once more."""
    NOT_IN_BOOK = "not_in_book"
    NOT_ON_STATEMENT = "not_on_statement"
    OTHER_NUMBER = "other_number"
    """Amount and date fit, the numbers do not."""
    OTHER_PERIOD = "other_period"
    """We booked it before the statement begins or after it ends."""
    UNSURE = "unsure"
    """Amount, date and words fit several of ours alike; somebody has to say which."""


class Found(NamedTuple):
    """One difference: their line, ours, or both."""

    kind: Difference
    theirs: TheirLine | None
    ours: OurLine | None
    fen: int
    """What the statement moved more than the book did in the same days, in fen."""
    others: tuple[OurLine, ...] = ()
    """Which of ours would fit as well."""


@dataclass(frozen=True)
class Matching:
    """How a statement and the book fit."""

    pairs: tuple[tuple[TheirLine, OurLine], ...]
    differences: tuple[Found, ...]
    """In the order of the statement; what it does not have comes last."""


def match(theirs: Iterable[TheirLine], ours: Iterable[OurLine], span: Span) -> Matching:
    """Pairs the lines. `ours` may hold entries from a little before and after the days of the statement."""
    rest = _Rest(list(theirs), list(ours), span)
    for one, other in rest.together(lambda line: (_key(line.reference), line.fen)):
        rest.fits(one, other)
    for one, other in rest.returns():
        rest.fits(one, other)
    for one, other in rest.together(lambda line: _key(line.reference)):
        rest.note(Difference.AMOUNT, one, other)
    for one in rest.again():
        rest.note(Difference.TWICE, one, None)
    for one, other, others in rest.near(numbered=False):
        rest.fits(one, other, others)
    for one, other, _others in rest.near(numbered=True):
        rest.note(Difference.OTHER_NUMBER if span.holds(other.on) else Difference.OTHER_PERIOD, one, other)
    for one in list(rest.theirs):
        rest.note(Difference.NOT_IN_BOOK, one, None)
    for other in rest.ours:
        if span.holds(other.on):
            rest.note(Difference.NOT_ON_STATEMENT, None, other)
    pairs = sorted(rest.pairs, key=lambda pair: pair[0].row)
    found = sorted(rest.found, key=lambda found: found.theirs.row if found.theirs else MOST_ROWS + 1)
    return Matching(tuple(pairs), tuple(found))


def _key(reference: str) -> str:
    return search_key(reference).replace(" ", "").replace("-", "")


LEAST_WORDS = 3
"""So many letters in a row say the same thing; fewer do by chance."""


def likeness(text: str, memo: str) -> int:
    """How much of the words of a statement stands in our memo: the longest run of letters that both have."""
    one, other = _key(text), _key(memo)
    longest = SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size
    return longest if longest >= LEAST_WORDS else 0


_Pairs = list[tuple[TheirLine, OurLine]]
_Fit = tuple[int, timedelta]
"""How well two lines fit: the less the better. Words go before days."""


class _Rest:
    """What is not paired yet, and what came of the rest."""

    def __init__(self, theirs: list[TheirLine], ours: list[OurLine], span: Span) -> None:
        self.theirs, self.ours, self.span = theirs, ours, span
        self.pairs: _Pairs = []
        self.found: list[Found] = []

    def together(self, key: Callable[[TheirLine | OurLine], Hashable]) -> _Pairs:
        """Numbered lines with the same key, one and one in their order, taken out of what is left."""
        waiting: dict[Hashable, list[OurLine]] = defaultdict(list)
        for line in self.ours:
            if line.reference:
                waiting[key(line)].append(line)
        numbered = [line for line in self.theirs if line.reference]
        return self._take((line, waiting[key(line)].pop(0)) for line in numbered if waiting[key(line)])

    def again(self) -> list[TheirLine]:
        """Lines whose number belonged to another one."""
        gone = [one for one, _other in self.pairs] + [found.theirs for found in self.found if found.theirs]
        known = {_key(line.reference) for line in gone}
        return [line for line in self.theirs if line.reference and _key(line.reference) in known]

    def returns(self) -> _Pairs:
        """What came back under the number of what it undoes, with the same amount."""
        pairs, ours = [], list(self.ours)
        for one in self.theirs:
            key = _key(one.reference)
            fits = (line for line in ours if line.fen == one.fen and key in map(_key, line.undoes))
            other = next(fits, None) if key else None
            if other is not None:
                ours.remove(other)
                pairs.append((one, other))
        return self._take(pairs)

    def near(self, *, numbered: bool) -> list[tuple[TheirLine, OurLine, tuple[OurLine, ...]]]:
        """The same amount within a few days, the best first, each with what of ours would fit as well.

        `numbered`: though both have a number.
        """
        known = self._fits(numbered)
        theirs, ours = {line.row: line for line in self.theirs}, dict(enumerate(self.ours))
        found = []
        for fit, row, place in sorted((fit, row, place) for (row, place), fit in known.items()):
            if row in theirs and place in ours:
                alike = [at for at in ours if known.get((row, at)) == fit]
                rivals = sum(known.get((at, place)) == fit for at in theirs)
                others = tuple(ours[at] for at in alike if at != place) if len(alike) > rivals else ()
                found.append((theirs.pop(row), ours.pop(place), others))
        self._take((one, other) for one, other, _others in found)
        return found

    def _fits(self, numbered: bool) -> dict[tuple[int, int], _Fit]:
        """How well each of theirs (by row) fits each of ours (by place), where it can be the same payment."""
        return {
            (one.row, place): (-likeness(one.text, other.memo), abs(one.on - other.on))
            for one in self.theirs
            for place, other in enumerate(self.ours)
            if one.fen == other.fen
            and abs(one.on - other.on) <= NEAR
            and bool(one.reference and other.reference) is numbered
        }

    def fits(self, one: TheirLine, other: OurLine, others: tuple[OurLine, ...] = ()) -> None:
        """They belong together, unless `others` would fit as well."""
        if others:
            self.note(Difference.UNSURE, one, other, others)
        elif self.span.holds(other.on):
            self.pairs.append((one, other))
        else:
            self.note(Difference.OTHER_PERIOD, one, other)

    def note(
        self,
        kind: Difference,
        one: TheirLine | None,
        other: OurLine | None,
        others: tuple[OurLine, ...] = (),
    ) -> None:
        ours_fen = other.fen if other is not None and self.span.holds(other.on) else 0
        self.found.append(Found(kind, one, other, (one.fen if one else 0) - ours_fen, others))
        if one in self.theirs:
            self.theirs.remove(one)

    def _take(self, pairs: Iterable[tuple[TheirLine, OurLine]]) -> _Pairs:
        taken = list(pairs)
        theirs, ours = {one.row for one, _other in taken}, {id(other) for _one, other in taken}
        self.theirs = [line for line in self.theirs if line.row not in theirs]
        self.ours = [line for line in self.ours if id(line) not in ours]
        return taken


# ── the sums ──────────────────────────────────────────────────────────────────────────────────────────────


class SumFault(StrEnum):
    """What does not add up."""

    ADDED_UP = "added_up"
    """Opening balance and lines do not come to the closing balance: a row of the statement is missing."""
    RUNNING = "running"
    """A row's balance is not the one before it and its amount."""
    OPENING = "opening"
    """The charity began with another sum than our book has."""


class WrongSum(NamedTuple):
    """A sum of the statement, and what it should be, in fen."""

    fault: SumFault
    row: int
    """Of the statement, 0 for the whole of it."""
    theirs_fen: int
    expected_fen: int


def wrong_sums(
    lines: Sequence[TheirLine], opening_fen: int, closing_fen: int, ours_fen: int
) -> list[WrongSum]:
    """What does not add up in a statement; `ours_fen` is what our book held when it began."""
    found = []
    if opening_fen != ours_fen:
        found.append(WrongSum(SumFault.OPENING, 0, opening_fen, ours_fen))
    told = [(0, opening_fen), *((line.row, line.balance_fen) for line in lines)]
    for (_row, before), line in zip(told, lines, strict=False):
        if before is not None and line.balance_fen not in (None, before + line.fen):
            found.append(WrongSum(SumFault.RUNNING, line.row, line.balance_fen or 0, before + line.fen))
    comes_to = opening_fen + sum(line.fen for line in lines)
    if comes_to != closing_fen:
        found.append(WrongSum(SumFault.ADDED_UP, 0, closing_fen, comes_to))
    return found
