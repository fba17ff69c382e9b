"""The vendors of the demo: registered before the season, with their papers and agreements."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from market.demo import records
from market.demo.cast import Cast, morning
from market.demo.records import VendorRow
from market.people import service as people
from market.people.models import User
from market.settlement import service as settlement
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import OPEN_FOOD, Category, DocumentKind
from market.vendors.service import VendorDraft

D = DocumentKind
Register = dict[str, Vendor]
"""Vendors by the code of their row (P01)."""

OURS = "P01"
"""The vendor whose account the sign-in page offers."""
EXPIRED = "C02"
"""The vendor whose health certificate ended before the sixth market, and the day it ended."""
EXPIRED_ON = date(2024, 6, 1)
RENEWED_ON = date(2024, 6, 12)

WITHOUT_PHONE = frozenset("RHSYT")
"""Craftsmen and helpers whom staff enter (letter of the code); every second of the others has an account."""

PERMITS: dict[Category, tuple[DocumentKind, str, str]] = {
    Category.GRAIN_SEASONING: (D.PREPACKED_FILING, "YB2037039900", "示例区市场监督管理局"),
    Category.MEAT_EGG_AQUATIC: (D.FOOD_LICENCE, "JY1370399000", "示例区市场监督管理局"),
    Category.COOKED_FOOD: (D.FOOD_STALL_CARD, "示街食摊 2024-", "示例街道办事处"),
    Category.BAKERY_DRINKS: (D.SMALL_EATERY, "XCY37039900", "示例区市场监督管理局"),
    Category.HEALTH_OUTREACH: (D.OUTREACH_FILING, "示卫义诊 2024-", "示例区卫生健康局"),
}
"""What each category shows beside agreements and health certificates."""


PRICES: dict[Category, str] = {
    Category.PRODUCE: "1–8 元/斤",
    Category.GRAIN_SEASONING: "5–40 元",
    Category.MEAT_EGG_AQUATIC: "8–60 元/斤",
    Category.COOKED_FOOD: "3–25 元",
    Category.BAKERY_DRINKS: "2–20 元",
    Category.DAILY_GOODS: "2–50 元",
    Category.REPAIR_SERVICE: "5–30 元",
    Category.HAIRCUT: "10 元",
}
"""What things cost, as vendors of a category say on paper."""
OPEN_FLAME = frozenset({"C03", "C07"})
"""Whose food is baked or boiled over gas."""
TENT_DM = 28
"""Who sells food brings a tent of so much on each side."""


def register_vendors(cast: Cast) -> Register:
    """Everybody of the file, some minutes apart."""
    register: Register = {}
    for index, row in enumerate(records.vendors()):
        at = morning(row.registered_on, 8, 30) + timedelta(minutes=8 * index)
        register[row.code] = _register(cast, row, index, at)
    return register


def _register(cast: Cast, row: VendorRow, index: int, at: datetime) -> Vendor:
    user = _account(cast, row, at)
    draft = VendorDraft(
        trading_name=row.trading_name,
        holder=row.holder,
        phone=row.phone,
        category=row.category,
        goods=row.goods,
        power_w=row.power_w,
        needs_water=row.category is Category.COOKED_FOOD,
        price_range=PRICES.get(row.category, ""),
        open_flame=row.code in OPEN_FLAME,
        own_tent=row.category in OPEN_FOOD,
        width_dm=TENT_DM if row.category in OPEN_FOOD else 0,
        depth_dm=TENT_DM if row.category in OPEN_FOOD else 0,
    )
    vendor = vendors.register_vendor(cast.community, draft, by=user or cast.staff, at=at, user=user)
    seen_at = at + timedelta(minutes=3)
    check_documents(vendor, index, by=cast.staff, at=seen_at)
    if row.code == EXPIRED:
        check_health(vendor, index, EXPIRED_ON, by=cast.staff, at=seen_at)
    elif row.category in OPEN_FOOD:
        end = date(row.registered_on.year, 12, 18) + timedelta(days=index % 10)
        check_health(vendor, index, end, by=cast.staff, at=seen_at)
    actor = user or cast.staff
    vendors.sign_agreements(vendor, by=actor, at=seen_at)
    settlement.agree_terms(vendor, row.terms, by=actor, at=seen_at)
    return vendor


def _account(cast: Cast, row: VendorRow, at: datetime) -> User | None:
    """Who has no account is entered by staff, and tells the takings to staff."""
    if row.code == OURS:
        return cast.vendor
    if row.code[0] in WITHOUT_PHONE or int(row.code[1:]) % 2 == 0:
        return None
    return people.create_user(row.phone, row.holder, None, at=at)


def check_documents(vendor: Vendor, index: int, *, by: User, at: datetime) -> None:
    """The permit of the category; those without a term stay good."""
    if vendor.category in PERMITS:
        kind, prefix, issuer = PERMITS[vendor.category]
        number = f"{prefix}{index + 1:04d}"
        vendors.check_document(vendor, kind, number=number, issuer=issuer, valid_to=None, by=by, at=at)


SELLS_MEAT = frozenset({"M01", "M04", "N02"})
"""Who brings the quarantine certificate of the batch to every market."""


def check_batch(vendor: Vendor, on: date, *, by: User, at: datetime) -> None:
    """The certificate that came with the meat of one day."""
    number, issuer = f"动检 {on:%Y%m%d}-{vendor.phone[-2:]}", "示例区动物卫生监督所"
    vendors.check_document(vendor, D.QUARANTINE_CERT, number=number, issuer=issuer, valid_to=on, by=by, at=at)


def check_health(vendor: Vendor, index: int, until: date, *, by: User, at: datetime) -> None:
    """A health certificate, seen by staff; each year has its own number."""
    number = f"健 {until.year - 1}-{index + 1:04d}"
    issuer = "示例区疾病预防控制中心"
    vendors.check_document(vendor, D.HEALTH_CERT, number=number, issuer=issuer, valid_to=until, by=by, at=at)


def renew_expired(cast: Cast, register: Register, at: datetime) -> None:
    """The cook whose certificate had ended brings the new one."""
    check_health(register[EXPIRED], 0, RENEWED_ON + timedelta(days=364), by=cast.staff, at=at)


def renew_all(cast: Cast, register: Register, soon: tuple[str, date], at: datetime) -> None:
    """New health certificates and agreements for the season that runs now; `soon` ends within weeks."""
    code_soon, ends_on = soon
    good_until = at.date() + timedelta(days=240)
    for index, (code, vendor) in enumerate(register.items()):
        if vendor.category in OPEN_FOOD:
            until = ends_on if code == code_soon else good_until + timedelta(days=index)
            check_health(vendor, index, until, by=cast.staff, at=at)
        vendors.sign_agreements(vendor, by=vendor.user or cast.staff, at=at)
