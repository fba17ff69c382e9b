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
from typing import Any, Generic, TypeVar, cast

from market.db import do_in_unit_of_work

T = TypeVar("T")
R = TypeVar("R")
View = TypeVar("View", bound=Callable[..., Any])

MOST = 16
"""In one unit of work: nobody waits for more than these."""


def begins_own_unit(view: View) -> View:
    """Says of a view that it begins its unit of work itself, when it has read what was sent."""
    view.begins_own_unit = True  # type: ignore[attr-defined]  # the declaration travels with the function
    return view


def has_own_unit(view: Callable[..., Any]) -> bool:
    """Whether that was said of a view."""
    return bool(getattr(view, "begins_own_unit", False))


@dataclass
class _Waiting:
    """What waits for its turn, and what came of it."""

    thing: Any
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


def _at_once(_name: str) -> None:
    """Nothing to wait for but the unit of work itself."""


class Together(Generic[T, R]):
    """The lines of one process, and what is done with those who wait in one: `act` answers each in its place.

    It must be something that may be done again when all of it was rolled back, must ask nothing of the
    request of whoever wants it, and must answer with plain values. `begin` takes, for the name of a line,
    what `act` would wait for: who comes meanwhile is done along with the others.
    """

    def __init__(self, act: Callable[[list[T]], list[R]], begin: Callable[[str], object] = _at_once) -> None:
        self._act, self._begin = act, begin
        self._lock = Lock()
        self._lines: dict[str, _Line] = {}

    def do(self, name: str, thing: T) -> R:
        """Does the act for one, in a unit of work with all others that wait in the line of this name."""
        mine = _Waiting(thing)
        with self._line(name) as line:
            line.waiting.append(mine)
            with line.turn:
                while not mine.is_done:
                    self._do(name, line.waiting)
                if mine.failed:
                    self._alone(mine)
        if mine.error is not None:
            raise mine.error
        return cast("R", mine.value)

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

    def _do(self, name: str, waiting: deque[_Waiting]) -> None:
        """One unit of work for those who wait when it has what it waits for itself."""
        some: list[_Waiting] = []

        def act() -> list[R]:
            self._begin(name)
            some.extend(_next(waiting, MOST - len(some)))
            return self._act([one.thing for one in some])

        try:
            values = do_in_unit_of_work(act)
        except Exception as error:  # all of it was rolled back, or nobody knows: each looks for itself
            _fail(some or _next(waiting, 1), error)
            return
        for one, value in zip(some, values, strict=True):
            one.is_done, one.value = True, value

    def _alone(self, one: _Waiting) -> None:
        try:
            (one.value,) = do_in_unit_of_work(lambda: self._act([one.thing]))
        except Exception as error:
            one.error = error
        one.is_done = True


def _next(waiting: deque[_Waiting], most: int) -> list[_Waiting]:
    return [waiting.popleft() for _one in range(min(most, len(waiting)))]


def _fail(some: list[_Waiting], error: Exception) -> None:
    for one in some:
        one.is_done, one.failed = True, len(some) > 1
    if len(some) == 1:
        some[0].error = error
