"""closed months and quarters, with the charity's statement that a quarter was compared with"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime
from market.ledger import triggers

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "period",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("book_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Enum("month", "quarter", native_enum=False, length=40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("entry_count", NUMBER, nullable=False),
        sa.Column("head_hash", sa.String(length=64), nullable=False),
        sa.Column("closed_by", NUMBER, nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by", NUMBER, nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_period_span")),
        sa.CheckConstraint("confirmed_by <> closed_by", name=op.f("ck_period_two_persons")),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)", name=op.f("ck_period_confirmed")
        ),
        sa.CheckConstraint(
            "kind = 'quarter' OR confirmed_by IS NULL", name=op.f("ck_period_months_need_one")
        ),
        sa.ForeignKeyConstraint(["book_id"], ["book.id"], name=op.f("fk_period_book_id_book")),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["user_account.id"], name=op.f("fk_period_closed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["user_account.id"], name=op.f("fk_period_confirmed_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("ref", name=op.f("uq_period_ref")),
    )
    op.create_index("uq_period_span", "period", ["book_id", "kind", "first_on"], unique=True)
    op.create_table(
        "charity_statement",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("period_id", NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("income_fen", NUMBER, nullable=False),
        sa.Column("spent_fen", NUMBER, nullable=False),
        sa.Column("balance_fen", NUMBER, nullable=False),
        sa.Column("explanation", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"], ["period.id"], name=op.f("fk_charity_statement_period_id_period")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charity_statement")),
        sa.UniqueConstraint("period_id", name=op.f("uq_charity_statement_period_id")),
    )
    for statement in triggers.create_period_statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in triggers.drop_period_statements(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_table("charity_statement")
    op.drop_table("period")
