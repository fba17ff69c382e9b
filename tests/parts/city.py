"""A grown database: the demo year among a thousand communities, behind it twenty years of markets, thousands
of vendors, a long book and a long journal.

Everything is a copy of rows that the services wrote: what belongs to one community, one market or one vendor
is written again under other numbers, names and days, in one statement for each table. Entries and lines of
the journal are written as their own chains, so that both are whole.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_migrate import upgrade

from market import clock
from market.app import create_app
from market.audit import AuditRow
from market.communities.service import find_community
from market.config import Settings
from market.db import db, unit_of_work
from market.fund.service import require_fund
from market.journal.rules import LineFacts, line_hash, said_hash, shown_facts
from market.journal.writing import kinds
from market.people.models import User
from market.vendors.service import renew_keys
from tests.bench.bench_ledger import fill, journal_of
from tests.bench.markets import Past
from tests.demo_year import OURS, SECRET, THEIRS
from tests.factories.stalls import planned_day
from tests.loaded_year import Column, columns_of, drop_triggers, told_apart_by

STEP = 1_000_000
"""What is added to the number of an original for its first copy."""

SPARED = frozenset({"audit_row", "membership", "remittance", "user_session", "page_revision"})
"""Not copied: who works where, the journal, and arrivals, which are posted with the entries."""


ONCE = "(SELECT count(*) FROM settlement s WHERE s.day_id = m.id) = 1"
"""Of a market: it was settled and never corrected, as most are."""


class Size(NamedTuple):
    """How much there is of everything beside the demo."""

    communities: int = 0
    markets: int = 0
    vendors: int = 0
    entries: int = 0
    lines: int = 0


GROWN = Size(communities=1_000, markets=1_000, vendors=5_000, entries=100_000, lines=1_000_000)
MODERATE = Size(communities=60, markets=60, vendors=300, entries=600, lines=1_000)


def grow(folder: Path, size: Size) -> None:
    """Grows the played year in a folder to this size."""
    file = folder / "market.sqlite3"
    app = create_app(Settings(instance=folder, secret_key=SECRET, log_level="error", demo=True))
    with app.app_context():
        upgrade()
        with unit_of_work():
            _one_market_there()
        db.session.remove()
        db.engine.dispose()
    past = _copied(file, size)
    with app.app_context():
        with unit_of_work():
            renew_keys()
            _write_book(size, past)
        db.session.remove()
        db.engine.dispose()


def _one_market_there() -> None:
    """The community that is copied has a market, made by the services."""
    there = find_community(THEIRS)
    by = db.session.scalars(sa.select(User).where(User.login == "other-staff")).one()
    day = planned_day(there, by)
    ahead = clock.now() + timedelta(days=5) - day.open_at
    for name in ("open_at", "close_at", "apply_from", "apply_until", "arrive_by"):
        setattr(day, name, getattr(day, name) + timedelta(days=ahead.days))


def _copied(file: Path, size: Size) -> list[Past]:
    """Communities, vendors and markets; the markets that are still to be posted."""
    with closing(sqlite3.connect(file)) as connection:
        kept = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        drop_triggers(connection)
        grown = Grown(connection)
        ((ours, region),) = connection.execute(f"SELECT id, region_id FROM community WHERE slug = '{OURS}'")
        ((theirs,),) = connection.execute(f"SELECT id FROM community WHERE slug = '{THEIRS}'")
        named = {("community", "region_id"): str(region), ("community", "name"): "'第' || n || '社区'"}
        grown.copy("community", [theirs], size.communities, named)
        query = f"SELECT id FROM vendor WHERE community_id = {ours} AND user_id IS NULL ORDER BY id"
        vendors = [number for (number,) in connection.execute(query)]
        _copy_vendors(grown, vendors, size.vendors)
        query = (
            f"SELECT max(id) FROM market_day m WHERE community_id = {ours} AND state = 'settled' AND {ONCE}"
        )
        ((day,),) = connection.execute(query).fetchall()
        before = grown.highest
        grown.copy("market_day", [day], size.markets, {}, days_back=7)
        for (statement,) in kept:
            connection.execute(statement)
        connection.commit()
        return _past(connection, before)


def _copy_vendors(grown: Grown, originals: list[int], count: int) -> None:
    """Each with its papers and terms, not with its days."""
    times = -(-count // len(originals))
    phone = "'13' || printf('%09d', id * 10000 + n)"
    named = {
        ("vendor", "trading_name"): "trading_name || n",
        ("vendor", "phone"): phone,
        ("vendor", "found_by"): "''",  # made anew when all is there: the name is another
    }
    grown.copy("vendor", originals, times, named, spared=grown.belonging_to("market_day"))


def _past(connection: sqlite3.Connection, above: int) -> list[Past]:
    query = """SELECT m.id, s.ref, s.id, s.contribution_fen FROM market_day m
        JOIN settlement s ON s.day_id = m.id WHERE m.id > ? ORDER BY m.open_at DESC"""
    rows = connection.execute(query, (above,)).fetchall()
    return [Past(number, row[1], row[0], row[2], row[3]) for number, row in enumerate(rows, 1)]


class Grown:
    """A SQLite file to which copies of its own rows are added."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        names = [name for (name,) in connection.execute(query)]
        self.tables = {name: columns_of(connection, name) for name in names}
        self.highest = 0
        connection.execute("CREATE TEMP TABLE number (n INTEGER PRIMARY KEY)")

    def belonging_to(self, root: str) -> frozenset[str]:
        """This table, and those with a column that refers to one of them, and so on."""
        found = {root}
        while True:
            more = {
                name for name, columns in self.tables.items() if any(c.refers_to in found for c in columns)
            }
            if more <= found:
                return frozenset(found)
            found |= more

    def copy(
        self,
        root: str,
        originals: list[int],
        times: int,
        named: Mapping[tuple[str, str], str],
        *,
        days_back: int = 0,
        spared: frozenset[str] = frozenset(),
    ) -> None:
        """Writes these rows and all that belongs to them so many times more, each copy some days earlier."""
        rows = self._rows(root, originals, spared - {root})
        self.connection.execute("DELETE FROM number")
        self.connection.executemany("INSERT INTO number VALUES (?)", [(n,) for n in range(1, times + 1)])
        # Numbers go on above all that there are, so that a second kind of copies meets none of the first.
        base = self.highest
        for table in rows:
            self._write(table, rows, base, named, days_back)
        self.highest = base + STEP * times

    def _rows(self, root: str, originals: list[int], spared: frozenset[str]) -> dict[str, set[int]]:
        rows: dict[str, set[int]] = {root: set(originals)}
        growing = True
        while growing:
            growing = False
            for name, columns in self.tables.items():
                if name in SPARED or name in spared or "id" not in {c.name for c in columns}:
                    continue
                found = {number for c in columns for number in self._referring(name, c, rows)}
                if not found <= rows.get(name, set()):
                    rows.setdefault(name, set()).update(found)
                    growing = True
        return rows

    def _referring(self, table: str, column: Column, rows: dict[str, set[int]]) -> Iterator[int]:
        if column.refers_to not in rows or (column.refers_to == table and column.name == "id"):
            return
        known = _listed(rows[column.refers_to])
        query = f'SELECT id FROM {table} WHERE "{column.name}" IN ({known}) AND id < {STEP}'
        for (number,) in self.connection.execute(query):
            yield number

    def _write(
        self,
        table: str,
        rows: dict[str, set[int]],
        base: int,
        named: Mapping[tuple[str, str], str],
        days_back: int,
    ) -> None:
        keys = told_apart_by(self.connection, table, self.tables[table], set(rows))
        values = [
            named.get((table, column.name)) or _value(table, column, rows, keys, base, days_back)
            for column in self.tables[table]
        ]
        names = ", ".join(f'"{column.name}"' for column in self.tables[table])
        # In the order of the copies, so that each table is written at its end.
        self.connection.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM number CROSS JOIN {table}"
            f" WHERE id IN ({_listed(rows[table])})"
        )


def _listed(numbers: set[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers))


def _value(
    table: str, column: Column, rows: dict[str, set[int]], keys: set[str], base: int, days_back: int
) -> str:
    """What stands in this column of a copy, as SQL."""
    moved = f'"{column.name}" + {base} + n * {STEP}'
    if column.name == "id":
        return moved
    if column.name == "ref":
        return f"printf('%010d', id + {base} + n * {STEP})"
    if column.refers_to in rows:
        known = _listed(rows[column.refers_to])
        return f'CASE WHEN "{column.name}" IN ({known}) THEN {moved} ELSE "{column.name}" END'
    if column.refers_to == "entry":
        return "NULL"
    if column.name in keys:
        return moved if "INT" in column.kind else f"\"{column.name}\" || 'x' || ({base // STEP} + n)"
    if days_back and column.kind == "DATETIME":
        earlier = f"\"{column.name}\", '-' || ({days_back} * n) || ' days'"
        return f"strftime('%Y-%m-%d %H:%M:%S', {earlier}) || '.000000'"
    if days_back and column.kind == "DATE":
        return f"date(\"{column.name}\", '-' || ({days_back} * n) || ' days')"
    return f'"{column.name}"'


# ── the book and the journal ──────────────────────────────────────────────────────────────────────────────


def _write_book(size: Size, past: list[Past]) -> None:
    community = find_community(OURS)
    fund = require_fund(community)
    if size.entries > fund.book.entry_count + 2 * len(past):
        fill(fund, size.entries, past)
    _write_lines(community.id, size.lines)


def _write_lines(chain: int, count: int) -> None:
    """Lines of acts that changed nothing, after those that there are."""
    journal = journal_of(chain)
    number, head, public = journal.lines, journal.head_hash, kinds().public
    rows: list[dict[str, Any]] = []
    while number < count:
        number += 1
        at = datetime(2040, 1, 2, tzinfo=UTC) + timedelta(seconds=number)
        line = LineFacts(chain, number, chain, None, None, "city.act", "entry", "x", {}, at, {})
        salt = f"{number:032x}"
        said = said_hash(line, salt)
        head = line_hash(head, said, shown_facts(line.facts, public))
        rows.append({**line._asdict(), "salt": salt, "said": said, "hash": head})
        if len(rows) == 20_000:
            db.session.execute(sa.insert(AuditRow.__table__), rows)  # type: ignore[arg-type]  # a table
            rows = []
    if rows:
        db.session.execute(sa.insert(AuditRow.__table__), rows)  # type: ignore[arg-type]  # a table
    journal.lines, journal.head_hash = number, head
