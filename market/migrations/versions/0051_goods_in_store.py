"""goods that were given: where they are kept, until when they are good, and who got them"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "goods_lot",
        _column("id", NUMBER),
        _column("ref", sa.String(length=10)),
        _column("community_id", NUMBER),
        _column("item_id", NUMBER, nullable=True),
        _column("goods", sa.String(length=60)),
        _column("items", NUMBER),
        _column("donor", sa.String(length=60)),
        _column("may_name", sa.Boolean()),
        _column("received_on", sa.Date()),
        _column("expires_on", sa.Date(), nullable=True),
        _column("storage", sa.String(length=60)),
        _column("worth_fen", NUMBER),
        _column("evidence", sa.String(length=120)),
        _column("entered_by", NUMBER),
        _column("entered_at", UtcDateTime()),
        sa.CheckConstraint("(item_id IS NULL) = (items > 0)", name=op.f("ck_goods_lot_told_once")),
        sa.CheckConstraint("items >= 0", name=op.f("ck_goods_lot_items")),
        sa.CheckConstraint(
            "worth_fen >= 0 AND (worth_fen = 0 OR evidence <> '')",
            name=op.f("ck_goods_lot_worth_with_evidence"),
        ),
        _key("goods_lot", "community_id", "community"),
        _key("goods_lot", "item_id", "in_kind_item"),
        _key("goods_lot", "entered_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_lot")),
        sa.UniqueConstraint("ref", name=op.f("uq_goods_lot_ref")),
        sa.UniqueConstraint("item_id", name=op.f("uq_goods_lot_item_id")),
    )
    op.create_index(op.f("ix_goods_lot_community_id"), "goods_lot", ["community_id"])
    op.create_table(
        "goods_out",
        _column("id", NUMBER),
        _column("ref", sa.String(length=10)),
        _column("lot_id", NUMBER),
        _column("way", sa.String(length=40)),
        _column("items", NUMBER),
        _column("recipient", sa.String(length=120)),
        _column("happened_on", sa.Date()),
        _column("noted_by", NUMBER),
        _column("noted_at", UtcDateTime()),
        _column("voided_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("items > 0", name=op.f("ck_goods_out_items")),
        _key("goods_out", "lot_id", "goods_lot"),
        _key("goods_out", "noted_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_out")),
        sa.UniqueConstraint("ref", name=op.f("uq_goods_out_ref")),
    )
    op.create_index(op.f("ix_goods_out_lot_id"), "goods_out", ["lot_id"])


def downgrade() -> None:
    op.drop_table("goods_out")
    op.drop_table("goods_lot")
