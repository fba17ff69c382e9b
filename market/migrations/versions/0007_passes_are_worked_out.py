"""a pass is worked out from its assignment: its version stands there, and only what was taken back is kept"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

import market.db
from market.db import new_ref

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIGINT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = market.db.UtcDateTime()
GATE_OPENS_BEFORE = timedelta(hours=2)
GATE_CLOSES_AFTER = timedelta(hours=1)
"""What was kept was when the pass admits; now it is when the market opens and closes."""
BY_HAND = ("lost", "damaged", "misused", "hours_changed", "key_changed")
FOLLOWED = ("moved", "released", "called_off")


def _table(name: str, *columns: str, moments: tuple[str, ...] = ()) -> sa.TableClause:
    return sa.table(name, *map(sa.column, columns), *(sa.column(one, MOMENT) for one in moments))


ASSIGNMENT = _table(
    "assignment", "id", "community_id", "day_id", "vendor_id", "version", "assigned_by", "released_at",
    "release_reason",
)  # fmt: skip
STALL_PASS = _table(
    "stall_pass", "id", "community_id", "day_id", "assignment_id", "key_id", "short_code", "version",
    "issued_by", "revoke_reason", "ref",
    moments=("valid_from", "valid_to", "issued_at", "revoked_at"),
)  # fmt: skip
PASS_VERSION = _table(
    "pass_version", "id", "day_id", "assignment_id", "version", "short_code",
    moments=("open_at", "close_at", "given_at"),
)  # fmt: skip
PASS_REVOCATION = _table("pass_revocation", "id", "pass_id", "reason", moments=("revoked_at",))
PASS_KEY = _table("pass_key", "id", "community_id")


def upgrade() -> None:
    op.add_column("assignment", sa.Column("version", BIGINT, server_default="1", nullable=False))
    _make_pass_version()
    _make_pass_revocation()
    _keep_passes()
    _keep_revocations()
    _number_assignments()
    _point_scans_at("pass_version", before="stall_pass")
    op.drop_table("stall_pass")


def _make_pass_version() -> None:
    op.create_table(
        "pass_version",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("day_id", BIGINT, nullable=False),
        sa.Column("assignment_id", BIGINT, nullable=False),
        sa.Column("version", BIGINT, nullable=False),
        sa.Column("short_code", sa.String(length=8), nullable=False),
        sa.Column("open_at", MOMENT, nullable=False),
        sa.Column("close_at", MOMENT, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["day_id"], ["market_day.id"], name="fk_pass_version_day_id_market_day"),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name="fk_pass_version_assignment_id_assignment"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pass_version"),
    )
    op.create_index("uq_pass_version_code", "pass_version", ["day_id", "short_code"], unique=True)
    op.create_index("uq_pass_version_version", "pass_version", ["assignment_id", "version"], unique=True)
    op.create_index("ix_pass_version_short_code", "pass_version", ["short_code"])


def _make_pass_revocation() -> None:
    reasons = sa.Enum(*BY_HAND, name="revokereason", native_enum=False, length=40)
    op.create_table(
        "pass_revocation",
        sa.Column("id", BIGINT, nullable=False),
        sa.Column("pass_id", BIGINT, nullable=False),
        sa.Column("reason", reasons, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=False),
        sa.Column("revoked_by", BIGINT, nullable=True),
        sa.ForeignKeyConstraint(
            ["pass_id"], ["pass_version.id"], name="fk_pass_revocation_pass_id_pass_version"
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"], ["user_account.id"], name="fk_pass_revocation_revoked_by_user_account"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_pass_revocation"),
    )
    op.create_index("uq_pass_revocation_pass", "pass_revocation", ["pass_id"], unique=True)


def _keep_passes() -> None:
    """Under their old numbers, which are in the codes that were printed."""
    old = STALL_PASS.c
    rows: list[dict[str, Any]] = [
        {
            "id": row.id, "day_id": row.day_id, "assignment_id": row.assignment_id, "version": row.version,
            "short_code": row.short_code, "open_at": row.valid_from + GATE_OPENS_BEFORE,
            "close_at": row.valid_to - GATE_CLOSES_AFTER, "given_at": row.issued_at,
        }
        for row in op.get_bind().execute(sa.select(STALL_PASS).order_by(old.id)).all()
    ]  # fmt: skip
    op.bulk_insert(PASS_VERSION, rows)
    _count_on("pass_version")


def _count_on(table: str) -> None:
    """PostgreSQL does not see that numbers were given by hand."""
    if op.get_bind().dialect.name == "postgresql":
        numbers = sa.table(table, sa.column("id", BIGINT))
        last = sa.select(sa.func.coalesce(sa.func.max(numbers.c.id), 0) + 1).scalar_subquery()
        op.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table, "id"), last, False)))


def _keep_revocations() -> None:
    """What somebody took back. The rest follows from the stall that was left; where that stall is held all the
    same, a pass that did not count must not begin to."""
    old = STALL_PASS.c
    by_hand = old.revoke_reason.in_(BY_HAND)
    found = (
        sa.select(old.id, sa.case((by_hand, old.revoke_reason), else_="misused"), old.revoked_at)
        .join(ASSIGNMENT, ASSIGNMENT.c.id == old.assignment_id)
        .where(old.revoked_at.is_not(None), sa.or_(by_hand, ASSIGNMENT.c.released_at.is_(None)))
        .order_by(old.revoked_at, old.id)
    )
    op.execute(PASS_REVOCATION.insert().from_select(["pass_id", "reason", "revoked_at"], found))


def _number_assignments() -> None:
    """The version of its newest pass; without one, that after the last pass of its vendor on the day."""
    op.execute(
        """
        UPDATE assignment SET version = COALESCE(
            (SELECT MAX(v.version) FROM pass_version v WHERE v.assignment_id = assignment.id),
            (SELECT MAX(v.version) + 1 FROM pass_version v JOIN assignment other ON other.id = v.assignment_id
             WHERE other.day_id = assignment.day_id AND other.vendor_id = assignment.vendor_id),
            1)
        """
    )


def _point_scans_at(table: str, *, before: str) -> None:
    with op.batch_alter_table("scan") as batch_op:
        batch_op.drop_constraint(f"fk_scan_pass_id_{before}", type_="foreignkey")
        batch_op.create_foreign_key(f"fk_scan_pass_id_{table}", table, ["pass_id"], ["id"])


def downgrade() -> None:
    _make_stall_pass()
    _store_passes()
    _point_scans_at("stall_pass", before="pass_version")
    op.drop_table("pass_revocation")
    op.drop_table("pass_version")
    op.drop_column("assignment", "version")


def _make_stall_pass() -> None:
    numbers = ("id", "community_id", "day_id", "assignment_id", "key_id", "version", "issued_by")
    reasons = sa.Enum(*BY_HAND, *FOLLOWED, name="revokereason", native_enum=False, length=40)
    others = {
        "community_id": "community", "day_id": "market_day", "assignment_id": "assignment",
        "key_id": "pass_key", "issued_by": "user_account",
    }  # fmt: skip
    op.create_table(
        "stall_pass",
        *(sa.Column(name, BIGINT, nullable=False) for name in numbers),
        *(sa.Column(name, MOMENT, nullable=False) for name in ("valid_from", "valid_to", "issued_at")),
        sa.Column("short_code", sa.String(length=8), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoke_reason", reasons, nullable=True),
        sa.Column("ref", sa.String(length=10), nullable=False),
        *(
            sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_stall_pass_{name}_{other}")
            for name, other in others.items()
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stall_pass"),
        sa.UniqueConstraint("assignment_id", "version", name="uq_stall_pass_assignment_id_version"),
        sa.UniqueConstraint("day_id", "short_code", name="uq_stall_pass_day_id_short_code"),
        sa.UniqueConstraint("ref", name="uq_stall_pass_ref"),
    )
    for name in ("assignment_id", "community_id", "day_id", "short_code"):
        op.create_index(f"ix_stall_pass_{name}", "stall_pass", [name])
    live = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_stall_pass_live", "stall_pass", ["assignment_id"], unique=True,
        sqlite_where=live, postgresql_where=live,
    )  # fmt: skip


def _store_passes() -> None:
    """Signed with the newest key; what does not count is revoked, for the reason that there was."""
    new, held, back = PASS_VERSION.c, ASSIGNMENT.c, PASS_REVOCATION.c
    released = sa.type_coerce(held.released_at, MOMENT)
    newest = sa.select(sa.func.max(PASS_KEY.c.id)).where(PASS_KEY.c.community_id == held.community_id)
    query = (
        sa.select(
            PASS_VERSION, held.community_id, held.assigned_by, held.release_reason,
            newest.scalar_subquery().label("key_id"), back.reason,
            sa.func.coalesce(back.revoked_at, released, type_=MOMENT).label("revoked_at"),
        )
        .join(ASSIGNMENT, held.id == new.assignment_id)
        .outerjoin(PASS_REVOCATION, back.pass_id == new.id)
        .order_by(new.id)
    )  # fmt: skip
    op.bulk_insert(STALL_PASS, [_stored(row) for row in op.get_bind().execute(query).all()])
    _count_on("stall_pass")


def _stored(row: Any) -> dict[str, Any]:
    left = {"moved": "moved", "day_called_off": "called_off"}.get(row.release_reason, "released")
    return {
        "id": row.id, "community_id": row.community_id, "day_id": row.day_id,
        "assignment_id": row.assignment_id, "key_id": row.key_id, "short_code": row.short_code,
        "version": row.version, "issued_by": row.assigned_by, "ref": new_ref(),
        "valid_from": row.open_at - GATE_OPENS_BEFORE, "valid_to": row.close_at + GATE_CLOSES_AFTER,
        "issued_at": row.given_at, "revoked_at": row.revoked_at,
        "revoke_reason": (row.reason or left) if row.revoked_at else None,
    }  # fmt: skip
