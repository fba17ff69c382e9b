"""What a donor gave, read by a link that nobody can guess and staff can take back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.clock import local
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.fund.donor_rows import DonorLink
from market.fund.models import CharityNotice, Fund, Partner, Remittance
from market.fund.published import newest_settlements
from market.fund.rules import is_nobodys_name, plain_name
from market.fund.service.funds import refuse_onlooker
from market.fund.service.notices import posted_notices
from market.people.models import User
from market.people.service.accounts import hashed
from market.settlement.models import ReceiptRequest, Settlement, SettlementLine
from market.stalls.models import Assignment
from market.vendors.models import Vendor

SECRET_BYTES = 24
Donor = Vendor | Partner | CharityNotice


@dataclass(frozen=True)
class Gift:
    """One gift as its donor reads it."""

    given_on: date
    what: str
    """The market; empty for what the charity's notice told."""
    fen: int
    confirmed_on: date | None
    """When the charity's word that it has it was entered; None: on its way."""
    receipt: str
    """The charity's number; empty where no receipt was asked for or none has come."""


def make_link(fund: Fund, donor: Donor, *, by: User, at: datetime) -> tuple[DonorLink, str]:
    """A new link and its secret, which is shown this once."""
    refuse_onlooker(fund, by)
    if isinstance(donor, CharityNotice) and not donor.donor:
        raise Refusal("fund.names_nobody", _("这一笔没有捐赠人。"))
    secret = secrets.token_urlsafe(SECRET_BYTES)
    link = DonorLink(fund=fund, secret_hash=hashed(secret), made_by=by.id, made_at=at, **_whose(donor))
    db.session.add(link)
    db.session.flush()
    audit.record("fund.make_donor_link", link, by=by, at=at, community=fund.community)
    return link, secret


def _whose(donor: Donor) -> dict[str, Donor]:
    if isinstance(donor, Vendor):
        return {"vendor": donor}
    return {"partner": donor} if isinstance(donor, Partner) else {"notice": donor}


def revoke_link(link: DonorLink, *, by: User, at: datetime) -> None:
    """From now on it opens nothing. Twice is once."""
    refuse_onlooker(link.fund, by)
    lock_row(link)
    if link.revoked_at is None:
        link.revoked_by, link.revoked_at = by.id, at
        audit.record("fund.revoke_donor_link", link, by=by, at=at, community=link.fund.community)


def links_of(fund: Fund) -> list[DonorLink]:
    """The links that open something, the newest first."""
    query = sa.select(DonorLink).where(DonorLink.fund_id == fund.id, DonorLink.revoked_at.is_(None))
    query = query.options(joinedload(DonorLink.vendor), joinedload(DonorLink.partner))
    return list(db.session.scalars(query.options(joinedload(DonorLink.notice)).order_by(DonorLink.id.desc())))


def find_link(fund: Fund, ref: str) -> DonorLink:
    """A link of this fund."""
    query = sa.select(DonorLink).where(DonorLink.fund_id == fund.id, DonorLink.ref == ref)
    link = db.session.scalar(query)
    if link is None:
        raise NotFound("fund.no_link", _("没有这个链接。"))
    return link


def link_of_secret(secret: str) -> DonorLink:
    """Whose statement a secret opens. A wrong one and one that was taken back get the same answer."""
    query = sa.select(DonorLink).where(
        DonorLink.secret_hash == hashed(secret),
        DonorLink.revoked_at.is_(None),
    )
    link = db.session.scalar(query)
    if link is None:
        sentence = _("这个链接不对，或者已经收回了。请向社区要一个新的。")
        raise NotFound("fund.no_statement_link", sentence)
    return link


def donors(fund: Fund) -> list[Donor]:
    """Everybody to whom a link can be given: vendors who gave, partners, named donors (once each), and each
    gift of somebody who wants no name."""
    lines = sa.select(Assignment.vendor_id).join(
        SettlementLine, SettlementLine.assignment_id == Assignment.id
    )
    gave = lines.where(Assignment.community_id == fund.community_id, SettlementLine.contribution_fen > 0)
    vendors = sa.select(Vendor).where(Vendor.id.in_(gave)).order_by(Vendor.trading_name, Vendor.id)
    partners = sa.select(Partner).where(Partner.fund_id == fund.id).order_by(Partner.name, Partner.id)
    named: dict[object, CharityNotice] = {}
    for notice in posted_notices(fund):
        if notice.donor:
            named.setdefault(_who(notice), notice)
    return [*db.session.scalars(vendors), *db.session.scalars(partners), *named.values()]


def gifts_of(link: DonorLink) -> list[Gift]:
    """What the donor of a link gave, the newest first."""
    if link.vendor is not None:
        found = list(_of_vendor(link.fund, link.vendor))
    else:
        found = [_of_notice(link.fund, notice) for notice in _notices(link)]
    return sorted(found, key=lambda gift: gift.given_on, reverse=True)


def _of_vendor(fund: Fund, vendor: Vendor) -> Iterable[Gift]:
    """What a vendor gave at each market as it counts now."""
    confirmed = sa.select(sa.func.max(Remittance.confirmed_at)).where(Remittance.day_id == MarketDay.id)
    receipt = sa.select(ReceiptRequest.number).where(
        ReceiptRequest.day_id == MarketDay.id, ReceiptRequest.vendor_id == vendor.id
    )
    query = (
        sa.select(
            MarketDay,
            sa.func.sum(SettlementLine.contribution_fen),
            confirmed.correlate(MarketDay).scalar_subquery(),
            receipt.correlate(MarketDay).scalar_subquery(),
        )
        .join(Settlement, Settlement.day_id == MarketDay.id)
        .join(SettlementLine, SettlementLine.settlement_id == Settlement.id)
        .join(Assignment, Assignment.id == SettlementLine.assignment_id)
        .where(Assignment.vendor_id == vendor.id, Settlement.id.in_(newest_settlements(fund.community_id)))
        .where(SettlementLine.contribution_fen > 0)
        .group_by(MarketDay.id)
    )
    for day, fen, at, number in db.session.execute(query):
        yield Gift(local_date(day), day.theme, int(fen), _day_of(fund, at), number or "")


def _notices(link: DonorLink) -> Iterable[CharityNotice]:
    posted = (one for one in posted_notices(link.fund) if one.undone_at is None)
    if link.partner is not None:
        return [one for one in posted if one.partner_id == link.partner_id]
    if link.notice is None:
        return []
    return [one for one in posted if one.donor and _who(one) == _who(link.notice)]


def _who(notice: CharityNotice) -> object:
    """Who stands on a notice: the name as it is compared, and which of those who have it. Who wants no name
    is nobody else."""
    if is_nobodys_name(notice.donor):
        return notice.id
    return plain_name(notice.donor), notice.namesake


def _of_notice(fund: Fund, notice: CharityNotice) -> Gift:
    on = _day_of(fund, notice.confirmed_at)
    return Gift(notice.received_on, notice.purpose, notice.amount_fen, on, notice.reference)


def _day_of(fund: Fund, at: datetime | None) -> date | None:
    return local(at, fund.community.zone).date() if at is not None else None
