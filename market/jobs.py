"""What is due: acts that only the clock asks for; twice, or on several hosts at once, is harmless."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from market import clock, form_use, heartbeat
from market.calendar import service as calendar
from market.communities.models import Community
from market.config import settings
from market.db import db, do_in_unit_of_work
from market.demand import service as demand
from market.errors import Refusal
from market.feedback import service as feedback
from market.inspection import service as inspection
from market.log import log
from market.notices import service as notices
from market.outbox import service as outbox
from market.people import service as people
from market.programs import service as programs
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.vendors import service as vendors

T = TypeVar("T")


def run(every: int = 0) -> None:
    """Does what is due now; with `every`, again after so many seconds, until the process ends.

    A job that breaks keeps no other from its turn, nor from the next one. Raises what broke only without
    `every`: somebody is waiting for the answer then.
    """
    rounds = Rounds()
    while True:
        broken = rounds.go()
        heartbeat.beat()
        if not every:
            if broken:
                raise ExceptionGroup("jobs", broken)
            return
        time.sleep(every)


CLEAN_EVERY = timedelta(hours=1)
"""What is old enough to be deleted may wait so long; each look for it keeps everybody who writes waiting."""
PLAN_EVERY = timedelta(minutes=10)
"""A community in whose journal nothing new stands is asked so seldom what should leave the house: only the
clock can have made something due there."""


class Rounds:
    """The rounds of one process. The first one does everything.

    What is due is asked for first, reading only and for all communities at once; then each market, offer and
    community that has something is a unit of work of its own. So a minute in which nothing is due takes a few
    questions and no lock, however many communities there are.
    """

    def __init__(self) -> None:
        self._cleaned_at: datetime | None = None
        self._planned: dict[int, tuple[int, datetime]] = {}

    def go(self) -> list[Exception]:
        """One round; what broke."""
        at, broken = clock.now(), list[Exception]()
        for look, act in _DUE:
            for number in _do(partial(look, at), broken, run=_read) or ():
                _do(partial(act, number, at), broken)
        self._plan(at, broken)
        if self._cleaned_at is None or not timedelta(0) <= at - self._cleaned_at < CLEAN_EVERY:
            self._cleaned_at = at
            for job in _cleaning(at):
                _do(job, broken)
        _tell_servers(at, broken)
        return broken

    def _plan(self, at: datetime, broken: list[Exception]) -> None:
        """What should leave the house, of each community that may have something new to say."""
        for community_id, lines in (_do(outbox.communities_that_send, broken, run=_read) or {}).items():
            known, planned_at = self._planned.get(community_id, (-1, at))
            is_quiet = lines == known and timedelta(0) <= at - planned_at < PLAN_EVERY
            if not is_quiet and _do(partial(_plan, community_id, at), broken) is not None:
                self._planned[community_id] = lines, at


_DUE: tuple[tuple[Callable[[datetime], list[int]], Callable[[int, datetime], object]], ...] = (
    (lambda at: calendar.days_with_due_step(at), lambda number, at: calendar.take_due_step(number, at)),
    (lambda at: stalls.late_offers(at), lambda number, at: stalls.expire_offer(number, at)),
    (
        lambda at: settlement.days_to_settle(at=at),
        lambda number, at: settlement.settle_when_due(number, at=at),
    ),
)
"""What the clock asks for: who has something due, and the act for one of them."""


def _cleaning(at: datetime) -> list[Callable[[], object]]:
    """What forgets and deletes."""
    jobs: list[Callable[[], object]] = [
        lambda: people.purge_sessions(at=at),
        lambda: notices.purge(at=at),
        lambda: form_use.purge(at=at),
        lambda: demand.forget_marks(at=at),
        lambda: feedback.forget_marks(at=at),
        lambda: feedback.forget_old(at=at),
        lambda: inspection.forget_old(at=at),
        lambda: vendors.purge_lists(at=at),
        lambda: outbox.purge(at=at),
        lambda: vendors.purge_pictures(at=at),
        lambda: programs.forget_shares(at=at),
        lambda: programs.forget_answers(at=at),
        lambda: programs.forget_deliveries(at=at),
    ]
    if not settings().demo:  # the demo year lies so far back that all its invented people would be forgotten
        jobs += [
            lambda: vendors.forget_inactive(at=at),
            lambda: vendors.forget_leaving(at=at),
            lambda: vendors.forget_refused(at=at),
        ]
    return jobs


def _tell_servers(at: datetime, broken: list[Exception]) -> None:
    """What other servers hear of, last of all: the round itself writes in the journal, where it is found."""
    for hook_id in _do(partial(programs.hooks_with_news, at), broken, run=_read) or ():
        _do(partial(programs.plan, hook_id, at), broken)


def _plan(community_id: int, at: datetime) -> int:
    """What of a community should leave the house."""
    return outbox.plan(db.session.get_one(Community, community_id), at=at)


def send(every: int = 0) -> None:
    """Brings out of the house what is due; with `every`, again after so many seconds.

    A job of its own beside all others: a server that does not answer keeps nothing else waiting.
    """
    while True:
        try:
            outbox.send_due()
        except Exception:
            log.exception("outbox")
            if not every:
                raise
        finally:
            db.session.remove()
        if not every:
            return
        time.sleep(every)


def tell_servers(every: int = 0) -> None:
    """Tells servers of other people what is due; with `every`, again after so many seconds.

    Beside `send`, so that a server that thinks for long keeps no message to a vendor waiting.
    """
    while True:
        try:
            programs.send_hooks()
        except Exception:
            log.exception("webhooks")
            if not every:
                raise
        finally:
            db.session.remove()
        if not every:
            return
        time.sleep(every)


def _read(job: Callable[[], T]) -> T:
    """A look that locks nothing."""
    return job()


def _do(
    job: Callable[[], T], broken: list[Exception], run: Callable[[Callable[[], T]], T] = do_in_unit_of_work
) -> T | None:
    """One job in a unit of work of its own; None when the rules refused it, or it broke."""
    try:
        return run(job)
    except Refusal as refusal:
        log.warning("job", refusal=refusal.code)
        return None
    except Exception as error:
        log.exception("job")
        broken.append(error)
        return None
    finally:
        db.session.remove()
