"""The notice of a closed quarter: prepared by one person, published by another, and then it stays."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.clock import local
from market.communities.service import profile_of
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.fund.due import Due, due_of
from market.fund.models import Fund
from market.fund.notice_rows import QuarterNotice
from market.fund.quarter import facts_of
from market.fund.quarter_facts import hash_of
from market.fund.service.funds import refuse_onlooker
from market.ledger import periods
from market.ledger.models import Period
from market.ledger.spans import PeriodKind
from market.people.models import User


def prepare_notice(fund: Fund, period: Period, *, by: User, at: datetime) -> QuarterNotice:
    """Works out what the notice of a closed quarter says. Preparing it again before it is published does so
    anew; a published one is given back as it is."""
    if period.kind is not PeriodKind.QUARTER or not period.is_final:
        sentence = _("这个季度还没有两个人核对结账。先结账，再公示。")
        raise Refusal("fund.quarter_open", sentence)
    refuse_onlooker(fund, by)
    lock_row(fund.book)
    known = notice_of_period(period)
    if known is not None and known.is_published:
        return known
    facts = facts_of(fund, period).written()
    race_point("fund.prepare_notice")
    notice = known or QuarterNotice(fund=fund, period=period)
    notice.facts, notice.hash = facts, hash_of(facts)
    notice.prepared_by, notice.prepared_at = by.id, at
    db.session.add(notice)
    db.session.flush()
    audit.record("fund.prepare_notice", notice, by=by, at=at, community=fund.community)
    return notice


def publish_notice(notice: QuarterNotice, seen: str, *, by: User, at: datetime) -> QuarterNotice:
    """Another person read it, as it is named by `seen`, and publishes it: now it stays. Twice is once.

    Refuses `fund.notice_changed` when it was prepared anew meanwhile, or would say something else by now.
    """
    fund = notice.fund
    refuse_onlooker(fund, by)
    lock_row(fund.book)
    db.session.refresh(notice)
    if notice.is_published:
        return notice
    if notice.prepared_by == by.id:
        sentence = _("这份公示是您编制的，要由另一位同事或一位委员看过再公布。")
        raise Refusal("fund.second_person", sentence, 403)
    if seen != notice.hash or facts_of(fund, notice.period).written() != notice.facts:
        sentence = _("这份公示编好以后，有的内容变了。请重新编制，看过再公布。")
        raise Refusal("fund.notice_changed", sentence)
    race_point("fund.publish_notice")
    notice.reviewed_by, notice.reviewed_at = by.id, at
    db.session.flush()
    audit.record("fund.publish_notice", notice, by=by, at=at, community=fund.community, hash=notice.hash)
    return notice


def notice_of_period(period: Period) -> QuarterNotice | None:
    """The notice of a quarter, published or not."""
    return db.session.scalar(sa.select(QuarterNotice).where(QuarterNotice.period_id == period.id))


def find_quarter_notice(fund: Fund, ref: str) -> QuarterNotice:
    """A notice of this fund, published or not."""
    query = sa.select(QuarterNotice).where(QuarterNotice.fund_id == fund.id, QuarterNotice.ref == ref)
    notice = db.session.scalar(query)
    if notice is None:
        raise NotFound("fund.no_quarter_notice", _("没有这份公示。"))
    return notice


def find_published(fund: Fund, ref: str) -> QuarterNotice:
    """The same for everybody: one that waits for its second person is not there yet."""
    notice = find_quarter_notice(fund, ref)
    if not notice.is_published:
        raise NotFound("fund.no_quarter_notice", _("没有这份公示。"))
    return notice


def quarter_notices(fund: Fund) -> list[QuarterNotice]:
    """Every notice, the newest quarter first."""
    query = (
        sa.select(QuarterNotice)
        .join(QuarterNotice.period)
        .where(QuarterNotice.fund_id == fund.id)
        .options(joinedload(QuarterNotice.period))
        .order_by(Period.last_on.desc())
    )
    return list(db.session.scalars(query))


def clocks(fund: Fund, today: date) -> list[tuple[Due, Period | None, QuarterNotice | None]]:
    """Each quarter of the fund with the day on which its notice is due, the newest first."""
    days, zone = profile_of(fund.community).disclosure.publish_days, fund.community.zone
    known = {notice.period_id: notice for notice in quarter_notices(fund)}
    found: list[tuple[Due, Period | None, QuarterNotice | None]] = []
    for period in periods.periods(fund.book, PeriodKind.QUARTER):
        notice = known.get(period.id)
        at = notice.reviewed_at if notice is not None else None
        published_on = local(at, zone).date() if at is not None else None
        found.append((due_of(period.span, days, published_on, today), period, notice))
    open_ones = periods.open_quarters(fund.book, today)
    found += [(due_of(span, days, None, today), None, None) for span in open_ones]
    return sorted(found, key=lambda one: one[0].span, reverse=True)
