"""a computed plan knows what it laid and what it replaced"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = ("laid", "replaced")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("plan_run", sa.Column(name, sa.JSON(), server_default="[]", nullable=False))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("plan_run", name)
