"""a compulsory fee for a stall, beside the gift: what a community charges, and what each stall paid of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "stall_fee",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("amount_fen", NUMBER, nullable=False),
        sa.Column("payee", sa.String(length=120), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        sa.Column("exempt", sa.String(length=400), nullable=False),
        sa.Column("set_by", NUMBER, nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_stall_fee_amount")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_stall_fee_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["set_by"], ["user_account.id"], name=op.f("fk_stall_fee_set_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stall_fee")),
        sa.UniqueConstraint("ref", name=op.f("uq_stall_fee_ref")),
    )
    op.create_index(op.f("ix_stall_fee_community_id"), "stall_fee", ["community_id"])
    with op.batch_alter_table("settlement") as batch:
        batch.add_column(sa.Column("fee_id", NUMBER, nullable=True))
        batch.create_foreign_key(op.f("fk_settlement_fee_id_stall_fee"), "stall_fee", ["fee_id"], ["id"])
    op.add_column("settlement_line", sa.Column("fee_fen", NUMBER, nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("settlement_line") as batch:
        batch.drop_column("fee_fen")
    with op.batch_alter_table("settlement") as batch:
        batch.drop_constraint(op.f("fk_settlement_fee_id_stall_fee"), type_="foreignkey")
        batch.drop_column("fee_id")
    op.drop_table("stall_fee")
