"""links by which an authority sees one day"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "inspector_link",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("day_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by", NUMBER, nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_by", NUMBER, nullable=True),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("inspector_link", "day_id", "market_day"),
        _link("inspector_link", "made_by", "user_account"),
        _link("inspector_link", "revoked_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector_link")),
        sa.UniqueConstraint("ref", name=op.f("uq_inspector_link_ref")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_inspector_link_secret_hash")),
    )
    op.create_index(op.f("ix_inspector_link_day_id"), "inspector_link", ["day_id"])
    op.create_table(
        "inspector_link_opening",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("link_id", NUMBER, nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("inspector_link_opening", "link_id", "inspector_link"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspector_link_opening")),
        sa.UniqueConstraint("ref", name=op.f("uq_inspector_link_opening_ref")),
    )
    op.create_index(op.f("ix_inspector_link_opening_link_id"), "inspector_link_opening", ["link_id"])


def downgrade() -> None:
    op.drop_table("inspector_link_opening")
    op.drop_table("inspector_link")
