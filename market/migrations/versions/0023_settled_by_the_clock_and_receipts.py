"""when markets are settled by themselves, which were, and receipts that the charity numbers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.add_column(
        "settlement", sa.Column("automatic", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "close_rule",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("after_hours", NUMBER, nullable=False),
        sa.Column("deadline_hours", NUMBER, nullable=True),
        sa.Column("set_by", NUMBER, nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "deadline_hours IS NULL OR deadline_hours >= after_hours", name=op.f("ck_close_rule_deadline")
        ),
        _link("close_rule", "community_id", "community"),
        _link("close_rule", "set_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_close_rule")),
    )
    op.create_index(op.f("ix_close_rule_community_id"), "close_rule", ["community_id"])
    op.create_table(
        "receipt_request",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=False),
        sa.Column("asked_by", NUMBER, nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("numbered_by", NUMBER, nullable=True),
        sa.Column("numbered_at", UtcDateTime(), nullable=True),
        sa.Column("ref", sa.String(length=10), nullable=False),
        _link("receipt_request", "community_id", "community"),
        _link("receipt_request", "day_id", "market_day"),
        _link("receipt_request", "vendor_id", "vendor"),
        _link("receipt_request", "asked_by", "user_account"),
        _link("receipt_request", "numbered_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_request")),
        sa.UniqueConstraint("ref", name=op.f("uq_receipt_request_ref")),
    )
    op.create_index(op.f("ix_receipt_request_vendor_id"), "receipt_request", ["vendor_id"])
    op.create_index("uq_receipt_request_vendor", "receipt_request", ["day_id", "vendor_id"], unique=True)
    op.create_index("uq_receipt_request_number", "receipt_request", ["community_id", "number"], unique=True)


def downgrade() -> None:
    op.drop_table("receipt_request")
    op.drop_table("close_rule")
    with op.batch_alter_table("settlement") as batch:
        batch.drop_column("automatic")
