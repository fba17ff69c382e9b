"""questions about the fund with their answers, links by which donors read what they gave"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ONE_DONOR = (
    "(vendor_id IS NOT NULL AND partner_id IS NULL AND notice_id IS NULL)"
    " OR (vendor_id IS NULL AND partner_id IS NOT NULL AND notice_id IS NULL)"
    " OR (vendor_id IS NULL AND partner_id IS NULL AND notice_id IS NOT NULL)"
)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _by(table: str, *names: str) -> list[sa.Column[int] | sa.ForeignKeyConstraint]:
    """People who did something that need not have been done."""
    columns = [sa.Column(name, NUMBER, nullable=True) for name in names]
    return [*columns, *(_key(table, name, "user_account") for name in names)]


def _named(table: str) -> tuple[sa.Column[str], sa.PrimaryKeyConstraint, sa.UniqueConstraint]:
    """A row that has an address."""
    return (
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
    )


def upgrade() -> None:
    _questions()
    _links()


def _questions() -> None:
    op.create_table(
        "fund_question",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.String(length=400), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("put_aside_at", UtcDateTime(), nullable=True),
        *_by("fund_question", "asked_by", "answered_by", "put_aside_by"),
        _key("fund_question", "fund_id", "fund"),
        sa.CheckConstraint(
            "(asked_by IS NULL) = (phone <> '')", name=op.f("ck_fund_question_asked_by_somebody")
        ),
        sa.CheckConstraint("(answered_by IS NULL) = (answer = '')", name=op.f("ck_fund_question_answered")),
        sa.CheckConstraint(
            "answered_by IS NULL OR put_aside_by IS NULL", name=op.f("ck_fund_question_one_end")
        ),
        *_named("fund_question"),
    )
    op.create_index("ix_fund_question_about", "fund_question", ["fund_id", "about"])
    op.create_index("ix_fund_question_network", "fund_question", ["week", "network"])


def _links() -> None:
    op.create_table(
        "donor_link",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("fund_id", NUMBER, nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=True),
        sa.Column("partner_id", NUMBER, nullable=True),
        sa.Column("notice_id", NUMBER, nullable=True),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by", NUMBER, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        *_by("donor_link", "revoked_by"),
        _key("donor_link", "fund_id", "fund"),
        _key("donor_link", "vendor_id", "vendor"),
        _key("donor_link", "partner_id", "partner"),
        _key("donor_link", "notice_id", "charity_notice"),
        _key("donor_link", "made_by", "user_account"),
        sa.CheckConstraint(ONE_DONOR, name=op.f("ck_donor_link_one_donor")),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_donor_link_revoked")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_donor_link_secret_hash")),
        *_named("donor_link"),
    )
    op.create_index(op.f("ix_donor_link_fund_id"), "donor_link", ["fund_id"])


def downgrade() -> None:
    for table in ("donor_link", "fund_question"):
        op.drop_table(table)
