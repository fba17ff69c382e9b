"""phones that mind a gate without an account, what they bring, and admissions that were taken back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORD = sa.String(40)


def upgrade() -> None:
    _phones()
    _undos()
    _held()
    op.drop_index("uq_scan_admitted", "scan")
    with op.batch_alter_table("scan") as scan:
        scan.add_column(sa.Column("phone_id", BIG, nullable=True))
        scan.add_column(sa.Column("phone_at", UtcDateTime(), nullable=True))
        scan.add_column(sa.Column("told", WORD, nullable=True))
        scan.add_column(sa.Column("undo_id", BIG, nullable=True))
        scan.create_foreign_key("fk_scan_phone_id_gate_phone", "gate_phone", ["phone_id"], ["id"])
        scan.create_foreign_key("fk_scan_undo_id_scan_undo", "scan_undo", ["undo_id"], ["id"])
    _let_in_once("verdict = 'admitted' AND undo_id IS NULL")


def _phones() -> None:
    op.create_table(
        "gate_phone",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("ref", sa.String(10), nullable=False),
        sa.Column("community_id", BIG, sa.ForeignKey("community.id"), nullable=False),
        sa.Column("day_id", BIG, sa.ForeignKey("market_day.id"), nullable=False),
        sa.Column("entrance", sa.String(30), nullable=False),
        sa.Column("made_by", BIG, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("name", sa.String(30), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=True),
        sa.Column("enrolled_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("waiting", BIG, server_default="0", nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("ref", name="uq_gate_phone_ref"),
        sa.UniqueConstraint("key_hash", name="uq_gate_phone_key_hash"),
    )
    op.create_index("ix_gate_phone_community_id", "gate_phone", ["community_id"])
    op.create_index("ix_gate_phone_day_id", "gate_phone", ["day_id"])


def _undos() -> None:
    op.create_table(
        "scan_undo",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("community_id", BIG, sa.ForeignKey("community.id"), nullable=False),
        sa.Column("day_id", BIG, sa.ForeignKey("market_day.id"), nullable=False),
        sa.Column("vendor_id", BIG, sa.ForeignKey("vendor.id"), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("undone_by", BIG, sa.ForeignKey("user_account.id"), nullable=False),
        sa.Column("undone_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_scan_undo_day_id", "scan_undo", ["day_id"])


def _held() -> None:
    op.create_table(
        "held_scan",
        sa.Column("id", BIG, primary_key=True),
        sa.Column("community_id", BIG, sa.ForeignKey("community.id"), nullable=False),
        sa.Column("day_id", BIG, sa.ForeignKey("market_day.id"), nullable=False),
        sa.Column("phone_id", BIG, sa.ForeignKey("gate_phone.id"), nullable=True),
        sa.Column("client_id", sa.String(40), nullable=False),
        sa.Column("code", sa.String(400), nullable=False),
        sa.Column("method", WORD, nullable=False),
        sa.Column("scanned_at", UtcDateTime(), nullable=False),
        sa.Column("phone_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("told", WORD, nullable=True),
        sa.Column("reason", WORD, nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", BIG, sa.ForeignKey("user_account.id"), nullable=True),
        sa.Column("taken", sa.Boolean(), nullable=True),
    )
    op.create_index("ix_held_scan_day_id", "held_scan", ["day_id"])
    op.create_index("uq_held_scan_client", "held_scan", ["day_id", "client_id"], unique=True)


def _let_in_once(where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        "uq_scan_admitted",
        "scan",
        ["assignment_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def downgrade() -> None:
    op.drop_index("uq_scan_admitted", "scan")
    with op.batch_alter_table("scan") as scan:
        scan.drop_constraint("fk_scan_undo_id_scan_undo", type_="foreignkey")
        scan.drop_constraint("fk_scan_phone_id_gate_phone", type_="foreignkey")
        for name in ("undo_id", "told", "phone_at", "phone_id"):
            scan.drop_column(name)
    _let_in_once("verdict = 'admitted'")
    for table in ("held_scan", "scan_undo", "gate_phone"):
        op.drop_table(table)
