"""The register of a community: who is in it, under which name and number, and which account acts for whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import selectinload

from market import audit
from market.communities.models import Community
from market.communities.rules import Severity
from market.communities.service import profile_of
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people import service as people
from market.people.models import User
from market.people.rules import BEYOND_COMMUNITIES, Role
from market.vendors.goods import banned
from market.vendors.models import Application, Vendor, VendorHelper
from market.vendors.numbers import normal_phone, normal_plate
from market.vendors.pinyin import sort_key
from market.vendors.rules import SILENT_AFTER, Category, HowKnown, Known, VendorDraft, is_plausible_side
from market.vendors.service.goods_changes import note_change
from market.vendors.words import PLATE_SENTENCE, SIZE_SENTENCE, banned_sentence

MAX_POWER_W = 20_000


def register_vendor(
    community: Community, draft: VendorDraft, *, by: User | None, at: datetime, user: User | None = None
) -> Vendor:
    """A new vendor of the community; `user` is the account that acts for it, None when staff enter a person.

    Refuses `vendors.bad_phone`, `vendors.no_name`, `vendors.bad_power`, `vendors.bad_size`,
    `vendors.bad_plate`, `vendors.banned_goods` and `vendors.phone_taken`.
    """
    actor = by or user
    draft = _checked(draft, community, landline=user is None)
    if vendor_by_phone(community, draft.phone) is not None:
        raise phone_taken()
    vendor = Vendor(
        community=community, user=user, registered_at=at, registered_by=actor.id if actor else None,
        pinyin=sort_key(draft.trading_name, draft.holder), **draft.__dict__,
    )  # fmt: skip
    db.session.add(vendor)
    db.session.flush()
    if user is not None:
        people.grant(user, Role.VENDOR, community=community, at=at)
    audit.record(
        "vendors.register_vendor", vendor, by=actor, at=at, on_behalf_of=_principal(vendor, actor),
        category=draft.category.value,
    )  # fmt: skip
    return vendor


def edit_vendor(vendor: Vendor, draft: VendorDraft, *, by: User, at: datetime) -> None:
    """Corrects what is known of a vendor; a new number is also the new sign-in name where that is safe.

    Refuses as `register_vendor` does, and `vendors.phone_is_login` when staff would change the sign-in
    name of an account that is used elsewhere too.
    """
    draft = _checked(draft, vendor.community, landline=vendor.user_id is None)
    if draft.phone != vendor.phone:
        if vendor_by_phone(vendor.community, draft.phone) is not None:
            raise phone_taken()
        _refuse_helper(vendor, by)
        _follow_with_login(vendor, draft.phone, by, at)
    category, goods = vendor.category, vendor.goods
    changed = sorted(name for name, value in draft.__dict__.items() if getattr(vendor, name) != value)
    for name, value in draft.__dict__.items():
        setattr(vendor, name, value)
    vendor.pinyin = sort_key(draft.trading_name, draft.holder)
    note_change(vendor, category, goods, by=by, at=at)
    if changed:
        audit.record(
            "vendors.edit_vendor", vendor, by=by, at=at, on_behalf_of=_principal(vendor, by), changed=changed
        )


def _checked(draft: VendorDraft, community: Community, *, landline: bool) -> VendorDraft:
    phone = normal_phone(draft.phone, landline=landline)
    if phone is None:
        raise Refusal("vendors.bad_phone", _("手机号是 1 开头的 11 位数字，请再看一眼。"), 422)
    names = [text.strip() for text in (draft.trading_name, draft.holder, draft.goods)]
    if not all(names):
        raise Refusal("vendors.no_name", _("摊名、经营人和卖什么都要填。"), 422)
    if not 0 <= draft.power_w <= MAX_POWER_W:
        raise Refusal("vendors.bad_power", _("用电请填 0 到 20 千瓦。"), 422)
    trading_name, holder, goods = names[0][:60], names[1][:60], names[2][:120]
    _refuse_banned(goods, community)
    draft = _checked_stand(draft)
    return replace(draft, trading_name=trading_name, holder=holder, goods=goods, phone=phone)


def _refuse_banned(goods: str, community: Community) -> None:
    """What nobody may sell here is said while it is typed; what a name may allow is looked at on review."""
    for one in banned([goods], profile_of(community)):
        if one.banned is Severity.BLOCK:
            raise Refusal("vendors.banned_goods", banned_sentence(one), 422)


def _checked_stand(draft: VendorDraft) -> VendorDraft:
    if not (is_plausible_side(draft.width_dm) and is_plausible_side(draft.depth_dm)):
        raise Refusal("vendors.bad_size", SIZE_SENTENCE, 422)
    plate = _checked_plate(draft.plate) if draft.needs_vehicle else ""
    return replace(draft, plate=plate, price_range=draft.price_range.strip()[:40])


def _checked_plate(typed: str) -> str:
    plate = normal_plate(typed) if typed.strip() else ""
    if plate is None:
        raise Refusal("vendors.bad_plate", PLATE_SENTENCE, 422)
    return plate


def let_use_reserved(vendor: Vendor, allowed: bool, *, by: User, at: datetime) -> None:
    """Lets a vendor stand on the stalls kept for 爱心 and 公益, or no longer.

    Why is nobody's business: what would be a reason is health or poverty, so only who decided is kept.
    Refuses `vendors.not_for_oneself`.
    """
    if vendor.may_use_reserved is allowed:
        return
    if vendor.is_of(by):
        sentence = _("自己的摊位能不能用爱心摊位，要请另一位同事来定。")
        raise Refusal("vendors.not_for_oneself", sentence, 403)
    vendor.may_use_reserved = allowed
    db.session.flush()
    audit.record(
        "vendors.let_use_reserved", vendor, by=by, at=at, on_behalf_of=vendor.trading_name, allowed=allowed
    )


def phone_taken() -> Refusal:
    """What people read when their number is already in the register."""
    return Refusal(
        "vendors.phone_taken",
        _("这个手机号在本社区已经登记过了。请直接登录；没有密码，就请社区工作人员发一个登录链接。"),
    )


def _principal(vendor: Vendor, actor: User | None) -> str | None:
    """For whom the actor acted, None when for itself (代报名)."""
    return vendor.trading_name if actor is not None and actor.id != vendor.user_id else None


def _refuse_helper(vendor: Vendor, by: User) -> None:
    """The number is the holder's: whoever helps at the stall has one of their own."""
    if by.id != vendor.user_id and vendor.is_of(by):
        sentence = _("手机号是摊主的，请摊主本人或者社区工作人员来改。")
        raise Refusal("vendors.number_of_holder", sentence, 403)


def _follow_with_login(vendor: Vendor, phone: str, by: User, at: datetime) -> None:
    user = vendor.user
    if user is None or user.login != vendor.phone:
        return
    if by.id != user.id and not _belongs_only_to(user, vendor.community):
        sentence = _("这个手机号也是别处的登录名，只能由本人登录后自己改。")
        raise Refusal("vendors.phone_is_login", sentence)
    change_number(user, phone, by=by, at=at, besides=vendor)


def change_number(user: User, phone: str, *, by: User, at: datetime, besides: Vendor | None = None) -> None:
    """A new telephone number: the login of the account, and the number of its stall in every community.

    `besides` is a vendor that the caller changes. Refuses `vendors.bad_phone` and `vendors.phone_taken`.
    """
    number = normal_phone(phone)
    if number is None:
        raise Refusal("vendors.bad_phone", _("手机号是 1 开头的 11 位数字，请再看一眼。"), 422)
    if people.find_user(number) not in (None, user):
        raise Refusal("vendors.phone_taken", _("这个手机号已经是另一个账号的登录名，请换一个。"))
    elsewhere = sa.select(Vendor).where(Vendor.user_id == user.id, Vendor.phone == user.login)
    for vendor in db.session.scalars(elsewhere.order_by(Vendor.id)).all():
        if vendor is not besides:
            _renumber(vendor, number, by, at)
    user.login = number
    db.session.flush()
    audit.record("people.change_login", user, by=by, at=at)


def _renumber(vendor: Vendor, number: str, by: User, at: datetime) -> None:
    if vendor.phone == number:
        return
    if vendor_by_phone(vendor.community, number) is not None:
        sentence = _("这个手机号在%(community)s已经登记过另一位商户。", community=vendor.community.name)
        raise Refusal("vendors.phone_taken", sentence)
    vendor.phone = number
    audit.record("vendors.edit_vendor", vendor, by=by, at=at, changed=["phone"])


def _belongs_only_to(user: User, community: Community) -> bool:
    """Whether the account can do nothing but act as a vendor of this community."""
    live = [membership for membership in user.memberships if membership.until is None]
    return all(m.role is Role.VENDOR and m.community_id == community.id for m in live)


def _is_only_vendor_in(user: User, community: Community) -> bool:
    """Whether the account can do nothing in this community but act as a vendor, and looks after no region."""
    live = [membership for membership in user.memberships if membership.until is None]
    beyond = any(membership.role in BEYOND_COMMUNITIES for membership in live)
    return not beyond and all(m.role is Role.VENDOR for m in live if m.community_id == community.id)


def open_account(vendor: Vendor, *, by: User, at: datetime, known: HowKnown | None = None) -> str:
    """The secret of a one-time link that signs the vendor in; makes its account when it has none.

    Whoever holds the link acts as the vendor, so one for an account that is used elsewhere too keeps to
    this community. Refuses `vendors.bad_phone`, and `vendors.link_elsewhere` where the account is more than
    a stall here, or looks after a whole region. Of whom nothing was heard for long, the number may be
    somebody else's by now: `vendors.long_silent`, unless staff say how they know the person.
    """
    lock_row(vendor)
    if known is None and is_long_silent(vendor, at):
        raise Refusal(
            "vendors.long_silent",
            _("三个月没有这位商户的消息了，手机号可能已经换了主人。请先认一认是不是本人。"),
        )
    if vendor.user is None:
        vendor.user = _account_for(vendor, at)
        people.grant(vendor.user, Role.VENDOR, community=vendor.community, at=at)
    if not _is_only_vendor_in(vendor.user, vendor.community):
        raise _link_elsewhere()
    audit.record(
        "vendors.open_account", vendor, by=by, at=at, on_behalf_of=vendor.trading_name,
        known=known and known.value,
    )  # fmt: skip
    return people.make_sign_in_link(vendor.user, by=by, at=at, community=vendor.community)


def is_long_silent(vendor: Vendor, at: datetime) -> bool:
    """Whether neither the account of a vendor nor an application gave a sign of it for three months."""
    applied = sa.select(sa.func.max(Application.submitted_at)).where(Application.vendor_id == vendor.id)
    signs = sa.select(applied.scalar_subquery(), people.last_seen(vendor.user_id))
    found: list[datetime | None] = [vendor.registered_at, *db.session.execute(signs).one()]
    return max(sign for sign in found if sign is not None) <= at - SILENT_AFTER


def _account_for(vendor: Vendor, at: datetime) -> User:
    phone = normal_phone(vendor.phone)
    if phone is None:
        raise Refusal("vendors.bad_phone", _("要先给这位商户登记一个手机号，才能开账号。"), 422)
    if people.find_user(phone) is not None:
        raise _link_elsewhere()
    return people.create_user(phone, vendor.holder, None, at=at)


def _link_elsewhere() -> Refusal:
    return Refusal(
        "vendors.link_elsewhere",
        _("这个手机号的账号在别处也有用，不能从这里发登录链接。请本人用原来的密码登录。"),
    )


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def vendor_of(user: User, community: Community) -> Vendor:
    """The vendor for which a person acts in a community. Refuses `vendors.not_a_vendor`."""
    query = sa.select(Vendor).where(Vendor.community_id == community.id, Vendor.user_id == user.id)
    vendor = db.session.scalar(query.order_by(Vendor.id).limit(1)) or _helped_by(user, community)
    if vendor is None:
        raise Refusal("vendors.not_a_vendor", _("您还没有在这个社区登记摊位，请先报名。"), 403)
    return vendor


def _helped_by(user: User, community: Community) -> Vendor | None:
    """The vendor at whose stall somebody helps."""
    query = (
        sa.select(Vendor)
        .join(VendorHelper, VendorHelper.vendor_id == Vendor.id)
        .where(Vendor.community_id == community.id)
        .where(VendorHelper.user_id == user.id, VendorHelper.until.is_(None))
    )
    return db.session.scalar(query.order_by(VendorHelper.id).limit(1))


def find_vendor(community: Community, ref: str) -> Vendor:
    """A vendor of this community."""
    query = sa.select(Vendor).where(Vendor.community_id == community.id, Vendor.ref == ref)
    vendor = db.session.scalar(query)
    if vendor is None:
        raise NotFound("vendors.no_vendor", _("没有这位商户。"))
    return vendor


def vendor_by_phone(community: Community, phone: str) -> Vendor | None:
    """The vendor of this community with a number (as people type it)."""
    digits = normal_phone(phone, landline=True)
    query = sa.select(Vendor).where(Vendor.community_id == community.id, Vendor.phone == digits)
    return db.session.scalar(query)


def register(community: Community) -> list[Vendor]:
    """The vendors of a community in the order of their pinyin, with their papers."""
    query = sa.select(Vendor).where(Vendor.community_id == community.id)
    return list(db.session.scalars(query.options(selectinload(Vendor.documents)).order_by(*in_order())))


def register_page(community: Community, category: Category | None, offset: int, limit: int) -> list[Vendor]:
    """A page of the register in the same order, of all or of one category."""
    query = sa.select(Vendor).where(_of(community, category)).options(selectinload(Vendor.documents))
    return list(db.session.scalars(query.order_by(*in_order()).offset(offset).limit(limit)))


def count_register(community: Community, category: Category | None) -> int:
    """How many vendors the register has, of all or of one category."""
    return db.session.scalar(sa.select(sa.func.count(Vendor.id)).where(_of(community, category))) or 0


def _of(community: Community, category: Category | None) -> sa.ColumnElement[bool]:
    of_it = Vendor.community_id == community.id
    return of_it if category is None else sa.and_(of_it, Vendor.category == category)


def in_order() -> tuple[Any, ...]:
    """By pinyin, letter by letter as Python compares them, whatever the database's own language is."""
    letters = "BINARY" if db.engine.dialect.name == "sqlite" else "C"
    return sa.collate(Vendor.pinyin, letters), sa.collate(Vendor.trading_name, letters), Vendor.id


def known_names(
    community: Community, without: Collection[int], most: int, *, and_ref: str = ""
) -> list[Known]:
    """Vendors of the register in its order, but for some; of very many those who registered or came last, and
    whoever is named."""
    columns = (Vendor.id, Vendor.ref, Vendor.trading_name, Vendor.holder)
    shown = (Vendor.community_id == community.id, ~Vendor.phone.startswith("#"), Vendor.id.not_in(without))
    came = sa.select(sa.func.max(Application.id)).where(Application.vendor_id == Vendor.id).scalar_subquery()
    newest = sa.select(Vendor.id).where(*shown).order_by(sa.func.coalesce(came, 0).desc(), Vendor.id.desc())
    some = newest.limit(most).subquery()
    named = sa.or_(Vendor.id.in_(sa.select(some.c.id)), Vendor.ref == and_ref)
    query = sa.select(*columns).where(*shown, named).order_by(*in_order())
    return [Known(*row) for row in db.session.execute(query)]


def take_contacts(community: Community, *, by: User, at: datetime) -> list[Vendor]:
    """Everybody of the register whose number is known, to be taken out of the house; that is noted."""
    people = [vendor for vendor in register(community) if not vendor.forgotten]
    audit.record("vendors.take_contacts", community, by=by, at=at, community=community, vendors=len(people))
    return people
