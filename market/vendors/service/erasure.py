"""Forgetting: name, number and plate of the person behind a vendor go, past markets stay readable."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.db import db
from market.errors import Refusal
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.vendors.forgetting import forget_texts
from market.vendors.list_rows import ListedVendor
from market.vendors.models import Application, Exclusion, Vendor
from market.vendors.rules import LIVE, OVER

FORGOTTEN_AFTER = timedelta(days=730)
"""After so long without an application a vendor's name and number are deleted (PIPL 19)."""


def forget_vendor(vendor: Vendor, *, by: User | None, at: datetime) -> None:
    """Deletes name, number and plate of the person behind a vendor and takes the account away; past markets
    keep the trading name, agreements their numbers and the hash of their text.

    Refuses `vendors.still_expected` while an application is live. Twice is once."""
    if vendor.forgotten:
        return
    if _is_expected(vendor):
        raise Refusal("vendors.still_expected", _("这位商户还报着名。请先退出报名，再删资料。"))
    user, community = vendor.user, vendor.community
    vendor.user, vendor.holder, vendor.phone = None, "—", f"#{vendor.ref}"
    vendor.plate, vendor.may_use_reserved = "", False
    forget_texts(vendor)
    listed = sa.update(ListedVendor).where(ListedVendor.vendor_id == vendor.id)
    db.session.execute(listed.values(before={}, after={}))
    db.session.execute(sa.update(Exclusion).where(Exclusion.vendor_id == vendor.id).values(reason="—"))
    for helper in vendor.helpers:
        helper.until = at
        _end_vendor_role(helper.user, community, at)
    if user is not None:
        _end_vendor_role(user, community, at)
    audit.record("vendors.forget_vendor", vendor, by=by, at=at)


def _is_expected(vendor: Vendor) -> bool:
    return any(a.state in LIVE and a.day.state not in OVER for a in vendor.applications)


def _end_vendor_role(user: User, community: Community, at: datetime) -> None:
    live = [membership for membership in user.memberships if membership.until is None]
    ended = [m for m in live if m.role is Role.VENDOR and m.community_id == community.id]
    for membership in ended:
        membership.until = at
    if len(ended) == len(live):
        people.sign_out_everywhere(user)
        user.login, user.display_name, user.password_hash = f"#{user.ref}", "—", None
        user.disabled_at = at


def forget_inactive(*, at: datetime) -> int:
    """Forgets the vendors who have not applied for two years; how many."""
    recent = sa.select(Application.vendor_id).where(Application.submitted_at > at - FORGOTTEN_AFTER)
    query = sa.select(Vendor).where(
        Vendor.registered_at <= at - FORGOTTEN_AFTER, ~Vendor.phone.startswith("#"), Vendor.id.not_in(recent)
    )
    inactive = [vendor for vendor in db.session.scalars(query) if not _is_expected(vendor)]
    for vendor in inactive:
        forget_vendor(vendor, by=None, at=at)
    return len(inactive)
