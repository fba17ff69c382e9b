"""What a page asks twice is read once; an act asks anew each time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, guards, unit_of_work
from market.reading import read_once, told
from tests.cast import Cast


class Register:
    """A question that counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

        @read_once
        def names(beginning: str) -> list[str]:
            self.asked += 1
            query = sa.select(Community.name).where(Community.name.startswith(beginning))
            return list(db.session.scalars(query.order_by(Community.id)))

        self.names = names


@pytest.fixture
def register(app: Flask, cast: Cast) -> Iterator[Register]:
    with app.app_context():
        yield Register()


def test_a_page_reads_it_once(register: Register) -> None:
    assert register.names("") == register.names("")
    assert register.asked == 1


def test_another_question_is_another(register: Register) -> None:
    assert register.names("") != register.names("没有这样的名字")
    assert register.asked == 2


def test_what_somebody_does_with_the_list_is_nobody_elses(register: Register) -> None:
    register.names("").clear()
    assert register.names("") != []


def test_an_act_sees_what_it_wrote(register: Register, cast: Cast) -> None:
    with unit_of_work():
        before = register.names("")
        find_community(cast.ours).name = "另一个名字"
        assert register.names("") != before
        assert told("anything") == {}


def test_what_was_read_before_an_act_is_forgotten_with_it(register: Register, cast: Cast) -> None:
    before = register.names("")
    with unit_of_work():
        find_community(cast.ours).name = "另一个名字"
    assert register.names("") != before


def test_without_the_end_of_its_transaction_a_page_would_go_on_with_the_old(
    register: Register, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: answers that outlive their transaction are stale after an act."""
    kept: dict[object, object] = {}
    monkeypatch.setattr("market.reading.told", lambda _about: kept)
    before = register.names("")
    with unit_of_work():
        find_community(cast.ours).name = "另一个名字"
    assert register.names("") == before


def test_where_the_guards_are_off_everything_is_asked(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "on", False)
    for _time in range(2):
        register.names("")
    assert register.asked == 2
