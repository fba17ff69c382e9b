"""The demo year as it is needed by benches: on SQLite or PostgreSQL, its next market open, or very large."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_migrate import upgrade
from psycopg import sql

from market.app import create_app
from market.config import Settings
from market.db import Model, db, new_ref
from market.stalls.short_code import code_of
from tests.bench.demo import DATABASE, MARKET, environment, played
from tests.bench.servers import free_port, running
from tests.loaded_year import drop_triggers, multiply
from tests.parts.postgres import Server, running_server

ENGINES = ("sqlite", "postgresql")
TIMES = 42
"""So often is everything of the demo's market there, where it has 1,000 stalls."""


class Installation(NamedTuple):
    """A folder, and the address of its database."""

    folder: Path
    url: str

    @property
    def database(self) -> str:
        """What the settings say of it: nothing, where it lies in the folder."""
        return "" if self.url.startswith("sqlite") else self.url

    def ask(self, query: str, **values: object) -> list[Any]:
        """Rows of the database, or what a change leaves."""
        engine = sa.create_engine(self.url)
        with engine.begin() as connection:
            found = connection.execute(sa.text(query), values)
            rows = list(found.all()) if found.returns_rows else []
        engine.dispose()
        return rows


@contextmanager
def served(at: Installation) -> Iterator[str]:
    """The address of the production server on it."""
    port = free_port()
    with running([MARKET, "serve"], port, environment(at.folder, port, at.database)) as address:
        yield address


@contextmanager
def installation(server: Server | None, *, large: bool = False) -> Iterator[Installation]:
    """A copy of the demo to change: on PostgreSQL where there is a server, else on SQLite."""
    with TemporaryDirectory(prefix="market-bench-") as name:
        folder = Path(name) / "instance"
        shutil.copytree(played(), folder)
        if large:
            shutil.copy(_large(), folder / DATABASE)
        if server is None:
            yield Installation(folder, f"sqlite:///{folder / DATABASE}")
            return
        with fresh_database(server) as url:
            _move(folder, url)
            yield Installation(folder, url)


@contextmanager
def database_server(engine: str) -> Iterator[Server | None]:
    """A PostgreSQL server that waits for the disk as real ones do; None for SQLite."""
    with ExitStack() as stack:
        if engine == "sqlite":
            yield None
            return
        server = stack.enter_context(running_server())
        for name in ("fsync", "full_page_writes"):
            server.execute(sql.SQL("ALTER SYSTEM SET {} = on").format(sql.Identifier(name)))
        server.execute(sql.SQL("SELECT pg_reload_conf()").format())
        yield server


@contextmanager
def fresh_database(server: Server) -> Iterator[str]:
    """The address of an empty database, dropped afterwards."""
    name = f"bench_{new_ref()}"
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.url(name)
    finally:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def open_next_market(at: Installation) -> tuple[str, list[str]]:
    """The market that comes next, open at this moment, and the codes of its passes."""
    now = datetime.now(UTC).replace(tzinfo=None)
    ((number, ref),) = at.ask("SELECT id, ref FROM market_day WHERE state = 'published' AND id < 1000000")
    hours = {"open": now - timedelta(hours=1), "close": now + timedelta(hours=5)}
    change = "UPDATE market_day SET state = 'open', open_at = :open, close_at = :close WHERE id = :id"
    at.ask(change, id=number, **hours)
    codes = at.ask("SELECT short_code FROM pass_version WHERE day_id = :id ORDER BY id", id=number)
    return str(ref), [str(code) for (code,) in codes]


# ── a market of 1,000 stalls ──────────────────────────────────────────────────────────────────────────────


def _large() -> Path:
    return Path(_made_large().name) / DATABASE


@lru_cache(maxsize=1)
def _made_large() -> TemporaryDirectory[str]:
    folder: TemporaryDirectory[str] = TemporaryDirectory(prefix="market-bench-")
    file = Path(folder.name) / DATABASE
    shutil.copy(played() / DATABASE, file)
    with closing(sqlite3.connect(file)) as connection:
        triggers = "SELECT sql FROM sqlite_master WHERE type = 'trigger'"
        kept = [statement for (statement,) in connection.execute(triggers).fetchall()]
        drop_triggers(connection)
        multiply(connection, ("vendor", "stall"), TIMES)
        for table in Model.metadata.sorted_tables:
            _name_anew(connection, table)
        for statement in kept:
            connection.execute(statement)
        connection.commit()
    return folder


def _name_anew(connection: sqlite3.Connection, table: sa.Table) -> None:
    """Copies were told apart by longer names than their columns hold; PostgreSQL would refuse them."""
    for column in table.c:
        length = getattr(column.type, "length", None)
        if not length:
            continue
        found = connection.execute(f'SELECT rowid FROM {table.name} WHERE length("{column.name}") > {length}')
        names = [(_name(column.name, number), key) for number, (key,) in enumerate(found.fetchall())]
        connection.executemany(f'UPDATE {table.name} SET "{column.name}" = ? WHERE rowid = ?', names)


def _name(column: str, number: int) -> str:
    if column == "ref":
        return new_ref()
    return code_of(number) if column == "short_code" else f"Z{number}"


# ── the same on PostgreSQL ────────────────────────────────────────────────────────────────────────────────


def _move(folder: Path, url: str) -> None:
    """Every row of the file in the folder, in an empty database that is migrated before."""
    app = create_app(Settings(instance=folder, database=url, log_level="error"))
    with app.app_context():
        upgrade()
        file = sa.create_engine(f"sqlite:///{folder / DATABASE}")
        with file.connect() as reading, db.engine.begin() as writing:
            writing.exec_driver_sql("SET TRANSACTION READ WRITE")
            writing.exec_driver_sql("SET LOCAL session_replication_role = replica")
            for table in Model.metadata.sorted_tables:
                _copy(reading, writing, table)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
        file.dispose()
        db.session.remove()
        db.engine.dispose()


def _copy(reading: sa.Connection, writing: sa.Connection, table: sa.Table) -> None:
    writing.execute(sa.delete(table))
    rows = [dict(row) for row in reading.execute(sa.select(table)).mappings()]
    if rows:
        writing.execute(sa.insert(table), rows)
    if "id" in table.c and isinstance(table.c.id.type, sa.BigInteger):
        last = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), max(id)) FROM {table.name}"
        writing.exec_driver_sql(last)
