"""Looking into what was agreed, reported, given and settled; nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import profile_of
from market.db import db
from market.errors import NotFound
from market.settlement.models import AgreedTerms, CloseWaiver, InKindItem, Settlement, TakingsReport
from market.settlement.publishing import GroupTotal, group_totals
from market.settlement.rules import (
    NO_TERMS,
    LineFacts,
    Miscount,
    Terms,
    miscounts,
    terms_for_category,
)
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors.models import Vendor

# ── what one vendor told ──────────────────────────────────────────────────────────────────────────────────


def told_by(vendor: Vendor) -> list[TakingsReport]:
    """Everything that was reported for a vendor, the newest market first, each with all its revisions."""
    query = (
        sa.select(TakingsReport)
        .join(TakingsReport.assignment)
        .where(Assignment.vendor_id == vendor.id)
        .options(joinedload(TakingsReport.assignment))
    )
    return list(db.session.scalars(query.order_by(TakingsReport.day_id.desc(), TakingsReport.revision)))


# ── terms ─────────────────────────────────────────────────────────────────────────────────────────────────


def newest_terms(vendor: Vendor) -> AgreedTerms | None:
    """The agreement that a vendor signed last."""
    return next(iter(terms_history(vendor)), None)


def terms_history(vendor: Vendor) -> list[AgreedTerms]:
    """Every version of a vendor's agreement, the newest first."""
    query = sa.select(AgreedTerms).where(AgreedTerms.vendor_id == vendor.id)
    return list(db.session.scalars(query.order_by(AgreedTerms.agreed_at.desc(), AgreedTerms.id.desc())))


def terms_of(vendor_ids: Collection[int], moment: datetime) -> dict[int, Terms]:
    """What each of some vendors had agreed to at a moment; nothing where nothing was signed."""
    signed = agreed_terms(vendor_ids, moment)
    return {vendor_id: signed.get(vendor_id, NO_TERMS) for vendor_id in vendor_ids}


def agreed_terms(vendor_ids: Collection[int], moment: datetime) -> dict[int, Terms]:
    """The terms of those vendors who had signed at a moment; not to give is an agreement too.

    They are as they count for what each sells: an exempt category gives nothing.
    """
    query = sa.select(AgreedTerms, Vendor.category).join(AgreedTerms.vendor)
    query = query.where(AgreedTerms.vendor_id.in_(vendor_ids), AgreedTerms.agreed_at <= moment)
    oldest_first = db.session.execute(query.order_by(AgreedTerms.agreed_at, AgreedTerms.id))
    return {agreed.vendor_id: terms_for_category(agreed.terms, category) for agreed, category in oldest_first}


def agreed_for(day: MarketDay, vendor_ids: Collection[int]) -> dict[int, Terms]:
    """What counts for a market: what was signed before it really opened (慈善法 37)."""
    return agreed_terms(vendor_ids, calendar.actual_opening(day))


def undecided(day: MarketDay) -> list[Assignment]:
    """The stalls whose vendors have not said yet whether they give."""
    held = stalls.assignments(day)
    signed = agreed_for(day, [assignment.vendor_id for assignment in held])
    return [assignment for assignment in held if assignment.vendor_id not in signed]


# ── takings and goods ─────────────────────────────────────────────────────────────────────────────────────


def find_assignment(day: MarketDay, ref: str) -> Assignment:
    """A stall that somebody holds on this day, by the address of the assignment."""
    query = sa.select(Assignment).where(
        Assignment.day_id == day.id, Assignment.ref == ref, Assignment.released_at.is_(None)
    )
    assignment = db.session.scalar(query)
    if assignment is None:
        raise NotFound("settlement.no_stall", _("这一场没有这个摊位，可能刚刚换过。请回到收市页重新选。"))
    return assignment


def reports(day: MarketDay) -> dict[int, list[TakingsReport]]:
    """Every takings report of a day by vendor id, the oldest first: who is moved keeps what was reported."""
    found: dict[int, list[TakingsReport]] = defaultdict(list)
    query = sa.select(TakingsReport, Assignment.vendor_id).join(TakingsReport.assignment)
    for report, vendor_id in db.session.execute(
        query.where(TakingsReport.day_id == day.id).order_by(TakingsReport.revision)
    ):
        found[vendor_id].append(report)
    return found


def latest_report(assignment: Assignment) -> TakingsReport | None:
    """The takings report that counts for whoever holds this stall."""
    query = (
        sa.select(TakingsReport)
        .join(TakingsReport.assignment)
        .where(TakingsReport.day_id == assignment.day_id, Assignment.vendor_id == assignment.vendor_id)
    )
    return db.session.scalar(query.order_by(TakingsReport.revision.desc()).limit(1))


def report_before(assignment: Assignment) -> TakingsReport | None:
    """What the same vendor reported for the market before this one."""
    query = (
        sa.select(TakingsReport)
        .join(TakingsReport.assignment)
        .join(MarketDay, TakingsReport.day_id == MarketDay.id)
        .where(
            Assignment.vendor_id == assignment.vendor_id,
            MarketDay.open_at < assignment.day.open_at,
            ~TakingsReport.gift_only,
        )
        .order_by(MarketDay.open_at.desc(), TakingsReport.revision.desc())
    )
    return db.session.scalar(query.limit(1))


def goods(day: MarketDay) -> list[InKindItem]:
    """What was given in kind at a market, without what was entered by mistake."""
    query = sa.select(InKindItem).where(InKindItem.day_id == day.id, InKindItem.voided_at.is_(None))
    return list(db.session.scalars(query.order_by(InKindItem.id)))


def find_goods(day: MarketDay, ref: str) -> InKindItem:
    """Goods given at this market, by their address."""
    item = db.session.scalar(sa.select(InKindItem).where(InKindItem.day_id == day.id, InKindItem.ref == ref))
    if item is None:
        raise NotFound("settlement.no_goods", _("这一场没有登记过这些物品。"))
    return item


def waivers(day: MarketDay) -> dict[int, list[CloseWaiver]]:
    """The exceptions that were accepted, by assignment."""
    found: dict[int, list[CloseWaiver]] = defaultdict(list)
    for waiver in db.session.scalars(
        sa.select(CloseWaiver).where(CloseWaiver.day_id == day.id).order_by(CloseWaiver.id)
    ):
        found[waiver.assignment_id].append(waiver)
    return found


# ── settlements ───────────────────────────────────────────────────────────────────────────────────────────


def settlement_of(day: MarketDay) -> Settlement | None:
    """The settlement that counts: the last revision."""
    return next(iter(revisions(day)), None)


def revisions(day: MarketDay) -> list[Settlement]:
    """The settlement of a day and what it was before each correction, the newest first."""
    query = sa.select(Settlement).where(Settlement.day_id == day.id)
    return list(db.session.scalars(query.order_by(Settlement.revision.desc())))


def settlements(community: Community) -> list[Settlement]:
    """The settlements that count, one per market, by date."""
    of_day = Settlement.day_id == MarketDay.id
    newer = sa.select(sa.func.max(Settlement.revision)).where(of_day).correlate(MarketDay)
    query = (
        sa.select(Settlement)
        .join(MarketDay, Settlement.day_id == MarketDay.id)
        .where(Settlement.community_id == community.id, Settlement.revision == newer.scalar_subquery())
    )
    return list(db.session.scalars(query.order_by(MarketDay.open_at, MarketDay.id)))


def newest_settled(community: Community, offset: int, limit: int) -> list[Settlement]:
    """A page of the settlements that count, with their markets, the newest first."""
    query = (
        sa.select(Settlement)
        .join(Settlement.day)
        .options(sa.orm.contains_eager(Settlement.day))
        .where(MarketDay.community_id == community.id, Settlement.id == _newest_of_day())
        .order_by(MarketDay.open_at.desc(), MarketDay.id.desc())
    )
    return list(db.session.scalars(query.offset(offset).limit(limit)))


def count_settled(community: Community) -> int:
    """How many markets were settled."""
    query = sa.select(sa.func.count(sa.distinct(Settlement.day_id)))
    return db.session.scalar(query.where(Settlement.community_id == community.id)) or 0


def _newest_of_day() -> sa.ScalarSelect[Any]:
    revision = sa.orm.aliased(Settlement)
    newest = sa.select(revision.id).where(revision.day_id == MarketDay.id)
    return newest.order_by(revision.revision.desc()).limit(1).correlate(MarketDay).scalar_subquery()


def settled(days: Iterable[MarketDay]) -> dict[int, Settlement]:
    """The settlements that count of some markets, by day; none for those that have none yet."""
    query = sa.select(Settlement).where(Settlement.day_id.in_([day.id for day in days]))
    found = db.session.scalars(query.order_by(Settlement.revision))
    return {closed.day_id: closed for closed in found}


def recompute(settlement: Settlement) -> list[Miscount]:
    """Everything in a settlement that does not follow from its own lines; empty when it holds."""
    lines = [
        LineFacts(
            line.assignment.label,
            line.takings_fen,
            line.terms,
            line.chosen_fen,
            line.contribution_fen,
        )
        for line in settlement.lines
    ]
    return miscounts(lines, settlement.vendors, settlement.takings_fen, settlement.contribution_fen)


def public_totals(settlement: Settlement) -> list[GroupTotal]:
    """Contributions by category as they may be published (see `publishing.group_totals`)."""
    smallest = profile_of(settlement.day.community).disclosure.smallest_group
    given = ((line.assignment.vendor.category.value, line.contribution_fen) for line in settlement.lines)
    return group_totals(given, smallest)
