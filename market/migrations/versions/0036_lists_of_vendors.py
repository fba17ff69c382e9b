"""lists of vendors that staff bring, and what entering one did, so that it can be undone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _people(*columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column], ["user_account.id"], name=op.f(f"fk_vendor_list_{column}_user_account")
        )
        for column in columns
    ]


def upgrade() -> None:
    op.create_table(
        "vendor_list",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=True),
        sa.Column("made_by", NUMBER, nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("done_by", NUMBER, nullable=True),
        sa.Column("done_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", NUMBER, nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_vendor_list_community_id_community")
        ),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_vendor_list_day_id_market_day")),
        *_people("made_by", "done_by", "undone_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_list")),
        sa.UniqueConstraint("ref", name=op.f("uq_vendor_list_ref")),
    )
    op.create_index(op.f("ix_vendor_list_community_id"), "vendor_list", ["community_id"])
    op.create_table(
        "listed_vendor",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("list_id", NUMBER, nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("application_id", NUMBER, nullable=True),
        sa.Column("application_before", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["vendor_list.id"], name=op.f("fk_listed_vendor_list_id_vendor_list")
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_listed_vendor_vendor_id_vendor")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_listed_vendor_application_id_application")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_vendor")),
        sa.UniqueConstraint("list_id", "vendor_id", name=op.f("uq_listed_vendor_list_id_vendor_id")),
    )
    for column in ("list_id", "vendor_id", "application_id"):
        op.create_index(op.f(f"ix_listed_vendor_{column}"), "listed_vendor", [column])


def downgrade() -> None:
    op.drop_table("listed_vendor")
    op.drop_table("vendor_list")
