"""a link knows the browser that used it first; a vendor asks to be forgotten"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sign_in_link", sa.Column("browser_hash", sa.String(length=64), nullable=True))
    op.add_column("vendor", sa.Column("leaving_since", UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("vendor", "leaving_since")
    op.drop_column("sign_in_link", "browser_hash")
