"""Telling servers: claimed in one transaction, handed over outside of any, noted in another.

As in the outbox: a host that dies in between leaves rows whose lease runs out, and the next one sends again
under the same number. A server that is silent holds up nobody but itself.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.communities.models import Community
from market.config import settings
from market.db import db, do_in_unit_of_work, lock_row, race_point
from market.errors import NotFound
from market.log import log
from market.outbox.channels.http import post_json
from market.outbox.channels.parcel import Undelivered
from market.outbox.rules import OPEN, Fault, SendState
from market.outbox.service import claims
from market.people.models import User
from market.programs.models import HookDelivery, Webhook
from market.programs.rules import (
    DISABLED_AFTER,
    LOG_KEPT,
    Network,
    all_may_be_reached,
    message_headers,
    networks,
)
from market.programs.service.events import body_of, number_of
from market.programs.service.hooks import refuse_ended, secret_of

Now = Callable[[], datetime]

AT_A_TIME = 8
"""Servers that are told at the same time."""
RESTS = timedelta(minutes=1)
"""So long a server that failed is left alone with what else there is."""
GONE = 410
"""A server says that it wants nothing more."""
SHOWN = 100


class Message(NamedTuple):
    """Everything that is needed to send one, without the database."""

    row_id: int
    hook_id: int
    url: str
    number: str
    body: bytes
    secret: str


class Ended(NamedTuple):
    """What the other side answered, or why it did not take it; neither of them: it was not tried."""

    message: Message
    answer: str | None
    failure: Undelivered | None


def send_hooks(now: Now = clock.now) -> int:
    """Tells everything that is due, until nothing is left; how much was taken."""
    taken = 0
    while True:
        claim, ids = do_in_unit_of_work(lambda: claim_hooks(now()))
        if not ids:
            return taken
        taken += _bring(ids, claim, now)


def _bring(ids: Sequence[int], claim: str, now: Now) -> int:
    messages = do_in_unit_of_work(lambda: _messages(ids, claim, now()))
    db.session.remove()  # nothing is held while other servers think
    ended = _hand_over(messages, now)
    do_in_unit_of_work(lambda: _note(ended, claim, now()))
    db.session.remove()
    return sum(one.answer is not None for one in ended)


def claim_hooks(at: datetime) -> tuple[str, list[int]]:
    """Claims some rows of subscriptions that are not switched off."""
    live = sa.select(Webhook.id).where(Webhook.ended_at.is_(None), Webhook.disabled_at.is_(None))
    which = sa.and_(HookDelivery.webhook_id.in_(live), claims.free(HookDelivery, at))
    return claims.claim_rows(HookDelivery, which, at)


def _messages(ids: Sequence[int], claim: str, at: datetime) -> list[Message]:
    """What is said now; what need not be said any more ends here."""
    query = sa.select(HookDelivery).where(HookDelivery.id.in_(ids), HookDelivery.claim == claim)
    made = list[Message]()
    for row in db.session.scalars(query.order_by(HookDelivery.webhook_id, HookDelivery.id)):
        body, secret = body_of(row, at), secret_of(row.webhook)
        if body is None:
            claims.end(row.id, SendState.OVERTAKEN, at, kind=HookDelivery)
        elif secret is None:
            claims.fail(row, claim, Fault.LOCKED_OUT, "", for_good=True, at=at)
        else:
            made.append(Message(row.id, row.webhook_id, row.webhook.url, number_of(row), body, secret))
    return made


# ── handing over ──────────────────────────────────────────────────────────────────────────────────────────


def _hand_over(messages: Sequence[Message], now: Now) -> list[Ended]:
    """Several servers at a time, each one thing after the other."""
    race_point("programs.hand_over")
    lanes = [list(lane) for _hook, lane in groupby(messages, key=lambda one: one.hook_id)]
    allowed = networks(settings().hook_networks)
    if not lanes:
        return []
    with ThreadPoolExecutor(min(AT_A_TIME, len(lanes))) as pool:
        done = pool.map(lambda lane: _tell(lane, allowed, now), lanes)
        return [one for lane in done for one in lane]


def _tell(lane: Sequence[Message], allowed: tuple[Network, ...], now: Now) -> list[Ended]:
    """What comes after a failure waits: the server is asked once, not fifty times."""
    ended = list[Ended]()
    for message in lane:
        if ended and ended[-1].answer is None:
            ended.append(Ended(message, None, None))
        else:
            ended.append(_try(message, allowed, now()))
    return ended


def _try(message: Message, allowed: tuple[Network, ...], at: datetime) -> Ended:
    try:
        return Ended(message, _post(message, allowed, at), None)
    except Undelivered as failure:
        log.warning("webhook", hook=message.hook_id, fault=failure.fault.value)
        return Ended(message, None, failure)
    except Exception as error:  # whatever another server can think of
        log.exception("webhook", hook=message.hook_id)
        return Ended(message, None, Undelivered(Fault.UNREACHABLE, type(error).__name__))


def _post(message: Message, allowed: tuple[Network, ...], at: datetime) -> str:
    """Asks where the name leads, each time anew, and goes there and nowhere else."""
    machine = where(message.url, allowed)
    headers = message_headers(message.secret, message.number, message.body, at)
    answer = post_json(message.url, message.body, headers, at=machine)
    if not 200 <= answer.status < 300:
        raise Undelivered(Fault.BUSY if answer.status >= 500 else Fault.REFUSED, str(answer.status))
    return str(answer.status)


def where(url: str, allowed: tuple[Network, ...] = ()) -> str:
    """The machine that is meant. Refuses a name of which any address is one of ours or nobody's."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Undelivered(Fault.UNREACHABLE, type(error).__name__) from None
    addresses = [str(one[4][0]) for one in found]
    if not all_may_be_reached(addresses, allowed):
        raise Undelivered(Fault.NOT_ALLOWED, "")
    return addresses[0]


# ── after ─────────────────────────────────────────────────────────────────────────────────────────────────


def _note(ended: Sequence[Ended], claim: str, at: datetime) -> None:
    waiting = [one.message.row_id for one in ended if one.answer is None and one.failure is None]
    claims.release(waiting, claim, at + RESTS, kind=HookDelivery)
    for one in ended:
        if one.answer is not None:
            claims.end(
                one.message.row_id, SendState.SENT, at, kind=HookDelivery, detail=one.answer, fault=None
            )
            _count(one.message.hook_id, sa.literal(0))
        elif one.failure is not None:
            _note_failure(one.message, one.failure, claim, at)


def _note_failure(message: Message, failure: Undelivered, claim: str, at: datetime) -> None:
    """Tried again later, even where it was refused: a server that is being set up refuses much."""
    row = db.session.get_one(HookDelivery, message.row_id)
    gone = failure.detail == str(GONE)
    if not claims.fail(row, claim, failure.fault, failure.detail, for_good=gone, at=at):
        return
    _count(message.hook_id, Webhook.failures + 1)
    hook = db.session.get_one(Webhook, message.hook_id, populate_existing=True)
    if hook.disabled_at is None and (gone or hook.failures >= DISABLED_AFTER):
        hook.disabled_at = at
        audit.record("programs.switch_off", hook, by=None, at=at, failures=hook.failures)


def _count(hook_id: int, failures: sa.ColumnElement[int]) -> None:
    change = sa.update(Webhook).where(Webhook.id == hook_id).values(failures=failures)
    db.session.execute(change.execution_options(synchronize_session=False))


# ── looked at ─────────────────────────────────────────────────────────────────────────────────────────────


def hook_log(hook: Webhook) -> list[HookDelivery]:
    """The newest of what was to be told."""
    query = sa.select(HookDelivery).where(HookDelivery.webhook_id == hook.id)
    return list(db.session.scalars(query.order_by(HookDelivery.id.desc()).limit(SHOWN)))


def find_delivery(community: Community, ref: str) -> HookDelivery:
    query = sa.select(HookDelivery).join(Webhook).where(Webhook.community_id == community.id)
    row = db.session.scalar(query.where(HookDelivery.ref == ref))
    if row is None:
        raise NotFound("programs.no_delivery", _("没有这条记录。"))
    return row


def send_again(row: HookDelivery, *, by: User, at: datetime) -> None:
    """Once more, under the same number. Twice is once: what waits already only waits no longer.

    Refuses `programs.hook_ended`.
    """
    lock_row(row.webhook)
    refuse_ended(row.webhook)
    lock_row(row)
    if row.state not in OPEN:
        row.state, row.attempts, row.ended_at = SendState.DUE, 0, None
        row.fault, row.detail = None, ""
        row.not_before = at
        audit.record(
            "programs.send_again", row.webhook, by=by, at=at, event=row.event.value, number=number_of(row)
        )


def forget_deliveries(*, at: datetime) -> int:
    """Deletes what ended long ago; how many rows."""
    old = sa.and_(HookDelivery.ended_at.is_not(None), HookDelivery.ended_at < at - LOG_KEPT)
    gone = db.session.execute(sa.delete(HookDelivery).where(old))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
