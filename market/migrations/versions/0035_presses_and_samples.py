"""presses of the counter one by one, and what a sample really counted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAMPLING = sa.Enum(
    "every_tenth", "every_fifth", "five_of_thirty", "ten_of_sixty", "other",
    name="sampling", native_enum=False, length=40,
)  # fmt: skip


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "footfall_tap",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("entrance", sa.String(30), nullable=False),
        sa.Column("way", sa.Enum("in", "out", name="way", native_enum=False, length=40), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("tapped_at", UtcDateTime(), nullable=False),
        sa.Column("counted_by", NUMBER, nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        _link("footfall_tap", "day_id", "market_day"),
        _link("footfall_tap", "counted_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footfall_tap")),
        sa.UniqueConstraint("day_id", "client_id", name=op.f("uq_footfall_tap_day_id_client_id")),
        sa.CheckConstraint("number <> 0", name=op.f("ck_footfall_tap_number")),
    )
    op.create_index(op.f("ix_footfall_tap_day_id"), "footfall_tap", ["day_id"])
    op.add_column("footfall_count", sa.Column("raw", NUMBER, nullable=True))
    op.add_column("footfall_count", sa.Column("sampling", SAMPLING, nullable=True))
    op.add_column("footfall_count", sa.Column("factor_hundredths", NUMBER, nullable=True))


def downgrade() -> None:
    for name in ("factor_hundredths", "sampling", "raw"):
        op.drop_column("footfall_count", name)
    op.drop_table("footfall_tap")
