"""What holds of a market day and is not as somebody knows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from flask_babel import gettext as _

from market.calendar.words import said as spoken
from market.communities.models import Community
from market.notices import service as notices
from market.notices.rules import Channel
from market.notices.service import Message
from market.notices.words import letter_of, words_of
from market.outbox.matters.matter import Said, Told, Want
from market.outbox.models import Outgoing
from market.outbox.rules import MOST_TIMES, SETTLE


def wants(community: Community, at: datetime) -> Iterator[Want]:
    """Everybody who still has to be told something."""
    for message in notices.due_messages(community, at=at):
        yield Want(
            message.ref,
            message.mark,
            message.since + SETTLE,
            message.needed_by,
            vendor_id=message.person.row.vendor_id,
            day_id=message.day.id,
            kinds=message.kinds,
            times=MOST_TIMES,
        )


def say(rows: Sequence[Outgoing], at: datetime) -> dict[int, Said]:
    """The difference as it is now."""
    named = [row for row in rows if row.day is not None and row.vendor is not None]
    days, people = {row.day for row in named if row.day}, {row.vendor for row in named if row.vendor}
    found = notices.messages(sorted(days, key=lambda day: day.id), at=at, only=people) if named else []
    due = {(message.day.id, message.person.row.vendor_id): message for message in reversed(found)}
    keys = {row: (row.day_id or 0, row.vendor_id or 0) for row in named}
    return {row.id: _said(row, due[key]) for row, key in keys.items() if key in due}


def _said(row: Outgoing, message: Message) -> Said:
    told, name = words_of(message), message.person.row.vendor
    return Said(
        message.mark,
        _("【%(name)s】%(what)s", name=told.theme, what=told.day),
        letter_of(message, name, row.community),
        message.needed_by,
        message.kinds,
        message.kinds[0],
        {key: str(value) for key, value in spoken(message.params).items()},
        message.seen,
    )


def note(told: Sequence[Told], at: datetime) -> None:
    """The same as when staff told it: what was said is known from now on, unless it no longer holds."""
    by_day: dict[tuple[int, Channel], list[Told]] = defaultdict(list)
    for one in told:
        by_day[one.row.day_id or 0, one.channel].append(one)
    for (_day, channel), some in sorted(by_day.items()):  # in one order: two hosts do not wait for each other
        day, people = some[0].row.day, [one.row.vendor for one in some if one.row.vendor is not None]
        if day is not None:
            seen = [one.said.seen for one in some]
            notices.tell(day, seen, channel=channel, by=None, at=at, only=people)
