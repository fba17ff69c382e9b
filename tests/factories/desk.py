"""A published market of three vendors on A01 … A03, and the people of its gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.gate.models import Scan
from market.passes import service as passes
from market.passes.models import StallPass
from market.people.models import User
from market.stalls.models import Assignment
from tests.cast import Cast, person
from tests.factories import gate as make


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What is done inside is refused with this code, and undone."""
    with pytest.raises(Refusal) as caught, db.session.begin_nested():
        yield
    assert caught.value.code == code


def forged(stall_pass: StallPass) -> str:
    """The same claims with another signature."""
    token = passes.pass_token(stall_pass)
    last = "0" if token[-1] != "0" else "1"
    return token[:-1] + last


@dataclass
class Desk:
    """What a test of the gate has at hand."""

    community: Community
    other: Community
    staff: User
    volunteer: User
    day: MarketDay

    def stall_pass(self, stall: str = "A01") -> StallPass:
        """The pass that counts for a stall."""
        return make.passes_by_stall(self.day)[stall]

    def held(self, stall: str = "A01") -> Assignment:
        return self.stall_pass(stall).assignment

    def scan(self, code: str, **more: object) -> Scan:
        """A scan by the volunteer, while vendors drive in."""
        return make.scan_code(self.day, code, self.volunteer, **more)  # type: ignore[arg-type]  # plain keyword values


@pytest.fixture
def published(context: Flask, cast: Cast) -> Desk:
    """Committed, for tests in which several act at once."""
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make.published_day(community, staff)
        return Desk(community, find_community(cast.theirs), staff, person("gate"), day)


@pytest.fixture
def desk(published: Desk) -> Iterator[Desk]:
    """The same inside an open unit of work."""
    with unit_of_work():
        yield published
