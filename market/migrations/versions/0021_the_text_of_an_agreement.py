"""the text that a vendor signed is kept with the agreement, and its hash"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("terms") as table:
        table.add_column(sa.Column("text", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("text_hash", sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("terms") as table:
        table.drop_column("text_hash")
        table.drop_column("text")
