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
from market.log import log
from market.notices import service as notices
from market.people import service as people
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.vendors import service as vendors

T = TypeVar("T")


def run(every: int = 0) -> None:
    """Does what is due now; with `every`, again after so many seconds, until the process ends."""
    while True:
        _run_once()
        if not every:
            return
        time.sleep(every)


def _run_once() -> None:
    at = clock.now()
    jobs: list[Callable[[], object]] = [
        lambda: calendar.take_due_steps(at=at),
        lambda: stalls.expire_offers(at=at),
        lambda: people.purge_sessions(at=at),
        lambda: notices.purge(at=at),
        lambda: form_use.purge(at=at),
    ]
    if not settings().demo:  # the demo year lies so far back that all its invented people would be forgotten
        jobs.append(lambda: vendors.forget_inactive(at=at))
    for job in jobs:
        _do(job)
    for day_id in (
        _do(lambda: settlement.days_to_settle(at=at)) or ()
    ):  # each its own: one may wait for a lock
        _do(partial(settlement.settle_when_due, day_id, at=at))


def _do(job: Callable[[], T]) -> T | None:
    """One job in a unit of work of its own; None when the rules refused it."""
    try:
        return do_in_unit_of_work(job)
    except Refusal as refusal:
        log.warning("job", refusal=refusal.code)
        return None
    finally:
        db.session.remove()
