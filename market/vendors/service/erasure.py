"""Forgetting: name, numbers and plate of the person behind a vendor go, past markets stay readable."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db
from market.errors import Refusal
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.vendors.forgetting import forget_texts
from market.vendors.list_rows import ListedVendor
from market.vendors.models import Application, Exclusion, Vendor
from market.vendors.rules import (
    KEPT_AFTER_MARKET,
    LIVE,
    OVER,
    REFUSED_KEPT,
    SIGNED,
    ApplicationState as A,
)
from market.vendors.service.papers import forget_pictures

FORGOTTEN_AFTER = timedelta(days=730)
"""After so long without an application a vendor's name and number are deleted (PIPL 19)."""


def leaves_at(vendor: Vendor, at: datetime) -> datetime | None:
    """When a vendor that asked for it is forgotten, at once or after the law lets us; None: it did not ask,
    or applied again since."""
    asked = vendor.leaving_since
    if asked is None or any(a.submitted_at > asked for a in vendor.applications):
        return None
    stood = [a.day.close_at for a in vendor.applications if a.state is A.ALLOCATED and a.day.close_at <= at]
    return max([asked, *(closed + KEPT_AFTER_MARKET for closed in stood)])


def ask_to_be_forgotten(vendor: Vendor, *, by: User, at: datetime) -> datetime:
    """The vendor wants its data deleted, by itself or through staff: at once, or when six months have passed
    since it last stood on a market, as the law asks of whoever runs one. When that will be.

    Refuses `vendors.still_expected` while an application is live, and `vendors.not_the_holder` to helpers.
    """
    if vendor.is_of(by) and by.id != vendor.user_id:
        raise Refusal("vendors.not_the_holder", _("资料是摊主的，请摊主本人来删。"), 403)
    if _is_expected(vendor):
        raise _still_expected()
    vendor.leaving_since = at
    due = leaves_at(vendor, at)
    if due is not None and due > at:
        audit.record("vendors.ask_to_be_forgotten", vendor, by=by, at=at, on_behalf_of=vendor.trading_name)
        return due
    forget_vendor(vendor, by=by, at=at)
    return at


def stay(vendor: Vendor, *, by: User, at: datetime) -> None:
    """The vendor wants to be kept after all."""
    if vendor.leaving_since is not None and not vendor.forgotten:
        vendor.leaving_since = None
        audit.record("vendors.stay", vendor, by=by, at=at)


def forget_leaving(*, at: datetime) -> int:
    """Forgets the vendors who asked for it, as soon as the law lets us; how many."""
    query = sa.select(Vendor).where(Vendor.leaving_since.is_not(None), ~Vendor.phone.startswith("#"))
    due = [
        vendor
        for vendor in db.session.scalars(query)
        if (leaves := leaves_at(vendor, at)) is not None and leaves <= at and not _is_expected(vendor)
    ]
    for vendor in due:
        forget_vendor(vendor, by=None, at=at)
    return len(due)


def forget_refused(*, at: datetime) -> int:
    """Erases the words of applications that came to nothing half a year ago; of how many."""
    over = sa.select(MarketDay.id).where(MarketDay.close_at < at - REFUSED_KEPT)
    refused = sa.update(Application).where(
        Application.day_id.in_(over),
        Application.state.in_((A.REJECTED, A.WITHDRAWN)),
        sa.or_(Application.note != "", Application.decision_note != ""),
    )
    gone = db.session.execute(refused.values(note="", decision_note=""))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say


def _still_expected() -> Refusal:
    return Refusal("vendors.still_expected", _("这位商户还报着名。请先退出报名，再删资料。"))


def forget_vendor(vendor: Vendor, *, by: User | None, at: datetime) -> None:
    """Deletes name, number and plate of the person behind a vendor and the numbers of its papers, and takes
    the account away; past markets keep the trading name, agreements the hash of their text.

    Refuses `vendors.still_expected` while an application is live. Twice is once."""
    if vendor.forgotten:
        return
    if _is_expected(vendor):
        raise _still_expected()
    user, community = vendor.user, vendor.community
    vendor.user, vendor.holder, vendor.phone = None, "—", f"#{vendor.ref}"
    vendor.plate, vendor.may_use_reserved = "", False
    for document in vendor.documents:
        if document.kind not in SIGNED:  # their number is that of a text, not of a person
            document.number, document.issuer = f"#{document.ref}", ""
    forget_texts(vendor)
    forget_pictures(vendor, at=at)
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
