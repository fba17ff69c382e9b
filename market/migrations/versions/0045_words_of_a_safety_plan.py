"""what a community writes for the safety plan of its markets, kept row by row"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0045"
down_revision = "0043"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plan_text",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=True),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=1500), nullable=False),
        sa.Column("written_by", NUMBER, nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_plan_text_community_id_community")
        ),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_plan_text_day_id_market_day")),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user_account.id"], name=op.f("fk_plan_text_written_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_text")),
    )
    op.create_index("ix_plan_text_community_day", "plan_text", ["community_id", "day_id"])


def downgrade() -> None:
    op.drop_table("plan_text")
