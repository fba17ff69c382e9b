"""What the robot says to the group: once for each state of a day, and when date, hours or place change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.outbox.group_text import group_state, robot_message
from market.outbox.matters.matter import Said, Want
from market.outbox.models import Outgoing
from market.outbox.rules import SETTLE, digest


def wants(community: Community, at: datetime) -> Iterator[Want]:
    """Every day of which the group should know."""
    for day in calendar.days_ahead(community, at):
        mark = _mark(day)
        if mark:
            since = day.changed_at + SETTLE
            yield Want(day.ref, mark, since, day.arrive_by, day_id=day.id, kinds=_kinds(day))


def _mark(day: MarketDay) -> str:
    """Changes with the state, the date, the hours, the place; not with every stall that is moved."""
    state = group_state(day)
    return digest([state, *_facts(day)]) if state else ""


def _facts(day: MarketDay) -> list[str]:
    """What the whole group must know."""
    moments = [moment.isoformat() for moment in (day.open_at, day.close_at, day.arrive_by)]
    return [*moments, day.venue.name, day.venue.address, day.public_note]


def _kinds(day: MarketDay) -> tuple[str, ...]:
    return (f"calendar.{day.state.value}",)


def say(row: Outgoing, at: datetime) -> Said | None:
    """The text as it is now; nothing of a day that is over."""
    day = row.day
    if day is None or day.close_at <= at or not group_state(day):
        return None
    return Said(_mark(day), day.theme, robot_message(day), day.arrive_by, _kinds(day), "group")
