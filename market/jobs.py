"""What is due: acts that only the clock asks for; twice, or on several hosts at once, is harmless."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from market import clock, form_use
from market.calendar import service as calendar
from market.config import settings
from market.db import db, do_in_unit_of_work
from market.errors import Refusal
from market.inspection import service as inspection
from market.log import log
from market.notices import service as notices
from market.people import service as people
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.vendors import service as vendors

T = TypeVar("T")


def run(every: int = 0) -> None:
    """Does what is due now; with `every`, again after so many seconds, until the process ends.

    A job that breaks keeps no other from its turn, nor from the next one. Raises what broke only without
    `every`: somebody is waiting for the answer then.
    """
    while True:
        broken = _run_once()
        if not every:
            if broken:
                raise ExceptionGroup("jobs", broken)
            return
        time.sleep(every)


def _run_once() -> list[Exception]:
    """What broke."""
    at, broken = clock.now(), list[Exception]()
    jobs: list[Callable[[], object]] = [
        lambda: calendar.take_due_steps(at=at),
        lambda: stalls.expire_offers(at=at),
        lambda: people.purge_sessions(at=at),
        lambda: notices.purge(at=at),
        lambda: form_use.purge(at=at),
        lambda: inspection.forget_old(at=at),
        lambda: vendors.purge_lists(at=at),
    ]
    if not settings().demo:  # the demo year lies so far back that all its invented people would be forgotten
        jobs.append(lambda: vendors.forget_inactive(at=at))
    for job in jobs:
        _do(job, broken)
    # Each market is a job of its own: one may wait for a lock.
    for day_id in _do(lambda: settlement.days_to_settle(at=at), broken) or ():
        _do(partial(settlement.settle_when_due, day_id, at=at), broken)
    return broken


def _do(job: Callable[[], T], broken: list[Exception]) -> T | None:
    """One job in a unit of work of its own; None when the rules refused it, or it broke."""
    try:
        return do_in_unit_of_work(job)
    except Refusal as refusal:
        log.warning("job", refusal=refusal.code)
        return None
    except Exception as error:
        log.exception("job")
        broken.append(error)
        return None
    finally:
        db.session.remove()
