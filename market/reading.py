"""What a page asks a second time it was told already.

Outside of an act nothing can be written: its transaction is opened for reading only (`db.py`). So an answer
holds until that transaction ends, and parts of a page that do not know of one another may ask the same.
An act asks anew each time, for it writes, and waits for others who do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from market.db import db, guards

P = ParamSpec("P")
T = TypeVar("T")

_TOLD = "told"


def told(about: object) -> dict[Any, Any]:
    """The answers so far about something, to look into and to add to; in an act none, and none are kept."""
    session = db.session()
    if session.info.get("in_unit_of_work") or not guards.on:
        return {}
    transaction = session.get_transaction()
    begun, answers = session.info.get(_TOLD, (None, {}))
    if transaction is None or begun is not transaction:
        answers = {}
        session.info[_TOLD] = transaction, answers
    return cast("dict[Any, Any]", answers.setdefault(about, {}))


def read_once(ask: Callable[P, T]) -> Callable[P, T]:
    """For a question whose arguments can be keys, and whose answer is a row, a value or a list."""

    @wraps(ask)
    def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        key = (args, tuple(sorted(kwargs.items())))
        before = told(ask)
        if key not in before:
            found = ask(*args, **kwargs)
            told(ask)[key] = found  # the first question of all has begun the transaction
            return _own(found)
        return _own(cast("T", before[key]))

    return answer


def _own(found: T) -> T:
    """A list belongs to whoever asked: who sorts it or takes something out changes nobody else's."""
    return cast("T", list(found)) if isinstance(found, list) else found
