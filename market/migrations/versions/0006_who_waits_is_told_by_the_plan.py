"""a computed plan says by itself why somebody waits; the list of those given up for number is not needed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("plan_run", "given_up")


def downgrade() -> None:
    op.add_column("plan_run", sa.Column("given_up", sa.JSON(), server_default="[]", nullable=False))
