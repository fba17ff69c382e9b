"""What every kind of matter answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from market.communities.models import Community
from market.notices.rules import Channel
from market.outbox.models import Outgoing


@dataclass(frozen=True)
class Want:
    """Somebody, or the group, should be told something."""

    subject: str
    mark: str
    """A fingerprint of what would be said."""
    since: datetime
    """Not before then."""
    needed_by: datetime
    vendor_id: int | None = None
    """None: the group."""
    day_id: int | None = None
    kinds: tuple[str, ...] = ()
    """Which sentences; some are said in the quiet hours."""
    times: int = 1
    """How often in a row the same may be said."""
    in_all: int = 1_000
    """How often the subject may be told of at all."""


@dataclass(frozen=True)
class Said:
    """What is said at the moment of sending."""

    mark: str
    title: str
    text: str
    needed_by: datetime
    kinds: tuple[str, ...] = ()
    template: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    seen: str = ""
    """By what it is noted afterwards."""


class Told(NamedTuple):
    """A row that somebody got, what it said, and how."""

    row: Outgoing
    said: Said
    channel: Channel


Says = Callable[[Sequence[Outgoing], datetime], Mapping[int, Said]]
"""What these rows say now, by row; of a row that is missing nothing holds any more."""


def _nothing(_told: Sequence[Told], _at: datetime) -> None:
    """Nothing is noted but that it was sent."""


def one_by_one(say: Callable[[Outgoing, datetime], Said | None]) -> Says:
    """For what is so rare that looking up many at once would gain nothing."""

    def say_all(rows: Sequence[Outgoing], at: datetime) -> Mapping[int, Said]:
        found = {row.id: say(row, at) for row in rows}
        return {row_id: said for row_id, said in found.items() if said is not None}

    return say_all


class Matter(NamedTuple):
    """What is wanted now; what is said when its turn comes; what is noted after.

    Many rows at once: looking up one after the other would take longer than sending them."""

    wants: Callable[[Community, datetime], Iterable[Want]]
    say: Says
    note: Callable[[Sequence[Told], datetime], None] = _nothing
