"""SQLite: the settings money needs, the builds that may use WAL, the queue of writers, the one watcher."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from market import sqlite
from market.db import db, do_in_unit_of_work, unit_of_work
from market.errors import Refusal
from market.sqlite import DatabaseFile, DataVersion

pytestmark = pytest.mark.own_app

SAFE = [(3, 44, 6), (3, 44, 9), (3, 50, 7), (3, 51, 3), (3, 51, 4), (3, 52, 0), (3, 53, 4), (4, 0, 0)]
UNSAFE = [(3, 7, 0), (3, 40, 1), (3, 44, 5), (3, 45, 0), (3, 46, 1), (3, 50, 6), (3, 51, 0), (3, 51, 2)]


@pytest.mark.parametrize("version", SAFE)
def test_a_build_without_the_reset_bug_may_use_wal(version: tuple[int, ...]) -> None:
    assert sqlite.wal_is_safe(version)


@pytest.mark.parametrize("version", UNSAFE)
def test_a_build_with_the_reset_bug_may_not(version: tuple[int, ...]) -> None:
    assert not sqlite.wal_is_safe(version)


def test_every_setting_is_in_force_on_every_connection(context: Flask) -> None:
    with db.engine.connect() as one, db.engine.connect() as other:
        for connection in (one, other):
            answers = {
                pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
                for pragma in sqlite.settings()
            }
            assert answers == {pragma: expected for pragma, (_set, expected) in sqlite.settings().items()}


def test_a_vulnerable_build_falls_back_to_the_rollback_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite.module(), "sqlite_version_info", (3, 40, 1))
    connection = DatabaseFile(str(tmp_path / "m.sqlite3")).connect()
    sqlite.prepare(connection, None)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (3,)
    connection.close()


def test_a_setting_that_does_not_take_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "settings", lambda: {"synchronous": ("OFF", 2)})
    connection = DatabaseFile(str(tmp_path / "m.sqlite3")).connect()
    with pytest.raises(RuntimeError, match="synchronous"):
        sqlite.prepare(connection, None)
    connection.close()


def test_writers_come_one_after_the_other(tmp_path: Path) -> None:
    path, inside, most = str(tmp_path / "lock"), 0, 0
    counting = threading.Lock()

    def write() -> None:
        nonlocal inside, most
        for _ in range(20):
            with sqlite.write_lock(path):
                with counting:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.0005)
                with counting:
                    inside -= 1

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, most) == (0, 1)


def the_file() -> DatabaseFile:
    return DatabaseFile(db.engine.url.database or "")


def count_up() -> None:
    db.session.execute(sa.text("UPDATE counter SET n = n + 1"))


@pytest.fixture
def counter(context: Flask) -> Flask:
    with unit_of_work():
        db.session.execute(sa.text("CREATE TABLE counter (n INTEGER)"))
        db.session.execute(sa.text("INSERT INTO counter VALUES (0)"))
    return context


def test_the_version_moves_with_every_commit_and_with_nothing_else(counter: Flask) -> None:
    version = DataVersion(the_file())
    first = version()
    db.session.scalar(sa.text("SELECT n FROM counter"))
    db.session.rollback()
    assert version() == first
    seen = [first]
    for _ in range(5):
        do_in_unit_of_work(count_up)
        seen.append(version())
    assert len(set(seen)) == 6


def test_threads_that_begin_at_different_times_read_the_same_version(counter: Flask) -> None:
    version = DataVersion(the_file())
    answers: list[str] = []
    version()
    do_in_unit_of_work(count_up)
    for _ in range(3):
        thread = threading.Thread(target=lambda: answers.append(version()))
        thread.start()
        thread.join()
    assert set(answers) == {version()}


@pytest.fixture
def moved(counter: Flask, tmp_path: Path) -> Callable[[], None]:
    """The database file has been moved away; returns what brings it back."""
    do_in_unit_of_work(count_up)
    db.session.remove()
    path = the_file().path
    path.rename(tmp_path / "moved")

    def bring_back() -> None:
        (tmp_path / "moved").rename(path)

    return bring_back


def test_no_empty_database_is_made_where_one_has_vanished(moved: Callable[[], None]) -> None:
    path = Path(db.engine.url.database or "")
    with pytest.raises(Refusal, match=r"database\.unavailable"):
        do_in_unit_of_work(count_up)
    with pytest.raises(OperationalError, match="moved"):
        db.session.execute(sa.text("SELECT n FROM counter"))
    assert not path.exists()


def test_nothing_is_written_to_a_file_put_in_its_place(moved: Callable[[], None], tmp_path: Path) -> None:
    path = Path(db.engine.url.database or "")
    shutil.copy(tmp_path / "moved", path)
    before = path.read_bytes()
    with pytest.raises(Refusal, match=r"database\.unavailable"):
        do_in_unit_of_work(count_up)
    assert path.read_bytes() == before


def test_moved_back_everything_goes_on_and_nothing_is_lost(moved: Callable[[], None]) -> None:
    with pytest.raises(Refusal, match=r"database\.unavailable"):
        do_in_unit_of_work(count_up)
    moved()
    do_in_unit_of_work(count_up)
    assert db.session.scalar(sa.text("SELECT n FROM counter")) == 2


def test_the_watcher_says_when_the_file_has_vanished(counter: Flask, tmp_path: Path) -> None:
    version, path = DataVersion(the_file()), the_file().path
    before = version()
    path.rename(tmp_path / "moved")
    with pytest.raises(sqlite.module().OperationalError):
        version()
    (tmp_path / "moved").rename(path)
    assert version() == before
