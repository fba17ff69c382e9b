"""rounds of inspection, what was found, and incidents"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0033"
down_revision = "0031"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "spot_check",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("assignment_id", NUMBER, nullable=True),
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("round_no", NUMBER, nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("inspector", sa.String(40), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", NUMBER, nullable=False),
        _link("spot_check", "day_id", "market_day"),
        _link("spot_check", "assignment_id", "assignment"),
        _link("spot_check", "noted_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("day_id", "client_id", name=op.f("uq_spot_check_day_id_client_id")),
    )
    op.create_index(op.f("ix_spot_check_assignment_id"), "spot_check", ["assignment_id"])
    op.create_index(op.f("ix_spot_check_day_id"), "spot_check", ["day_id"])
    op.create_table(
        "inspection_finding",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("check_id", NUMBER, nullable=False),
        sa.Column("item", sa.String(24), nullable=False),
        sa.Column(
            "result",
            sa.Enum("fine", "mended", "to_mend", "stopped", name="result", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("mend_by", UtcDateTime(), nullable=True),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("inspection_finding", "check_id", "spot_check"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_finding")),
        sa.UniqueConstraint("ref", name=op.f("uq_inspection_finding_ref")),
    )
    op.create_index(op.f("ix_inspection_finding_check_id"), "inspection_finding", ["check_id"])
    op.create_table(
        "finding_follow_up",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("finding_id", NUMBER, nullable=False),
        sa.Column("closes", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", NUMBER, nullable=False),
        _link("finding_follow_up", "finding_id", "inspection_finding"),
        _link("finding_follow_up", "noted_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_follow_up")),
    )
    op.create_index(op.f("ix_finding_follow_up_finding_id"), "finding_follow_up", ["finding_id"])
    op.create_table(
        "finding_photo",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("finding_id", NUMBER, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", NUMBER, nullable=False),
        sa.Column("height", NUMBER, nullable=False),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.Column("added_by", NUMBER, nullable=False),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("finding_photo", "finding_id", "inspection_finding"),
        _link("finding_photo", "added_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_photo")),
        sa.UniqueConstraint("ref", name=op.f("uq_finding_photo_ref")),
    )
    op.create_index(op.f("ix_finding_photo_added_at"), "finding_photo", ["added_at"])
    op.create_index(op.f("ix_finding_photo_finding_id"), "finding_photo", ["finding_id"])
    op.create_table(
        "incident",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("client_id", sa.String(60), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("place", sa.String(60), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("told", sa.String(200), nullable=False),
        sa.Column("done", sa.String(200), nullable=False),
        sa.Column("noted_at", UtcDateTime(), nullable=False),
        sa.Column("noted_by", NUMBER, nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", NUMBER, nullable=True),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("incident", "day_id", "market_day"),
        _link("incident", "noted_by", "user_account"),
        _link("incident", "ended_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("day_id", "client_id", name=op.f("uq_incident_day_id_client_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_incident_ref")),
    )
    op.create_index(op.f("ix_incident_day_id"), "incident", ["day_id"])


def downgrade() -> None:
    op.drop_table("incident")
    op.drop_table("finding_photo")
    op.drop_table("finding_follow_up")
    op.drop_table("inspection_finding")
    op.drop_table("spot_check")
