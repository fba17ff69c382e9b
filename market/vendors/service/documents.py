"""Documents that staff have seen, and agreements that vendors have signed."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _

from market import audit, clock
from market.db import db, key_of
from market.errors import Refusal
from market.people.models import User
from market.vendors import agreements
from market.vendors.models import Document, StallPerson, Vendor
from market.vendors.rules import (
    FOOD_CATEGORIES,
    SIGNED,
    DocumentKind,
    season_end,
)

AGREEMENTS = tuple(kind for kind in DocumentKind if kind in SIGNED)


def check_document(
    vendor: Vendor,
    kind: DocumentKind,
    *,
    number: str,
    issuer: str,
    valid_to: date | None,
    person: StallPerson | None = None,
    brought_for: date | None = None,
    by: User,
    at: datetime,
) -> Document:
    """A paper whose original `by` has seen; entering the same number again renews its term.

    `person`: whose it is, of the people at the stall; `brought_for`: the market that one batch came with.

    Refuses `vendors.no_number`.
    """
    number = number.strip()[:80]
    if not number:
        raise Refusal("vendors.no_number", _("请填证照上的编号。"), 422)
    document = _document(vendor, kind, number) or Document(vendor=vendor, kind=kind, number=number)
    document.issuer, document.valid_to = issuer.strip()[:100], valid_to
    document.person, document.brought_for = person or document.person, brought_for
    document.checked_by, document.checked_at = key_of(by), at
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
    host, signed = vendor.community.host_org, []
    for kind in _agreements_of(vendor):
        number = f"{end.year}-{agreements.edition(kind)}"
        document = _document(vendor, kind, number) or Document(vendor=vendor, kind=kind, number=number)
        document.issuer, document.valid_to = host, end
        document.checked_by, document.checked_at = key_of(by), at
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
