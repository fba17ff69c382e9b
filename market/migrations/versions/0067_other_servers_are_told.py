"""servers that are told what happens, and what was sent to them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("ref", sa.String(10), nullable=False),
        sa.Column("community_id", NUMBER, sa.ForeignKey("community.id"), nullable=False),
        sa.Column("url", sa.String(300), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("events", sa.String(240), nullable=False),
        sa.Column("made_by", NUMBER, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("seen_line", NUMBER, nullable=False),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("disabled_at", sa.DateTime()),
        sa.Column("ended_at", sa.DateTime()),
        sa.Column("ended_by", NUMBER, sa.ForeignKey("user_account.id")),
        sa.UniqueConstraint("ref", name="uq_webhook_ref"),
    )
    op.create_index("ix_webhook_community_id", "webhook", ["community_id"])
    op.create_table(
        "hook_delivery",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("ref", sa.String(10), nullable=False),
        sa.Column("webhook_id", NUMBER, sa.ForeignKey("webhook.id"), nullable=False),
        sa.Column("line", NUMBER, nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(60), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("unsure", NUMBER, nullable=False),
        sa.Column("claim", sa.String(10), nullable=False),
        sa.Column("claimed_until", sa.DateTime()),
        sa.Column("fault", sa.String(40)),
        sa.Column("detail", sa.String(160), nullable=False),
        sa.Column("ended_at", sa.DateTime()),
        sa.UniqueConstraint("ref", name="uq_hook_delivery_ref"),
    )
    op.create_index("uq_hook_delivery_line", "hook_delivery", ["webhook_id", "line"], unique=True)
    op.create_index("ix_hook_delivery_waiting", "hook_delivery", ["state", "not_before"])
    op.create_index("ix_hook_delivery_claim", "hook_delivery", ["claim"])


def downgrade() -> None:
    for table in ("hook_delivery", "webhook"):
        op.drop_table(table)
