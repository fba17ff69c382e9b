"""Acts that would wait for one another are done together: one lock, one commit for all who came meanwhile.

At a gate every phone waits for the same market, and mostly for the disk. Whoever gets the turn does
what all the others in this process wait for as well, in their order, and hands out the answers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

from market.db import do_in_unit_of_work

T = TypeVar("T")
View = TypeVar("View", bound=Callable[..., Any])

MOST = 16
"""Acts in one unit of work: nobody waits for more than these."""


def begins_own_unit(view: View) -> View:
    """Says of a view that it begins its unit of work itself, when it has read what was sent."""
    view.begins_own_unit = True  # type: ignore[attr-defined]  # the declaration travels with the function
    return view


def has_own_unit(view: Callable[..., Any]) -> bool:
    """Whether that was said of a view."""
    return bool(getattr(view, "begins_own_unit", False))


@dataclass
class _Waiting:
    """An act that waits for its turn, and what came of it."""

    act: Callable[[], Any]
    is_done: bool = False
    failed: bool = False
    """Something went wrong while it was done with others: whoever asked for it does it once more, alone."""
    value: Any = None
    error: Exception | None = None


@dataclass
class _Line:
    turn: Lock = field(default_factory=Lock)
    waiting: deque[_Waiting] = field(default_factory=deque)
    people: int = 0


def _at_once() -> None:
    """Nothing to wait for but the unit of work itself."""


class Together:
    """The lines of one process. An act must be one that may be done again when all of it was rolled back,
    must ask nothing of the request of whoever wants it, and must answer with plain values."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lines: dict[str, _Line] = {}

    def do(self, name: str, act: Callable[[], T], *, begin: Callable[[], object] = _at_once) -> T:
        """Does an act in a unit of work, with all others that wait in the line of this name.

        `begin` takes what the acts of this line would wait for: who comes meanwhile is done along with them.
        """
        mine = _Waiting(act)
        with self._line(name) as line:
            line.waiting.append(mine)
            with line.turn:
                while not mine.is_done:
                    _do(line.waiting, begin)
                if mine.failed:
                    _alone(mine)
        if mine.error is not None:
            raise mine.error
        return cast("T", mine.value)

    @contextmanager
    def _line(self, name: str) -> Iterator[_Line]:
        with self._lock:
            line = self._lines.setdefault(name, _Line())
            line.people += 1
        try:
            yield line
        finally:
            with self._lock:
                line.people -= 1
                if not line.people:
                    del self._lines[name]


def _do(waiting: deque[_Waiting], begin: Callable[[], object]) -> None:
    """One unit of work for those who wait when it has what it waits for itself."""
    some: list[_Waiting] = []

    def acts() -> list[Any]:
        begin()
        some.extend(_next(waiting, MOST - len(some)))
        return [one.act() for one in some]

    try:
        values = do_in_unit_of_work(acts)
    except Exception as error:  # all of it was rolled back, or nobody knows: each looks for itself
        _fail(some or _next(waiting, 1), error)
        return
    for one, value in zip(some, values, strict=True):
        one.is_done, one.value = True, value


def _next(waiting: deque[_Waiting], most: int) -> list[_Waiting]:
    return [waiting.popleft() for _one in range(min(most, len(waiting)))]


def _fail(some: list[_Waiting], error: Exception) -> None:
    for one in some:
        one.is_done, one.failed = True, len(some) > 1
    if len(some) == 1:
        some[0].error = error


def _alone(one: _Waiting) -> None:
    try:
        one.value = do_in_unit_of_work(one.act)
    except Exception as error:
        one.error = error
    one.is_done = True
