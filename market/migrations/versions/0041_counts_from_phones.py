"""visitors counted by a phone at the gate: whose press it was, samples as they were told, what waits for a person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(40)


def upgrade() -> None:
    op.add_column("footfall_count", sa.Column("whole_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE footfall_count SET whole_at = counted_at WHERE method <> 'clicker'")
    with op.batch_alter_table("footfall_tap") as batch:
        batch.add_column(sa.Column("phone_id", NUMBER, nullable=True))
        batch.create_foreign_key(
            op.f("fk_footfall_tap_phone_id_gate_phone"), "gate_phone", ["phone_id"], ["id"]
        )
    _samples()
    _held()


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def _samples() -> None:
    op.create_table(
        "footfall_sample",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("entrance", sa.String(30), nullable=False),
        sa.Column("slot", NUMBER, nullable=False),
        sa.Column("raw", NUMBER, nullable=False),
        sa.Column("sampling", WORD, nullable=False),
        sa.Column("factor_hundredths", NUMBER, nullable=False),
        sa.Column("sampled_at", UtcDateTime(), nullable=False),
        sa.Column("counted_by", NUMBER, nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("phone_id", NUMBER, nullable=True),
        _link("footfall_sample", "day_id", "market_day"),
        _link("footfall_sample", "counted_by", "user_account"),
        _link("footfall_sample", "phone_id", "gate_phone"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footfall_sample")),
        sa.UniqueConstraint("day_id", "client_id", name=op.f("uq_footfall_sample_day_id_client_id")),
    )
    op.create_index(op.f("ix_footfall_sample_day_id"), "footfall_sample", ["day_id"])


def _held() -> None:
    op.create_table(
        "held_count",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("phone_id", NUMBER, nullable=True),
        sa.Column("entrance", sa.String(30), nullable=False),
        sa.Column("way", WORD, nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("slot", NUMBER, nullable=True),
        sa.Column("sampling", WORD, nullable=True),
        sa.Column("factor_hundredths", NUMBER, nullable=True),
        sa.Column("told_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", NUMBER, nullable=True),
        sa.Column("taken", sa.Boolean(), nullable=True),
        _link("held_count", "day_id", "market_day"),
        _link("held_count", "phone_id", "gate_phone"),
        _link("held_count", "decided_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_count")),
        sa.UniqueConstraint("day_id", "client_id", name=op.f("uq_held_count_day_id_client_id")),
    )
    op.create_index(op.f("ix_held_count_day_id"), "held_count", ["day_id"])


def downgrade() -> None:
    op.drop_table("held_count")
    op.drop_table("footfall_sample")
    with op.batch_alter_table("footfall_tap") as batch:
        batch.drop_constraint(op.f("fk_footfall_tap_phone_id_gate_phone"), type_="foreignkey")
        batch.drop_column("phone_id")
    op.drop_column("footfall_count", "whole_at")
