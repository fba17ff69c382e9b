"""what residents want: wishes, voices without names, votes on paper, what means the same, what was answered"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0053"
down_revision = "0051"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
IN_FORCE = sa.text("ended_at IS NULL")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _number() -> sa.Column[int]:
    return sa.Column("id", NUMBER, nullable=False)


def _done(table: str, at: str, by: str) -> tuple[sa.Column[object], sa.Column[int], sa.ForeignKeyConstraint]:
    """When somebody did it, and who."""
    return (
        sa.Column(at, UtcDateTime(), nullable=False),
        sa.Column(by, NUMBER, nullable=False),
        _key(table, by, "user_account"),
    )


def _undone(table: str) -> tuple[sa.Column[object], sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", NUMBER, nullable=True),
        _key(table, "ended_by", "user_account"),
    )


def _named(table: str) -> tuple[sa.Column[str], sa.PrimaryKeyConstraint, sa.UniqueConstraint]:
    """A row that has an address."""
    return (
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("ref", name=op.f(f"uq_{table}_ref")),
    )


def upgrade() -> None:
    _wishes()
    _voices()
    _votes()
    _merges()
    _answers()


def _wishes() -> None:
    op.create_table(
        "wish",
        _number(),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("type_code", sa.String(length=20), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        _key("wish", "community_id", "community"),
        *_named("wish"),
    )
    op.create_index(op.f("ix_wish_community_id"), "wish", ["community_id"])
    op.create_index("uq_wish_key", "wish", ["community_id", "key"], unique=True)
    op.create_table(
        "wish_listing",
        _number(),
        sa.Column("wish_id", NUMBER, nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=True),
        *_done("wish_listing", "decided_at", "decided_by"),
        _key("wish_listing", "wish_id", "wish"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_listing")),
    )
    op.create_index(op.f("ix_wish_listing_wish_id"), "wish_listing", ["wish_id"])


def _voices() -> None:
    op.create_table(
        "wish_voice",
        _number(),
        sa.Column("wish_id", NUMBER, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        _key("wish_voice", "wish_id", "wish"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_voice")),
    )
    op.create_index(op.f("ix_wish_voice_wish_id"), "wish_voice", ["wish_id"])
    op.create_index("ix_wish_voice_network", "wish_voice", ["week", "network"])
    op.create_index("uq_wish_voice_phone", "wish_voice", ["wish_id", "week", "phone"], unique=True)
    op.create_table(
        "wish_salt",
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("week", name=op.f("pk_wish_salt")),
    )
    op.create_table(
        "network_verdict",
        _number(),
        sa.Column("community_id", NUMBER, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        *_done("network_verdict", "said_at", "said_by"),
        _key("network_verdict", "community_id", "community"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_verdict")),
    )
    op.create_index(op.f("ix_network_verdict_community_id"), "network_verdict", ["community_id"])


def _votes() -> None:
    op.create_table(
        "wish_votes",
        _number(),
        sa.Column("wish_id", NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("people", NUMBER, nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=False),
        sa.Column("collector", sa.String(length=40), nullable=False),
        *_done("wish_votes", "noted_at", "noted_by"),
        *_undone("wish_votes"),
        _key("wish_votes", "wish_id", "wish"),
        *_named("wish_votes"),
    )
    op.create_index(op.f("ix_wish_votes_wish_id"), "wish_votes", ["wish_id"])


def _merges() -> None:
    op.create_table(
        "wish_merge",
        _number(),
        sa.Column("wish_id", NUMBER, nullable=False),
        sa.Column("into_id", NUMBER, nullable=False),
        *_done("wish_merge", "merged_at", "merged_by"),
        *_undone("wish_merge"),
        _key("wish_merge", "wish_id", "wish"),
        _key("wish_merge", "into_id", "wish"),
        *_named("wish_merge"),
    )
    op.create_index(op.f("ix_wish_merge_into_id"), "wish_merge", ["into_id"])
    op.create_index(
        "uq_wish_merge_in_force",
        "wish_merge",
        ["wish_id"],
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    )


def _answers() -> None:
    op.create_table(
        "wish_answer",
        _number(),
        sa.Column("wish_id", NUMBER, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("sentence", sa.String(length=120), nullable=False),
        *_done("wish_answer", "answered_at", "answered_by"),
        *_undone("wish_answer"),
        _key("wish_answer", "wish_id", "wish"),
        *_named("wish_answer"),
    )
    op.create_index(op.f("ix_wish_answer_wish_id"), "wish_answer", ["wish_id"])


def downgrade() -> None:
    for table in (
        "wish_answer", "wish_merge", "wish_votes", "network_verdict", "wish_salt", "wish_voice", "wish_listing",
        "wish",
    ):  # fmt: skip
        op.drop_table(table)
