"""when a vendor drove in is kept, late or not; whether that was in time is worked out of it

Points noted before this stay what they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import market.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "arrival",
        sa.Column("id", number, nullable=False),
        sa.Column("day_id", number, nullable=False),
        sa.Column("vendor_id", number, nullable=False),
        sa.Column("came_at", market.db.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name=op.f("fk_arrival_day_id_market_day")),
        sa.ForeignKeyConstraint(["vendor_id"], ["vendor.id"], name=op.f("fk_arrival_vendor_id_vendor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
    )
    op.create_index("ix_arrival_day_id", "arrival", ["day_id"])
    op.create_index("ix_arrival_vendor_id", "arrival", ["vendor_id"])


def downgrade() -> None:
    op.drop_table("arrival")
