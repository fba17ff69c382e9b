"""Bringing what is due: claimed in one transaction, handed over outside of any, noted in another.

A host that dies in between leaves rows whose lease runs out; the next one brings them again, under the same
number of the message. So everything is brought at least once, and what comes twice can be told by its number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import TypeVar

import sqlalchemy as sa

from market import clock
from market.config import Settings, settings
from market.db import db, do_in_unit_of_work, race_point
from market.log import log
from market.notices.rules import Channel
from market.outbox.channels import Deliver, Parcel, Undelivered, carrying
from market.outbox.matters import MATTERS, Told
from market.outbox.models import Outgoing
from market.outbox.rules import FRESH_S, PERSONAL, Errand, Fault, SendState, Way
from market.outbox.service import claims
from market.outbox.service.preparing import WAITS, Ready, prepare

T = TypeVar("T")
R = TypeVar("R")
Now = Callable[[], datetime]

GIVEN_UP_AFTER = 3
"""So many in a row that nobody answered: this way rests for a minute, and the other ways go on."""


@dataclass
class Round:
    """One round of sending, by one host."""

    now: Now = clock.now
    sent: int = 0
    silent: Counter[Way] = field(default_factory=Counter)
    """How often in a row nobody answered, by way."""
    rests: dict[Way, datetime] = field(default_factory=dict)
    """Until when a way is left alone."""

    def down(self, at: datetime) -> list[Way]:
        return [way for way, until in self.rests.items() if at < until]

    def answered(self, way: Way) -> None:
        self.silent[way] = 0

    def was_silent(self, way: Way, at: datetime) -> None:
        self.silent[way] += 1
        if self.silent[way] == GIVEN_UP_AFTER:
            self.rests[way], self.silent[way] = at + WAITS, 0


@dataclass(frozen=True)
class Tried:
    """What was handed over together, and how it ended: what the other side said, or why it was not taken."""

    rows: Sequence[Ready]
    ended: str | Undelivered | None
    """None: something broke here; the lease runs out."""


def send_due(now: Now = clock.now) -> int:
    """Brings everything that is due, until nothing is left or nobody answers; how many were brought."""
    round_ = Round(now)
    while True:
        claim, ids = do_in_unit_of_work(lambda: claims.claim_some(now(), round_.down(now())))
        if not ids:
            break
        _bring(ids, claim, round_)
    for community_id in _read(lambda: claims.robots_due(now())):
        _speak(community_id, round_)
    return round_.sent


def _read(look: Callable[[], list[int]]) -> list[int]:
    try:
        return look()
    finally:
        db.session.remove()


def _speak(community_id: int, round_: Round) -> None:
    """A robot says as much as goes into one message."""
    claim, ids = do_in_unit_of_work(lambda: claims.claim_for_robot(community_id, round_.now()))
    if ids:
        _bring(ids, claim, round_)


def _bring(ids: Sequence[int], claim: str, round_: Round) -> None:
    """Brings these rows: looked at together, handed over one by one, noted together; what was not handed over
    soon is looked at again, that nothing stale leaves."""
    while ids:
        ready = _each_alone(ids, lambda some: prepare(some, claim, round_.down(round_.now()), round_.now()))
        tried = _hand_over(ready, round_)
        _each_alone(tried, lambda some: _note(some, claim, round_.now()))
        round_.sent += sum(len(some.rows) for some in tried if isinstance(some.ended, str))
        done = {one.row.id for some in tried for one in some.rows}
        ids = [one.row.id for one in ready if one.row.id not in done]


def _each_alone(some: Sequence[T], act: Callable[[Sequence[T]], list[R]]) -> list[R]:
    """One unit of work for all; where that breaks, one for each, so that what is broken breaks nothing else:
    its lease runs out."""
    try:
        return do_in_unit_of_work(lambda: act(some)) if some else []
    except Exception:
        log.exception("outbox", rows=len(some))
        return [done for one in some for done in _each_alone([one], act)] if len(some) > 1 else []
    finally:
        db.session.remove()


# ── handing over ──────────────────────────────────────────────────────────────────────────────────────────


def _hand_over(ready: Sequence[Ready], round_: Round) -> list[Tried]:
    """By each way in a thread of its own: where one server takes long, the others need not wait."""
    race_point("outbox.deliver")
    ways, known, at = sorted({one.row.way for one in ready}), settings(), round_.now()
    if not ways:
        return []
    with ThreadPoolExecutor(len(ways)) as pool:
        lanes = [[one for one in ready if one.row.way is way] for way in ways]
        tried = list(pool.map(lambda lane: _carry(lane, known, round_, at), lanes))
    return [one for lane in tried for one in lane]


def _carry(ready: Sequence[Ready], known: Settings, round_: Round, at: datetime) -> list[Tried]:
    """One after the other, for as long as what was worked out is fresh, and while somebody answers."""
    began, tried = monotonic(), list[Tried]()
    with carrying(known) as deliver:
        for some in _together(ready):
            if tried and monotonic() - began >= FRESH_S:
                break
            if some[0].row.way in round_.down(at):
                break
            tried.append(Tried(some, _try(deliver, some, round_, at)))
    return tried


def _together(ready: Sequence[Ready]) -> list[list[Ready]]:
    """Each message alone, but what a robot says, which is one."""
    robots = [one for one in ready if one.row.way is Way.ROBOT]
    return [[one] for one in ready if one.row.way is not Way.ROBOT] + ([robots] if robots else [])


def _try(deliver: Deliver, some: Sequence[Ready], round_: Round, at: datetime) -> str | Undelivered | None:
    way = some[0].row.way
    try:
        answer = deliver(way, _packed(some))
    except Undelivered as failure:
        if failure.fault is Fault.UNREACHABLE:
            round_.was_silent(way, at)
        else:
            round_.answered(way)
        log.warning("outbox", way=way.value, fault=failure.fault.value, rows=len(some))
        return failure
    except Exception:
        log.exception("outbox", rows=[one.row.id for one in some])
        return None
    round_.answered(way)
    return answer


def _packed(ready: Sequence[Ready]) -> Parcel:
    """Several texts of one robot in one message."""
    first = ready[0].parcel
    if len(ready) == 1:
        return first
    text = "\n\n".join(one.parcel.text for one in ready)
    return Parcel(",".join(one.parcel.id for one in ready), first.to, first.title, text, first.sender)


# ── after ─────────────────────────────────────────────────────────────────────────────────────────────────


def _note(tried: Sequence[Tried], claim: str, at: datetime) -> list[Tried]:
    """What was taken is known from now on; what was not is tried again, or waits for a person."""
    sent = list[Ready]()
    for some in tried:
        if isinstance(some.ended, str):
            sent += some.rows
            for one in some.rows:
                detail = some.ended[:160]
                claims.end(one.row.id, SendState.SENT, at, detail=detail, fault=None, mark=one.said.mark)
        elif some.ended is not None:
            _note_failure(some.rows, some.ended, claim, at)
    _note_told(sent, at)
    return []


def _note_failure(rows: Sequence[Ready], failure: Undelivered, claim: str, at: datetime) -> None:
    for one in rows:
        claims.fail(one.row, claim, failure.fault, failure.detail, for_good=failure.for_good, at=at)


def _note_told(sent: Sequence[Ready], at: datetime) -> None:
    said = {one.row.id: one.said for one in sent if one.row.way in PERSONAL}
    rows = list(db.session.scalars(sa.select(Outgoing).where(Outgoing.id.in_(said)).order_by(Outgoing.id)))
    for errand in Errand:
        told = [Told(row, said[row.id], Channel(row.way.value)) for row in rows if row.errand is errand]
        if told:
            MATTERS[errand].note(told, at)
