"""Rows as they are stored, read many at a time: for whoever looks at all of a table, however damaged.

What SQLite keeps as text is read as text; a moment or a date is made of it where one is needed.
"""

from __future__ import annotations

import gc
import json
import json.scanner
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from market import sqlite
from market.db import db

AT_ONCE = 2_000
"""How many rows are in memory at a time."""

UNREADABLE = (LookupError, TypeError, ValueError, DBAPIError)
"""What reading may raise where a file was changed by hand."""


def as_stored(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A column without the conversion of its type: a word that is none of an enumeration stops no reading."""
    if isinstance(column.type, sa.Integer):
        return column
    return sa.type_coerce(column, sa.String).label(column.key)


def stream(query: sa.Select[Any]) -> Iterator[Any]:
    """The rows of a query, a few of them in memory at a time."""
    for rows in db.session.execute(query, execution_options={"yield_per": AT_ONCE}).partitions():
        yield from rows


def stream_stored(query: sa.Select[Any]) -> Iterator[Any]:
    """The same for columns `as_stored`: on SQLite bare tuples of its driver, in a third of the time."""
    connection = db.session.connection()
    if connection.dialect.name != "sqlite":
        yield from stream(query)
        return
    result = connection.execute(query)
    cursor: Any = result.cursor
    try:
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows
    except sqlite.module().Error as error:
        raise DBAPIError(str(query), None, error) from error
    finally:
        result.close()


@contextmanager
def much_in_memory() -> Iterator[None]:
    """Python looks for circles among all objects now and then; among a million that takes seconds."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def moment(value: Any) -> datetime:
    """A stored moment."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, datetime):
        raise TypeError(f"{value!r} is no moment")
    return found.replace(tzinfo=UTC)


_KEPT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}").fullmatch
"""How SQLite keeps a moment."""


def spelt_moment(value: Any) -> str:
    """A stored moment as it is spelt in what is hashed."""
    return spelt_when_kept(value) or moment(value).isoformat(timespec="microseconds")


def spelt_when_kept(value: Any) -> str | None:
    """The same where it is plainly kept as SQLite keeps one; None: it must be read."""
    if isinstance(value, str) and _KEPT(value):
        return f"{value[:10]}T{value[11:]}+00:00"
    return None


def day(value: Any) -> date:
    """A stored date."""
    found = date.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(found, date):
        raise TypeError(f"{value!r} is no date")
    return found


def whole(value: object) -> int:
    """SQLite keeps any value in any column; a number of the books is a whole number or nothing."""
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value


_scan: Any = json.scanner.make_scanner(json.JSONDecoder())  # type: ignore[arg-type]  # its stub is wrong


def _read(text: str) -> Any:
    """As `json.loads`, which first looks for blanks around it."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        end = -1
    return value if end == len(text) else json.loads(text)


def mapping(value: Any) -> dict[str, Any]:
    """A stored JSON object, which PostgreSQL's driver has read already."""
    if isinstance(value, str):
        value = _read(value)
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return value
