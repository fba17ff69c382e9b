"""what was said after a market: answers, forms on paper, praise, complaints and their steps"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from market.db import UtcDateTime

revision = "0059"
down_revision = "0057"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"))


def _to(table: str, column: str, target: str, *, nullable: bool = False) -> tuple[Any, ...]:
    """A column that points to a row of another table."""
    return sa.Column(column, NUMBER, nullable=nullable), _key(table, column, target)


def _text(name: str, length: int = 40, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _make(table: str, *columns: Any, named: bool = False, unique: tuple[str, ...] = ()) -> None:
    """A table with a number of its own, and with an address where it is named."""
    names = [*(["ref"] if named else []), *unique]
    op.create_table(
        table,
        sa.Column("id", NUMBER, nullable=False),
        *columns,
        *([_text("ref", 10)] if named else []),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(sa.UniqueConstraint(name, name=op.f(f"uq_{table}_{name}")) for name in names),
    )


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def upgrade() -> None:
    op.create_table(
        "feedback_salt",
        sa.Column("on", sa.Date(), nullable=False),
        _text("salt", 64),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_feedback_salt")),
    )
    _answers()
    _praise()
    _complaints()


def _answers() -> None:
    _make(
        "day_voice",
        *_to("day_voice", "day_id", "market_day"),
        _text("phone", 32),
        _text("network", 32),
        _text("way"),
        sa.Column("score", NUMBER, nullable=False),
        _text("point", nullable=True),
        _text("again", nullable=True),
    )
    op.create_index("uq_day_voice_phone", "day_voice", ["day_id", "phone"], unique=True)
    _make(
        "day_network_verdict",
        *_to("day_network_verdict", "day_id", "market_day"),
        _text("network", 32),
        _flag("counts"),
        _moment("said_at"),
        *_to("day_network_verdict", "said_by", "user_account"),
    )
    _index("day_network_verdict", "day_id")
    _make(
        "day_sheet",
        *_to("day_sheet", "day_id", "market_day"),
        _text("who"),
        sa.Column("score", NUMBER, nullable=False),
        *map(_flag, ("better_choice", "better_price", "better_order", "better_clean")),
        _text("again", nullable=True),
        _text("collector"),
        _moment("noted_at"),
        *_to("day_sheet", "noted_by", "user_account"),
        _moment("ended_at", nullable=True),
        *_to("day_sheet", "ended_by", "user_account", nullable=True),
        named=True,
    )
    _index("day_sheet", "day_id")


def _praise() -> None:
    _make(
        "praise",
        *_to("praise", "day_id", "market_day"),
        *_to("praise", "vendor_id", "vendor"),
        _text("kind"),
        _text("sentence", 60),
        _text("phone", 32),
        _text("network", 32),
        _moment("given_at"),
        named=True,
    )
    op.create_index("uq_praise_phone", "praise", ["day_id", "vendor_id", "phone"], unique=True)
    _index("praise", "vendor_id")
    _make(
        "praise_verdict",
        *_to("praise_verdict", "praise_id", "praise"),
        _flag("fit"),
        _moment("said_at"),
        *_to("praise_verdict", "said_by", "user_account"),
    )
    _index("praise_verdict", "praise_id")


def _complaints() -> None:
    _make(
        "complaint",
        *_to("complaint", "community_id", "community"),
        *_to("complaint", "day_id", "market_day", nullable=True),
        *_to("complaint", "vendor_id", "vendor", nullable=True),
        _text("about"),
        _text("text", 400),
        _text("door"),
        _text("receipt", 12),
        _text("phone", 32),
        _text("network", 32),
        _moment("made_at"),
        *_to("complaint", "noted_by", "user_account", nullable=True),
        named=True,
        unique=("receipt",),
    )
    for column in ("community_id", "day_id", "vendor_id"):
        _index("complaint", column)
    op.create_table(
        "complaint_phone",
        *_to("complaint_phone", "complaint_id", "complaint"),
        _text("number", 20),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_complaint_phone")),
    )
    _make(
        "complaint_step",
        *_to("complaint_step", "complaint_id", "complaint"),
        _text("step"),
        _text("outcome", nullable=True),
        _text("sentence", 200),
        _flag("public"),
        _moment("done_at"),
        *_to("complaint_step", "done_by", "user_account", nullable=True),
        named=True,
    )
    _index("complaint_step", "complaint_id")
    _make(
        "vendor_side",
        *_to("vendor_side", "complaint_id", "complaint"),
        _text("text", 400),
        _moment("said_at"),
        *_to("vendor_side", "said_by", "user_account"),
    )
    _index("vendor_side", "complaint_id")


def downgrade() -> None:
    for table in (
        "vendor_side", "complaint_step", "complaint_phone", "complaint", "praise_verdict", "praise",
        "day_sheet", "day_network_verdict", "day_voice", "feedback_salt",
    ):  # fmt: skip
        op.drop_table(table)
