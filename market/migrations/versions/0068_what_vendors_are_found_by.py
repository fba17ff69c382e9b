"""what a vendor is found by stands in its row: a search reads who may be meant and nobody else"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.vendors.found_by import key_of

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

SAID = "SELECT id, trading_name, holder, goods, category FROM vendor ORDER BY id"


def upgrade() -> None:
    op.add_column("vendor", sa.Column("found_by", sa.Text(), server_default="", nullable=False))
    connection = op.get_bind()
    keys = [{"id": row[0], "key": key_of(*row[1:]).text} for row in connection.execute(sa.text(SAID))]
    if keys:
        connection.execute(sa.text("UPDATE vendor SET found_by = :key WHERE id = :id"), keys)


def downgrade() -> None:
    op.drop_column("vendor", "found_by")
