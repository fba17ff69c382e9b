"""sums of the ledger are kept by month, kind and account, filled from the postings that are there"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.ledger import kept, triggers

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "kept_sum",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("book_id", NUMBER, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("account", sa.String(length=4), nullable=False),
        sa.Column("amount_fen", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_kept_sum_book_id_book")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_sum")),
    )
    op.create_index("uq_kept_sum", "kept_sum", ["book_id", "month", "kind", "account"], unique=True)
    op.execute(kept.FILL)
    for statement in triggers.create_sum_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in triggers.drop_sum_statements(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("kept_sum")
