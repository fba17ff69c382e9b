"""Copying a database that is in use, and filling one from the copy."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from market import sqlite
from market.errors import Refusal

PAGES_AT_ONCE = 2_000
"""Of 4 KiB: between two portions of the copy others may write."""


def copy_database(url: str, target: Path) -> None:
    """A consistent copy of a database while others write to it.

    Raises Refusal("upkeep.no_program") where PostgreSQL's own program is missing, "upkeep.failed" with what
    it said.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        _copy_sqlite(Path(address.database or ""), target)
    else:
        _run(address, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def _copy_sqlite(source: Path, target: Path) -> None:
    connect = sqlite.module().connect
    uri = f"{source.resolve().as_uri()}?mode=ro"
    with closing(connect(uri, uri=True)) as old, closing(connect(str(target))) as new:
        old.backup(new, pages=PAGES_AT_ONCE)
        new.execute("PRAGMA journal_mode = DELETE")


def fill_database(url: str, copy: Path) -> None:
    """Fills an empty database from a copy. Raises Refusal("upkeep.not_empty") for one that holds tables."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        _fill_sqlite(Path(address.database or ""), copy)
    else:
        _refuse_filled(url)
        _run(address, "pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", str(copy))


def _fill_sqlite(target: Path, copy: Path) -> None:
    if target.exists():
        raise Refusal("upkeep.not_empty", f"{target} 已经在了。先把它挪开（不要删），再恢复。")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(copy, target)


def _refuse_filled(url: str) -> None:
    with _engine(url).connect() as connection:
        tables = sa.inspect(connection).get_table_names()
    if tables:
        raise Refusal("upkeep.not_empty", f"这个数据库里已经有 {len(tables)} 张表。换一个空的，再恢复。")


@contextmanager
def spare_database(url: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database on the same server, gone afterwards."""
    name = f"market_drill_{secrets.token_hex(4)}"
    with _engine(url).execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
        try:
            yield make_url(url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url, poolclass=sa.NullPool)


def _run(address: URL, program: str, *words: str) -> None:
    """Runs one of PostgreSQL's programs; the password goes through the environment, where `ps` shows none."""
    from psycopg.conninfo import make_conninfo

    if shutil.which(program) is None:
        raise Refusal("upkeep.no_program", f"找不到 {program}。装上 Debian 的 postgresql-client，再来一次。")
    _words, parts = address.get_dialect()().create_connect_args(address)
    password = parts.pop("password", None)
    done = subprocess.run(
        [program, *words, f"--dbname={make_conninfo(**parts)}"],
        env={**os.environ, **({"PGPASSWORD": password} if password else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal("upkeep.failed", f"{program} 没有做完：{done.stderr.strip()}")
