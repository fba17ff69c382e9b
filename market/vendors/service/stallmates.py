"""Who else acts for a vendor: husband and wife at one stall, each with a login of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people import service as people
from market.people.models import User
from market.people.rules import Role
from market.vendors.models import Vendor, VendorHelper
from market.vendors.numbers import normal_phone

MOST = 3
"""How many helpers a vendor may have; a larger stall has somebody who looks after its people."""


def add_helper(vendor: Vendor, name: str, phone: str, *, by: User, at: datetime) -> VendorHelper:
    """Lets somebody act for a vendor; twice is once. What they do stands under their own name.

    Refuses `vendors.not_the_holder`, `vendors.forgotten`, `vendors.bad_phone`, `vendors.many_helpers`, and
    `vendors.has_a_stall` for somebody who acts for a vendor here already.
    """
    lock_row(vendor)
    db.session.refresh(vendor)
    _refuse_fellow(vendor, by)
    user = _account_of(vendor, name, phone, at)
    known = next((helper for helper in vendor.helpers if helper.user_id == user.id), None)
    if known is not None:
        return known
    if len(vendor.helpers) >= MOST:
        raise Refusal("vendors.many_helpers", _("一个摊位最多 3 位帮手。先去掉一位，再加。"))
    if _acts_here(user, vendor):
        raise Refusal("vendors.has_a_stall", _("这个手机号在本社区已经管着一个摊位，不能再当帮手。"))
    helper = VendorHelper(vendor_id=vendor.id, user=user, since=at)
    db.session.add(helper)
    db.session.flush()
    db.session.expire(vendor, ["helpers"])
    people.grant(user, Role.VENDOR, community=vendor.community, at=at)
    _write_down("vendors.add_helper", helper, by, at)
    return helper


def _refuse_fellow(vendor: Vendor, by: User) -> None:
    if vendor.forgotten:
        raise Refusal("vendors.forgotten", _("这位商户的资料已经删去。要再来，请重新登记。"))
    if by.id != vendor.user_id and vendor.is_of(by):
        raise Refusal("vendors.not_the_holder", _("帮手要请摊主本人或者社区工作人员来加、来去掉。"), 403)


def _account_of(vendor: Vendor, name: str, phone: str, at: datetime) -> User:
    number = normal_phone(phone)
    if number is None:
        raise Refusal("vendors.bad_phone", _("手机号是 1 开头的 11 位数字，请再看一眼。"), 422)
    return people.find_user(number) or people.create_user(number, name, None, at=at)


def _acts_here(user: User, vendor: Vendor) -> bool:
    """Whether somebody acts for a vendor of this community, by right or as a helper."""
    own = sa.exists().where(Vendor.user_id == user.id, Vendor.community_id == vendor.community_id)
    helped = sa.exists().where(
        VendorHelper.user_id == user.id, VendorHelper.until.is_(None), VendorHelper.vendor_id == Vendor.id,
        Vendor.community_id == vendor.community_id,
    )  # fmt: skip
    return bool(db.session.scalar(sa.select(sa.or_(own, helped))))


def invite_helper(helper: VendorHelper, *, by: User, at: datetime) -> str | None:
    """The secret of a link that lets a helper in; None for an account that is more than that, which has a
    password of its own. Refuses `vendors.not_the_holder`."""
    _refuse_fellow(helper.vendor, by)
    return people.invite(helper.user, helper.vendor.community, by=by, at=at)


def remove_helper(helper: VendorHelper, *, by: User, at: datetime) -> None:
    """From the next request on the helper acts for this vendor no longer; everybody may leave by themselves.

    Twice is once. Refuses `vendors.not_the_holder`.
    """
    if helper.user_id != by.id:
        _refuse_fellow(helper.vendor, by)
    if helper.until is not None:
        return
    helper.until = at
    db.session.flush()
    db.session.expire(helper.vendor, ["helpers"])
    if not _acts_here(helper.user, helper.vendor):
        people.end_role(helper.user, Role.VENDOR, helper.vendor.community, at=at)
    _write_down("vendors.remove_helper", helper, by, at)


def _write_down(act: str, helper: VendorHelper, by: User, at: datetime) -> None:
    vendor = helper.vendor
    audit.record(act, helper, by=by, at=at, community=vendor.community, on_behalf_of=vendor.trading_name)


def helped(vendors: Iterable[Vendor]) -> frozenset[int]:
    """The ids of those at whose stall somebody helps."""
    query = sa.select(VendorHelper.vendor_id).where(
        VendorHelper.vendor_id.in_([vendor.id for vendor in vendors]), VendorHelper.until.is_(None)
    )
    return frozenset(db.session.scalars(query))


def find_helper(vendor: Vendor, ref: str) -> VendorHelper:
    """Somebody who acts for this vendor now."""
    for helper in vendor.helpers:
        if helper.ref == ref:
            return helper
    raise NotFound("vendors.no_helper", _("没有这位帮手。可能已经去掉了。"))
