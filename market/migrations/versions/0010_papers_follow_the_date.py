"""a paper of a day, and who did without one, know the date and the place that they were for"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

import market.db

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

DAYS = sa.text(
    "SELECT market_day.id, market_day.ref, market_day.venue_id, market_day.open_at, community.zone "
    "FROM market_day JOIN community ON community.id = market_day.community_id "
    "WHERE market_day.id IN (SELECT day_id FROM day_paper UNION SELECT day_id FROM waiver)"
).columns(open_at=market.db.UtcDateTime())
WRITTEN = sa.text(
    "SELECT at, detail FROM audit_row WHERE object_ref = :ref "
    "AND act IN ('pages.create_day', 'pages.edit_day') ORDER BY id"
).columns(at=market.db.UtcDateTime(), detail=sa.JSON())


def upgrade() -> None:
    op.add_column("day_paper", sa.Column("filed_for", sa.Date(), nullable=True))
    op.add_column("day_paper", sa.Column("venue_id", BIGINT, nullable=True))
    op.add_column("waiver", sa.Column("waived_for", sa.Date(), nullable=True))
    _fill()
    with op.batch_alter_table("day_paper") as table:
        table.alter_column("filed_for", existing_type=sa.Date(), nullable=False)
        table.alter_column("venue_id", existing_type=BIGINT, nullable=False)
        table.create_foreign_key(op.f("fk_day_paper_venue_id_venue"), "venue", ["venue_id"], ["id"])
        table.drop_constraint(op.f("uq_day_paper_day_id_kind"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_day_paper_day_id_kind_filed_for_venue_id"), ["day_id", "kind", "filed_for", "venue_id"]
        )
    with op.batch_alter_table("waiver") as table:
        table.alter_column("waived_for", existing_type=sa.Date(), nullable=False)
        table.drop_constraint(op.f("uq_waiver_day_id_code_subject"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_waiver_day_id_code_subject_waived_for"), ["day_id", "code", "subject", "waived_for"]
        )


def _fill() -> None:
    """Rows written before know no date: it is the one that the market had when they were written, which the
    audit trail tells of markets that have moved since."""
    connection = op.get_bind()
    for day in connection.execute(DAYS).all():
        known = [(row.at, date.fromisoformat(row.detail["on"])) for row in _written(connection, day.ref)]
        now = day.open_at.astimezone(ZoneInfo(day.zone)).date()
        for table, stamp, column in (
            ("day_paper", "added_at", "filed_for"),
            ("waiver", "waived_at", "waived_for"),
        ):
            rows = sa.text(f"SELECT id, {stamp} AS at FROM {table} WHERE day_id = :day")  # noqa: S608
            for row in connection.execute(rows.columns(at=market.db.UtcDateTime()), {"day": day.id}).all():
                change = sa.text(f"UPDATE {table} SET {column} = :on WHERE id = :id")  # noqa: S608
                connection.execute(change, {"on": _date_then(known, row.at) or now, "id": row.id})
        place = sa.text("UPDATE day_paper SET venue_id = :venue WHERE day_id = :day")
        connection.execute(place, {"venue": day.venue_id, "day": day.id})


def _written(connection: sa.Connection, ref: str) -> list[Any]:
    rows = connection.execute(WRITTEN, {"ref": ref}).all()
    return [row for row in rows if "on" in row.detail]


def _date_then(known: list[tuple[datetime, date]], at: datetime) -> date | None:
    dates = [on for moment, on in known if moment <= at]
    return dates[-1] if dates else None


def downgrade() -> None:
    _keep_the_newest("day_paper", "day_id, kind")
    _keep_the_newest("waiver", "day_id, code, subject")
    with op.batch_alter_table("waiver") as table:
        table.drop_constraint(op.f("uq_waiver_day_id_code_subject_waived_for"), type_="unique")
        table.create_unique_constraint(op.f("uq_waiver_day_id_code_subject"), ["day_id", "code", "subject"])
        table.drop_column("waived_for")
    with op.batch_alter_table("day_paper") as table:
        table.drop_constraint(op.f("uq_day_paper_day_id_kind_filed_for_venue_id"), type_="unique")
        table.drop_constraint(op.f("fk_day_paper_venue_id_venue"), type_="foreignkey")
        table.create_unique_constraint(op.f("uq_day_paper_day_id_kind"), ["day_id", "kind"])
        table.drop_column("venue_id")
        table.drop_column("filed_for")


def _keep_the_newest(table: str, key: str) -> None:
    """What came before could keep one row for each."""
    op.execute(f"DELETE FROM {table} WHERE id NOT IN (SELECT max(id) FROM {table} GROUP BY {key})")  # noqa: S608
