"""the scans of one stall are found without looking at all of its day"""

from __future__ import annotations

from alembic import op

revision = "0048"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_scan_assignment_id", "scan", ["assignment_id"])


def downgrade() -> None:
    op.drop_index("ix_scan_assignment_id", table_name="scan")
