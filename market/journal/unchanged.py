"""What a process works out again only when something new stands in the journal of a community."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app

from market.db import db
from market.journal.models import Journal

KEPT = "kept_counts"
MOST = 1024
FRESH_S = 60
"""So long a number stands in which the clock has a part."""


class _Kept(NamedTuple):
    head: str
    window: int
    number: int


def count_while_unchanged(name: str, community_id: int, at: datetime, count: Callable[[], int]) -> int:
    """A number of a community, worked out once for a state of its journal and a minute. For pages that write
    nothing: lines are written at the end.

    Every act is a line, so what somebody did shows at once; what the clock does, and what becomes of a
    message on its way, shows within the minute.
    """
    head = db.session.scalar(sa.select(Journal.head_hash).where(Journal.chain == community_id)) or ""
    window = int(at.timestamp()) // FRESH_S
    kept: OrderedDict[tuple[str, int], _Kept] = current_app.extensions.setdefault(KEPT, OrderedDict())
    there = kept.get((name, community_id))
    if there is None or (there.head, there.window) != (head, window):
        there = kept[name, community_id] = _Kept(head, window, count())
        while len(kept) > MOST:
            kept.popitem(last=False)
    return there.number
