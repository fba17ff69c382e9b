"""Goods that were given: where they are kept, until when they are good, and who got them."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.communities.models import Community
from market.db import Model, Referable, Shown, str_enum
from market.fund.rules import GoodsWay
from market.settlement.models import InKindItem


class GoodsLot(Referable, Shown, Model):
    """Goods of one kind in store. Those of a market are told there, and only their place is told here.

    A worth stands beside goods only where a paper says it; it is not added to money.
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
    evidence: Mapped[str] = mapped_column(sa.String(120), default="")
    """The paper that says what they are worth: an invoice, an agreement."""
    entered_by: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"))
    entered_at: Mapped[datetime]

    community: Mapped[Community] = relationship()
    item: Mapped[InKindItem | None] = relationship(lazy="joined")
    outs: Mapped[list[GoodsOut]] = relationship(back_populates="lot", order_by="GoodsOut.id", lazy="selectin")

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
