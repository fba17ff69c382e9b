"""Documents that staff have seen, agreements that vendors have signed, and what a market day lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar.models import MarketDay
from market.calendar.rules import Finding
from market.calendar.service import local_date, with_waivers
from market.db import db
from market.errors import Refusal
from market.people.models import User
from market.vendors import agreements
from market.vendors.models import Document, Vendor
from market.vendors.rules import (
    FOOD_CATEGORIES,
    DocumentFacts,
    DocumentKind,
    VendorFacts,
    paper_findings,
    season_end,
)

AGREEMENTS = (DocumentKind.ENTRY_AGREEMENT, DocumentKind.FOOD_UNDERTAKING)


def check_document(
    vendor: Vendor,
    kind: DocumentKind,
    *,
    number: str,
    issuer: str,
    valid_to: date | None,
    by: User,
    at: datetime,
) -> Document:
    """A paper whose original `by` has seen; entering the same number again renews its term.

    Refuses `vendors.no_number`.
    """
    number = number.strip()[:80]
    if not number:
        raise Refusal("vendors.no_number", _("请填证照上的编号。"), 422)
    document = _document(vendor, kind, number) or Document(vendor=vendor, kind=kind, number=number)
    document.issuer, document.valid_to = issuer.strip()[:100], valid_to
    document.checked_by, document.checked_at = by.id, at
    db.session.add(document)
    db.session.flush()
    audit.record("vendors.check_document", vendor, by=by, at=at, kind=kind.value, valid_to=str(valid_to))
    return document


def _document(vendor: Vendor, kind: DocumentKind, number: str) -> Document | None:
    for document in vendor.documents:
        if document.kind is kind and document.number == number:
            return document
    return None


def sign_agreements(vendor: Vendor, *, by: User, at: datetime) -> list[Document]:
    """The entry agreement, and for food the undertaking, until the end of the season.

    By the vendor itself: signed online. By anybody else: staff have the signed paper before them.
    """
    end = season_end(clock.local(at, vendor.community.zone).date())
    signed = []
    for kind in _agreements_of(vendor):
        number = f"{end.year}-{agreements.edition(kind)}"
        document = _document(vendor, kind, number) or Document(vendor=vendor, kind=kind, number=number)
        document.issuer, document.valid_to = vendor.community.host_org, end
        document.checked_by, document.checked_at = by.id, at
        db.session.add(document)
        signed.append(document)
    db.session.flush()
    on_behalf_of = vendor.trading_name if by.id != vendor.user_id else None
    audit.record("vendors.sign_agreements", vendor, by=by, at=at, on_behalf_of=on_behalf_of, until=str(end))
    return signed


def _agreements_of(vendor: Vendor) -> tuple[DocumentKind, ...]:
    return AGREEMENTS if vendor.category in FOOD_CATEGORIES else AGREEMENTS[:1]


def agreements_missing(vendor: Vendor, on: date) -> list[DocumentKind]:
    """Agreements that do not hold on a day, so that the vendor must sign (again)."""
    held = {d.kind for d in vendor.documents if d.valid_to is None or d.valid_to >= on}
    return [kind for kind in _agreements_of(vendor) if kind not in held]


# ── what is lacking ───────────────────────────────────────────────────────────────────────────────────────


def document_facts(vendors: Iterable[Vendor]) -> dict[int, tuple[DocumentFacts, ...]]:
    """The documents of many vendors in one query, by the vendor's id."""
    ids = [vendor.id for vendor in vendors]
    facts: dict[int, tuple[DocumentFacts, ...]] = dict.fromkeys(ids, ())
    query = sa.select(Document.vendor_id, Document.kind, Document.valid_to).where(Document.vendor_id.in_(ids))
    for vendor_id, kind, valid_to in db.session.execute(query):
        facts[vendor_id] += (DocumentFacts(kind, valid_to),)
    return facts


def findings_by_vendor(vendors: Sequence[Vendor], on: date) -> dict[int, list[Finding]]:
    """What each vendor lacks on a day, by the vendor's id."""
    documents = document_facts(vendors)
    return {
        vendor.id: paper_findings(
            VendorFacts(vendor.ref, vendor.trading_name, vendor.category, documents[vendor.id]), on
        )
        for vendor in vendors
    }


def paper_readiness(day: MarketDay, vendors: Sequence[Vendor]) -> list[Finding]:
    """What the vendors of a market lack, in their order; what a named person answers for is marked."""
    by_vendor = findings_by_vendor(vendors, local_date(day))
    return with_waivers(day, [finding for vendor in vendors for finding in by_vendor[vendor.id]])
