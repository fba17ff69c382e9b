"""Many hosts at once: one claims, one brings; and what happens when the guards are off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from market.audit import AuditRow, waiting
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.outbox import service
from market.outbox.models import Outgoing, SendRule
from market.outbox.rules import ROBOT_PACE, Way
from market.outbox.service import claims
from market.people.models import User
from tests.cast import person
from tests.conftest import both_engines
from tests.outbox.conftest import House
from tests.parts.receivers import Hook
from tests.races import at_once, guards_off

pytestmark = both_engines
MANY = 6


@pytest.fixture
def claim(house: House) -> Callable[[], str]:
    """One host claims what is due; answers with how much it got. Three rows are due."""
    house.addressed("甲", "乙", "丙")
    noon = house.at(12)
    house.plan(noon)
    return lambda: str(len(claims.claim_some(noon)[1]))


@pytest.fixture
def plan(house: House) -> Callable[[], str]:
    """One host looks what is wanted; answers with how much it wrote. Three things are wanted."""
    house.addressed("甲", "乙", "丙")
    noon = house.at(12)
    return lambda: str(service.plan(find_community("huaiyin"), at=noon))


def stored() -> int:
    return db.session.scalar(sa.select(sa.func.count(Outgoing.id))) or 0


def claims_made() -> int:
    """How many times a row was claimed."""
    return db.session.scalar(sa.select(sa.func.sum(Outgoing.attempts))) or 0


def test_what_many_hosts_claim_at_once_each_row_has_one(context: Flask, claim: Callable[[], str]) -> None:
    answers = at_once(context, [claim] * MANY)
    assert (sorted(answers), claims_made()) == ([*["0"] * (MANY - 1), "3"], 3)


def test_without_the_guards_a_row_is_claimed_many_times(
    context: Flask, claim: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the host that looked first brings what another one has claimed since."""
    with guards_off(context, monkeypatch, "outbox.claim", together=MANY):
        at_once(context, [claim] * MANY)
    assert claims_made() > 3


def test_what_many_hosts_plan_at_once_is_there_once(context: Flask, plan: Callable[[], str]) -> None:
    answers = at_once(context, [plan] * MANY)
    assert (sorted(answers), stored()) == ([*["0"] * (MANY - 1), "3"], 3)


def _drop_key() -> None:
    """SQLite drops no key of a table: the table is made again without it."""
    key = "uq_outgoing_way_errand_subject_number"
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text(f"ALTER TABLE outgoing DROP CONSTRAINT {key}"))
        return
    table = str(db.session.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'outgoing'")))
    constraint = f"CONSTRAINT {key} UNIQUE (way, errand, subject, number)"
    assert constraint in table
    db.session.execute(sa.text("DROP TABLE outgoing"))
    db.session.execute(sa.text(table.replace(constraint, "CHECK (1)")))


def test_without_the_guards_the_same_is_planned_many_times(
    context: Flask, plan: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without lock and key everybody would be told by as many rows as there are hosts."""
    with unit_of_work():
        _drop_key()
    with guards_off(context, monkeypatch, "outbox.plan", together=MANY):
        at_once(context, [plan] * MANY)
    assert stored() > 3


@pytest.fixture
def removals(house: House, web: Hook) -> list[Callable[[], str]]:
    """Two of the staff take the robot out; each answers with how many lines that leaves in the journal."""
    with unit_of_work():
        service.set_robot(house.day.community, web.robot, by=house.staff, at=house.at(12))

    def of(login: str) -> Callable[[], str]:
        user_id = person(login).id

        def remove() -> str:
            by = db.session.get_one(User, user_id)
            service.remove_robot(find_community("huaiyin"), by=by, at=house.at(13))
            return str(sum(isinstance(thing, AuditRow) for _savepoints, thing in waiting()))

        return remove

    return [of("staff"), of("second")]


def test_a_robot_taken_out_by_two_is_taken_out_once(
    context: Flask, removals: list[Callable[[], str]]
) -> None:
    assert sorted(at_once(context, removals)) == ["0", "1"]


def test_without_the_guards_it_is_taken_out_twice(
    context: Flask, removals: list[Callable[[], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with guards_off(context, monkeypatch, "outbox.remove_robot", together=2):
        assert at_once(context, removals) == ["1", "1"]


def test_of_many_hosts_one_speaks_for_a_robot(context: Flask, house: House, web: Hook) -> None:
    """And it rests afterwards, whichever host looks next."""
    noon = house.at(12)
    with unit_of_work():
        service.set_robot(house.day.community, web.robot, by=house.staff, at=noon)
        for _number in range(3):
            service.ask_for_test(house.day.community, Way.ROBOT, "", by=house.staff, at=noon)
        ours = house.day.community_id

    answers = at_once(context, [lambda: str(len(claims.claim_for_robot(ours, noon)[1]))] * MANY)
    assert sorted(answers) == [*["0"] * (MANY - 1), "3"]
    assert db.session.scalars(sa.select(SendRule.robot_free_at)).one() == noon + ROBOT_PACE
