"""Suggested and agreed terms, takings, goods in kind, waived exceptions, settlements and their lines."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, composite, mapped_column, relationship

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.gate.models import FootfallCount
from market.ledger.models import Entry
from market.people.models import User
from market.settlement.fee import Fee
from market.settlement.rules import CloseFault, CloseTiming, TakingsSource, Terms, TermsKind, Tier
from market.stalls.models import Assignment
from market.vendors.models import Vendor
from market.vendors.rules import Category


class TiersText(sa.types.TypeDecorator[tuple[Tier, ...]]):
    """Tiers as a text that can be read: `0-300 100000-500`."""

    impl = sa.String(200)
    cache_ok = True

    def process_bind_param(self, value: tuple[Tier, ...] | None, dialect: object) -> str:
        return " ".join(f"{tier.from_fen}-{tier.basis_points}" for tier in value or ())

    def process_result_value(self, value: str | None, dialect: object) -> tuple[Tier, ...]:
        return tuple(Tier(*map(int, tier.split("-"))) for tier in (value or "").split())


class CategoriesText(sa.types.TypeDecorator[frozenset[Category]]):
    """Categories as a text, in the order of the alphabet."""

    impl = sa.String(400)
    cache_ok = True

    def process_bind_param(self, value: frozenset[Category] | None, dialect: object) -> str:
        return " ".join(sorted(category.value for category in value or ()))

    def process_result_value(self, value: str | None, dialect: object) -> frozenset[Category]:
        return frozenset(map(Category, (value or "").split()))


def terms_columns(kind: str) -> Mapped[Terms]:
    """The columns of an agreement in numbers, in the order of its fields; the first is called `kind`."""
    return composite(
        mapped_column(kind, str_enum(TermsKind)),
        mapped_column("basis_points", default=0),
        mapped_column("fixed_fen", default=0),
        mapped_column("tiers", TiersText, default=()),
        mapped_column("floor_fen", default=0),
        mapped_column("cap_fen", default=0),
        mapped_column("threshold_fen", default=0),
        mapped_column("exempt", CategoriesText, default=frozenset()),
    )


# Uniqueness is an index, not a constraint of the table: the control tests must be able to take it away.


class SuggestedTerms(Referable, Model):
    """A version of what a community suggests to its vendors; who likes it signs it, nobody has to.

    The last one counts for who signs from then on; one of the kind `none` says that nothing is suggested.
    """

    __tablename__ = "suggested_terms"
    __table_args__ = (sa.Index("uq_suggested_terms_version", "community_id", "version", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    version: Mapped[int]
    terms: Mapped[Terms] = terms_columns("kind")
    decision: Mapped[str] = mapped_column(sa.String(200))
    """Who decided so, and when: a meeting of the committee, a vote."""
    suggested_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    suggested_at: Mapped[datetime]

    person: Mapped[User] = relationship()


class AgreedTerms(Referable, Model):
    """A version of what a vendor agreed to give. The one in force at an opening counts for that market."""

    __tablename__ = "terms"
    __table_args__ = (
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        sa.CheckConstraint("fixed_fen >= 0", name="fixed_fen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    terms: Mapped[Terms] = terms_columns("kind")
    agreed_at: Mapped[datetime]
    agreed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who entered it: the vendor, or staff from the signed paper."""
    wording: Mapped[str] = mapped_column(sa.String(10))
    """Which version of the agreement's text was agreed to."""
    text: Mapped[str] = mapped_column(sa.Text, default="")
    """The whole text as it was signed; empty for agreements of before."""
    text_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    suggestion_id: Mapped[int | None] = mapped_column(sa.ForeignKey("suggested_terms.id"))
    """The suggestion that was taken as it stood; None: numbers of their own."""

    suggestion: Mapped[SuggestedTerms | None] = relationship()
    vendor: Mapped[Vendor] = relationship()
    person: Mapped[User | None] = relationship()


class TakingsReport(Model):
    """What a vendor says was sold. A new report replaces the last one by its revision; none is edited."""

    __tablename__ = "takings_report"
    __table_args__ = (
        sa.Index("uq_takings_report_revision", "assignment_id", "revision", unique=True),
        sa.CheckConstraint("takings_fen >= 0", name="takings"),
        sa.CheckConstraint("chosen_fen IS NULL OR chosen_fen >= 0", name="chosen"),
        sa.CheckConstraint("NOT gift_only OR (takings_fen = 0 AND chosen_fen IS NOT NULL)", name="gift_only"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    revision: Mapped[int]
    takings_fen: Mapped[int]
    chosen_fen: Mapped[int | None]
    """What the vendor decided to give this once; None: as agreed."""
    gift_only: Mapped[bool] = mapped_column(default=False)
    """Only the gift was told; what was sold is not known, and 0 stands for it."""
    source: Mapped[TakingsSource] = mapped_column(str_enum(TakingsSource))
    reported_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """None: whoever held the link of this vendor and day, without signing in."""
    reported_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why it was changed after the close."""

    assignment: Mapped[Assignment] = relationship()
    reporter: Mapped[User | None] = relationship()


class InKindItem(Referable, Shown, Model):
    """Goods given at a market, counted in items and never turned into yuan."""

    __tablename__ = "in_kind_item"
    __table_args__ = (sa.CheckConstraint("items > 0", name="items"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    goods: Mapped[str] = mapped_column(sa.String(60))
    items: Mapped[int]
    received_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    received_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    """Set when it was entered by mistake."""

    vendor: Mapped[Vendor] = relationship(lazy="joined")


class CloseWaiver(Model):
    """An exception of the close that a named person accepted, with the reason."""

    __tablename__ = "close_waiver"
    __table_args__ = (sa.UniqueConstraint("assignment_id", "fault"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    fault: Mapped[CloseFault] = mapped_column(str_enum(CloseFault))
    reason: Mapped[str] = mapped_column(sa.String(200))
    waived_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    waived_at: Mapped[datetime]

    person: Mapped[User] = relationship()


class StallFee(Referable, Shown, Model):
    """What a community charges for a stall at each market from then on: no gift, and not the fund's money."""

    __tablename__ = "stall_fee"
    __table_args__ = (sa.CheckConstraint("amount_fen >= 0", name="amount"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    fee: Mapped[Fee] = composite(
        mapped_column("amount_fen"),
        mapped_column("payee", sa.String(120)),
        mapped_column("basis", sa.String(200)),
        mapped_column("exempt", CategoriesText),
    )
    set_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    set_at: Mapped[datetime]

    person: Mapped[User] = relationship()


class Settlement(Referable, Shown, Model):
    """The close of one market day. A correction is the next revision; the last one counts."""

    __tablename__ = "settlement"
    __table_args__ = (
        sa.Index("uq_settlement_revision", "day_id", "revision", unique=True),
        sa.Index("uq_settlement_entry", "entry_id", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    revision: Mapped[int]
    vendors: Mapped[int]
    """Appearances (家次): assignments that were scanned in or accepted as present."""
    visits: Mapped[int]
    items: Mapped[int]
    """Visits and goods as they were known when the market was settled; pages show `counted` and `given`."""
    takings_fen: Mapped[int]
    contribution_fen: Mapped[int]
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    """The ledger entry; None when nothing was given, because an entry of nothing is no entry."""
    settled_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    settled_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why it was corrected (revision 2 and later); shown to the public."""
    automatic: Mapped[bool] = mapped_column(default=False)
    """The clock settled it, by the rule of `settled_by`, who answers for it."""
    fee_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stall_fee.id"))
    """The fee that was charged beside, None: none. It is in no sum of this settlement."""

    if TYPE_CHECKING:
        counted: Mapped[int | None]
        """Visits (人次) as they are known today; None: nobody counted, which is not nobody came."""
        given: Mapped[int]
        """Items of goods as they are known today."""

    day: Mapped[MarketDay] = relationship()
    entry: Mapped[Entry | None] = relationship()
    person: Mapped[User] = relationship()
    stall_fee: Mapped[StallFee | None] = relationship()
    lines: Mapped[list[SettlementLine]] = relationship(
        back_populates="settlement", order_by="SettlementLine.id"
    )

    @property
    def fees_fen(self) -> int:
        """What all stalls together owe for their places."""
        return sum(line.fee_fen for line in self.lines)


class SettlementLine(Shown, Model):
    """One vendor's part, with the terms it was computed from, so that anyone may compute it again."""

    __tablename__ = "settlement_line"
    __table_args__ = (sa.UniqueConstraint("settlement_id", "assignment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(sa.ForeignKey("settlement.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"))
    takings_fen: Mapped[int]
    terms: Mapped[Terms] = terms_columns("terms_kind")
    chosen_fen: Mapped[int | None]
    gift_only: Mapped[bool] = mapped_column(default=False)
    """What was sold is not known: only the gift was told."""
    contribution_fen: Mapped[int]
    fee_fen: Mapped[int] = mapped_column(default=0, server_default="0")
    """What the stall cost, beside the gift and in no sum with it."""
    salt: Mapped[str] = mapped_column(sa.String(32), default=lambda: secrets.token_hex(16), server_default="")
    """Makes its published hash say nothing; the vendor's statement shows it."""

    settlement: Mapped[Settlement] = relationship(back_populates="lines")
    assignment: Mapped[Assignment] = relationship(lazy="joined")


class CloseRule(Model):
    """When the markets of a community are settled by themselves; the last one counts."""

    __tablename__ = "close_rule"
    __table_args__ = (
        sa.CheckConstraint("deadline_hours IS NULL OR deadline_hours >= after_hours", name="deadline"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    automatic: Mapped[bool]
    after_hours: Mapped[int]
    deadline_hours: Mapped[int | None]
    set_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    set_at: Mapped[datetime]

    person: Mapped[User] = relationship()
    community: Mapped[Community] = relationship()

    @property
    def timing(self) -> CloseTiming:
        return CloseTiming(self.after_hours, self.deadline_hours)


class ReceiptRequest(Referable, Model):
    """A vendor wants a receipt of its gift. The charity issues it; its number is typed back here."""

    __tablename__ = "receipt_request"
    __table_args__ = (
        sa.Index("uq_receipt_request_vendor", "day_id", "vendor_id", unique=True),
        sa.Index("uq_receipt_request_number", "community_id", "number", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"))
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"))
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    asked_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    asked_at: Mapped[datetime]
    number: Mapped[str | None] = mapped_column(sa.String(60))
    """As the charity printed it; None as long as it has not come."""
    numbered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    numbered_at: Mapped[datetime | None]

    vendor: Mapped[Vendor] = relationship()
    day: Mapped[MarketDay] = relationship()


# What is added after the settlement counts too: these two are looked up whenever a settlement is read.

Settlement.counted = column_property(
    sa.func.coalesce(
        sa.select(sa.func.sum(FootfallCount.visits))
        .where(FootfallCount.day_id == Settlement.day_id)
        .correlate(Settlement)
        .scalar_subquery(),
        sa.func.nullif(Settlement.visits, 0),
    )
)
Settlement.given = column_property(
    sa.select(sa.func.coalesce(sa.func.sum(InKindItem.items), 0))
    .where(InKindItem.day_id == Settlement.day_id, InKindItem.voided_at.is_(None))
    .correlate(Settlement)
    .scalar_subquery()
)
