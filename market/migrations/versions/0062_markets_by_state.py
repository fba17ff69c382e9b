"""markets by their state: the clock asks which of all communities are due"""

from __future__ import annotations

from alembic import op

revision = "0062"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_market_day_state_open", "market_day", ["state", "open_at"])


def downgrade() -> None:
    op.drop_index("ix_market_day_state_open", table_name="market_day")
