"""the rules of a market: quotas, stalls kept free, weights, double stalls, points, duties, notices"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

import market.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "allocation_weights",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("community_id", BIGINT, nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("changed_by", BIGINT, nullable=False),
        sa.Column("changed_at", market.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["user_account.id"], name=op.f("fk_allocation_weights_changed_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_allocation_weights_community_id_community")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_weights")),
        sa.UniqueConstraint("community_id", name=op.f("uq_allocation_weights_community_id")),
    )
    op.create_table(
        "conduct_point",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("day_id", BIGINT, nullable=False),
        sa.Column("vendor_id", BIGINT, nullable=False),
        sa.Column(
            "conduct",
            sa.Enum(
                "came_in_time", "left_clean", "reported_in_time", name="conduct", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("noted_by", BIGINT, nullable=False),
        sa.Column("noted_at", market.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["day_id"], ["market_day.id"], name=op.f("fk_conduct_point_day_id_market_day")
        ),
        sa.ForeignKeyConstraint(
            ["noted_by"], ["user_account.id"], name=op.f("fk_conduct_point_noted_by_user_account")
        ),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_conduct_point_vendor_id_vendor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_point")),
        sa.UniqueConstraint(
            "day_id", "vendor_id", "conduct", name=op.f("uq_conduct_point_day_id_vendor_id_conduct")
        ),
    )
    op.create_index("ix_conduct_point_vendor_id", "conduct_point", ["vendor_id"])

    op.create_table(
        "quota",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("day_id", BIGINT, nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "produce",
                "grain_seasoning",
                "meat_egg_aquatic",
                "cooked_food",
                "bakery_drinks",
                "daily_goods",
                "repair_service",
                "haircut",
                "health_outreach",
                "public_service",
                "craft",
                "secondhand",
                "farm_direct",
                "care_education",
                "plants_flowers",
                "kids_play",
                name="category",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minimum", BIGINT, nullable=False),
        sa.Column("maximum", BIGINT, nullable=True),
        sa.Column("target", BIGINT, nullable=False),
        sa.CheckConstraint("maximum IS NULL OR maximum >= minimum", name=op.f("ck_quota_room")),
        sa.CheckConstraint("minimum >= 0 AND target >= 0", name=op.f("ck_quota_not_negative")),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_quota_day_id_market_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota")),
        sa.UniqueConstraint("day_id", "category", name=op.f("uq_quota_day_id_category")),
    )
    op.create_table(
        "zone_duty",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("day_id", BIGINT, nullable=False),
        sa.Column("zone", sa.String(length=1), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_zone_duty_day_id_market_day")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zone_duty")),
        sa.UniqueConstraint("day_id", "zone", name=op.f("uq_zone_duty_day_id_zone")),
    )
    op.create_table(
        "kept_free",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("day_id", BIGINT, nullable=False),
        sa.Column("stall_id", BIGINT, nullable=False),
        sa.Column("kept_by", BIGINT, nullable=False),
        sa.Column("kept_at", market.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_kept_free_day_id_market_day")),
        sa.ForeignKeyConstraint(
            ["kept_by"], ["user_account.id"], name=op.f("fk_kept_free_kept_by_user_account")
        ),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_kept_free_stall_id_stall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_free")),
        sa.UniqueConstraint("day_id", "stall_id", name=op.f("uq_kept_free_day_id_stall_id")),
    )
    op.create_table(
        "stall_hold",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("day_id", BIGINT, nullable=False),
        sa.Column("stall_id", BIGINT, nullable=False),
        sa.Column("assignment_id", BIGINT, nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_stall_hold_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_stall_hold_day_id_market_day")),
        sa.ForeignKeyConstraint(["stall_id"], ["stall.id"], name=op.f("fk_stall_hold_stall_id_stall")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stall_hold")),
    )
    op.create_index("uq_stall_hold_stall", "stall_hold", ["day_id", "stall_id"], unique=True)
    op.create_index("ix_stall_hold_assignment_id", "stall_hold", ["assignment_id"])

    op.create_table(
        "notice",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("community_id", BIGINT, nullable=False),
        sa.Column("user_id", BIGINT, nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("day_ref", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("made_at", market.db.UtcDateTime(), nullable=False),
        sa.Column("read_at", market.db.UtcDateTime(), nullable=True),
        sa.Column("told_at", market.db.UtcDateTime(), nullable=True),
        sa.Column("told_by", BIGINT, nullable=True),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_notice_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["user_account.id"], name=op.f("fk_notice_told_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notice_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("ref", name=op.f("uq_notice_ref")),
        sa.UniqueConstraint("source", name=op.f("uq_notice_source")),
    )
    op.create_index("ix_notice_community", "notice", ["community_id", "made_at"])
    op.create_index("ix_notice_user", "notice", ["user_id", "made_at"])

    op.add_column("application", sa.Column("double", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("stall", sa.Column("reserved", sa.Boolean(), server_default=sa.false(), nullable=False))
    for column in _vendor_columns():
        op.add_column("vendor", column)
    op.add_column("plan_run", sa.Column("weights", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("plan_run", sa.Column("undone_at", market.db.UtcDateTime(), nullable=True))
    _add_reference("plan_run", "undone_by", "user_account")
    _add_reference("assignment", "second_stall_id", "stall")

    op.execute(
        "INSERT INTO stall_hold (day_id, stall_id, assignment_id)"
        " SELECT day_id, stall_id, id FROM assignment WHERE released_at IS NULL"
    )
    op.drop_index("uq_assignment_live_stall", table_name="assignment")


def _vendor_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("width_dm", BIGINT, server_default="0", nullable=False),
        sa.Column("depth_dm", BIGINT, server_default="0", nullable=False),
        sa.Column("may_use_reserved", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("price_range", sa.String(length=40), server_default="", nullable=False),
        sa.Column("open_flame", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("own_tent", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("plate", sa.String(length=12), server_default="", nullable=False),
    ]


def _add_reference(table: str, column: str, target: str) -> None:
    """A nullable foreign key. SQLite takes it only with the column; rebuilding the table instead, as batches
    do, would drop rows that others point to."""
    name = f"fk_{table}_{column}_{target}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f'ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT "{name}" REFERENCES {target} (id)'
        )
        return
    op.add_column(table, sa.Column(column, BIGINT, nullable=True))
    op.create_foreign_key(name, table, target, [column], ["id"])


def downgrade() -> None:
    op.create_index(
        "uq_assignment_live_stall",
        "assignment",
        ["day_id", "stall_id"],
        unique=True,
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )
    for table, column in (
        ("assignment", "second_stall_id"),
        ("plan_run", "undone_by"),
        ("plan_run", "undone_at"),
        ("plan_run", "weights"),
        ("stall", "reserved"),
        ("application", "double"),
        *(("vendor", column.name) for column in _vendor_columns()),
    ):
        op.drop_column(table, column)
    for table in (
        "notice",
        "stall_hold",
        "kept_free",
        "zone_duty",
        "quota",
        "conduct_point",
        "allocation_weights",
    ):
        op.drop_table(table)
