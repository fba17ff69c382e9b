"""Goods in items: received outside of markets or taken over from one, kept, handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.clock import local
from market.communities.models import Community
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.fund.goods_book import post_out, unpost_out
from market.fund.goods_rows import GoodsLot, GoodsOut
from market.fund.rules import GoodsWay
from market.ledger.rules import MAX_TEXT, check_text
from market.ledger.spans import Span
from market.people.models import User
from market.settlement import service as settlement
from market.settlement.models import InKindItem

MOST_ITEMS = 100_000
SHOWN_ITEMS = 40


@dataclass(frozen=True)
class Keeping:
    """Where goods are kept and until when they are good."""

    storage: str
    expires_on: date | None = None


@dataclass(frozen=True)
class GoodsDraft:
    """Goods that somebody brought, not at a market."""

    goods: str
    items: int
    received_on: date
    keeping: Keeping
    donor: str = ""
    may_name: bool = False


def receive_goods(community: Community, draft: GoodsDraft, *, by: User, at: datetime) -> GoodsLot:
    """Takes goods into store. Two gifts may be alike in everything, and nothing numbers them: each call is
    one gift, and a form that is sent twice is one call (`form_use.once`).

    What is past its day is refused (`fund.goods_past`).
    """
    today = local(at, community.zone).date()
    if not 0 < draft.items <= MOST_ITEMS:
        raise Refusal("fund.goods_items", _("请填件数，至少 1 件，最多 10 万件。"), 422)
    if draft.received_on > today:
        raise Refusal("fund.received_in_future", _("收到的日期还没有到，请看看是不是选错了。"), 422)
    _check_texts(draft.goods, draft.donor or "-")
    _check_keeping(draft.keeping, draft.received_on)
    lot = GoodsLot(community=community, **_told(draft), entered_by=by.id, entered_at=at)
    return _added(lot, "fund.receive_goods", by=by, at=at)


def _told(draft: GoodsDraft) -> dict[str, object]:
    return {
        "goods": draft.goods.strip(),
        "items": draft.items,
        "donor": draft.donor.strip(),
        "may_name": draft.may_name and bool(draft.donor.strip()),
        "received_on": draft.received_on,
        **_kept(draft.keeping),
    }


def store_item(item: InKindItem, keeping: Keeping, *, by: User, at: datetime) -> GoodsLot:
    """Takes over what was given at a market, which is told there: once."""
    day = db.session.get_one(MarketDay, item.day_id)
    lock_row(day)
    earlier = db.session.scalar(sa.select(GoodsLot).where(GoodsLot.item_id == item.id))
    if earlier is not None:
        return earlier
    db.session.refresh(item)
    if item.voided_at is not None:
        raise Refusal("fund.goods_voided", _("这笔物资登记已经撤回了。"))
    if settlement.settlement_of(day) is None:
        sentence = _("这一场还没有收市结算，物资还可能改。收市以后再入库。")
        raise Refusal("fund.goods_not_settled", sentence)
    received_on = local(item.received_at, day.community.zone).date()
    _check_keeping(keeping, received_on)
    race_point("fund.store_item")
    lot = GoodsLot(
        community=day.community,
        item=item,
        received_on=received_on,
        **_kept(keeping),
        entered_by=by.id,
        entered_at=at,
    )
    return _added(lot, "fund.store_item", by=by, at=at)


def _kept(keeping: Keeping) -> dict[str, object]:
    return {
        "storage": keeping.storage.strip(),
        "expires_on": keeping.expires_on,
    }


def _added(lot: GoodsLot, act: str, *, by: User, at: datetime) -> GoodsLot:
    db.session.add(lot)
    db.session.flush()
    audit.record(act, lot, by=by, at=at, community=lot.community, items=lot.count)
    return lot


def _check_keeping(keeping: Keeping, received_on: date) -> None:
    _check_texts(keeping.storage)
    if keeping.expires_on is not None and keeping.expires_on < received_on:
        raise Refusal("fund.goods_past", _("收到时已经过期的不能收，请退回。"), 422)


def _check_texts(*texts: str) -> None:
    if any(check_text(text, MAX_TEXT) is not None for text in texts):
        raise Refusal("fund.unfit_goods", _("请写清楚；会公开，请不要写手机号或身份证号。"), 422)


def send_out(
    lot: GoodsLot, way: GoodsWay, items: int, recipient: str, on: date, *, by: User, at: datetime
) -> GoodsOut:
    """Goods leave the store, never more than are there (`fund.goods_short`); none past its day is given.

    Of valued goods the share leaves the book with them.
    """
    lock_row(lot)
    if not 0 < items <= lot.left:
        sentence = _("只剩 %(n)s 件，请看看件数。", n=lot.left)
        raise Refusal("fund.goods_short", sentence, 422)
    if not lot.received_on <= on <= local(at, lot.community.zone).date():
        raise Refusal("fund.goods_day", _("日期要在收到以后，也不能还没有到。"), 422)
    if way is GoodsWay.GIVEN and lot.is_past(on):
        raise Refusal("fund.goods_expired", _("这一批已经过期，不能发给人。请登记损耗。"), 422)
    _check_texts(recipient)
    left = lot.left
    race_point("fund.send_out")
    out = GoodsOut(
        lot=lot,
        way=way,
        items=items,
        recipient=recipient.strip(),
        happened_on=on,
        noted_by=by.id,
        noted_at=at,
    )
    db.session.add(out)
    db.session.flush()
    post_out(out, left, by=by, at=at)
    audit.record("fund.send_out", out, by=by, at=at, community=lot.community, items=items, way=way.value)
    return out


def void_out(out: GoodsOut, *, by: User, at: datetime) -> None:
    """It was a mistake: the goods are still there. The row stays; twice is once.

    What was booked of it is undone, by another person than who posted it (`ledger.second_person`).
    """
    lock_row(out.lot)
    db.session.refresh(out)
    if out.voided_at is None:
        race_point("fund.void_out")
        unpost_out(out, by=by, at=at)
        out.voided_at = at
        audit.record("fund.void_out", out, by=by, at=at, community=out.lot.community)


def lots(community: Community) -> list[GoodsLot]:
    """Everything that was taken into store, what ends first in front."""
    query = sa.select(GoodsLot).where(GoodsLot.community_id == community.id)
    order = (GoodsLot.expires_on.is_(None), GoodsLot.expires_on, GoodsLot.id.desc())
    return list(db.session.scalars(query.order_by(*order)))


def items_without_place(community: Community) -> Sequence[tuple[InKindItem, MarketDay]]:
    """What was given at markets and nobody has said where it is kept, the newest first."""
    query = _without_place(community).order_by(InKindItem.id.desc()).limit(SHOWN_ITEMS)
    return [(item, day) for item, day in db.session.execute(query)]


def never_stored(community: Community, span: Span) -> list[tuple[InKindItem, MarketDay]]:
    """What was given at the markets of these days and did not go through the store, the first in front."""
    query = _without_place(community).order_by(MarketDay.open_at, InKindItem.id)
    return [(item, day) for item, day in db.session.execute(query) if span.holds(local_date(day))]


def _without_place(community: Community) -> sa.Select[InKindItem, MarketDay]:
    return (
        sa.select(InKindItem, MarketDay)
        .join(MarketDay, MarketDay.id == InKindItem.day_id)
        .outerjoin(GoodsLot, GoodsLot.item_id == InKindItem.id)
        .where(MarketDay.community_id == community.id, InKindItem.voided_at.is_(None), GoodsLot.id.is_(None))
    )


def markets_of(found: Sequence[GoodsLot]) -> dict[int, MarketDay]:
    """The market that each lot was given at, by lot; those from elsewhere have none."""
    query = (
        sa.select(GoodsLot.id, MarketDay)
        .join(InKindItem, InKindItem.id == GoodsLot.item_id)
        .join(MarketDay, MarketDay.id == InKindItem.day_id)
        .where(GoodsLot.id.in_([lot.id for lot in found]))
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def find_lot(community: Community, ref: str) -> GoodsLot:
    """A lot of this community."""
    query = sa.select(GoodsLot).where(GoodsLot.community_id == community.id, GoodsLot.ref == ref)
    return _there(db.session.scalar(query))


def find_out(community: Community, ref: str) -> GoodsOut:
    """What left the store of this community."""
    query = (
        sa.select(GoodsOut).join(GoodsLot).where(GoodsLot.community_id == community.id, GoodsOut.ref == ref)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("fund.no_goods", _("没有这批物资。"))
    return found


def find_item(community: Community, ref: str) -> InKindItem:
    """What was given at a market of this community."""
    query = (
        sa.select(InKindItem)
        .join(MarketDay, MarketDay.id == InKindItem.day_id)
        .where(MarketDay.community_id == community.id, InKindItem.ref == ref)
    )
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("fund.no_goods", _("没有这批物资。"))
    return found


def _there(lot: GoodsLot | None) -> GoodsLot:
    if lot is None:
        raise NotFound("fund.no_goods", _("没有这批物资。"))
    return lot
