"""lines of the journal by their act: pages that show one kind of act do not read all the others"""

from __future__ import annotations

from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_row_community_act", "audit_row", ["community_id", "act"])
    op.drop_index("ix_audit_row_community_id", table_name="audit_row")


def downgrade() -> None:
    op.create_index("ix_audit_row_community_id", "audit_row", ["community_id"])
    op.drop_index("ix_audit_row_community_act", table_name="audit_row")
