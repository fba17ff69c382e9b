"""partners and workshops with their agreements, and the charity's notices of money beside the markets"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    _partner()
    op.create_table(
        "partner_service",
        _column("id", NUMBER),
        _column("partner_id", NUMBER),
        _column("name", sa.String(length=60)),
        _key("partner_service", "partner_id", "partner"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner_service")),
    )
    op.create_index(op.f("ix_partner_service_partner_id"), "partner_service", ["partner_id"])
    op.create_table(
        "job_count",
        _column("id", NUMBER),
        _column("partner_id", NUMBER),
        _column("counted_on", sa.Date()),
        _column("jobs", NUMBER),
        _column("noted_by", NUMBER),
        _column("noted_at", UtcDateTime()),
        sa.CheckConstraint("jobs >= 0", name=op.f("ck_job_count_jobs")),
        _key("job_count", "partner_id", "partner"),
        _key("job_count", "noted_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_count")),
    )
    op.create_index(op.f("ix_job_count_partner_id"), "job_count", ["partner_id"])
    _charity_notice()


def _partner() -> None:
    texts = {"name": 60, "place": 120, "agreement_no": 60, "promise": 200, "makes": 120, "made_with": 120}
    op.create_table(
        "partner",
        _column("id", NUMBER),
        _column("ref", sa.String(length=10)),
        _column("fund_id", NUMBER),
        _column("source", sa.String(length=40)),
        *(_column(name, sa.String(length=length)) for name, length in texts.items()),
        _column("starts_on", sa.Date()),
        _column("ends_on", sa.Date()),
        _column("wage_low_fen", NUMBER),
        _column("wage_high_fen", NUMBER),
        _column("support_fen", NUMBER),
        _column("rhythm", sa.String(length=40)),
        _column("entered_by", NUMBER),
        _column("entered_at", UtcDateTime()),
        _column("ended_on", sa.Date(), nullable=True),
        _column("ended_by", NUMBER, nullable=True),
        _column("end_reason", sa.String(length=200)),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_partner_term")),
        sa.CheckConstraint("support_fen >= 0", name=op.f("ck_partner_support")),
        sa.CheckConstraint(
            "0 <= wage_low_fen AND wage_low_fen <= wage_high_fen", name=op.f("ck_partner_wages")
        ),
        sa.CheckConstraint("(ended_on IS NULL) = (ended_by IS NULL)", name=op.f("ck_partner_ended")),
        _key("partner", "fund_id", "fund"),
        _key("partner", "entered_by", "user_account"),
        _key("partner", "ended_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partner")),
        sa.UniqueConstraint("ref", name=op.f("uq_partner_ref")),
        sa.UniqueConstraint("fund_id", "agreement_no", name=op.f("uq_partner_fund_id_agreement_no")),
    )
    op.create_index(op.f("ix_partner_fund_id"), "partner", ["fund_id"])


def _charity_notice() -> None:
    op.create_table(
        "charity_notice",
        _column("id", NUMBER),
        _column("ref", sa.String(length=10)),
        _column("fund_id", NUMBER),
        _column("source", sa.String(length=40)),
        _column("partner_id", NUMBER, nullable=True),
        _column("amount_fen", NUMBER),
        _column("received_on", sa.Date()),
        _column("reference", sa.String(length=60)),
        _column("donor", sa.String(length=60)),
        _column("may_name", sa.Boolean()),
        _column("purpose", sa.String(length=120)),
        _column("noted_by", NUMBER),
        _column("noted_at", UtcDateTime()),
        _column("confirmed_by", NUMBER, nullable=True),
        _column("confirmed_at", UtcDateTime(), nullable=True),
        _column("entry_id", NUMBER, nullable=True),
        _column("undone_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_charity_notice_amount")),
        sa.CheckConstraint(
            "(confirmed_by IS NULL) = (entry_id IS NULL)", name=op.f("ck_charity_notice_confirmed_is_posted")
        ),
        sa.CheckConstraint("confirmed_by <> noted_by", name=op.f("ck_charity_notice_two_persons")),
        sa.CheckConstraint(
            "undone_at IS NULL OR entry_id IS NOT NULL", name=op.f("ck_charity_notice_undone_was_posted")
        ),
        _key("charity_notice", "fund_id", "fund"),
        _key("charity_notice", "partner_id", "partner"),
        _key("charity_notice", "noted_by", "user_account"),
        _key("charity_notice", "confirmed_by", "user_account"),
        _key("charity_notice", "entry_id", "entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charity_notice")),
        sa.UniqueConstraint("ref", name=op.f("uq_charity_notice_ref")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_charity_notice_entry_id")),
    )
    op.create_index(op.f("ix_charity_notice_fund_id"), "charity_notice", ["fund_id"])
    op.create_index(op.f("ix_charity_notice_partner_id"), "charity_notice", ["partner_id"])
    op.create_index(
        "uq_charity_notice_reference",
        "charity_notice",
        ["fund_id", "reference"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("charity_notice", "job_count", "partner_service", "partner"):
        op.drop_table(table)
