"""agreements by tiers, with floor, cap, threshold and exempt categories; suggestions; takings by a link

Agreements of before have none of it, and mean what they meant.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("percent", "fixed", "tiers", "none")
TERMS = ("tiers", "floor_fen", "cap_fen", "threshold_fen", "exempt")


def upgrade() -> None:
    for table in ("terms", "settlement_line"):
        for column in _terms_columns():
            op.add_column(table, column)
    _make_suggestions()
    with op.batch_alter_table("terms") as batch:
        batch.add_column(sa.Column("suggestion_id", NUMBER, nullable=True))
        batch.create_foreign_key(
            op.f("fk_terms_suggestion_id_suggested_terms"), "suggested_terms", ["suggestion_id"], ["id"]
        )
    op.add_column("settlement_line", _no("gift_only"))
    with op.batch_alter_table("takings_report") as batch:
        batch.add_column(_no("gift_only"))
        batch.alter_column("reported_by", existing_type=NUMBER, nullable=True)
        batch.create_check_constraint(
            op.f("ck_takings_report_gift_only"),
            "NOT gift_only OR (takings_fen = 0 AND chosen_fen IS NOT NULL)",
        )
    with op.batch_alter_table("conduct_point") as batch:
        batch.alter_column("noted_by", existing_type=NUMBER, nullable=True)


def _no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _terms_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("tiers", sa.String(length=200), nullable=False, server_default=""),
        sa.Column("floor_fen", NUMBER, nullable=False, server_default="0"),
        sa.Column("cap_fen", NUMBER, nullable=False, server_default="0"),
        sa.Column("threshold_fen", NUMBER, nullable=False, server_default="0"),
        sa.Column("exempt", sa.String(length=400), nullable=False, server_default=""),
    ]


def _make_suggestions() -> None:
    op.create_table(
        "suggested_terms",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="termskind", native_enum=False, length=40), nullable=False),
        sa.Column("basis_points", NUMBER, nullable=False),
        sa.Column("fixed_fen", NUMBER, nullable=False),
        *_terms_columns(),
        sa.Column("decision", sa.String(length=200), nullable=False),
        sa.Column("suggested_by", NUMBER, nullable=False),
        sa.Column("suggested_at", UtcDateTime(), nullable=False),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_suggested_terms_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["suggested_by"], ["user_account.id"], name=op.f("fk_suggested_terms_suggested_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggested_terms")),
        sa.UniqueConstraint("ref", name=op.f("uq_suggested_terms_ref")),
    )
    op.create_index(op.f("ix_suggested_terms_community_id"), "suggested_terms", ["community_id"])
    op.create_index("uq_suggested_terms_version", "suggested_terms", ["community_id", "version"], unique=True)


def downgrade() -> None:
    """What older versions cannot say is lost: reports without a person, and gifts without takings stay as 0."""
    first = "(SELECT min(id) FROM user_account)"
    op.execute(f"UPDATE takings_report SET reported_by = {first} WHERE reported_by IS NULL")  # noqa: S608 - our own text
    op.execute(f"UPDATE conduct_point SET noted_by = {first} WHERE noted_by IS NULL")  # noqa: S608 - our own text
    op.execute("UPDATE takings_report SET source = 'staff' WHERE source = 'link'")
    op.execute("UPDATE terms SET kind = 'none' WHERE kind = 'tiers'")
    op.execute("UPDATE settlement_line SET terms_kind = 'none' WHERE terms_kind = 'tiers'")
    with op.batch_alter_table("conduct_point") as batch:
        batch.alter_column("noted_by", existing_type=NUMBER, nullable=False)
    with op.batch_alter_table("takings_report") as batch:
        batch.drop_constraint(op.f("ck_takings_report_gift_only"), type_="check")
        batch.drop_column("gift_only")
        batch.alter_column("reported_by", existing_type=NUMBER, nullable=False)
    with op.batch_alter_table("settlement_line") as batch:
        for column in ("gift_only", *TERMS):
            batch.drop_column(column)
    with op.batch_alter_table("terms") as batch:
        batch.drop_constraint(op.f("fk_terms_suggestion_id_suggested_terms"), type_="foreignkey")
        for column in ("suggestion_id", *TERMS):
            batch.drop_column(column)
    op.drop_table("suggested_terms")
