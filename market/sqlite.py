"""SQLite made safe: which build, which settings, and a fair queue for writers."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

if sys.platform != "win32":
    import fcntl

WAL_RESET_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
"""Builds since which two connections can no longer corrupt a WAL by resetting it at the same moment
(https://sqlite.org/wal.html#walresetbug); 3.50.7 and 3.44.6 are back-ports within their minor version."""


def module() -> ModuleType:
    """The newest SQLite at hand: the PyPI build where it is installed, else the interpreter's own."""
    try:
        import pysqlite3
    except ImportError:
        return sqlite3
    return pysqlite3  # type: ignore[no-any-return]


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this build is free of the WAL-reset bug."""
    newest, *backports = WAL_RESET_FIXED
    return version >= newest or any(version[:2] == fixed[:2] and version >= fixed for fixed in backports)


def journal_mode() -> str:
    """WAL where it is safe, otherwise the slower rollback journal."""
    return "wal" if wal_is_safe(module().sqlite_version_info) else "delete"


def settings() -> dict[str, tuple[object, object]]:
    """Pragma → (what we set, what SQLite must answer)."""
    return {
        "journal_mode": (journal_mode(), journal_mode()),
        "synchronous": ("FULL", 2) if journal_mode() == "wal" else ("EXTRA", 3),
        "foreign_keys": ("ON", 1),
        "recursive_triggers": ("ON", 1),
        "trusted_schema": ("OFF", 0),
        "cell_size_check": ("ON", 1),
        "busy_timeout": (10_000, 10_000),
    }


def prepare(connection: Any, _record: object) -> None:
    """Sets the pragmas on a new connection and stops if one did not take: money is not kept on hope."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma, (value, expected) in settings().items():
        cursor.execute(f"PRAGMA {pragma} = {value}")
        answer = cursor.execute(f"PRAGMA {pragma}").fetchone()[0]
        if answer != expected:
            raise RuntimeError(f"SQLite answered {pragma} = {answer!r}, not {expected!r}")
    cursor.close()


@contextmanager
def write_lock(path: str) -> Iterator[None]:
    """Queues writers fairly; SQLite's own busy handler starves some of them for seconds."""
    with Path(path).open("w") as file:
        if sys.platform != "win32":  # Windows has no flock: there the busy timeout alone orders the writers
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class DatabaseFile:
    """The database file as it was at the start; connections go to this very file or nowhere.

    SQLite would make an empty file where one has vanished, write on into one that was moved away, and mix up
    the journals of one that was put in its place. So all that is refused; moved back, everything goes on.
    """

    def __init__(self, path: str) -> None:
        self.stand_at(Path(path).absolute())

    def stand_at(self, path: Path) -> None:
        """From now on this is the file; made when it is not there."""
        self.path = path
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        self._identity = self._found()

    def _found(self) -> tuple[int, int] | None:
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def check(self) -> None:
        """Raises SQLite's own error unless the file is still in its place."""
        if self._found() != self._identity:
            raise module().OperationalError("the database file was moved or replaced while in use")

    def connect(self) -> Any:
        self.check()
        uri = f"file:{quote(str(self.path))}?mode=rw"
        return module().connect(uri, uri=True, timeout=10, check_same_thread=False)


class DataVersion:
    """A text that changes whenever another connection has committed.

    `PRAGMA data_version` counts what one connection has seen, so numbers of two connections cannot be
    compared: all threads of a process ask the same one, which never writes.
    """

    def __init__(self, file: DatabaseFile) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._connection: Any = None
        self._process = 0

    def __call__(self) -> str:
        (version,) = self.ask("PRAGMA data_version")
        return f"{self._process}.{version}"

    def ask(self, query: str, values: tuple[object, ...] = ()) -> Any:
        """The first row of an answer, on the same connection."""
        with self._lock:
            self._file.check()
            if self._process != os.getpid():  # a connection does not outlive a fork
                self._connection, self._process = self._file.connect(), os.getpid()
            return self._connection.execute(query, values).fetchone()
