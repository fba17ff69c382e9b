"""Whole telephone numbers are looked at for a reason, and everybody may know who did (abuse case 15)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.audit import AuditRow
from market.communities.models import Community
from market.db import db
from market.errors import Refusal
from market.people.models import User
from market.vendors.models import Vendor
from market.vendors.rules import WhyPhone

SEEN, TAKEN = "vendors.see_phone", "vendors.take_contacts"


class Look(NamedTuple):
    """Somebody looked at a whole number, or took all of them in a list."""

    at: datetime
    who: str
    whose: str | None
    """None: the numbers of everybody."""
    why: WhyPhone | None
    note: str


def see_phone(vendor: Vendor, why: WhyPhone, *, note: str = "", by: User, at: datetime) -> str:
    """The whole number of a vendor. Refuses `vendors.no_reason` where `note` has to say why."""
    note = note.strip()[:100]
    if why is WhyPhone.OTHER and not note:
        raise Refusal("vendors.no_reason", _("请写一句为什么要看号码。"), 422)
    audit.record(SEEN, vendor, by=by, at=at, why=why.value, note=note)
    return vendor.phone


def looks_of(vendor: Vendor, most: int = 10) -> list[Look]:
    """Who looked at the number of a vendor, or took it along with all others, the newest first; the vendor
    reads it."""
    own = sa.and_(AuditRow.act == SEEN, AuditRow.object_ref == vendor.ref)
    among_all = sa.and_(AuditRow.act == TAKEN, AuditRow.at >= vendor.registered_at)
    return _read(_looks(vendor.community).where(sa.or_(own, among_all)).limit(most))


def looks_since(community: Community, since: datetime) -> list[Look]:
    """Every look at whole numbers in a community from a moment on, the newest first."""
    return _read(_looks(community).where(AuditRow.act.in_((SEEN, TAKEN)), AuditRow.at >= since))


def _looks(community: Community) -> sa.Select[AuditRow, str, str]:
    named = sa.and_(AuditRow.act == SEEN, Vendor.ref == AuditRow.object_ref)
    return (
        sa.select(AuditRow, User.display_name, Vendor.trading_name)
        .join(User, User.id == AuditRow.user_id)
        .outerjoin(Vendor, named)
        .where(AuditRow.community_id == community.id)
        .order_by(AuditRow.id.desc())
    )


def _read(query: sa.Select[AuditRow, str, str]) -> list[Look]:
    found = []
    for row, who, whose in db.session.execute(query):
        why = row.detail.get("why")
        found.append(Look(row.at, who, whose, WhyPhone(why) if why else None, row.detail.get("note", "")))
    return found
