"""the lines of the audit trail are numbered and chained, and entries carry the head"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TEXTS = (("salt", 32), ("said", 64), ("hash", 64))


def upgrade() -> None:
    op.create_table(
        "journal",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("chain", NUMBER, nullable=False),
        sa.Column("lines", NUMBER, nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
    )
    op.create_index("uq_journal_chain", "journal", ["chain"], unique=True)
    op.add_column("audit_row", sa.Column("chain", NUMBER, server_default="0", nullable=False))
    op.add_column("audit_row", sa.Column("number", NUMBER, nullable=True))
    op.add_column("audit_row", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))
    for name, length in TEXTS:
        op.add_column("audit_row", sa.Column(name, sa.String(length), server_default="", nullable=False))
    op.execute("UPDATE audit_row SET chain = COALESCE(community_id, 0)")
    op.create_index("uq_audit_row_number", "audit_row", ["chain", "number"], unique=True)
    op.add_column("entry", sa.Column("journal", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("entry", "journal")
    op.drop_index("uq_audit_row_number", table_name="audit_row")
    for name in ("chain", "number", "facts", "salt", "said", "hash"):
        op.drop_column("audit_row", name)
    op.drop_table("journal")
