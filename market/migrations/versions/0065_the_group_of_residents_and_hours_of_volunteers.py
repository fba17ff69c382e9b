"""how residents join their group, and how long volunteers worked at a market"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "resident_group",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("width", NUMBER, nullable=False),
        sa.Column("height", NUMBER, nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("shown_at", UtcDateTime(), nullable=False),
        sa.Column("shown_by", NUMBER, nullable=False),
        _key("resident_group", "community_id", "community"),
        _key("resident_group", "shown_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_group")),
    )
    op.create_index(op.f("ix_resident_group_community_id"), "resident_group", ["community_id"])
    op.create_table(
        "volunteer_work",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("people", NUMBER, nullable=False),
        sa.Column("hours", NUMBER, nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", NUMBER, nullable=False),
        sa.CheckConstraint("people >= 0 AND hours >= 0", name=op.f("ck_volunteer_work_counted")),
        _key("volunteer_work", "day_id", "market_day"),
        _key("volunteer_work", "noted_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_volunteer_work")),
    )
    op.create_index(op.f("ix_volunteer_work_day_id"), "volunteer_work", ["day_id"])


def downgrade() -> None:
    op.drop_table("volunteer_work")
    op.drop_table("resident_group")
