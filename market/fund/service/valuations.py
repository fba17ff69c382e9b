"""What goods are worth, where a paper says it: typed by one person, compared and posted by another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.clock import local
from market.communities.models import Community
from market.db import db, lock_row, race_point, still_there
from market.errors import NotFound, Refusal
from market.fund.goods_book import entries_of, post_lot
from market.fund.goods_rows import GoodsLot, GoodsValuation
from market.fund.rules import Basis
from market.fund.service.funds import refuse_onlooker, require_fund
from market.ledger import service as ledger
from market.ledger.rules import check_text
from market.people.models import User

MOST_FEN = 100_000_000 * 100
"""A hundred million yuan: more is a slip of the finger."""
LONGEST = 60


@dataclass(frozen=True)
class ValueDraft:
    """What a paper says of a lot, which paper it is, of which day, and who says so."""

    basis: Basis
    worth_fen: int
    paper: str
    paper_on: date
    said_by: str


def value_goods(lot: GoodsLot, draft: ValueDraft, *, by: User, at: datetime) -> GoodsValuation:
    """Notes what a paper says; it counts when another person has compared it. The same again is once.

    Refuses `fund.no_worth`, `fund.worth_without_paper`, `fund.paper_in_future`, `fund.valued_already`.
    """
    fund = require_fund(lot.community)
    refuse_onlooker(fund, by)
    _check(draft, local(at, lot.community.zone).date())
    lock_row(lot)
    known = lot.valuation
    if known is not None:
        return _the_same(known, draft)
    race_point("fund.value_goods")
    row = GoodsValuation(
        lot=lot,
        basis=draft.basis,
        worth_fen=draft.worth_fen,
        paper=draft.paper.strip(),
        paper_on=draft.paper_on,
        said_by=draft.said_by.strip(),
        noted_by=by.id,
        noted_at=at,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("fund.value_goods", row, by=by, at=at, community=lot.community, fen=draft.worth_fen)
    return row


def _check(draft: ValueDraft, today: date) -> None:
    if not 0 < draft.worth_fen <= MOST_FEN:
        raise Refusal("fund.no_worth", _("请照票据填金额，要大于 0。没有票据就不折价，只数件数。"), 422)
    if any(check_text(text, LONGEST) is not None for text in (draft.paper, draft.said_by)):
        sentence = _("请写清楚是哪张票据、谁开的或谁报的价；会公开，请不要写手机号或身份证号。")
        raise Refusal("fund.worth_without_paper", sentence, 422)
    if draft.paper_on > today:
        raise Refusal("fund.paper_in_future", _("票据的日期还没有到，请看看是不是选错了。"), 422)


def _the_same(known: GoodsValuation, draft: ValueDraft) -> GoodsValuation:
    said = ValueDraft(known.basis, known.worth_fen, known.paper, known.paper_on, known.said_by)
    stripped = ValueDraft(
        draft.basis, draft.worth_fen, draft.paper.strip(), draft.paper_on, draft.said_by.strip()
    )
    if said != stripped:
        sentence = _("这一批已经估过价。没入账的先撤回，入了账的请另一位同事冲销，再重新填。")
        raise Refusal("fund.valued_already", sentence)
    return known


def confirm_value(valuation: GoodsValuation, *, by: User, at: datetime) -> GoodsValuation:
    """Another person compared the paper: the goods come into the book at this worth. Twice is once.

    What has left the store before leaves the book with it. Refuses `fund.second_person`.
    """
    lot = valuation.lot
    _lock(valuation)
    if valuation.entry_id is not None:
        return valuation
    refuse_onlooker(require_fund(lot.community), by)
    if valuation.noted_by == by.id:
        sentence = _("这个价是您填的，要由另一位同事看过票据来确认。")
        raise Refusal("fund.second_person", sentence, 403)
    race_point("fund.confirm_value")
    valuation.entry = post_lot(valuation, by=by, at=at)
    valuation.confirmed_by, valuation.confirmed_at = by.id, at
    db.session.flush()
    audit.record(
        "fund.confirm_value", valuation, by=by, at=at, community=lot.community, fen=valuation.worth_fen
    )
    return valuation


def withdraw_value(valuation: GoodsValuation, *, by: User, at: datetime) -> None:
    """Takes back what was typed and not posted."""
    lot = valuation.lot
    _lock(valuation)
    if valuation.entry_id is not None:
        raise Refusal("fund.value_posted", _("这个价已经入账，不能撤回。错了请另一位同事冲销。"))
    audit.record("fund.withdraw_value", valuation, by=by, at=at, community=lot.community)
    db.session.delete(valuation)
    db.session.flush()
    db.session.expire(lot, ["valuations"])


def reverse_value(valuation: GoodsValuation, reason: str, *, by: User, at: datetime) -> GoodsValuation:
    """It was posted wrong: undone in full by another person than who posted it; then it is valued anew.

    What left the store at this worth is taken back first (`fund.goods_given_out`): each by its own reversal.
    """
    lot = valuation.lot
    fund = require_fund(lot.community)
    _lock(valuation)
    if valuation.entry is None:
        raise Refusal("fund.not_posted", _("这一笔还没有入账，撤回就行，不用冲销。"))
    refuse_onlooker(fund, by)
    if valuation.undone_at is None and len(entries_of(fund.book, [lot])) > 1:
        sentence = _("已经按这个价发出去一些。请先由另一位同事把去向撤回，再冲销；估好价再登记去向。")
        raise Refusal("fund.goods_given_out", sentence)
    ledger.reverse(valuation.entry, reason=reason, by=by, at=at)
    if valuation.undone_at is None:
        valuation.undone_at = at
        audit.record("fund.reverse_value", valuation, by=by, at=at, community=lot.community)
    return valuation


def _lock(valuation: GoodsValuation) -> None:
    """Nobody else acts on the lot; refuses `fund.no_value` when the paper was taken back meanwhile."""
    lock_row(valuation.lot)
    if not still_there(valuation):
        raise _no_value()


def _no_value() -> NotFound:
    return NotFound("fund.no_value", _("没有这个估价，可能撤回了。"))


def find_value(community: Community, ref: str) -> GoodsValuation:
    """A valuation of goods of this community."""
    query = (
        sa.select(GoodsValuation)
        .join(GoodsLot)
        .where(GoodsLot.community_id == community.id, GoodsValuation.ref == ref)
    )
    found = db.session.scalar(query)
    if found is None:
        raise _no_value()
    return found
