"""Goods that were given: where they are kept, until when they are good, and who got them."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.fund.rules import Basis, GoodsWay
from market.ledger.models import Entry
from market.people.models import User
from market.settlement.models import InKindItem


class GoodsLot(Referable, Shown, Model):
    """Goods of one kind in store. Those of a market are told there, and only their place is told here.

    What they are worth is said by a valuation, where a paper says it; without one they are counted only.
    """

    __tablename__ = "goods_lot"
    __table_args__ = (
        sa.CheckConstraint("(item_id IS NULL) = (items > 0)", name="told_once"),
        sa.CheckConstraint("items >= 0", name="items"),
        sa.CheckConstraint(
            "worth_fen >= 0 AND (worth_fen = 0 OR evidence <> '')", name="worth_with_evidence"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(sa.ForeignKey("community.id"), index=True)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("in_kind_item.id"), unique=True)
    """What was given at a market; name and number stand there."""
    goods: Mapped[str] = mapped_column(sa.String(60), default="")
    items: Mapped[int] = mapped_column(default=0)
    donor: Mapped[str] = mapped_column(sa.String(60), default="")
    may_name: Mapped[bool] = mapped_column(default=False)
    received_on: Mapped[date]
    expires_on: Mapped[date | None]
    storage: Mapped[str] = mapped_column(sa.String(60))
    worth_fen: Mapped[int] = mapped_column(default=0)
    """What an older version noted of a paper, in fen. It was never booked; a valuation says it anew."""
    evidence: Mapped[str] = mapped_column(sa.String(120), default="")
    """The paper of that older note."""
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]

    community: Mapped[Community] = relationship()
    item: Mapped[InKindItem | None] = relationship(lazy="joined")
    outs: Mapped[list[GoodsOut]] = relationship(back_populates="lot", order_by="GoodsOut.id", lazy="selectin")
    valuations: Mapped[list[GoodsValuation]] = relationship(
        back_populates="lot", order_by="GoodsValuation.id", lazy="selectin"
    )

    @property
    def name(self) -> str:
        return self.item.goods if self.item is not None else self.goods

    @property
    def count(self) -> int:
        """How many there were; none when a market took its word back."""
        if self.item is None:
            return self.items
        return self.item.items if self.item.voided_at is None else 0

    @property
    def left(self) -> int:
        """How many are still there."""
        return self.count - sum(out.items for out in self.outs if out.voided_at is None)

    @property
    def valuation(self) -> GoodsValuation | None:
        """The one that counts, or waits for its second person."""
        return next((one for one in self.valuations if one.undone_at is None), None)

    @property
    def booked(self) -> GoodsValuation | None:
        """The one that stands in the book."""
        known = self.valuation
        return known if known is not None and known.entry_id is not None else None

    def is_past(self, today: date) -> bool:
        return self.expires_on is not None and self.expires_on < today


class GoodsOut(Referable, Shown, Model):
    """Goods that left the store: handed to somebody, or spoiled. A mistake is taken back, not removed."""

    __tablename__ = "goods_out"
    __table_args__ = (sa.CheckConstraint("items > 0", name="items"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("goods_lot.id"), index=True)
    way: Mapped[GoodsWay] = mapped_column(str_enum(GoodsWay))
    items: Mapped[int]
    recipient: Mapped[str] = mapped_column(sa.String(120))
    """Who got them, without names of those in need; of spoiled ones, who saw it."""
    happened_on: Mapped[date]
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    noted_at: Mapped[datetime]
    voided_at: Mapped[datetime | None]

    lot: Mapped[GoodsLot] = relationship(back_populates="outs")


class GoodsValuation(Referable, Shown, Model):
    """What a paper says that the goods of a lot are worth. One person types it, another books it.

    A wrong one is undone and stays; then the lot may be valued anew.
    """

    __tablename__ = "goods_valuation"
    __table_args__ = (
        sa.CheckConstraint("worth_fen > 0", name="worth"),
        sa.CheckConstraint("(confirmed_by IS NULL) = (entry_id IS NULL)", name="confirmed_is_posted"),
        sa.CheckConstraint("confirmed_by <> noted_by", name="two_persons"),
        sa.CheckConstraint("undone_at IS NULL OR entry_id IS NOT NULL", name="undone_was_posted"),
        sa.Index(
            "uq_goods_valuation_lot",
            "lot_id",
            unique=True,
            sqlite_where=sa.text("undone_at IS NULL"),
            postgresql_where=sa.text("undone_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(sa.ForeignKey("goods_lot.id"), index=True)
    basis: Mapped[Basis] = mapped_column(str_enum(Basis))
    worth_fen: Mapped[int]
    """Of the whole lot."""
    paper: Mapped[str] = mapped_column(sa.String(60))
    """Which paper: its number, or where the prices are from."""
    paper_on: Mapped[date]
    said_by: Mapped[str] = mapped_column(sa.String(60))
    """Who says so: who wrote the invoice, whose price list it is."""
    noted_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    noted_at: Mapped[datetime]
    confirmed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user_account.id"))
    confirmed_at: Mapped[datetime | None]
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"), unique=True)
    undone_at: Mapped[datetime | None]

    lot: Mapped[GoodsLot] = relationship(back_populates="valuations")
    entry: Mapped[Entry | None] = relationship()
    noter: Mapped[User] = relationship(foreign_keys=[noted_by])
