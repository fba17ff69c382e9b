"""What a row says when its turn comes, and where to; what is not said now is put where it belongs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from market.db import db
from market.outbox.channels import Parcel
from market.outbox.matters import MATTERS, Said
from market.outbox.models import Outgoing, SendRule
from market.outbox.rules import Errand, Fault, SendState, Way, digest, fits_robot
from market.outbox.service import claims
from market.outbox.service.planning import leaves_at
from market.outbox.service.settings import rule_of
from market.outbox.service.text_messages import TextMessages
from market.outbox.service.ways import addresses_of

WAITS = timedelta(minutes=1)
"""So long the rest of a way waits where nobody answers."""
IN_HAND = timedelta(minutes=1)
"""What is begun must end within the lease: later than this before its end nothing is begun."""


@dataclass(frozen=True)
class Ready:
    """A row, what it says, and where to."""

    row: Outgoing
    said: Said
    parcel: Parcel


def prepare(ids: Sequence[int], claim: str, silent: Collection[Way], at: datetime) -> list[Ready]:
    """What these rows say now. What does not hold any more is not said; what disturbs now waits, and so does
    what goes by a way that is silent; what another host has by now is left to it."""
    mine = _mine(ids, claim)
    down = [row for row in mine if row.way in silent]
    claims.release([row.id for row in down], claim, at + WAITS)
    late = [row for row in mine if row not in down and not _in_time(row, at)]
    claims.release([row.id for row in late], claim, at)
    ready = _say([row for row in mine if row not in down and row not in late], claim, at)
    ready = _as_fits(ready, claim, at)
    for one in ready:
        one.row.mark, one.row.message_id = one.said.mark, one.parcel.id
    db.session.flush()
    for one in ready:
        db.session.expunge(one.row)
    return ready


def _mine(ids: Sequence[int], claim: str) -> list[Outgoing]:
    query = sa.select(Outgoing).where(Outgoing.id.in_(ids), Outgoing.claim == claim).order_by(Outgoing.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def _in_time(row: Outgoing, at: datetime) -> bool:
    return row.claimed_until is not None and at + IN_HAND <= row.claimed_until


def _say(rows: Sequence[Outgoing], claim: str, at: datetime) -> list[Ready]:
    """What leaves now, in the order of the rows."""
    said: dict[int, Said] = {}
    for errand in Errand:
        some = [row for row in rows if row.errand is errand]
        said.update(MATTERS[errand].say(some, at) if some else {})
    rules = {row.community_id: rule_of(row.community) for row in rows}
    sayable = [row for row in rows if _holds(row, said, rules, claim, at)]
    where = addresses_of(sayable, rules)
    numbers = TextMessages([where[row.id] for row in sayable if row.way is Way.SMS], claim, at)
    found = [_ready(row, said[row.id], rules[row.community_id], where[row.id], numbers) for row in sayable]
    return [one for one in found if one is not None]


def _holds(
    row: Outgoing, said: Mapping[int, Said], rules: Mapping[int, SendRule | None], claim: str, at: datetime
) -> bool:
    """Whether there is something to say, and it may be said now; else the row is put where it belongs."""
    told, rule = said.get(row.id), rules[row.community_id]
    if told is None or rule is None:
        claims.end(row.id, SendState.OVERTAKEN, at)
        return False
    leaves = leaves_at(told.kinds, told.needed_by, at, rule) if row.address == "" else at
    if leaves > at:
        claims.release([row.id], claim, leaves)
    return leaves <= at


def _ready(row: Outgoing, said: Said, rule: SendRule | None, to: str, numbers: TextMessages) -> Ready | None:
    at = numbers.at
    if not to or rule is None:
        claims.fail(row, row.claim, Fault.NO_WAY, "", for_good=True, at=at)
        return None
    free = numbers.free_at(row, to) if row.way is Way.SMS else at
    if free > at:
        claims.release([row.id], row.claim, free, fault=Fault.TOO_MANY)
        return None
    number = f"{row.ref}.{digest([said.title, said.text])[:10]}"
    sender, sign = row.community.name, rule.sms_sign
    parcel = Parcel(
        number, to, said.title, said.text, sender, rule.reply_to, sign, said.template, said.params
    )
    return Ready(row, said, parcel)


def _as_fits(ready: list[Ready], claim: str, at: datetime) -> list[Ready]:
    """Of what a robot has to say, as much as goes into one message; the rest waits for the next."""
    robots = [one for one in ready if one.row.way is Way.ROBOT]
    over = robots[fits_robot([one.parcel.text for one in robots]) :]
    claims.release([one.row.id for one in over], claim, at)
    return [one for one in ready if one not in over]
