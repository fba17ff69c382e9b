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


class _Kept(NamedTuple):
    head: str
    minute: datetime
    number: int


def count_while_unchanged(name: str, community_id: int, at: datetime, count: Callable[[], int]) -> int:
    """A number of a community, worked out once for a state of its journal and a minute. For pages that write
    nothing: lines are written at the end.

    Every act is a line, so what somebody did shows at once; what the clock does, and what becomes of a
    message on its way, shows within the minute.
    """
    head = db.session.scalar(sa.select(Journal.head_hash).where(Journal.chain == community_id)) or ""
    minute = at.replace(second=0, microsecond=0)
    kept: OrderedDict[tuple[str, int], _Kept] = current_app.extensions.setdefault(KEPT, OrderedDict())
    there = kept.get((name, community_id))
    if there is None or (there.head, there.minute) != (head, minute):
        there = kept[name, community_id] = _Kept(head, minute, count())
        while len(kept) > MOST:
            kept.popitem(last=False)
    return there.number
