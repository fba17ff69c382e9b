"""each line of a settlement has a salt, so that its hash can be published"""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    salt = sa.Column("salt", sa.String(32), server_default="", nullable=False)
    op.add_column("settlement_line", salt)
    table = sa.table("settlement_line", sa.column("id", sa.Integer), sa.column("salt", sa.String))
    connection = op.get_bind()
    for (line,) in connection.execute(sa.select(table.c.id)).all():
        fresh = {"salt": secrets.token_hex(16)}
        connection.execute(sa.update(table).where(table.c.id == line).values(fresh))


def downgrade() -> None:
    op.drop_column("settlement_line", "salt")
