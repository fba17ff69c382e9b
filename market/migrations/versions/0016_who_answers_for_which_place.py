"""whoever answers for something does so for a date and a place"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BEFORE, AFTER = (
    ["day_id", "code", "subject", "waived_for"],
    ["day_id", "code", "subject", "waived_for", "venue_id"],
)


def upgrade() -> None:
    """Rows written before count at the place that the market has now: nobody knows of another."""
    op.add_column("waiver", sa.Column("venue_id", BIGINT, nullable=True))
    place = "(SELECT venue_id FROM market_day WHERE market_day.id = waiver.day_id)"
    op.execute(f"UPDATE waiver SET venue_id = {place}")  # noqa: S608
    with op.batch_alter_table("waiver") as table:
        table.alter_column("venue_id", existing_type=BIGINT, nullable=False)
        table.create_foreign_key(op.f("fk_waiver_venue_id_venue"), "venue", ["venue_id"], ["id"])
        table.drop_constraint(op.f(f"uq_waiver_{'_'.join(BEFORE)}"), type_="unique")
        table.create_unique_constraint(op.f(f"uq_waiver_{'_'.join(AFTER)}"), AFTER)


def downgrade() -> None:
    """What came before could keep one row for each date."""
    key = ", ".join(BEFORE)
    op.execute(f"DELETE FROM waiver WHERE id NOT IN (SELECT max(id) FROM waiver GROUP BY {key})")  # noqa: S608
    with op.batch_alter_table("waiver") as table:
        table.drop_constraint(op.f(f"uq_waiver_{'_'.join(AFTER)}"), type_="unique")
        table.create_unique_constraint(op.f(f"uq_waiver_{'_'.join(BEFORE)}"), BEFORE)
        table.drop_constraint(op.f("fk_waiver_venue_id_venue"), type_="foreignkey")
        table.drop_column("venue_id")
