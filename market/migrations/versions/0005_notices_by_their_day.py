"""notices are found by their day: the list of whom to call is counted on every staff page"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_notice_day", "notice", ["day_ref", "phone"])


def downgrade() -> None:
    op.drop_index("ix_notice_day", table_name="notice")
