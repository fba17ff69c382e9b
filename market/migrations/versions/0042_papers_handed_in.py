"""papers that vendors hand in as pictures, people at the stall, papers of one batch"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = (
    "D01", "D02", "D03", "D04", "D05", "D06", "D07", "D08", "D09", "D10", "D12", "D13", "D14", "D15", "D16",
    "D18", "D19",
)  # fmt: skip
WAITS = sa.text("answer = 'waiting'")


def _link(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"))


def upgrade() -> None:
    op.create_table(
        "stall_person",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("handles_food", sa.Boolean(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("added_by", NUMBER, nullable=True),
        sa.Column("until", UtcDateTime(), nullable=True),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("stall_person", "vendor_id", "vendor"),
        _link("stall_person", "added_by", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stall_person")),
        sa.UniqueConstraint("ref", name=op.f("uq_stall_person_ref")),
    )
    op.create_index(op.f("ix_stall_person_vendor_id"), "stall_person", ["vendor_id"])
    with op.batch_alter_table("document") as batch:
        batch.add_column(sa.Column("person_id", NUMBER, nullable=True))
        batch.add_column(sa.Column("brought_for", sa.Date(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_document_person_id_stall_person"), "stall_person", ["person_id"], ["id"]
        )
    op.create_table(
        "handed_paper",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("vendor_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="documentkind", native_enum=False, length=40), nullable=False),
        sa.Column("person_id", NUMBER, nullable=True),
        sa.Column("brought_for", sa.Date(), nullable=True),
        sa.Column("handed_at", UtcDateTime(), nullable=False),
        sa.Column("handed_by", NUMBER, nullable=False),
        sa.Column(
            "answer",
            sa.Enum("waiting", "seen", "refused", name="paperanswer", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("answered_by", NUMBER, nullable=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("document_id", NUMBER, nullable=True),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("handed_paper", "vendor_id", "vendor"),
        _link("handed_paper", "person_id", "stall_person"),
        _link("handed_paper", "handed_by", "user_account"),
        _link("handed_paper", "answered_by", "user_account"),
        _link("handed_paper", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handed_paper")),
        sa.UniqueConstraint("ref", name=op.f("uq_handed_paper_ref")),
    )
    op.create_index(op.f("ix_handed_paper_vendor_id"), "handed_paper", ["vendor_id"])
    op.create_index(
        "ix_handed_paper_waiting",
        "handed_paper",
        ["vendor_id"],
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    op.create_table(
        "paper_picture",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("paper_id", NUMBER, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", NUMBER, nullable=False),
        sa.Column("height", NUMBER, nullable=False),
        sa.Column("ref", sa.String(10), nullable=False),
        _link("paper_picture", "paper_id", "handed_paper"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_picture")),
        sa.UniqueConstraint("ref", name=op.f("uq_paper_picture_ref")),
    )
    op.create_index(op.f("ix_paper_picture_paper_id"), "paper_picture", ["paper_id"])


def downgrade() -> None:
    op.drop_table("paper_picture")
    op.drop_table("handed_paper")
    with op.batch_alter_table("document") as batch:
        batch.drop_constraint(op.f("fk_document_person_id_stall_person"), type_="foreignkey")
        batch.drop_column("brought_for")
        batch.drop_column("person_id")
    op.drop_table("stall_person")
