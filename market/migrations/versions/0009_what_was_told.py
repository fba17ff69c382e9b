"""what people were told becomes what they know: from now on messages are worked out, not stored"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

import market.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

PLACED = (
    "gate.placed", "stalls.placed", "stalls.placed_now", "stalls.moved", "stalls.swapped", "gate.new_pass",
    "gate.new_hours", "gate.pass_withdrawn",
)  # fmt: skip
WAITING = ("gate.waiting", "stalls.offered", "stalls.offer_over", "stalls.offer_gone", "stalls.taken_back")
STANDINGS = {
    **dict.fromkeys(PLACED, "placed"),
    **dict.fromkeys(WAITING, "waiting"),
    "gate.no_show": "absent",
    "vendors.approved": "approved",
    "vendors.needs_more": "needs_more",
    "vendors.rejected": "rejected",
    "vendors.withdrawn": "withdrawn",
    "calendar.rescheduled": "approved",
}
HELD = {"calendar.postponed": "postponed", "calendar.cancelled": "cancelled"}


def upgrade() -> None:
    op.create_table(
        "telling",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("community_id", BIGINT, nullable=False),
        sa.Column("application_id", BIGINT, nullable=False),
        sa.Column("number", BIGINT, nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("batch", sa.String(length=10), server_default="", nullable=False),
        sa.Column("told_at", market.db.UtcDateTime(), nullable=False),
        sa.Column("told_by", BIGINT, nullable=True),
        sa.Column("taken_back_at", market.db.UtcDateTime(), nullable=True),
        sa.Column("taken_back_by", BIGINT, nullable=True),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_telling_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_telling_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["user_account.id"], name=op.f("fk_telling_told_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["taken_back_by"], ["user_account.id"], name=op.f("fk_telling_taken_back_by_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telling")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_telling_application_id_number")),
        sa.UniqueConstraint("ref", name=op.f("uq_telling_ref")),
    )
    op.create_index("ix_telling_community_id", "telling", ["community_id"])
    op.create_index("ix_telling_told_at", "telling", ["told_at"])
    op.add_column("market_day", sa.Column("edited_at", market.db.UtcDateTime(), nullable=True))
    op.add_column("application", sa.Column("withdrawn_at", market.db.UtcDateTime(), nullable=True))
    op.add_column("application", sa.Column("applied_for", sa.JSON(), server_default="{}", nullable=False))
    _add_reference("application", "withdrawn_by", "user_account")
    _fill(op.get_bind())
    op.drop_table("notice")


def _add_reference(table: str, column: str, target: str) -> None:
    """A nullable foreign key. SQLite takes it only with the column; rebuilding the table instead, as batches
    do, would drop rows that others point to."""
    name = f"fk_{table}_{column}_{target}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f'ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT "{name}" REFERENCES {target} (id)'
        )
        return
    op.add_column(table, sa.Column(column, BIGINT, nullable=True))
    op.create_foreign_key(name, table, target, [column], ["id"])


# ── what people know ──────────────────────────────────────────────────────────────────────────────────────


def _fill(connection: sa.Connection) -> None:
    """Whoever applied knows the day as it is now, unless a notice told them something else."""
    applications = _applications(connection)
    for row in applications:
        applied = {
            **_wall(row),
            **_venue(row),
            "theme": row["theme"],
            "at": _iso(row["submitted_at"]),
            "asked": "1",
        }
        connection.execute(
            sa.text("UPDATE application SET applied_for = :applied WHERE id = :id").bindparams(
                sa.bindparam("applied", type_=sa.JSON())
            ),
            {"applied": applied, "id": row["id"]},
        )
    by_day_and_phone = {(row["day_ref"], row["phone"]): row for row in applications}
    for row, notices in _notices(connection, by_day_and_phone):
        _tell(connection, row, notices, _passes(connection, row["id"]))


def _applications(connection: sa.Connection) -> list[Mapping[str, Any]]:
    query = """
        SELECT a.id, a.submitted_at, v.phone, d.ref AS day_ref, d.community_id, d.theme, d.open_at,
               d.close_at, d.arrive_by, p.name AS place, p.address, p.entrances, r.zone
        FROM application a
        JOIN vendor v ON v.id = a.vendor_id
        JOIN market_day d ON d.id = a.day_id
        JOIN venue p ON p.id = d.venue_id
        JOIN community r ON r.id = d.community_id
    """
    moments = {name: market.db.UtcDateTime() for name in ("submitted_at", "open_at", "close_at", "arrive_by")}
    return [dict(row) for row in connection.execute(sa.text(query).columns(**moments)).mappings()]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _wall(row: Mapping[str, Any]) -> dict[str, str]:
    moments = (row["open_at"], row["close_at"], row["arrive_by"])
    return _hours(*(moment.astimezone(ZoneInfo(row["zone"])) for moment in moments))


def _hours(opens: datetime, closes: datetime, arrive: datetime) -> dict[str, str]:
    first, last, early = (f"{wall.hour}:{wall.minute:02d}" for wall in (opens, closes, arrive))
    return {"on": opens.date().isoformat(), "hours": f"{first}–{last}", "arrive": early}


def _venue(row: Mapping[str, Any]) -> dict[str, str]:
    return {"place": row["place"], "address": row["address"], "entrance": row["entrances"]}


def _notices(
    connection: sa.Connection, applications: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Iterable[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """The old notices of each application, in their order; those of whoever is forgotten name nobody."""
    query = sa.text("SELECT * FROM notice WHERE phone <> '' ORDER BY id").columns(
        params=sa.JSON(),
        made_at=market.db.UtcDateTime(),
        read_at=market.db.UtcDateTime(),
        told_at=market.db.UtcDateTime(),
    )
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for notice in connection.execute(query).mappings():
        key = (notice["day_ref"], notice["phone"])
        if key in applications:
            found.setdefault(key, []).append(dict(notice))
    return [(applications[key], notices) for key, notices in found.items()]


def _passes(connection: sa.Connection, application_id: int) -> list[tuple[datetime, int]]:
    query = sa.text(
        "SELECT p.given_at, p.version FROM pass_version p JOIN assignment a ON a.id = p.assignment_id"
        " WHERE a.application_id = :id ORDER BY p.id"
    ).columns(given_at=market.db.UtcDateTime(), version=BIGINT)
    return [(row.given_at, row.version) for row in connection.execute(query, {"id": application_id})]


def _tell(
    connection: sa.Connection,
    row: Mapping[str, Any],
    notices: list[Mapping[str, Any]],
    passes: list[tuple[datetime, int]],
) -> None:
    """Each notice that was read or told is something known; one that only stood in the app is kept as that."""
    known: dict[str, Any] = {"held": "on", "offer": "", "stalls": "", "pass_version": 0, "note": ""}
    number = 0
    for notice in notices:
        known = {**known, **_known(notice, row, passes)}
        called, read = notice["told_at"] is not None, notice["read_at"] is not None
        if not (called or read or notice["user_id"]):
            continue
        number += 1
        connection.execute(
            sa.text(
                "INSERT INTO telling (community_id, application_id, number, channel, kinds, params, snapshot,"
                " told_at, told_by, ref) VALUES (:community_id, :application_id, :number, :channel, :kinds,"
                " :params, :snapshot, :told_at, :told_by, :ref)"
            ).bindparams(
                sa.bindparam("told_at", type_=market.db.UtcDateTime()),
                *(sa.bindparam(name, type_=sa.JSON()) for name in ("kinds", "params", "snapshot")),
            ),
            {
                "community_id": row["community_id"],
                "application_id": row["id"],
                "number": number,
                "channel": "call" if called else "app" if read else "posted",
                "kinds": [notice["kind"]],
                "params": _params(notice, row),
                "snapshot": known,
                "told_at": notice["told_at"] or notice["read_at"] or notice["made_at"],
                "told_by": notice["told_by"] if called else notice["user_id"] if read else None,
                "ref": _new_ref(),
            },
        )


def _params(notice: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in notice["params"].items() if name != "vendor"}
    return {"address": row["address"], "entrance": row["entrances"], **kept}


def _known(
    notice: Mapping[str, Any], row: Mapping[str, Any], passes: list[tuple[datetime, int]]
) -> dict[str, Any]:
    """What somebody knows who read this notice, as `market.notices.rules.Known` has it today."""
    kind, params = notice["kind"], notice["params"]
    facts: dict[str, Any] = {"held": HELD.get(kind, "on"), "offer": "", "entrance": row["entrances"]}
    facts |= {"address": row["address"], "theme": params["theme"], "place": params["place"]}
    zone = ZoneInfo(params["zone"])
    moments = (datetime.fromisoformat(params[name]) for name in ("opens", "closes", "arrive"))
    facts |= _hours(*(moment.astimezone(zone) for moment in moments))
    if kind in STANDINGS:
        facts |= {
            "standing": STANDINGS[kind],
            "note": params.get("note", ""),
            "stalls": "",
            "pass_version": 0,
        }
    if kind in PLACED:
        shown = [version for issued_at, version in passes if issued_at <= notice["made_at"]]
        facts["stalls"] = params["stall"]
        facts["pass_version"] = 0 if kind == "gate.pass_withdrawn" or not shown else shown[-1]
    if kind == "stalls.offered":
        facts["offer"] = notice["source"].removeprefix("offer:")
    return facts


def _new_ref() -> str:
    return "".join(secrets.choice("abcdefghjkmnpqrstvwxyz0123456789") for _index in range(10))


# ── back ──────────────────────────────────────────────────────────────────────────────────────────────────


def downgrade() -> None:
    """The table comes back empty: notices were made by acts, and those are over."""
    op.create_table(
        "notice",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("community_id", BIGINT, nullable=False),
        sa.Column("user_id", BIGINT, nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("day_ref", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("made_at", market.db.UtcDateTime(), nullable=False),
        sa.Column("read_at", market.db.UtcDateTime(), nullable=True),
        sa.Column("told_at", market.db.UtcDateTime(), nullable=True),
        sa.Column("told_by", BIGINT, nullable=True),
        sa.Column("ref", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_notice_community_id_community")
        ),
        sa.ForeignKeyConstraint(
            ["told_by"], ["user_account.id"], name=op.f("fk_notice_told_by_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notice_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("ref", name=op.f("uq_notice_ref")),
        sa.UniqueConstraint("source", name=op.f("uq_notice_source")),
    )
    op.create_index("ix_notice_community", "notice", ["community_id", "made_at"])
    op.create_index("ix_notice_user", "notice", ["user_id", "made_at"])
    op.create_index("ix_notice_day", "notice", ["day_ref", "phone"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute("ALTER TABLE application DROP COLUMN withdrawn_by")
    else:
        op.drop_column("application", "withdrawn_by")
    op.drop_column("application", "applied_for")
    op.drop_column("application", "withdrawn_at")
    op.drop_column("market_day", "edited_at")
    op.drop_table("telling")
