"""Vendors whom staff keep away for a while, and let come again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import User
from market.vendors.models import Exclusion, Vendor

LONGEST = timedelta(days=365)
"""Nobody is kept away for ever; whoever still shall not come is looked at again."""


def exclude_vendor(vendor: Vendor, reason: str, until: date, *, by: User, at: datetime) -> Exclusion:
    """Keeps a vendor away up to and including a day; the vendor reads the reason. A new one replaces the old.

    Refuses `vendors.no_reason`, `vendors.bad_until` and `vendors.not_for_oneself`.
    """
    lock_row(vendor)
    today, reason = clock.local(at, vendor.community.zone).date(), reason.strip()[:200]
    if not reason:
        raise Refusal("vendors.no_reason", _("请写一句为什么先不让来，商户会看到这句话。"), 422)
    if not today <= until <= today + LONGEST:
        raise Refusal("vendors.bad_until", _("请选今天起一年以内的日子。"), 422)
    if vendor.is_of(by):
        raise Refusal("vendors.not_for_oneself", _("自己的摊位要请另一位同事来定。"), 403)
    readmit_vendor(vendor, by=by, at=at)
    exclusion = Exclusion(vendor=vendor, reason=reason, until=until, person=by, excluded_at=at)
    db.session.add(exclusion)
    db.session.flush()
    audit.record("vendors.exclude_vendor", vendor, by=by, at=at, until=str(until), reason=reason)
    return exclusion


def readmit_vendor(vendor: Vendor, *, by: User, at: datetime) -> None:
    """The vendor may come again; twice is once. Refuses `vendors.not_for_oneself`."""
    found = exclusion_of(vendor)
    if found is None:
        return
    if vendor.is_of(by):
        raise Refusal("vendors.not_for_oneself", _("自己的摊位要请另一位同事来定。"), 403)
    found.lifted_by, found.lifted_at = by.id, at
    db.session.flush()
    audit.record("vendors.readmit_vendor", vendor, by=by, at=at, until=str(found.until))


def exclusion_of(vendor: Vendor) -> Exclusion | None:
    """The newest exclusion that was not lifted, past or not."""
    query = sa.select(Exclusion).where(Exclusion.vendor_id == vendor.id, Exclusion.lifted_at.is_(None))
    return db.session.scalar(query.order_by(Exclusion.id.desc()).limit(1))
