"""Vendors, their documents and applications."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.people.models import User
from market.places.models import Stall
from market.vendors.found_by import key_of
from market.vendors.rules import LIVE, ApplicationState, Category, ChangeAnswer, Conduct, DocumentKind

OPEN = sa.text("answer = 'open'")


class Vendor(Referable, Shown, Model):
    """A vendor of one community's register."""

    __tablename__ = "vendor"
    __table_args__ = (
        sa.UniqueConstraint("community_id", "phone"),
        sa.CheckConstraint("power_w >= 0", name="power"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    """The account that acts for the vendor; None for people whom staff enter."""
    trading_name: Mapped[str] = mapped_column(sa.String(60))
    holder: Mapped[str] = mapped_column(sa.String(60))
    phone: Mapped[str] = mapped_column(sa.String(20))
    category: Mapped[Category] = mapped_column(str_enum(Category))
    goods: Mapped[str] = mapped_column(sa.String(120))
    power_w: Mapped[int] = mapped_column(default=0)
    needs_water: Mapped[bool] = mapped_column(default=False)
    needs_vehicle: Mapped[bool] = mapped_column(default=False)
    width_dm: Mapped[int] = mapped_column(default=0, server_default="0")
    """How wide the stand is that the vendor brings; 0 = any stall will do."""
    depth_dm: Mapped[int] = mapped_column(default=0, server_default="0")
    may_use_reserved: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Staff lets the vendor stand on a stall kept for 爱心 or 公益."""
    price_range: Mapped[str] = mapped_column(sa.String(40), default="", server_default="")
    open_flame: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    gas_bottle: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    gas_alarm: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Whoever brings a gas bottle says that an alarm and an extinguisher come along."""
    own_tent: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    plate: Mapped[str] = mapped_column(sa.String(12), default="", server_default="")
    """Number plate of the vehicle that comes along."""
    pinyin: Mapped[str] = mapped_column(sa.String(200))
    """Sort key of the trading name."""
    found_by: Mapped[str] = mapped_column(sa.Text, server_default="", deferred=True)
    """What searches compare (`found_by.py`); follows the columns that it is made of."""
    registered_at: Mapped[datetime]
    registered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    leaving_since: Mapped[datetime | None]
    """When the vendor asked to be forgotten; whoever applies again has thought better of it."""

    community: Mapped[Community] = relationship()
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    documents: Mapped[list[Document]] = relationship(back_populates="vendor", order_by="Document.kind")
    applications: Mapped[list[Application]] = relationship(back_populates="vendor", order_by="Application.id")

    helpers: Mapped[list[VendorHelper]] = relationship(
        primaryjoin="and_(VendorHelper.vendor_id == Vendor.id, VendorHelper.until.is_(None))",
        order_by="VendorHelper.id",
        viewonly=True,
    )
    people: Mapped[list[StallPerson]] = relationship(
        primaryjoin="and_(StallPerson.vendor_id == Vendor.id, StallPerson.until.is_(None))",
        order_by="StallPerson.id",
        viewonly=True,
    )

    def is_of(self, user: User) -> bool:
        """Whether somebody acts for the vendor: the holder's account, or that of a helper at the stall."""
        return user.id == self.user_id or any(helper.user_id == user.id for helper in self.helpers)

    @property
    def burns(self) -> bool:
        """Whether there is a fire at the stall, be it of gas or of charcoal."""
        return self.open_flame or self.gas_bottle

    @property
    def forgotten(self) -> bool:
        """Whether name and number were deleted; what is left is the trading name in past markets."""
        return self.phone.startswith("#")


FOUND_BY = ("trading_name", "holder", "goods", "category")
"""Columns of which `found_by` is made."""


@sa.event.listens_for(Vendor, "before_insert")
@sa.event.listens_for(Vendor, "before_update")
def _renew_key(_mapper: Any, _connection: Any, vendor: Vendor) -> None:
    """The one place that writes it: in whatever act a name or what is sold is written, the key is too."""
    seen = sa.inspect(vendor).attrs
    if not sa.inspect(vendor).persistent or any(seen[name].history.has_changes() for name in FOUND_BY):
        key = key_of(vendor.trading_name, vendor.holder, vendor.goods, vendor.category)
        vendor.found_by = key.text


class VendorHelper(Referable, Model):
    """Somebody else who acts for a vendor (the wife, the son), with an account and a name of their own."""

    __tablename__ = "vendor_helper"
    __table_args__ = (
        sa.Index(
            "uq_vendor_helper_live", "vendor_id", "user_id", unique=True,
            sqlite_where=sa.text("until IS NULL"), postgresql_where=sa.text("until IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    vendor: Mapped[Vendor] = relationship()
    user: Mapped[User] = relationship()


class StallPerson(Referable, Model):
    """Somebody who stands at a vendor's stall, with an account or without; a name and no more."""

    __tablename__ = "stall_person"

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    handles_food: Mapped[bool]
    """Touches what is eaten, so needs a health certificate (食品安全法 45)."""
    since: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    until: Mapped[datetime | None]


class Document(Referable, Model):
    """A document whose original somebody of the staff has seen; its pictures are those of `HandedPaper`."""

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("vendor_id", "kind", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    kind: Mapped[DocumentKind] = mapped_column(str_enum(DocumentKind))
    number: Mapped[str] = mapped_column(sa.String(80))
    issuer: Mapped[str] = mapped_column(sa.String(100), default="")
    valid_to: Mapped[date | None]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stall_person.id"))
    """Whose it is, of the people at the stall; None: the holder's, or the stall's as a whole."""
    brought_for: Mapped[date | None]
    """The market that a document of one batch came with; it counts on no other date."""
    checked_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    checked_at: Mapped[datetime]

    vendor: Mapped[Vendor] = relationship(back_populates="documents")
    person: Mapped[StallPerson | None] = relationship()
    checker: Mapped[User] = relationship()


class Application(Referable, Shown, Model):
    """A vendor's wish to stand on one market day.

    `submitted_at`, then the id, is the order of arrival: who withdrew and applies again stands at the end.
    """

    __tablename__ = "application"
    __table_args__ = (sa.UniqueConstraint("day_id", "vendor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    state: Mapped[ApplicationState] = mapped_column(str_enum(ApplicationState))
    power_w: Mapped[int]
    double: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """Asks for two stalls side by side."""
    wanted_stall_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stall.id"))
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    applied_for: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict, server_default="{}")
    """What the day was when it was last asked for (`day_facts`); `at` says when, `asked` how often it was."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    decision_note: Mapped[str] = mapped_column(sa.String(200), default="")
    """What is missing, or why not: the vendor reads it."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))

    day: Mapped[MarketDay] = relationship(lazy="joined")
    vendor: Mapped[Vendor] = relationship(back_populates="applications", lazy="joined")
    wanted_stall: Mapped[Stall | None] = relationship()

    @property
    def is_live(self) -> bool:
        return self.state in LIVE


class Arrival(Model):
    """When a vendor drove in on a market day. Whether that was in time is asked of the hour that holds."""

    __tablename__ = "arrival"

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    came_at: Mapped[datetime]


class ConductPoint(Model):
    """A point earned by good conduct on a market day. What a vendor gives to the fund never earns one."""

    __tablename__ = "conduct_point"
    __table_args__ = (sa.UniqueConstraint("day_id", "vendor_id", "conduct"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    conduct: Mapped[Conduct] = mapped_column(str_enum(Conduct))
    noted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    noted_at: Mapped[datetime]


class GoodsChange(Model):
    """A vendor changed what it sells; until staff have looked at it, what it sold before counts as well.

    One open change a vendor: whoever changes twice before anybody looks has still sold what was agreed last.
    """

    __tablename__ = "goods_change"
    __table_args__ = (
        sa.Index("uq_goods_change_open", "vendor_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    category_before: Mapped[Category] = mapped_column(str_enum(Category))
    goods_before: Mapped[str] = mapped_column(sa.String(120))
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    answer: Mapped[ChangeAnswer] = mapped_column(str_enum(ChangeAnswer), default=ChangeAnswer.OPEN)
    answered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None]

    vendor: Mapped[Vendor] = relationship()


class Exclusion(Referable, Model):
    """Staff keep a vendor away for a while, with a reason that it reads; a lifted one stays on record."""

    __tablename__ = "exclusion"

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    reason: Mapped[str] = mapped_column(sa.String(200))
    until: Mapped[date]
    """The last day on which it counts."""
    excluded_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    excluded_at: Mapped[datetime]
    lifted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    lifted_at: Mapped[datetime | None]

    vendor: Mapped[Vendor] = relationship()
    person: Mapped[User] = relationship(foreign_keys=[excluded_by])
