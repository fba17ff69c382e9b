"""what the charity received beyond a market's contribution, and gives back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "refund",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("amount_fen", NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("agreed_by", NUMBER, nullable=True),
        sa.Column("agreed_at", UtcDateTime(), nullable=True),
        sa.Column("entry_id", NUMBER, nullable=True),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_refund_amount")),
        sa.CheckConstraint(
            "(agreed_by IS NULL) = (entry_id IS NULL)", name=op.f("ck_refund_agreed_is_posted")
        ),
        sa.CheckConstraint("agreed_by <> asked_by", name=op.f("ck_refund_two_persons")),
        sa.ForeignKeyConstraint(["fund_id"], ["fund.id"], name=op.f("fk_refund_fund_id_fund")),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_refund_day_id_market_day")),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name=op.f("fk_refund_asked_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["user_account.id"], name=op.f("fk_refund_agreed_by_user_account")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_refund_entry_id_entry")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
        sa.UniqueConstraint("ref", name=op.f("uq_refund_ref")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_refund_entry_id")),
    )
    op.create_index(op.f("ix_refund_fund_id"), "refund", ["fund_id"])
    op.create_index(op.f("ix_refund_day_id"), "refund", ["day_id"])
    not_posted = sa.text("entry_id IS NULL")
    op.create_index(
        "uq_refund_open", "refund", ["day_id"], unique=True,
        sqlite_where=not_posted, postgresql_where=not_posted,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("refund")
