"""messages leave the house: by what a community sends, what people chose, what staff wrote, the rows to be sent"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def upgrade() -> None:
    _settings()
    _letters()
    _rows()


def _settings() -> None:
    op.create_table(
        "send_rule",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("email", sa.Boolean(), nullable=False),
        sa.Column("reply_to", sa.String(length=120), nullable=False),
        sa.Column("sms", sa.Boolean(), nullable=False),
        sa.Column("sms_sign", sa.String(length=20), nullable=False),
        sa.Column("robot", sa.Boolean(), nullable=False),
        sa.Column("robot_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("robot_tail", sa.String(length=4), nullable=False),
        sa.Column("robot_free_at", UtcDateTime(), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_to", sa.Time(), nullable=False),
        sa.Column("set_by", NUMBER, nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        _key("send_rule", "community_id", "community"),
        _key("send_rule", "set_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send_rule")),
        sa.UniqueConstraint("community_id", name=op.f("uq_send_rule_community_id")),
    )
    op.create_table(
        "vendor_ways",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("no_email", sa.Boolean(), nullable=False),
        sa.Column("no_sms", sa.Boolean(), nullable=False),
        sa.Column("said_by", NUMBER, nullable=False),
        sa.Column("said_at", UtcDateTime(), nullable=False),
        _key("vendor_ways", "vendor_id", "vendor"),
        _key("vendor_ways", "said_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_ways")),
        sa.UniqueConstraint("vendor_id", name=op.f("uq_vendor_ways_vendor_id")),
    )


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("written_by", NUMBER, nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("leaves_at", UtcDateTime(), nullable=False),
        sa.Column("taken_back_at", UtcDateTime(), nullable=True),
        sa.Column("taken_back_by", NUMBER, nullable=True),
        _key("letter", "community_id", "community"),
        _key("letter", "day_id", "market_day"),
        _key("letter", "written_by", "user_account"),
        _key("letter", "taken_back_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("ref", name=op.f("uq_letter_ref")),
    )
    op.create_index(op.f("ix_letter_community_id"), "letter", ["community_id"])
    op.create_index(op.f("ix_letter_day_id"), "letter", ["day_id"])
    op.create_table(
        "letter_copy",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.Column("letter_id", NUMBER, nullable=False),
        sa.Column("application_id", NUMBER, nullable=False),
        sa.Column("told_at", UtcDateTime(), nullable=True),
        sa.Column("channel", sa.String(length=40), nullable=True),
        sa.Column("told_by", NUMBER, nullable=True),
        _key("letter_copy", "letter_id", "letter"),
        _key("letter_copy", "application_id", "application"),
        _key("letter_copy", "told_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_copy")),
        sa.UniqueConstraint("ref", name=op.f("uq_letter_copy_ref")),
        sa.UniqueConstraint(
            "letter_id", "application_id", name=op.f("uq_letter_copy_letter_id_application_id")
        ),
    )
    op.create_index(op.f("ix_letter_copy_application_id"), "letter_copy", ["application_id"])


def _rows() -> None:
    op.create_table(
        "outgoing",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("errand", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("mark", sa.String(length=20), nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=True),
        sa.Column("day_id", NUMBER, nullable=True),
        sa.Column("address", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("unsure", NUMBER, nullable=False),
        sa.Column("claim", sa.String(length=10), nullable=False),
        sa.Column("claimed_until", UtcDateTime(), nullable=True),
        sa.Column("message_id", sa.String(length=30), nullable=False),
        sa.Column("fault", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.String(length=160), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        _key("outgoing", "community_id", "community"),
        _key("outgoing", "vendor_id", "vendor"),
        _key("outgoing", "day_id", "market_day"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing")),
        sa.UniqueConstraint("ref", name=op.f("uq_outgoing_ref")),
        sa.UniqueConstraint(
            "way", "errand", "subject", "number", name=op.f("uq_outgoing_way_errand_subject_number")
        ),
    )
    for name in ("community_id", "vendor_id", "day_id"):
        op.create_index(op.f(f"ix_outgoing_{name}"), "outgoing", [name])
    op.create_index("ix_outgoing_waiting", "outgoing", ["state", "not_before"])
    op.create_index("ix_outgoing_claim", "outgoing", ["claim"])
    op.create_index("ix_outgoing_subject", "outgoing", ["subject"])


def downgrade() -> None:
    for table in ("outgoing", "letter_copy", "letter", "vendor_ways", "send_rule"):
        op.drop_table(table)
