"""the fund's profile with its history, terms of the committee, the notice of each quarter"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0056"
down_revision = "0054"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FIELDS = {"given_name": 60, "licence_no": 40, "fee_clause": 200}


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _number() -> sa.Column[int]:
    return sa.Column("id", NUMBER, nullable=False)


def _done(table: str, at: str, by: str) -> tuple[sa.Column[object], sa.Column[int], sa.ForeignKeyConstraint]:
    """When somebody did it, and who."""
    return (
        sa.Column(at, UtcDateTime(), nullable=False),
        sa.Column(by, NUMBER, nullable=False),
        _key(table, by, "user_account"),
    )


def _named(table: str) -> tuple[sa.Column[str], sa.PrimaryKeyConstraint, sa.UniqueConstraint]:
    """A row that has an address."""
    return (
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
    )


def upgrade() -> None:
    for name, length in FIELDS.items():
        op.add_column("fund", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    _changes()
    _terms()
    _notices()


def _changes() -> None:
    op.create_table(
        "fund_profile_change",
        _number(),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=300), nullable=False),
        sa.Column("after", sa.String(length=300), nullable=False),
        *_done("fund_profile_change", "changed_at", "changed_by"),
        _key("fund_profile_change", "fund_id", "fund"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_profile_change")),
    )
    op.create_index(op.f("ix_fund_profile_change_fund_id"), "fund_profile_change", ["fund_id"])


def _terms() -> None:
    op.create_table(
        "committee_term",
        _number(),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("seat", sa.String(length=40), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        *_done("committee_term", "entered_at", "entered_by"),
        _key("committee_term", "fund_id", "fund"),
        _key("committee_term", "user_id", "user_account"),
        sa.CheckConstraint("first_on <= last_on", name=op.f("ck_committee_term_term")),
        *_named("committee_term"),
    )
    op.create_index(op.f("ix_committee_term_fund_id"), "committee_term", ["fund_id"])


def _notices() -> None:
    op.create_table(
        "quarter_notice",
        _number(),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("period_id", NUMBER, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        *_done("quarter_notice", "prepared_at", "prepared_by"),
        sa.Column("reviewed_at", UtcDateTime(), nullable=True),
        sa.Column("reviewed_by", NUMBER, nullable=True),
        _key("quarter_notice", "reviewed_by", "user_account"),
        _key("quarter_notice", "fund_id", "fund"),
        _key("quarter_notice", "period_id", "period"),
        sa.CheckConstraint(
            "(reviewed_by IS NULL) = (reviewed_at IS NULL)", name=op.f("ck_quarter_notice_reviewed")
        ),
        sa.CheckConstraint("reviewed_by <> prepared_by", name=op.f("ck_quarter_notice_two_persons")),
        *_named("quarter_notice"),
    )
    op.create_index(op.f("ix_quarter_notice_fund_id"), "quarter_notice", ["fund_id"])
    op.create_index("uq_quarter_notice_period", "quarter_notice", ["period_id"], unique=True)


def downgrade() -> None:
    for table in ("quarter_notice", "committee_term", "fund_profile_change"):
        op.drop_table(table)
    for name in FIELDS:
        op.drop_column("fund", name)
