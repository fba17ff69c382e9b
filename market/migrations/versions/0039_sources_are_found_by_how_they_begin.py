"""sources are found by how they begin, on PostgreSQL too"""

from __future__ import annotations

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index({"source": "varchar_pattern_ops"})


def downgrade() -> None:
    _index({})


def _index(operators: dict[str, str]) -> None:
    """SQLite compares byte by byte as it is."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("uq_entry_source", "entry")
        op.create_index(
            "uq_entry_source", "entry", ["book_id", "source"], unique=True, postgresql_ops=operators
        )
