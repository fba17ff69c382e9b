"""a link and its session may keep to one community; several people may act for one vendor"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT = ("sign_in_link", "user_session")


def upgrade() -> None:
    for table in KEPT:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("community_id", BIGINT, nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_{table}_community_id_community"), "community", ["community_id"], ["id"]
            )
    op.create_table(
        "vendor_helper",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.Column("vendor_id", BIGINT, nullable=False),
        sa.Column("user_id", BIGINT, nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_vendor_helper_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_vendor_helper_vendor_id_vendor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vendor_helper")),
        sa.UniqueConstraint("ref", name=op.f("uq_vendor_helper_ref")),
    )
    op.create_index(op.f("ix_vendor_helper_user_id"), "vendor_helper", ["user_id"])
    op.create_index(op.f("ix_vendor_helper_vendor_id"), "vendor_helper", ["vendor_id"])
    op.create_index(
        "uq_vendor_helper_live", "vendor_helper", ["vendor_id", "user_id"], unique=True,
        sqlite_where=sa.text("until IS NULL"), postgresql_where=sa.text("until IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("vendor_helper")
    for table in KEPT:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_community_id_community"), type_="foreignkey")
            batch.drop_column("community_id")
