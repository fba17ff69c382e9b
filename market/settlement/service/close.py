"""Closing a market: exactly once, posted in the same transaction."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from market import audit
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import Step
from market.db import lock_row, race_point
from market.errors import Refusal
from market.ledger.queries import find_book
from market.money import yuan
from market.people.models import User
from market.settlement.models import Settlement, SettlementLine
from market.settlement.service.comparison import CloseView, check_closing, close_view
from market.settlement.service.fees import fee_for
from market.settlement.service.postings import save
from market.settlement.service.queries import settlement_of


def close_day(
    day: MarketDay, *, by: User, at: datetime, seen_fen: int | None = None, automatic: bool = False
) -> Settlement:
    """Settles a market and posts what was given, exactly once: closing again gives the same settlement.

    `seen_fen` is the sum that the person read on the button; when it is no longer true, nothing is posted.
    `automatic` when the clock asks for it; `by` is then who made the rule (see automatic.py).
    Refuses `settlement.not_closed`, `settlement.exceptions`, `settlement.sum_changed`, `settlement.no_fund`.
    """
    lock_row(day)
    earlier = settlement_of(day)
    if earlier is not None:
        return earlier
    check_closing(day)
    view = close_view(day)
    _check_agreement(view, seen_fen)
    race_point("settlement.close_day")
    settlement = _settlement(view, by=by, at=at, automatic=automatic)
    calendar.take_step(day, Step.SETTLE, by=by, at=at)
    audit.record(
        "settlement.close_day",
        settlement,
        by=by,
        at=at,
        revision=1,
        contribution_fen=settlement.contribution_fen,
        automatic=automatic,
    )
    return settlement


def _check_agreement(view: CloseView, seen_fen: int | None) -> None:
    if view.faults:
        names = str(_("、")).join(
            f"{row.assignment.label} {row.assignment.vendor.trading_name}" for row in view.faults
        )
        raise Refusal(
            "settlement.exceptions",
            _("还有 %(n)s 处对不上：%(names)s。请先处理。", n=len(view.faults), names=names),
        )
    if seen_fen is not None and seen_fen != view.contribution_fen:
        sentence = _(
            "刚才有人改了数，现在合计是 %(sum)s 元。请核对后再按一次。", sum=yuan(view.contribution_fen)
        )
        raise Refusal("settlement.sum_changed", sentence)
    if view.contribution_fen and find_book(view.day.community) is None:
        raise Refusal("settlement.no_fund", _("还没有开设社区基金，钱没有地方入账。请先到“社区基金”开设。"))


def _settlement(view: CloseView, *, by: User, at: datetime, automatic: bool) -> Settlement:
    """The first revision, with its lines and its entry."""
    charged = fee_for(view.day)
    settlement = Settlement(
        community_id=view.day.community_id,
        day=view.day,
        revision=1,
        vendors=len(view.rows),
        visits=view.visits,
        items=view.items,
        takings_fen=view.takings_fen,
        contribution_fen=view.contribution_fen,
        person=by,
        settled_at=at,
        automatic=automatic,
        stall_fee=charged,
        lines=[
            SettlementLine(
                assignment=row.assignment,
                takings_fen=row.takings_fen,
                terms=row.terms,
                chosen_fen=row.chosen_fen,
                gift_only=row.gift_only,
                contribution_fen=row.contribution_fen,
                fee_fen=charged.fee.of(row.assignment.vendor.category) if charged is not None else 0,
            )
            for row in view.rows
        ],
    )
    return save(settlement, by=by, at=at)
