"""who may stand: the profile of a place, changes of goods that staff look at, vendors kept away for a while"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import market.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("answer = 'open'")


def upgrade() -> None:
    for table in ("region", "community"):
        op.add_column(table, sa.Column("profile", sa.String(40), server_default="", nullable=False))
    _add_goods_change()
    _add_exclusion()


def _add_goods_change() -> None:
    op.create_table(
        "goods_change",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("category_before", sa.String(40), nullable=False),
        sa.Column("goods_before", sa.String(120), nullable=False),
        sa.Column("asked_by", KEY, nullable=False),
        sa.Column("asked_at", market.db.UtcDateTime(), nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("answered_by", KEY, nullable=True),
        sa.Column("answered_at", market.db.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="fk_goods_change_vendor_id_vendor"),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["user_account.id"], name="fk_goods_change_asked_by_user_account"
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["user_account.id"], name="fk_goods_change_answered_by_user_account"
        ),
    )
    op.create_index("ix_goods_change_vendor_id", "goods_change", ["vendor_id"])
    op.create_index(
        "uq_goods_change_open", "goods_change", ["vendor_id"], unique=True, sqlite_where=OPEN,
        postgresql_where=OPEN,
    )  # fmt: skip


def _add_exclusion() -> None:
    op.create_table(
        "exclusion",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("vendor_id", KEY, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("excluded_by", KEY, nullable=False),
        sa.Column("excluded_at", market.db.UtcDateTime(), nullable=False),
        sa.Column("lifted_by", KEY, nullable=True),
        sa.Column("lifted_at", market.db.UtcDateTime(), nullable=True),
        sa.Column("ref", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name="fk_exclusion_vendor_id_vendor"),
        sa.ForeignKeyConstraint(
            ["excluded_by"], ["user_account.id"], name="fk_exclusion_excluded_by_user_account"
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["user_account.id"], name="fk_exclusion_lifted_by_user_account"
        ),
        sa.UniqueConstraint("ref", name="uq_exclusion_ref"),
    )
    op.create_index("ix_exclusion_vendor_id", "exclusion", ["vendor_id"])


def downgrade() -> None:
    op.drop_table("exclusion")
    op.drop_table("goods_change")
    for table in ("region", "community"):
        op.drop_column(table, "profile")
