"""the charity's statements line by line, and why a line differs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    op.create_table(
        "account_statement",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("opening_fen", NUMBER, nullable=False),
        sa.Column("closing_fen", NUMBER, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("read_by", NUMBER, nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_account_statement_days")),
        _key("account_statement", "fund_id", "fund"),
        _key("account_statement", "read_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_statement")),
        sa.UniqueConstraint("fund_id", "hash", name=op.f("uq_account_statement_fund_id_hash")),
        sa.UniqueConstraint("ref", name=op.f("uq_account_statement_ref")),
    )
    op.create_index(op.f("ix_account_statement_fund_id"), "account_statement", ["fund_id"])
    op.create_table(
        "statement_line",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("statement_id", NUMBER, nullable=False),
        sa.Column("row_no", NUMBER, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", NUMBER, nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("memo", sa.String(length=200), nullable=False),
        sa.Column("balance_fen", NUMBER, nullable=True),
        _key("statement_line", "statement_id", "account_statement"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_line")),
    )
    op.create_index(op.f("ix_statement_line_statement_id"), "statement_line", ["statement_id"])
    op.create_table(
        "statement_remark",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("statement_id", NUMBER, nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("written_by", NUMBER, nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        _key("statement_remark", "statement_id", "account_statement"),
        _key("statement_remark", "written_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_remark")),
    )
    op.create_index(op.f("ix_statement_remark_statement_id"), "statement_remark", ["statement_id"])


def downgrade() -> None:
    op.drop_table("statement_remark")
    op.drop_table("statement_line")
    op.drop_table("account_statement")
