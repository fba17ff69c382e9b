"""what goods are worth, where a paper says it: typed by one, compared and posted by another"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("undone_at IS NULL")


def _column(name: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _key(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_goods_valuation_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "goods_valuation",
        _column("id", NUMBER),
        _column("ref", sa.String(length=10)),
        _column("lot_id", NUMBER),
        _column("basis", sa.String(length=40)),
        _column("worth_fen", NUMBER),
        _column("paper", sa.String(length=60)),
        _column("paper_on", sa.Date()),
        _column("said_by", sa.String(length=60)),
        _column("noted_by", NUMBER),
        _column("noted_at", UtcDateTime()),
        _column("confirmed_by", NUMBER, nullable=True),
        _column("confirmed_at", UtcDateTime(), nullable=True),
        _column("entry_id", NUMBER, nullable=True),
        _column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("worth_fen > 0", name=op.f("ck_goods_valuation_worth")),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (entry_id IS NULL)",
            name=op.f("ck_goods_valuation_confirmed_is_posted"),
        ),
        sa.CheckConstraint("confirmed_by <> noted_by", name=op.f("ck_goods_valuation_two_persons")),
        sa.CheckConstraint(
            "undone_at IS NULL OR entry_id IS NOT NULL", name=op.f("ck_goods_valuation_undone_was_posted")
        ),
        _key("lot_id", "goods_lot"),
        _key("noted_by", "user_account"),
        _key("confirmed_by", "user_account"),
        _key("entry_id", "entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goods_valuation")),
        sa.UniqueConstraint("ref", name=op.f("uq_goods_valuation_ref")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_goods_valuation_entry_id")),
    )
    op.create_index(op.f("ix_goods_valuation_lot_id"), "goods_valuation", ["lot_id"])
    op.create_index(
        "uq_goods_valuation_lot",
        "goods_valuation",
        ["lot_id"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )


def downgrade() -> None:
    op.drop_table("goods_valuation")
