"""What a vendor sells, changed by itself: staff look at it, and until then both the old and the new hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import User
from market.vendors.models import GoodsChange, Vendor
from market.vendors.rules import Category, ChangeAnswer


def note_change(vendor: Vendor, category: Category, goods: str, *, by: User, at: datetime) -> None:
    """The vendor changed its category or goods, which were these before; the oldest unseen ones are kept."""
    if (category, goods) == (vendor.category, vendor.goods):
        return
    if not vendor.is_of(by):  # staff have looked at what they write, and with it at what was open
        settle_change(vendor, ChangeAnswer.AGREED, by=by, at=at)
        return
    change = open_change(vendor)
    if change is None:
        db.session.add(
            GoodsChange(
                vendor=vendor, category_before=category, goods_before=goods, asked_by=by.id, asked_at=at,
                answer=ChangeAnswer.OPEN,
            )
        )  # fmt: skip
    elif (change.category_before, change.goods_before) == (vendor.category, vendor.goods):
        settle_change(vendor, ChangeAnswer.UNDONE, by=by, at=at)
    db.session.flush()


def settle_change(vendor: Vendor, answer: ChangeAnswer, *, by: User, at: datetime) -> None:
    """Staff have looked; nothing is open any more. Twice is once."""
    change = open_change(vendor)
    if change is not None:
        change.answer, change.answered_by, change.answered_at = answer, by.id, at
        db.session.flush()
        audit.record("vendors.settle_change", vendor, by=by, at=at, answer=answer.value)


def agree_change(vendor: Vendor, *, by: User, at: datetime) -> None:
    """What the vendor sells now is what counts. Refuses `vendors.no_change` and `vendors.not_for_oneself`."""
    _begin(vendor, by)
    settle_change(vendor, ChangeAnswer.AGREED, by=by, at=at)


def undo_change(vendor: Vendor, *, by: User, at: datetime) -> None:
    """The vendor sells again what it sold before. Refuses as `agree_change` does."""
    change = _begin(vendor, by)
    vendor.category, vendor.goods = change.category_before, change.goods_before
    settle_change(vendor, ChangeAnswer.UNDONE, by=by, at=at)


def _begin(vendor: Vendor, by: User) -> GoodsChange:
    lock_row(vendor)
    if vendor.is_of(by):
        raise Refusal("vendors.not_for_oneself", _("自己的摊位要请另一位同事来定。"), 403)
    change = open_change(vendor)
    if change is None:
        raise NotFound("vendors.no_change", _("这个改动已经看过了。请刷新页面。"))
    return change


def open_change(vendor: Vendor) -> GoodsChange | None:
    """The change that nobody has looked at yet."""
    query = sa.select(GoodsChange).where(
        GoodsChange.vendor_id == vendor.id, GoodsChange.answer == ChangeAnswer.OPEN
    )
    return db.session.scalar(query)


def waiting_changes(community: Community) -> list[Vendor]:
    """The vendors of a community who changed what they sell and wait for staff to look, the longest first."""
    query = (
        sa.select(Vendor)
        .join(GoodsChange, GoodsChange.vendor_id == Vendor.id)
        .where(Vendor.community_id == community.id, GoodsChange.answer == ChangeAnswer.OPEN)
    )
    return list(db.session.scalars(query.order_by(GoodsChange.asked_at, GoodsChange.id)))


def changed_vendors(vendors: Iterable[Vendor]) -> frozenset[int]:
    """The ids of those whose change nobody has looked at."""
    ids = [vendor.id for vendor in vendors]
    query = sa.select(GoodsChange.vendor_id).where(
        GoodsChange.vendor_id.in_(ids), GoodsChange.answer == ChangeAnswer.OPEN
    )
    return frozenset(db.session.scalars(query))
