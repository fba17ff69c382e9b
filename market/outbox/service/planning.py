"""Which rows there should be: worked out from what is wanted and what was sent; asked by the clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from market import clock
from market.communities.models import Community
from market.db import db, lock_row, race_point
from market.journal.models import Journal
from market.notices.service import Carried, Message
from market.outbox.matters import MATTERS, Want
from market.outbox.models import SWITCHES, Outgoing, SendRule
from market.outbox.rules import OPEN, Errand, Fault, SendState, Way, disturbs
from market.outbox.service.settings import rule_of, ways_open
from market.outbox.service.ways import Addresses, addresses

LOOKED_AT_ONCE = 500

Rows = Mapping[tuple[Errand, str], Sequence[Outgoing]]


def communities_that_send() -> dict[int, int]:
    """The communities by which something may leave the house, and how long the journal of each is."""
    on = sa.or_(*SWITCHES.values())
    written = sa.func.coalesce(Journal.lines, 0)
    query = sa.select(SendRule.community_id, written).where(on)
    query = query.outerjoin(Journal, Journal.chain == SendRule.community_id)
    return {row[0]: row[1] for row in db.session.execute(query)}


def plan(community: Community, *, at: datetime) -> int:
    """Writes a claim for everything that is wanted and not claimed yet; how many. Twice is once."""
    rule = rule_of(community)
    if rule is None or not ways_open(rule):
        return 0
    lock_row(rule)
    wants = [(errand, want) for errand in MATTERS for want in MATTERS[errand].wants(community, at)]
    known, where = _known(wants), addresses(rule, _vendors(wants))
    race_point("outbox.plan")
    made = [_claim(errand, want, known, where, rule, at) for errand, want in wants]
    rows = [row for row in made if row is not None]
    db.session.add_all(rows)
    db.session.flush()
    return len(rows)


def _vendors(wants: Iterable[tuple[Errand, Want]]) -> set[int]:
    return {want.vendor_id for _errand, want in wants if want.vendor_id is not None}


def _known(wants: Iterable[tuple[Errand, Want]]) -> Rows:
    """The rows that there are about these subjects, the oldest first."""
    subjects = sorted({want.subject for _errand, want in wants})
    found: dict[tuple[Errand, str], list[Outgoing]] = defaultdict(list)
    for begin in range(0, len(subjects), LOOKED_AT_ONCE):
        some = subjects[begin : begin + LOOKED_AT_ONCE]
        query = sa.select(Outgoing).where(Outgoing.subject.in_(some)).order_by(Outgoing.id)
        for row in db.session.scalars(query.options(sa.orm.lazyload("*"))):
            found[row.errand, row.subject].append(row)
    return found


def _claim(
    errand: Errand,
    want: Want,
    known: Rows,
    where: Mapping[int, Addresses],
    rule: SendRule,
    at: datetime,
) -> Outgoing | None:
    rows = known.get((errand, want.subject), ())
    leaves = leaves_at(want.kinds, want.needed_by, max(want.since, at), rule)
    waiting = [row for row in rows if row.state in OPEN]
    if waiting:
        _bring_forward(waiting[0], leaves)
        return None
    way = _way(want, rows, where, rule)
    if way is None or said_enough(want, rows):
        return None
    return Outgoing(
        community_id=rule.community_id,
        way=way,
        errand=errand,
        subject=want.subject,
        number=1 + max((row.number for row in rows if row.way is way), default=0),
        mark=want.mark,
        vendor_id=want.vendor_id,
        day_id=want.day_id,
        made_at=at,
        not_before=leaves,
    )


def _bring_forward(row: Outgoing, leaves: datetime) -> None:
    """What waited for the morning may have become urgent; an attempt that failed keeps its turn."""
    if row.state is SendState.DUE and row.attempts == 0 and leaves < row.not_before:
        row.not_before = leaves


def _way(want: Want, rows: Sequence[Outgoing], where: Mapping[int, Addresses], rule: SendRule) -> Way | None:
    """The first way by which the same was not tried in vain."""
    ways = (Way.ROBOT,) if want.vendor_id is None else _ways(want.vendor_id, where)
    open_ = [way for way in ways if way in ways_open(rule)]
    return next((way for way in open_ if way not in failed_ways(want.mark, rows)), None)


def _ways(vendor_id: int, where: Mapping[int, Addresses]) -> tuple[Way, ...]:
    found = where.get(vendor_id)
    return found.ways if found is not None else ()


def failed_ways(mark: str, rows: Iterable[Outgoing]) -> set[Way]:
    """By which ways the same was tried in vain."""
    return {row.way for row in rows if row.state is SendState.FAILED and row.mark == mark}


def said_enough(want: Want, rows: Sequence[Outgoing]) -> bool:
    """Whether the same was said as often in a row as it may be, or the subject told of often enough."""
    sent = [row for row in rows if row.state is SendState.SENT]
    other = [number for number, row in enumerate(reversed(sent)) if row.mark != want.mark]
    in_a_row = other[0] if other else len(sent)
    return in_a_row >= want.times or len(sent) >= want.in_all


def leaves_at(kinds: Iterable[str], needed_by: datetime, at: datetime, rule: SendRule) -> datetime:
    """When something may leave that could leave now: after the quiet hours, unless that would be too late."""
    wall = clock.local(at, rule.community.zone)
    until = rule.quiet.until(wall)
    return at if until is None or disturbs(kinds, needed_by, until) else until.astimezone(at.tzinfo)


def _is_held_too_long(row: Outgoing, needed_by: datetime) -> bool:
    """A text message that may only leave when it is too late to know: somebody has to call."""
    held = row.state is SendState.DUE and row.fault is Fault.TOO_MANY
    return held and row.not_before >= needed_by


# ── who need not be telephoned ────────────────────────────────────────────────────────────────────────────


def carried(community: Community, due: Sequence[Message]) -> Carried:
    """Of what people still have to be told: what is on its way, and what could not be brought by any."""
    rule = rule_of(community) if due else None
    where = addresses(rule, {message.person.row.vendor_id for message in due})
    if not where:
        return Carried()
    wants = [(Errand.NEWS, Want(m.ref, m.mark, m.since, m.needed_by)) for m in due]
    known = _known(wants)
    on_its_way, failed = set(), set()
    for message in due:
        rows = known.get((Errand.NEWS, message.ref), ())
        lost = failed_ways(message.mark, rows)
        left = [way for way in _ways(message.person.row.vendor_id, where) if way not in lost]
        if any(_is_held_too_long(row, message.needed_by) for row in rows):
            failed.add(message.person.row.id)
        elif left:
            on_its_way.add(message.person.row.id)
        elif lost:
            failed.add(message.person.row.id)
    return Carried(frozenset(on_its_way), frozenset(failed))
