"""A line of the journal stays as it was written: the database itself refuses to change or delete one."""

from __future__ import annotations

import sqlalchemy as sa

_REFUSED = "journal is append-only"
_SQLITE = {
    f"journal_line_no_{event.lower()}": (
        f"CREATE TRIGGER journal_line_no_{event.lower()} BEFORE {event} ON audit_row FOR EACH ROW"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
    )
    for event in ("UPDATE", "DELETE")
}

_BODY = f"BEGIN\nRAISE EXCEPTION '{_REFUSED}';\nEND"
_EVENTS = {"UPDATE": ("ROW", 1 + 2 + 16), "DELETE": ("ROW", 1 + 2 + 8), "TRUNCATE": ("STATEMENT", 2 + 32)}
"""Each with its level and the bits of pg_trigger.tgtype (see ledger.triggers)."""


def create_statements(dialect: str) -> list[str]:
    """To be run once, after the journal has its columns."""
    if dialect == "sqlite":
        return list(_SQLITE.values())
    function = (
        f"CREATE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $journal${_BODY}$journal$"
    )
    return [
        function,
        *(
            f"CREATE TRIGGER journal_line_no_{event.lower()} BEFORE {event} ON audit_row"
            f" FOR EACH {level} EXECUTE FUNCTION journal_refuse()"
            for event, (level, _bits) in _EVENTS.items()
        ),
    ]


def drop_statements(dialect: str) -> list[str]:
    """The way back, for a downgrade and for the tests that show what would happen without."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _SQLITE]
    gone = [f"DROP TRIGGER journal_line_no_{event.lower()} ON audit_row" for event in _EVENTS]
    return [*gone, "DROP FUNCTION journal_refuse()"]


def faults(connection: sa.Connection) -> list[str]:
    """Names of the triggers that are missing, switched off or not ours."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        found = {row.name: row.sql for row in rows}
        return [name for name, sql in _SQLITE.items() if found.get(name) != sql]
    bits = connection.exec_driver_sql(
        "SELECT t.tgname, t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relname = 'audit_row' AND pg_table_is_visible(c.oid)"
        " AND t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL"
    )
    stands = {(row[0], row[1], row[2]) for row in bits}
    names = {f"journal_line_no_{event.lower()}": kind for event, (_level, kind) in _EVENTS.items()}
    return [name for name, kind in names.items() if (name, kind, _BODY) not in stands]
