"""The unit of work on both engines: all or nothing, once, retried; and a GET that cannot write."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from market.communities.models import Region
from market.communities.rules import RegionLevel
from market.db import before_act, db, do_in_unit_of_work, key_of, lock_row, new_ref, unit_of_work, unread
from market.errors import Refusal
from tests.cast import Cast, person
from tests.conftest import both_engines

pytestmark = [both_engines, pytest.mark.own_app]


def add_region(code: str, name: str = "槐荫街道") -> Region:
    region = Region(code=code, name=name, level=RegionLevel.STREET)
    db.session.add(region)
    db.session.flush()
    return region


def codes() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Region.code).order_by(Region.code)))


def test_a_unit_of_work_commits_everything_together(context: Flask) -> None:
    with unit_of_work():
        add_region("1")
        add_region("2")
    assert codes() == ["1", "2"]


def test_a_refusal_undoes_all_of_it(context: Flask) -> None:
    def act() -> None:
        add_region("1")
        raise Refusal("test.no", "不行。")

    with pytest.raises(Refusal, match=r"test\.no"):
        do_in_unit_of_work(act)
    assert codes() == []


def test_what_was_pending_before_does_not_slip_in(context: Flask) -> None:
    db.session.add(Region(code="0", name="旧的", level=RegionLevel.STREET))
    with unit_of_work():
        add_region("1")
    assert codes() == ["1"]


def test_an_inner_savepoint_undoes_only_itself(context: Flask) -> None:
    with unit_of_work():
        add_region("1")
        with suppress(Refusal), db.session.begin_nested():
            add_region("2")
            raise Refusal("test.no", "不行。")
        add_region("3")
    assert codes() == ["1", "3"]


def test_reading_does_not_write(context: Flask) -> None:
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        add_region("1")
    db.session.rollback()
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        db.session.execute(sa.text("DELETE FROM region"))
    assert codes() == []


def test_a_row_known_by_its_number_is_read_when_it_is_asked_something(context: Flask) -> None:
    with unit_of_work():
        number = add_region("1", "一街").id
    db.session.remove()
    asked: list[str] = []
    sa.event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    row = unread(Region, number)
    assert (key_of(row), asked) == (number, [])
    assert (row.name, unread(Region, number)) == ("一街", row)


def test_what_is_asked_before_an_act_leaves_the_next_reader_unable_to_write(context: Flask) -> None:
    before_act()
    with unit_of_work():
        add_region("1")
    before_act()
    db.session.rollback()
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        add_region("2")
    db.session.rollback()
    assert codes() == ["1"]


def test_reading_after_writing_does_not_write_either(context: Flask) -> None:
    with unit_of_work():
        add_region("1")
    assert codes() == ["1"]
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        add_region("2")


def test_savepoints_work_while_only_reading(context: Flask) -> None:
    with db.session.begin_nested():
        assert db.session.scalars(sa.select(Region)).all() == []


def test_a_unit_of_work_inside_another_says_so_instead_of_waiting_for_ever(context: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside another"), unit_of_work(), unit_of_work():
        pass
    with unit_of_work():
        add_region("1")
    assert codes() == ["1"]


def busy(engine: str) -> OperationalError:
    """What the driver raises while another writer is in the way."""
    error: Exception = Exception("database is locked")
    if engine == "postgresql":
        error.sqlstate = "55P03"  # type: ignore[attr-defined]  # as psycopg's errors have it
    return OperationalError("UPDATE", None, error)


def test_a_writer_in_the_way_is_waited_for(context: Flask, engine: str) -> None:
    tries: list[int] = []

    def act() -> None:
        tries.append(1)
        add_region("1")
        if len(tries) < 3:
            raise busy(engine)

    do_in_unit_of_work(act)
    assert (len(tries), codes()) == (3, ["1"])


def test_after_six_tries_people_read_a_sentence(
    context: Flask, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    tries: list[int] = []

    def act() -> None:
        tries.append(1)
        add_region("1")
        raise busy(engine)

    with pytest.raises(Refusal) as refused:
        do_in_unit_of_work(act)
    assert (len(tries), refused.value.code, refused.value.status) == (6, "database.unavailable", 503)
    assert codes() == []


def test_any_other_fault_of_the_database_is_not_tried_again(context: Flask) -> None:
    tries: list[int] = []

    def act() -> None:
        tries.append(1)
        db.session.execute(sa.text("SELECT * FROM no_such_table"))

    with pytest.raises((DBAPIError, Refusal)):
        do_in_unit_of_work(act)
    assert len(tries) == 1


def test_a_key_taken_by_somebody_faster_is_looked_at_again(context: Flask) -> None:
    with unit_of_work():
        add_region("1")
    tries: list[int] = []

    def act() -> str:
        tries.append(1)
        found = len(tries) > 1 and db.session.scalar(sa.select(Region).where(Region.code == "1"))
        return found.name if found else add_region("1").name

    assert do_in_unit_of_work(act) == "槐荫街道"
    assert len(tries) == 2


def test_a_key_that_stays_taken_ends_in_a_sentence(context: Flask) -> None:
    with unit_of_work():
        add_region("1")
    tries: list[int] = []

    def act() -> None:
        tries.append(1)
        add_region("1")

    with pytest.raises(Refusal) as refused:
        do_in_unit_of_work(act)
    assert (len(tries), refused.value.code) == (3, "database.conflict")
    assert isinstance(refused.value.__cause__, IntegrityError)


def test_a_locked_row_is_acted_on_by_one_at_a_time(app: Flask, cast: Cast) -> None:
    """Everybody reads the name, waits, and writes it one longer: without a lock letters would be lost."""

    def lengthen() -> None:
        user = person("staff")
        lock_row(user)
        name = user.display_name
        time.sleep(0.01)
        user.display_name = name + "x"

    def run() -> None:
        with app.app_context():
            do_in_unit_of_work(lengthen)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert person("staff").display_name == "王社工" + "x" * 8


def test_who_waited_for_a_row_that_was_taken_out_is_told_so(context: Flask) -> None:
    region = do_in_unit_of_work(lambda: add_region("1"))

    def act() -> None:
        db.session.execute(sa.delete(Region).execution_options(synchronize_session=False))
        db.session.expire(region)
        lock_row(region)

    with pytest.raises(Refusal, match=r"database\.gone"):
        do_in_unit_of_work(act)
    assert codes() == ["1"]


def test_what_was_read_before_the_lock_is_read_again_after_it(app: Flask, cast: Cast) -> None:
    with app.app_context():
        reading, written = threading.Event(), threading.Event()
        seen: list[str] = []

        def late() -> None:
            def act() -> None:
                user = person("staff")
                reading.set()
                written.wait(10)
                lock_row(user)
                seen.append(user.display_name)

            with app.app_context():
                do_in_unit_of_work(act)

        def rename() -> None:
            person("staff").display_name = "新名字"

        if db.engine.dialect.name == "sqlite":
            do_in_unit_of_work(rename)
            written.set()
            late()
        else:
            thread = threading.Thread(target=late)
            thread.start()
            reading.wait(10)
            do_in_unit_of_work(rename)
            written.set()
            thread.join()
        assert seen == ["新名字"]


def test_names_in_addresses_can_neither_be_counted_nor_guessed(context: Flask) -> None:
    refs = {new_ref() for _ in range(2000)}
    assert len(refs) == 2000
    assert {len(ref) for ref in refs} == {10}
    assert set("".join(refs)) <= set("abcdefghjkmnpqrstvwxyz0123456789")
