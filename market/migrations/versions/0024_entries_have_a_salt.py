"""each new entry has a salt in its hash, so that the hash of a withheld one tells nothing"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("entry", sa.Column("salt", sa.String(32), nullable=True))


def downgrade() -> None:
    op.drop_column("entry", "salt")
