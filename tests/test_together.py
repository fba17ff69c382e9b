"""What waits for the same lock is done in one unit of work, and nobody pays for what went wrong elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import event

from market.db import db
from market.errors import Refusal
from market.together import MOST, Together, begins_own_unit, has_own_unit

Act = Callable[[], object]


class Crowd:
    """Acts that all begin while the first one still holds the turn."""

    def __init__(self, app: Flask) -> None:
        self.app, self.answers = app, dict[int, object]()
        self.together = Together[Act, object](lambda acts: [act() for act in acts], self._begin)
        self.begin: Act = int
        self._begun, self._go_on = threading.Event(), threading.Event()
        self._threads: list[threading.Thread] = []

    def __call__(self, acts: list[Act]) -> dict[int, object]:
        self._start(-1, self._first)
        assert self._begun.wait(10)
        for number, act in enumerate(acts):
            self._start(number, act)
        while len(self.together._lines["x"].waiting) < len(acts):
            pass
        self._go_on.set()
        for thread in self._threads:
            thread.join(20)
        return self.answers

    def at_once(self, acts: list[Act], begin: Act) -> dict[int, object]:
        """All of them, with nobody who holds the turn before."""
        self.begin = begin
        for number, act in enumerate(acts):
            self._start(number, act)
        for thread in self._threads:
            thread.join(20)
        return self.answers

    def _first(self) -> str:
        self._begun.set()
        assert self._go_on.wait(10)
        return "first"

    def _begin(self, _name: str) -> None:
        self.begin()

    def _start(self, number: int, act: Act) -> None:
        thread = threading.Thread(target=self._ask, args=(number, act))
        self._threads.append(thread)
        thread.start()

    def _ask(self, number: int, act: Act) -> None:
        with self.app.app_context():
            try:
                self.answers[number] = self.together.do("x", act)
            except Exception as error:
                self.answers[number] = error
            finally:
                db.session.remove()


@pytest.fixture
def commits(context: Flask) -> list[object]:
    """Every commit that is made meanwhile."""
    found: list[object] = []
    event.listen(db.engine, "commit", found.append)
    return found


def test_those_who_wait_are_done_with_one_commit_and_hear_their_own_answer(
    context: Flask, commits: list[object]
) -> None:
    crowd = Crowd(context)
    answers = crowd([partial(pow, number, 2) for number in range(10)])
    assert answers == {-1: "first", **{number: number * number for number in range(10)}}
    assert len(commits) == 2
    assert crowd.together._lines == {}


def test_who_comes_while_the_lock_is_waited_for_is_done_along(context: Flask, commits: list[object]) -> None:
    crowd = Crowd(context)

    def until_all_are_here() -> None:
        while len(crowd.together._lines["x"].waiting) < 5:
            pass

    answers = crowd.at_once([partial(int, number) for number in range(5)], until_all_are_here)
    assert answers == {number: number for number in range(5)}
    assert len(commits) == 1


def test_where_the_lock_cannot_be_had_each_is_told(context: Flask) -> None:
    def closed() -> None:
        raise Refusal("test.closed", "closed")

    answers = Crowd(context).at_once([partial(int, number) for number in range(3)], closed)
    assert {str(answer) for answer in answers.values()} == {"closed (test.closed)"}
    assert len(answers) == 3


def test_nobody_waits_for_more_than_so_many(context: Flask, commits: list[object]) -> None:
    answers = Crowd(context)([partial(int, number) for number in range(MOST + 3)])
    assert len(answers) == MOST + 4
    assert len(commits) == 3


def test_a_refusal_is_heard_by_whoever_was_refused_and_undoes_nothing_of_others(context: Flask) -> None:
    done: list[int] = []

    def act(number: int) -> int:
        if number == 2:
            raise Refusal("test.no", "no")
        done.append(number)
        return number

    answers = Crowd(context)([partial(act, number) for number in range(5)])
    assert isinstance(answers.pop(2), Refusal)
    assert answers == {-1: "first", 0: 0, 1: 1, 3: 3, 4: 4}
    assert set(done) == {0, 1, 3, 4}


def test_only_a_view_that_says_so_begins_its_unit_of_work_itself() -> None:
    def view() -> None: ...

    assert not has_own_unit(view)
    assert has_own_unit(begins_own_unit(view))
