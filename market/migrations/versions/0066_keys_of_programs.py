"""keys of programs, what they used up, and answers that are kept"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "program_key",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("ref", sa.String(10), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("rights", sa.String(120), nullable=False),
        sa.Column("community_id", NUMBER, sa.ForeignKey("community.id")),
        sa.Column("region_id", NUMBER, sa.ForeignKey("region.id")),
        sa.Column("user_id", NUMBER, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.Column("revoked_at", sa.DateTime()),
        sa.Column("revoked_by", NUMBER, sa.ForeignKey("user_account.id")),
        sa.UniqueConstraint("ref", name="uq_program_key_ref"),
        sa.UniqueConstraint("secret_hash", name="uq_program_key_secret_hash"),
        sa.CheckConstraint("(community_id IS NULL) <> (region_id IS NULL)", name="place"),
    )
    for name in ("community_id", "region_id", "user_id"):
        op.create_index(f"ix_program_key_{name}", "program_key", [name])
    op.create_table(
        "call_share",
        sa.Column("who", sa.String(64), primary_key=True),
        sa.Column("minute", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("taken", NUMBER, nullable=False),
    )
    op.create_table(
        "kept_answer",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("key_id", NUMBER, sa.ForeignKey("program_key.id"), nullable=False),
        sa.Column("call_hash", sa.String(64), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("status", NUMBER, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
    )
    op.create_index("uq_kept_answer_call", "kept_answer", ["key_id", "call_hash"], unique=True)
    op.create_index("ix_kept_answer_kept_at", "kept_answer", ["kept_at"])


def downgrade() -> None:
    for table in ("kept_answer", "call_share", "program_key"):
        op.drop_table(table)
