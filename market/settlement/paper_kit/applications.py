"""Who asks to come (商户报名表, domain §4.1 form 1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa
from flask_babel import gettext as _

from market.calendar.service import local_date
from market.db import db
from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.settlement.paper_kit.kit import Kit, TableKey, titles
from market.settlement.rules import Terms
from market.settlement.service import queries
from market.settlement.words import terms_word
from market.vendors import service as vendors
from market.vendors.models import Application, Document, Vendor
from market.vendors.rules import LIVE, DocumentKind
from market.vendors.words import category_word

D = DocumentKind
PERMITS = (
    D.BUSINESS_LICENCE, D.PREPACKED_FILING, D.FOOD_LICENCE, D.SMALL_EATERY, D.SMALL_WORKSHOP,
    D.FOOD_STALL_CARD,
)  # fmt: skip
"""What stands in the column of licences and filings."""


def applications(kit: Kit) -> Table:
    """One line an application that counts, in the order they came."""
    asking = [a for a in vendors.applications(kit.day) if a.state in LIVE]
    papers = _papers([a.vendor for a in asking])
    terms = queries.terms_of([a.vendor_id for a in asking], kit.day.open_at)
    rows = [
        _row(number, a, papers.get(a.vendor_id, []), terms[a.vendor_id]) for number, a in enumerate(asking, 1)
    ]
    columns = (
        Column(_("序号"), 10, Kind.NUMBER), Column(_("商户/摊主名称"), 30), Column(_("经营者"), 20),
        Column(_("联系电话"), 31, Kind.PHONE), Column(_("经营品类"), 29), Column(_("主要商品"), 28),
        Column(_("价格区间"), 20), Column(_("营业执照/备案号"), 34), Column(_("健康证(人数/到期)"), 24),
        Column(_("是否用电(kW)"), 14, Kind.KILOWATTS), Column(_("是否明火"), 12), Column(_("自带帐篷"), 12),
        Column(_("车牌"), 18), Column(_("参加日期"), 24, Kind.DATE), Column(_("意向捐赠(方式/比例)"), 22),
        Column(_("备注"), 20), Column(_("签字"), 20),
    )  # fmt: skip
    return Table(TableKey.APPLICATIONS, titles()[TableKey.APPLICATIONS], columns, tuple(rows))


def _papers(people: Iterable[Vendor]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    query = sa.select(Document).where(Document.vendor_id.in_([vendor.id for vendor in people]))
    for document in db.session.scalars(query.order_by(Document.kind, Document.id)):
        found.setdefault(document.vendor_id, []).append(document)
    return found


def _row(number: int, application: Application, papers: Sequence[Document], terms: Terms) -> tuple[Cell, ...]:
    vendor, on = application.vendor, local_date(application.day)
    permits = [p.number for p in papers if p.kind in PERMITS]
    health = [p for p in papers if p.kind is DocumentKind.HEALTH_CERT]
    double = _("要两个摊位") if application.double else ""
    return (
        number, vendor.trading_name, vendor.holder, vendor.phone, str(category_word(vendor.category)),
        vendor.goods, vendor.price_range, _("、").join(permits), _health_text(health, on),
        application.power_w,
        _yes(vendor.burns), _yes(vendor.own_tent), _car_text(vendor), on, terms_word(terms),
        _("；").join(filter(None, (double, application.note))), None,
    )  # fmt: skip


def _yes(said: bool) -> str | None:
    """What nobody ticked may also be unknown: blank, for a pen."""
    return _("是") if said else None


def _car_text(vendor: Vendor) -> str | None:
    return vendor.plate or (_("要进车") if vendor.needs_vehicle else None)


def _health_text(certificates: Sequence[Document], on: date) -> str:
    """How many certificates count on the day, and when the first of them ends."""
    good = [paper for paper in certificates if paper.valid_to is None or paper.valid_to >= on]
    ends = [paper.valid_to for paper in good if paper.valid_to is not None]
    if not good:
        return ""
    return _("%(n)s 人", n=len(good)) + (f" / {min(ends).isoformat()}" if ends else "")
