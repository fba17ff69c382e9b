"""a form that was sent is known by its id, so that sending it twice is sending it once"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import market.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "form_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("used_at", market.db.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_use")),
    )
    op.create_index("uq_form_use_key", "form_use", ["key"], unique=True)
    op.create_index(op.f("ix_form_use_used_at"), "form_use", ["used_at"])


def downgrade() -> None:
    op.drop_table("form_use")
