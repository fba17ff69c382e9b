"""Prints too long for one file: made stack by stack while they are sent, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from io import BytesIO

from market.calendar.models import MarketDay
from market.db import db
from market.passes import words
from market.passes.models import StallPass
from market.passes.pdf import PrintOrder
from market.passes.service.passes import live_pass_ids, passes_by_id
from market.passes.service.prints import print_passes, refuse_impossible, refuse_nothing, spare_numbers
from market.passes.stacks import File, stacks
from market.stalls import service as stalls

LONG = 500
"""From more passes on, a print is cut into stacks; up to here it is one file, made in a third of a second."""


@dataclass(frozen=True)
class LongPrint:
    """What is to be printed, by number: the passes themselves are looked up when their turn comes."""

    day_id: int
    title: str
    order: PrintOrder
    passes: tuple[int, ...]
    spares: tuple[str, ...]

    @property
    def total(self) -> int:
        return len(self.passes) + len(self.spares)

    @property
    def stacks(self) -> list[range]:
        """The passes of each file, by their place in the print."""
        return stacks(self.total, self.order.layout, self.order.start)

    def files(self, look: Callable[[], AbstractContextManager[object]]) -> Iterator[File]:
        """The files, each made when it is asked for within a `look` at the database of its own: by then the
        request may be over."""
        for stack in self.stacks:
            with look():
                content = self._content(stack)
            yield File(f"{self.title} {stack.start + 1:04d}-{stack.stop:04d}.pdf", content)

    def _content(self, stack: range) -> bytes:
        """Only the first file begins within a sheet."""
        order = self.order if stack.start == 0 else replace(self.order, start=1)
        split, out = len(self.passes), BytesIO()
        spares = self.spares[max(stack.start - split, 0) : max(stack.stop - split, 0)]
        day = db.session.get_one(MarketDay, self.day_id)
        print_passes(day, _passes(self.passes[stack.start : stack.stop]), spares, out, order=order)
        return out.getvalue()


def long_print(day: MarketDay, order: PrintOrder) -> LongPrint:
    """All passes of a day, ready to be made in stacks. Refuses as `write_passes` does."""
    refuse_impossible(order)
    passes, spares = live_pass_ids(day, stalls.held_back(day)), tuple(spare_numbers(day, order.spares))
    refuse_nothing(len(passes) + len(spares))
    return LongPrint(day.id, words.passes_title(day), order, passes, spares)


def _passes(ids: tuple[int, ...]) -> list[StallPass]:
    """In the order of their numbers here."""
    by_id = passes_by_id(ids)
    return [by_id[number] for number in ids]
