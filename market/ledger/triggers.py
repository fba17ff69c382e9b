"""Append-only kept by the database itself: the triggers for SQLite and PostgreSQL, and whether they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import sqlalchemy as sa

# SQLite: a trigger is its own text, so what stands is compared with what should stand.

_SEALS = """
  NEW.entry_count = OLD.entry_count + 1
  AND EXISTS (
    SELECT 1 FROM entry e
    WHERE e.book_id = NEW.id AND e.sequence = NEW.entry_count
      AND e.prev_hash = OLD.head_hash AND e.hash = NEW.head_hash
      AND (SELECT COUNT(*) >= 2 AND SUM(p.amount_fen) = 0 FROM posting p WHERE p.entry_id = e.id)
  )"""

_FROZEN = """
  NEW.id = OLD.id AND NEW.ref = OLD.ref AND NEW.community_id = OLD.community_id
  AND NEW.opened_at = OLD.opened_at AND NEW.opened_by = OLD.opened_by"""

_BOOK_STEP = (
    f"{_FROZEN}\n  AND ((NEW.entry_count = OLD.entry_count AND NEW.head_hash = OLD.head_hash) OR ({_SEALS}))"
)

_NEXT_ENTRY = """
  EXISTS (
    SELECT 1 FROM book b
    WHERE b.id = NEW.book_id AND NEW.sequence = b.entry_count + 1 AND NEW.prev_hash = b.head_hash
  )"""

_OPEN_ENTRY = """
  EXISTS (
    SELECT 1 FROM entry e JOIN book b ON b.id = e.book_id
    WHERE e.id = NEW.entry_id AND e.sequence = b.entry_count + 1
  )"""

_SEALED_ENTRY = """
  EXISTS (
    SELECT 1 FROM entry e JOIN book b ON b.id = e.book_id
    WHERE e.id = NEW.id AND e.sequence <= b.entry_count
      AND (SELECT COUNT(*) >= 2 AND SUM(p.amount_fen) = 0 FROM posting p WHERE p.entry_id = e.id)
  )"""

_BALANCED_ENTRY = """
  (SELECT SUM(p.amount_fen) = 0 FROM posting p WHERE p.entry_id = NEW.entry_id)"""


# A period that is closed stays as it was: nothing is dated into it, and its row changes once, when a second
# person confirms a quarter.

_OPEN_DATE = """
  NOT EXISTS (SELECT 1 FROM period p WHERE p.book_id = NEW.book_id AND p.last_on >= NEW.happened_on)"""

_CONFIRMS = """
  OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL AND OLD.kind = 'quarter'
  AND NEW.id = OLD.id AND NEW.ref = OLD.ref AND NEW.book_id = OLD.book_id AND NEW.kind = OLD.kind
  AND NEW.first_on = OLD.first_on AND NEW.last_on = OLD.last_on
  AND NEW.entry_count = OLD.entry_count AND NEW.head_hash = OLD.head_hash
  AND NEW.closed_by = OLD.closed_by AND NEW.closed_at = OLD.closed_at"""

_UNCONFIRMED = "OLD.kind = 'quarter' AND OLD.confirmed_at IS NULL"


# A kept sum moves only while an entry is being posted, and nothing of its key ever changes.

_POSTING_NOW = """
  EXISTS (
    SELECT 1 FROM entry e JOIN book b ON b.id = e.book_id
    WHERE b.id = NEW.book_id AND e.sequence = b.entry_count + 1
  )"""

_SUM_STEP = f"""
  NEW.id = OLD.id AND NEW.book_id = OLD.book_id AND NEW.month = OLD.month AND NEW.kind = OLD.kind
  AND NEW.account = OLD.account AND {_POSTING_NOW}"""


def _sqlite_trigger(name: str, event: str, table: str, refused: str, message: str) -> str:
    when = f"WHEN NOT ({refused}) " if refused else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW {when}"
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


_SQLITE = {
    name: _sqlite_trigger(name, event, table, condition, message)
    for name, event, table, condition, message in (
        ("ledger_book_no_delete", "DELETE", "book", "", "ledger is append-only"),
        ("ledger_entry_no_update", "UPDATE", "entry", "", "ledger is append-only"),
        ("ledger_entry_no_delete", "DELETE", "entry", "", "ledger is append-only"),
        ("ledger_posting_no_update", "UPDATE", "posting", "", "ledger is append-only"),
        ("ledger_posting_no_delete", "DELETE", "posting", "", "ledger is append-only"),
        ("ledger_book_empty", "INSERT", "book", "NEW.entry_count = 0", "ledger book starts empty"),
        ("ledger_book_step", "UPDATE", "book", _BOOK_STEP, "ledger book moves by one balanced entry"),
        ("ledger_entry_next", "INSERT", "entry", _NEXT_ENTRY, "ledger entry is not the next one"),
        ("ledger_posting_open", "INSERT", "posting", _OPEN_ENTRY, "ledger entry is sealed"),
    )
}

_SQLITE_PERIODS = {
    name: _sqlite_trigger(name, event, table, condition, "ledger period is closed")
    for name, event, table, condition in (
        ("ledger_entry_period", "INSERT", "entry", _OPEN_DATE),
        ("ledger_period_step", "UPDATE", "period", _CONFIRMS),
        ("ledger_period_no_delete", "DELETE", "period", _UNCONFIRMED),
    )
}

_SQLITE_SUMS = {
    name: _sqlite_trigger(name, event, "kept_sum", condition, "ledger sum moves with an entry")
    for name, event, condition in (
        ("ledger_sum_insert", "INSERT", _POSTING_NOW),
        ("ledger_sum_step", "UPDATE", _SUM_STEP),
        ("ledger_sum_no_delete", "DELETE", ""),
    )
}

# PostgreSQL: a trigger is a definition and a function; both are compared.


class _Trigger(NamedTuple):
    """A trigger as PostgreSQL describes it in pg_trigger."""

    name: str
    table: str
    event: str
    function: str
    deferred: bool = False

    @property
    def sql(self) -> str:
        timing = "AFTER" if self.deferred else "BEFORE"
        level = "STATEMENT" if self.event == "TRUNCATE" else "ROW"
        kind, defer = ("CONSTRAINT ", " DEFERRABLE INITIALLY DEFERRED") if self.deferred else ("", "")
        return (
            f"CREATE {kind}TRIGGER {self.name} {timing} {self.event} ON {self.table}{defer}"
            f" FOR EACH {level} EXECUTE FUNCTION {self.function}()"
        )

    @property
    def tgtype(self) -> int:
        """The bits of pg_trigger.tgtype: row 1, before 2, insert 4, delete 8, update 16, truncate 32."""
        event = {"INSERT": 4, "DELETE": 8, "UPDATE": 16, "TRUNCATE": 32}[self.event]
        return event | (0 if self.deferred else 2) | (0 if self.event == "TRUNCATE" else 1)


def _function(condition: str, message: str, row: str = "NEW") -> str:
    return f"BEGIN\nIF ({condition}) THEN RETURN {row}; END IF;\nRAISE EXCEPTION '{message}';\nEND"


_FUNCTIONS = {
    "ledger_refuse": "BEGIN\nRAISE EXCEPTION 'ledger is append-only';\nEND",
    "ledger_book_empty": _function("NEW.entry_count = 0", "ledger book starts empty"),
    "ledger_book_step": _function(_BOOK_STEP, "ledger book moves by one balanced entry"),
    "ledger_entry_next": _function(_NEXT_ENTRY, "ledger entry is not the next one"),
    "ledger_posting_open": _function(_OPEN_ENTRY, "ledger entry is sealed"),
    "ledger_entry_sealed": _function(_SEALED_ENTRY, "ledger entry was not sealed"),
    "ledger_posting_balanced": _function(_BALANCED_ENTRY, "ledger entry does not balance"),
}

_POSTGRESQL = (
    *(
        _Trigger(f"ledger_{table}_no_{event.lower()}", table, event, "ledger_refuse")
        for table in ("book", "entry", "posting")
        for event in ("UPDATE", "DELETE", "TRUNCATE")
        if (table, event) != ("book", "UPDATE")
    ),
    _Trigger("ledger_book_empty", "book", "INSERT", "ledger_book_empty"),
    _Trigger("ledger_book_step", "book", "UPDATE", "ledger_book_step"),
    _Trigger("ledger_entry_next", "entry", "INSERT", "ledger_entry_next"),
    _Trigger("ledger_posting_open", "posting", "INSERT", "ledger_posting_open"),
    _Trigger("ledger_entry_sealed", "entry", "INSERT", "ledger_entry_sealed", deferred=True),
    _Trigger("ledger_posting_balanced", "posting", "INSERT", "ledger_posting_balanced", deferred=True),
)


_PERIOD_FUNCTIONS = {
    "ledger_entry_period": _function(_OPEN_DATE, "ledger period is closed"),
    "ledger_period_step": _function(_CONFIRMS, "ledger period is closed"),
    "ledger_period_no_delete": _function(_UNCONFIRMED, "ledger period is closed", "OLD"),
    "ledger_period_refuse": "BEGIN\nRAISE EXCEPTION 'ledger period is closed';\nEND",
}

_POSTGRESQL_PERIODS = (
    _Trigger("ledger_entry_period", "entry", "INSERT", "ledger_entry_period"),
    _Trigger("ledger_period_step", "period", "UPDATE", "ledger_period_step"),
    _Trigger("ledger_period_no_delete", "period", "DELETE", "ledger_period_no_delete"),
    _Trigger("ledger_period_no_truncate", "period", "TRUNCATE", "ledger_period_refuse"),
)


_SUM_FUNCTIONS = {
    "ledger_sum_insert": _function(_POSTING_NOW, "ledger sum moves with an entry"),
    "ledger_sum_step": _function(_SUM_STEP, "ledger sum moves with an entry"),
    "ledger_sum_refuse": "BEGIN\nRAISE EXCEPTION 'ledger sum moves with an entry';\nEND",
}

_POSTGRESQL_SUMS = (
    _Trigger("ledger_sum_insert", "kept_sum", "INSERT", "ledger_sum_insert"),
    _Trigger("ledger_sum_step", "kept_sum", "UPDATE", "ledger_sum_step"),
    _Trigger("ledger_sum_no_delete", "kept_sum", "DELETE", "ledger_sum_refuse"),
    _Trigger("ledger_sum_no_truncate", "kept_sum", "TRUNCATE", "ledger_sum_refuse"),
)


def create_statements(dialect: str) -> list[str]:
    """The statements that make the ledger append-only, to be run once, after its tables exist."""
    if dialect == "sqlite":
        return list(_SQLITE.values())
    return _created(_FUNCTIONS, _POSTGRESQL)


def create_period_statements(dialect: str) -> list[str]:
    """The statements that keep closed periods as they were, to be run once, after their table exists."""
    if dialect == "sqlite":
        return list(_SQLITE_PERIODS.values())
    return _created(_PERIOD_FUNCTIONS, _POSTGRESQL_PERIODS)


def create_sum_statements(dialect: str) -> list[str]:
    """The statements that tie kept sums to entries, to be run once, after their table is filled."""
    if dialect == "sqlite":
        return list(_SQLITE_SUMS.values())
    return _created(_SUM_FUNCTIONS, _POSTGRESQL_SUMS)


def _created(functions: Mapping[str, str], triggers: Iterable[_Trigger]) -> list[str]:
    made = [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $ledger${body}$ledger$"
        for name, body in functions.items()
    ]
    return made + [trigger.sql for trigger in triggers]


def drop_statements(dialect: str) -> list[str]:
    """The way back, for a downgrade and for the tests that show what would happen without."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _SQLITE]
    return _dropped(_FUNCTIONS, _POSTGRESQL)


def drop_period_statements(dialect: str) -> list[str]:
    """The way back for closed periods."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _SQLITE_PERIODS]
    return _dropped(_PERIOD_FUNCTIONS, _POSTGRESQL_PERIODS)


def drop_sum_statements(dialect: str) -> list[str]:
    """The way back for kept sums."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in _SQLITE_SUMS]
    return _dropped(_SUM_FUNCTIONS, _POSTGRESQL_SUMS)


def _dropped(functions: Iterable[str], triggers: Iterable[_Trigger]) -> list[str]:
    gone = [f"DROP TRIGGER {trigger.name} ON {trigger.table}" for trigger in triggers]
    return gone + [f"DROP FUNCTION {name}()" for name in functions]


def faults(connection: sa.Connection) -> list[str]:
    """Names of the triggers that are missing, switched off or not ours."""
    if connection.dialect.name == "sqlite":
        return _sqlite_faults(connection)
    return _postgresql_faults(connection)


def _sqlite_faults(connection: sa.Connection) -> list[str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    found = {row.name: row.sql for row in rows}
    return [
        name for name, sql in (_SQLITE | _SQLITE_PERIODS | _SQLITE_SUMS).items() if found.get(name) != sql
    ]


def _postgresql_faults(connection: sa.Connection) -> list[str]:
    rows = connection.exec_driver_sql(
        "SELECT t.tgname, c.relname, t.tgtype, t.tginitdeferred, p.prosrc FROM pg_trigger t"
        " JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND pg_table_is_visible(c.oid)"
    )
    found = {row[0]: tuple(row[1:]) for row in rows}
    functions = _FUNCTIONS | _PERIOD_FUNCTIONS | _SUM_FUNCTIONS
    return [
        trigger.name
        for trigger in (*_POSTGRESQL, *_POSTGRESQL_PERIODS, *_POSTGRESQL_SUMS)
        if found.get(trigger.name)
        != (trigger.table, trigger.tgtype, trigger.deferred, functions[trigger.function])
    ]
