"""vendors say beforehand on which dates they come, and shortly before whether they do"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "coming_word",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("said_for", sa.Date(), nullable=False),
        sa.Column("said_by", NUMBER, nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_coming_word_day_id_market_day")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_coming_word_vendor_id_vendor")),
        sa.ForeignKeyConstraint(
            ["said_by"], ["user_account.id"], name=op.f("fk_coming_word_said_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coming_word")),
        sa.UniqueConstraint("day_id", "vendor_id", "kind", name=op.f("uq_coming_word_day_id_vendor_id_kind")),
    )
    op.create_index(op.f("ix_coming_word_vendor_id"), "coming_word", ["vendor_id"])


def downgrade() -> None:
    op.drop_table("coming_word")
