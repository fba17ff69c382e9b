"""two donors of one name are two: whoever types a gift says whose it is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0068"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Until now one name was one donor: so it stays for what was entered before."""
    op.add_column("charity_notice", sa.Column("namesake", NUMBER, server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("charity_notice", "namesake")
