"""Two long readings at once: one of them in a process of its own, so that both cores work."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

from market.db import db

T = TypeVar("T")


def begin_beside(act: Callable[[], T]) -> Callable[[], T]:
    """Begins an act that only reads, and returns how to wait for its answer, which must be plain values.

    The process is a copy of this one as it stands, with connections of its own: it sees what is committed.
    Copies are for a process of one thread, such as a command. Where there is one core or a system
    cannot copy, the act is done when it is waited for.
    """
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return act
    db.session.remove()  # what it has open is not for two
    db.engine.dispose()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(act, theirs), daemon=True)
    process.start()
    theirs.close()

    def wait() -> T:
        try:
            found, error = ours.recv()
        except EOFError:
            raise RuntimeError("the process beside ended without an answer") from None
        finally:
            ours.close()
            process.join()
        if error is not None:
            raise error
        return found  # type: ignore[no-any-return]  # a pipe carries anything

    return wait


def _answer(act: Callable[[], T], pipe: Connection) -> None:
    try:
        answer: tuple[T | None, Exception | None] = (act(), None)
    except Exception as error:
        answer = (None, error)
    pipe.send(answer)
    pipe.close()
