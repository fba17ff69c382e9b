"""Agreed terms, takings reports, goods in kind, waived exceptions, settlements and their lines."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, composite, mapped_column, relationship

from market.calendar.models import MarketDay
from market.db import Model, Referable, str_enum
from market.gate.models import FootfallCount
from market.ledger.models import Entry
from market.people.models import User
from market.settlement.rules import CloseFault, TakingsSource, Terms, TermsKind
from market.stalls.models import Assignment
from market.vendors.models import Vendor

# Uniqueness is an index, not a constraint of the table: the control tests must be able to take it away.


class AgreedTerms(Referable, Model):
    """A version of what a vendor agreed to give. The one in force at an opening counts for that market."""

    __tablename__ = "terms"
    __table_args__ = (
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        sa.CheckConstraint("fixed_fen >= 0", name="fixed_fen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[int] = mapped_column(sa.ForeignKey("vendor.id"), index=True)
    terms: Mapped[Terms] = composite(
        mapped_column("kind", str_enum(TermsKind)),
        mapped_column("basis_points", default=0),
        mapped_column("fixed_fen", default=0),
    )
    agreed_at: Mapped[datetime]
    agreed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    """Who entered it: the vendor, or staff from the signed paper."""
    wording: Mapped[str] = mapped_column(sa.String(10))
    """Which version of the agreement's text was agreed to."""
    text: Mapped[str] = mapped_column(sa.Text, default="")
    """The whole text as it was signed; empty for agreements of before."""
    text_hash: Mapped[str] = mapped_column(sa.String(64), default="")

    vendor: Mapped[Vendor] = relationship()
    person: Mapped[User | None] = relationship()


class TakingsReport(Model):
    """What a vendor says was sold. A new report replaces the last one by its revision; none is edited."""

    __tablename__ = "takings_report"
    __table_args__ = (
        sa.Index("uq_takings_report_revision", "assignment_id", "revision", unique=True),
        sa.CheckConstraint("takings_fen >= 0", name="takings"),
        sa.CheckConstraint("chosen_fen IS NULL OR chosen_fen >= 0", name="chosen"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day_id: Mapped[int] = mapped_column(sa.ForeignKey("market_day.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"), index=True)
    revision: Mapped[int]
    takings_fen: Mapped[int]
    chosen_fen: Mapped[int | None]
    """What the vendor decided to give this once; None: as agreed."""
    source: Mapped[TakingsSource] = mapped_column(str_enum(TakingsSource))
    reported_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    reported_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    """Why it was changed after the close."""

    assignment: Mapped[Assignment] = relationship()
    reporter: Mapped[User] = relationship()


class InKindItem(Referable, Model):
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


class Settlement(Referable, Model):
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

    if TYPE_CHECKING:
        counted: Mapped[int | None]
        """Visits (人次) as they are known today; None: nobody counted, which is not nobody came."""
        given: Mapped[int]
        """Items of goods as they are known today."""

    day: Mapped[MarketDay] = relationship()
    entry: Mapped[Entry | None] = relationship()
    person: Mapped[User] = relationship()
    lines: Mapped[list[SettlementLine]] = relationship(
        back_populates="settlement", order_by="SettlementLine.id"
    )


class SettlementLine(Model):
    """One vendor's part, with the terms it was computed from, so that anyone may compute it again."""

    __tablename__ = "settlement_line"
    __table_args__ = (sa.UniqueConstraint("settlement_id", "assignment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    settlement_id: Mapped[int] = mapped_column(sa.ForeignKey("settlement.id"), index=True)
    assignment_id: Mapped[int] = mapped_column(sa.ForeignKey("assignment.id"))
    takings_fen: Mapped[int]
    terms: Mapped[Terms] = composite(
        mapped_column("terms_kind", str_enum(TermsKind)),
        mapped_column("basis_points"),
        mapped_column("fixed_fen"),
    )
    chosen_fen: Mapped[int | None]
    contribution_fen: Mapped[int]
    salt: Mapped[str] = mapped_column(sa.String(32), default=lambda: secrets.token_hex(16), server_default="")
    """Makes its published hash say nothing; the vendor's statement shows it."""

    settlement: Mapped[Settlement] = relationship(back_populates="lines")
    assignment: Mapped[Assignment] = relationship(lazy="joined")


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
