"""What was missed and is added after the settlement, in the open, by a second person; the money stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db, lock_row
from market.errors import Refusal
from market.gate import service as gate
from market.gate.models import FootfallCount
from market.gate.rules import CountMethod
from market.people.models import User
from market.settlement.models import InKindItem, Settlement
from market.settlement.service.queries import settlement_of
from market.settlement.service.takings import record_goods
from market.vendors.models import Vendor


class Addition(NamedTuple):
    """One thing that was added afterwards: visits (no goods named), or goods."""

    number: int
    goods: str
    added_at: datetime
    person: str


def add_counts(
    day: MarketDay, cells: Mapping[tuple[str, int], int], method: CountMethod, *, by: User, at: datetime
) -> int:
    """Visits of cells (entrance, slot) that nobody had counted; how many visits that were.

    Refuses `settlement.nothing_added`, `gate.counted`, and as `check_adding` does.
    """
    lock_row(day)
    check_adding(day, by)
    if not cells:
        raise Refusal("settlement.nothing_added", _("还没有填人数。请至少填一格。"), 422)
    for (entrance, slot), visits in cells.items():
        gate.add_missed_count(day, entrance, slot, visits, method, by=by, at=at)
    audit.record("settlement.add_counts", day, by=by, at=at, cells=len(cells), visits=sum(cells.values()))
    return sum(cells.values())


def add_goods(
    day: MarketDay, vendor: Vendor, goods: str, items: int, *, by: User, at: datetime
) -> InKindItem:
    """Goods that were handed over at the market and not written down. Refuses as `check_adding` does."""
    lock_row(day)
    check_adding(day, by)
    return record_goods(day, vendor, goods, items, by=by, at=at)


def check_adding(day: MarketDay, by: User) -> None:
    """Refuses unless the market is settled, not archived, and somebody else than `by` settled it."""
    latest = settlement_of(day)
    if latest is None:
        raise Refusal("settlement.not_settled", _("这一场还没有结算，直接记就行。"))
    if day.state is not DayState.SETTLED:
        raise Refusal("settlement.archived", _("这一场已经归档，只能看，不能补记。"))
    if _settled(day).settled_by == by.id:
        sentence = _("这一场是您结算的，补记要由第二位同事来做。请把这一页交给他。")
        raise Refusal("settlement.second_person", sentence, 403)


def may_add(day: MarketDay, by: User) -> bool:
    """Whether `check_adding` would let them."""
    try:
        check_adding(day, by)
    except Refusal:
        return False
    return True


def _settled(day: MarketDay) -> Settlement:
    query = sa.select(Settlement).where(Settlement.day_id == day.id, Settlement.revision == 1)
    return db.session.scalars(query).one()


def added(day: MarketDay) -> list[Addition]:
    """Everything that came after the settlement of a day that has one, in order, with who and when; one
    entry a sheet of visits.

    In the second of the settlement itself, what was not written by whoever settled came after it.
    """
    settled = _settled(day)
    counts = (
        sa.select(sa.func.sum(FootfallCount.visits), FootfallCount.counted_at, User.display_name)
        .join(User, User.id == FootfallCount.counted_by)
        .where(
            FootfallCount.day_id == day.id,
            FootfallCount.counted_at >= settled.settled_at,
            FootfallCount.counted_by != settled.settled_by,
        )
        .group_by(FootfallCount.counted_at, User.display_name)
    )
    given = (
        sa.select(InKindItem.items, InKindItem.goods, InKindItem.received_at, User.display_name)
        .join(User, User.id == InKindItem.received_by)
        .where(
            InKindItem.day_id == day.id,
            InKindItem.received_at >= settled.settled_at,
            InKindItem.received_by != settled.settled_by,
            InKindItem.voided_at.is_(None),
        )
    )
    found = [Addition(int(visits), "", at, who) for visits, at, who in db.session.execute(counts)]
    found += [Addition(items, goods, at, who) for items, goods, at, who in db.session.execute(given)]
    return sorted(found, key=lambda one: one.added_at)
