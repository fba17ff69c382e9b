"""the whole way of a use of money: need, appraisal, consultation, meeting, application, vouchers"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(name: str, kind: sa.types.TypeEngine[Any], nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _unique_where(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    _case()
    _appraisals()
    _consultations()
    _meetings()
    _applications()
    _accounts()


def _case() -> None:
    op.create_table(
        "spending_case",
        _column("id", NUMBER),
        _column("proposal_id", NUMBER),
        _column("needs", sa.String(length=100)),
        _column("wish_id", NUMBER, nullable=True),
        _column("origin", sa.String(length=120)),
        _column("amends_id", NUMBER, nullable=True),
        _key("spending_case", "proposal_id", "proposal"),
        _key("spending_case", "wish_id", "wish"),
        _key("spending_case", "amends_id", "proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_case")),
        sa.UniqueConstraint("amends_id", name=op.f("uq_spending_case_amends_id")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_spending_case_proposal_id")),
    )
    op.create_index(op.f("ix_spending_case_wish_id"), "spending_case", ["wish_id"])


def _appraisals() -> None:
    op.create_table(
        "appraisal",
        _column("id", NUMBER),
        _column("proposal_id", NUMBER),
        _column("text_hash", sa.String(length=64)),
        _column("suitability", sa.String(length=300)),
        _column("beneficiaries", sa.String(length=120)),
        _column("people", NUMBER),
        _column("starts_on", sa.Date()),
        _column("ends_on", sa.Date()),
        _column("executor", sa.String(length=120)),
        _column("made_by", NUMBER),
        _column("made_at", UtcDateTime()),
        _column("ref", sa.String(length=10)),
        sa.CheckConstraint("people >= 0", name=op.f("ck_appraisal_people")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_appraisal_period")),
        _key("appraisal", "proposal_id", "proposal"),
        _key("appraisal", "made_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal")),
        sa.UniqueConstraint("ref", name=op.f("uq_appraisal_ref")),
    )
    op.create_index(op.f("ix_appraisal_proposal_id"), "appraisal", ["proposal_id"])
    op.create_table(
        "budget_line",
        _column("id", NUMBER),
        _column("appraisal_id", NUMBER),
        _column("what", sa.String(length=60)),
        _column("amount_fen", NUMBER),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_budget_line_amount")),
        _key("budget_line", "appraisal_id", "appraisal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_line")),
    )
    op.create_index(op.f("ix_budget_line_appraisal_id"), "budget_line", ["appraisal_id"])


def _consultations() -> None:
    op.create_table(
        "consultation",
        _column("id", NUMBER),
        _column("proposal_id", NUMBER),
        _column("text_hash", sa.String(length=64)),
        _column("ends_on", sa.Date()),
        _column("place", sa.String(length=120)),
        _column("opened_by", NUMBER),
        _column("opened_at", UtcDateTime()),
        _column("outcome", sa.String(length=300)),
        _column("closed_by", NUMBER, nullable=True),
        _column("closed_at", UtcDateTime(), nullable=True),
        _column("ref", sa.String(length=10)),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_consultation_closed")),
        _key("consultation", "proposal_id", "proposal"),
        _key("consultation", "opened_by", "user_account"),
        _key("consultation", "closed_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
        sa.UniqueConstraint("ref", name=op.f("uq_consultation_ref")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_consultation_proposal_id")),
    )
    op.create_table(
        "resident_remark",
        _column("id", NUMBER),
        _column("consultation_id", NUMBER),
        _column("words", sa.String(length=200)),
        _column("way", sa.String(length=40)),
        _column("network", sa.String(length=32)),
        _column("said_at", UtcDateTime()),
        _column("noted_by", NUMBER, nullable=True),
        _column("answer", sa.String(length=300)),
        _column("hidden", sa.Boolean()),
        _column("answered_by", NUMBER, nullable=True),
        _column("answered_at", UtcDateTime(), nullable=True),
        _column("ref", sa.String(length=10)),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by IS NULL)", name=op.f("ck_resident_remark_answered")
        ),
        _key("resident_remark", "consultation_id", "consultation"),
        _key("resident_remark", "noted_by", "user_account"),
        _key("resident_remark", "answered_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_remark")),
        sa.UniqueConstraint("ref", name=op.f("uq_resident_remark_ref")),
    )
    op.create_index("ix_resident_remark_network", "resident_remark", ["consultation_id", "network"])


def _meetings() -> None:
    op.create_table(
        "committee_meeting",
        _column("id", NUMBER),
        _column("fund_id", NUMBER),
        _column("held_at", UtcDateTime()),
        _column("place", sa.String(length=60)),
        _column("chair_id", NUMBER),
        _column("called_by", NUMBER),
        _column("called_at", UtcDateTime()),
        _column("expected", NUMBER),
        _column("opened_by", NUMBER, nullable=True),
        _column("opened_at", UtcDateTime(), nullable=True),
        _column("discussion", sa.String(length=500)),
        _column("supervision", sa.String(length=300)),
        _column("closed_by", NUMBER, nullable=True),
        _column("closed_at", UtcDateTime(), nullable=True),
        _column("ref", sa.String(length=10)),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL)", name=op.f("ck_committee_meeting_closed")
        ),
        sa.CheckConstraint(
            "(opened_at IS NULL) = (opened_by IS NULL)", name=op.f("ck_committee_meeting_opened")
        ),
        _key("committee_meeting", "fund_id", "fund"),
        _key("committee_meeting", "chair_id", "user_account"),
        _key("committee_meeting", "called_by", "user_account"),
        _key("committee_meeting", "opened_by", "user_account"),
        _key("committee_meeting", "closed_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_committee_meeting")),
        sa.UniqueConstraint("ref", name=op.f("uq_committee_meeting_ref")),
    )
    op.create_index(op.f("ix_committee_meeting_fund_id"), "committee_meeting", ["fund_id"])
    op.create_table(
        "agenda_item",
        _column("id", NUMBER),
        _column("meeting_id", NUMBER),
        _column("proposal_id", NUMBER),
        _key("agenda_item", "meeting_id", "committee_meeting"),
        _key("agenda_item", "proposal_id", "proposal"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
        sa.UniqueConstraint("meeting_id", "proposal_id", name=op.f("uq_agenda_item_meeting_id_proposal_id")),
    )
    op.create_index(op.f("ix_agenda_item_proposal_id"), "agenda_item", ["proposal_id"])
    op.create_table(
        "attendance",
        _column("id", NUMBER),
        _column("meeting_id", NUMBER),
        _column("user_id", NUMBER),
        _key("attendance", "meeting_id", "committee_meeting"),
        _key("attendance", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance")),
        sa.UniqueConstraint("meeting_id", "user_id", name=op.f("uq_attendance_meeting_id_user_id")),
    )
    op.create_table(
        "declared_interest",
        _column("id", NUMBER),
        _column("proposal_id", NUMBER),
        _column("user_id", NUMBER),
        _column("what", sa.String(length=120)),
        _column("declared_at", UtcDateTime()),
        _key("declared_interest", "proposal_id", "proposal"),
        _key("declared_interest", "user_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_interest")),
        sa.UniqueConstraint("proposal_id", "user_id", name=op.f("uq_declared_interest_proposal_id_user_id")),
    )


def _applications() -> None:
    op.create_table(
        "charity_application",
        _column("id", NUMBER),
        _column("proposal_id", NUMBER),
        _column("text_hash", sa.String(length=64)),
        _column("applied_on", sa.Date()),
        _column("enclosed", sa.String(length=120)),
        _column("applied_by", NUMBER),
        _column("applied_at", UtcDateTime()),
        _column("verdict", sa.String(length=40)),
        _column("number", sa.String(length=60)),
        _column("answered_on", sa.Date(), nullable=True),
        _column("reason", sa.String(length=200)),
        _column("answered_by", NUMBER, nullable=True),
        _column("answered_at", UtcDateTime(), nullable=True),
        _column("ref", sa.String(length=10)),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (verdict = 'waiting')", name=op.f("ck_charity_application_answered")
        ),
        _key("charity_application", "proposal_id", "proposal"),
        _key("charity_application", "applied_by", "user_account"),
        _key("charity_application", "answered_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charity_application")),
        sa.UniqueConstraint("ref", name=op.f("uq_charity_application_ref")),
    )
    op.create_index(op.f("ix_charity_application_proposal_id"), "charity_application", ["proposal_id"])
    _unique_where(
        "uq_charity_application_open", "charity_application", ["proposal_id"], "verdict <> 'returned'"
    )


def _accounts() -> None:
    op.create_table(
        "spending_voucher",
        _column("id", NUMBER),
        _column("proposal_id", NUMBER),
        _column("number", sa.String(length=60)),
        _column("what", sa.String(length=60)),
        _column("amount_fen", NUMBER),
        _column("spent_on", sa.Date()),
        _column("noted_by", NUMBER),
        _column("noted_at", UtcDateTime()),
        _column("voided_by", NUMBER, nullable=True),
        _column("voided_at", UtcDateTime(), nullable=True),
        _column("ref", sa.String(length=10)),
        sa.CheckConstraint(
            "(voided_at IS NULL) = (voided_by IS NULL)", name=op.f("ck_spending_voucher_voided")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_spending_voucher_amount")),
        _key("spending_voucher", "proposal_id", "proposal"),
        _key("spending_voucher", "noted_by", "user_account"),
        _key("spending_voucher", "voided_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_voucher")),
        sa.UniqueConstraint("ref", name=op.f("uq_spending_voucher_ref")),
    )
    _unique_where(
        "uq_spending_voucher_number", "spending_voucher", ["proposal_id", "number"], "voided_at IS NULL"
    )
    op.create_table(
        "spending_photo",
        _column("id", NUMBER),
        _column("voucher_id", NUMBER),
        _column("kind", sa.String(length=40)),
        _column("content", sa.LargeBinary()),
        _column("width", NUMBER),
        _column("height", NUMBER),
        _column("added_by", NUMBER),
        _column("added_at", UtcDateTime()),
        _column("ref", sa.String(length=10)),
        _key("spending_photo", "voucher_id", "spending_voucher"),
        _key("spending_photo", "added_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spending_photo")),
        sa.UniqueConstraint("ref", name=op.f("uq_spending_photo_ref")),
    )
    op.create_index(op.f("ix_spending_photo_voucher_id"), "spending_photo", ["voucher_id"])
    op.create_table(
        "final_account",
        _column("id", NUMBER),
        _column("proposal_id", NUMBER),
        _column("spent_fen", NUMBER),
        _column("returned_fen", NUMBER),
        _column("returned_on", sa.Date(), nullable=True),
        _column("return_reference", sa.String(length=60)),
        _column("served", NUMBER),
        _column("outcome", sa.String(length=300)),
        _column("made_by", NUMBER),
        _column("made_at", UtcDateTime()),
        _column("checked_by", NUMBER, nullable=True),
        _column("checked_at", UtcDateTime(), nullable=True),
        _column("entry_id", NUMBER, nullable=True),
        _column("ref", sa.String(length=10)),
        sa.CheckConstraint("spent_fen >= 0 AND returned_fen >= 0", name=op.f("ck_final_account_sums")),
        sa.CheckConstraint("checked_by <> made_by", name=op.f("ck_final_account_two_persons")),
        sa.CheckConstraint(
            "(checked_at IS NULL) = (checked_by IS NULL)", name=op.f("ck_final_account_checked")
        ),
        sa.CheckConstraint("entry_id IS NULL OR returned_fen > 0", name=op.f("ck_final_account_posted")),
        _key("final_account", "proposal_id", "proposal"),
        _key("final_account", "made_by", "user_account"),
        _key("final_account", "checked_by", "user_account"),
        _key("final_account", "entry_id", "entry"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_final_account")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_final_account_entry_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_final_account_ref")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_final_account_proposal_id")),
    )


def downgrade() -> None:
    for table in (
        "final_account",
        "spending_photo",
        "spending_voucher",
        "charity_application",
        "declared_interest",
        "attendance",
        "agenda_item",
        "committee_meeting",
        "resident_remark",
        "consultation",
        "budget_line",
        "appraisal",
        "spending_case",
    ):
        op.drop_table(table)
