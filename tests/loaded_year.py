"""The demo year with many more rows of everything, for questions of how the work grows.

The rows are copies of the year's own, made by plain SQL from what the file says of itself, so a table that is
added or renamed takes part without a word here. They answer pages; as a ledger or a plan they make no sense.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

STEP = 1_000_000
"""What is added to the number of an original for its copy; references follow by the same addition."""


class Column(NamedTuple):
    """What the database says of one column."""

    name: str
    kind: str
    refers_to: str | None


@pytest.fixture(scope="session")
def loaded_year(played_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The played year with six times the vendors on each market, then twice the markets and entries."""
    folder = tmp_path_factory.mktemp("loaded")
    target = folder / "market.sqlite3"
    shutil.copy(played_year, target)
    with closing(sqlite3.connect(target)) as connection:
        drop_triggers(connection)  # the ledger takes no copies
        multiply(connection, ("vendor", "stall"), 6)
        multiply(connection, ("market_day", "entry", "proposal"), 2)
        connection.commit()
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return target


def drop_triggers(connection: sqlite3.Connection) -> None:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        connection.execute(f"DROP TRIGGER {name}")


def multiply(connection: sqlite3.Connection, roots: Iterable[str], times: int) -> None:
    """Copies these tables and all that belongs to them, until there is `times` as much."""
    tables = {name: columns_of(connection, name) for name in _tables(connection)}
    copied = _belonging(tables, set(roots))
    step = STEP * (max(_highest(connection, name) for name in copied) // STEP + 1)
    for name in sorted(copied):
        keys = told_apart_by(connection, name, tables[name], copied)
        once = "".join(
            f" AND {column} IS NULL" for column in used_once(connection, name, tables[name], copied)
        )
        for copy in range(1, times):
            values = [_value(name, column, copied, keys, step * copy) for column in tables[name]]
            names = ", ".join(f'"{column.name}"' for column in tables[name])
            wanted = f"SELECT {', '.join(values)} FROM {name} WHERE rowid < {step}{once}"
            connection.execute(f"INSERT INTO {name} ({names}) {wanted}")


def _tables(connection: sqlite3.Connection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    return [name for (name,) in connection.execute(query)]


def columns_of(connection: sqlite3.Connection, table: str) -> list[Column]:
    targets = {row[3]: row[2] for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
    rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
    return [Column(row[1], row[2].upper(), targets.get(row[1])) for row in rows]


def _belonging(tables: dict[str, list[Column]], found: set[str]) -> set[str]:
    """These tables, and those with a column that refers to one of them, and so on."""
    more = {name for name, columns in tables.items() if any(c.refers_to in found for c in columns)}
    return found if more <= found else _belonging(tables, found | more)


def _highest(connection: sqlite3.Connection, table: str) -> int:
    (number,) = connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()
    return int(number)


def told_apart_by(
    connection: sqlite3.Connection, table: str, columns: list[Column], copied: set[str]
) -> set[str]:
    """The columns that must differ in a copy, because a key says so that no reference makes different."""
    by_name = {column.name: column for column in columns}
    chosen = set()
    for row in connection.execute(f"PRAGMA index_list({table})").fetchall():
        names = [part[2] for part in connection.execute(f"PRAGMA index_info({row[1]})").fetchall()]
        if row[2] and "id" not in names and not any(by_name[n].refers_to in copied for n in names):
            chosen.update([n for n in names if by_name[n].refers_to is None][-1:])
    return chosen


def used_once(
    connection: sqlite3.Connection, table: str, columns: list[Column], copied: set[str]
) -> set[str]:
    """The references to what is not copied that only one row may hold, as an entry of the ledger: rows that
    hold one stay single. A vendor is copied without its account."""
    others = {column.name for column in columns if column.refers_to and column.refers_to not in copied}
    found = set[str]()
    for row in connection.execute(f"PRAGMA index_list({table})").fetchall():
        names = {part[2] for part in connection.execute(f"PRAGMA index_info({row[1]})").fetchall()}
        if row[2] and len(names) == 1 and table != "vendor":
            found |= names & others
    return found


def _value(table: str, column: Column, copied: set[str], keys: set[str], step: int) -> str:
    """What stands in this column of a copy, as SQL."""
    if column.name == "id" or column.refers_to in copied:
        return f'"{column.name}" + {step}'
    if table == "vendor" and column.refers_to == "user_account":
        return "NULL"  # one account acts for one vendor
    if column.name not in keys:
        return f'"{column.name}"'
    return f'"{column.name}" + {step}' if "INT" in column.kind else f"\"{column.name}\" || 'x{step}'"
