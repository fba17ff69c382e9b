"""Many tell the same event at once: it is told once; and what happens when the guards are off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, guards, unit_of_work
from market.notices import service
from market.notices.models import Notice
from market.notices.service import Message, Recipient
from market.people.models import User
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.ledger.test_races import at_once

pytestmark = both_engines
MANY = 8


@pytest.fixture
def tell(context: Flask, cast: Cast) -> Callable[[], str]:
    """Tells one event; answers with how many were told."""
    community, staff = find_community(cast.ours).id, person("staff").id

    def act() -> str:
        place, by = db.session.get_one(Community, community), db.session.get_one(User, staff)
        message = Message(Recipient(None, "王师傅", "13900000001"), "gate.placed", {}, "offer:1", "day1")
        return str(service.tell(place, [message], by=by, at=clock.now()))

    return act


def stored() -> int:
    return db.session.scalar(sa.select(sa.func.count(Notice.id))) or 0


@contextmanager
def guards_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No locks, no unique key; everyone has looked before the first one writes."""
    with unit_of_work():
        _drop_key()
    barrier = threading.Barrier(MANY)

    def wait(_name: str) -> None:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(10)

    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "race_point", wait)
        patch.setattr(guards, "on", False)
        yield


def _drop_key() -> None:
    """SQLite drops no key of a table: the table is made again without it."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("ALTER TABLE notice DROP CONSTRAINT uq_notice_source"))
        return
    table = db.session.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'notice'"))
    db.session.execute(sa.text("DROP TABLE notice"))
    db.session.execute(
        sa.text(str(table).replace("CONSTRAINT uq_notice_source UNIQUE (source)", "CHECK (1)"))
    )


def test_one_event_told_by_many_at_once_is_told_once(context: Flask, tell: Callable[[], str]) -> None:
    answers = at_once(context, [tell] * MANY)
    assert (sorted(answers), stored()) == ([*["0"] * (MANY - 1), "1"], 1)


def test_without_the_guards_one_event_is_told_many_times(
    context: Flask, tell: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same act, and the harm that the key prevents."""
    with guards_off(context, monkeypatch):
        answers = at_once(context, [tell] * MANY)
    assert answers.count("1") == stored() > 1
