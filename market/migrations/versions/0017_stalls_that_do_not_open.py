"""part of a market may not take place: stalls that do not open on a date"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shut_stall",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("stall_id", NUMBER, nullable=False),
        sa.Column("shut_for", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("shut_by", NUMBER, nullable=False),
        sa.Column("shut_at", UtcDateTime(), nullable=False),
        sa.Column("reopened_by", NUMBER, nullable=True),
        sa.Column("reopened_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_shut_stall_day_id_market_day")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_shut_stall_stall_id_stall")),
        sa.ForeignKeyConstraint(
            ["shut_by"], ["user_account.id"], name=op.f("fk_shut_stall_shut_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"], ["user_account.id"], name=op.f("fk_shut_stall_reopened_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shut_stall")),
    )
    shut = sa.text("reopened_at IS NULL")
    op.create_index(
        "uq_shut_stall_shut", "shut_stall", ["day_id", "stall_id", "shut_for"], unique=True,
        sqlite_where=shut, postgresql_where=shut,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("shut_stall")
