"""Many acts at once, and the same with the guards switched off: the control of every guard against a race."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from market.db import db, do_in_unit_of_work, guards, unit_of_work
from market.errors import Refusal


def at_once(app: Flask, acts: Sequence[Callable[[], str]]) -> list[str]:
    """Runs every act in its own thread and unit of work, all starting together.

    The answer of an act is what it returns, the code of its refusal, or the name of the database's error.
    """
    start = threading.Barrier(len(acts))
    db.session.rollback()  # what this thread reads afterwards must not be older than what they did

    def run(act: Callable[[], str]) -> str:
        with app.app_context():
            start.wait(30)
            try:
                return do_in_unit_of_work(act)
            except Refusal as refusal:
                return refusal.code
            except DBAPIError as error:
                return type(error).__name__

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextmanager
def guards_off(
    app: Flask, monkeypatch: pytest.MonkeyPatch, *points: str, together: int, indices: Sequence[str] = ()
) -> Iterator[None]:
    """No locks, none of the unique `indices`; all have looked before the first of them writes.

    Whoever comes to one of the `points` (to any, where none is named) waits there for the others, once. No
    line of the journal is written: its chain keeps writers apart too.
    """
    with unit_of_work():
        for index in indices:
            db.session.execute(sa.text(f"DROP INDEX {index}"))
    barrier = threading.Barrier(together)
    met = threading.local()

    def wait(name: str) -> None:
        seen: set[str] = met.__dict__.setdefault("points", set())
        if name not in seen and (not points or name in points):
            seen.add(name)
            with suppress(threading.BrokenBarrierError):
                barrier.wait(10)

    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "race_point", wait)
        patch.setitem(app.extensions, "before_commit", [])
        patch.setattr(guards, "on", False)
        yield
