"""Many tick the same call at once: it is told once; and what happens when the guards are off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.service import find_day_by_ref
from market.db import db, unit_of_work
from market.notices import service
from market.notices.models import Telling
from market.notices.rules import Channel
from market.people.models import User
from tests.cast import person
from tests.conftest import both_engines
from tests.notices.conftest import Published
from tests.races import at_once, guards_off

pytestmark = both_engines
MANY = 8


@pytest.fixture
def tell(context: Flask, published: Published) -> Callable[[], str]:
    """Ticks one call; answers with how many were told."""
    staff, seen = person("staff").id, published.seen("乙")

    def act() -> str:
        day, by = find_day_by_ref(published.ref), db.session.get_one(User, staff)
        return str(len(service.tell(day, [seen], channel=Channel.CALL, by=by, at=clock.now())))

    return act


def stored() -> int:
    return db.session.scalar(sa.select(sa.func.count(Telling.id))) or 0


def _drop_key() -> None:
    """SQLite drops no key of a table: the table is made again without it."""
    key = "uq_telling_application_id_number"
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text(f"ALTER TABLE telling DROP CONSTRAINT {key}"))
        return
    table = str(db.session.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'telling'")))
    constraint = f"CONSTRAINT {key} UNIQUE (application_id, number)"
    assert constraint in table
    db.session.execute(sa.text("DROP TABLE telling"))
    db.session.execute(sa.text(table.replace(constraint, "CHECK (1)")))


def test_one_call_ticked_by_many_at_once_is_told_once(context: Flask, tell: Callable[[], str]) -> None:
    answers = at_once(context, [tell] * MANY)
    assert (sorted(answers), stored()) == ([*["0"] * (MANY - 1), "1"], 1)


def test_without_the_guards_one_call_is_told_many_times(
    context: Flask, tell: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same act, and the harm that lock and key prevent."""
    with unit_of_work():
        _drop_key()
    with guards_off(context, monkeypatch, together=MANY):
        answers = at_once(context, [tell] * MANY)
    assert answers.count("1") == stored() > 1
