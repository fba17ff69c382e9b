"""The desk where a market is settled: our community, the two people, and shorthand for a held market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from flask import Flask

from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import find_community
from market.db import unit_of_work
from market.people.models import User
from market.settlement import service
from market.settlement.models import Settlement
from market.stalls import service as stalls
from market.stalls.models import Assignment
from tests.cast import Cast, person
from tests.factories import settlement as make


@dataclass
class Desk:
    """Who settles and who corrects."""

    community: Community
    clerk: User
    second: User

    def open(self, **more: object) -> MarketDay:
        """A market that has just opened."""
        with unit_of_work():
            return make.open_market(self.community, self.clerk, **more)  # type: ignore[arg-type]  # plain keyword values

    def ended(self, takings: Sequence[int | None] = make.TAKINGS, **more: object) -> MarketDay:
        """A market that is over and has told its takings."""
        with unit_of_work():
            return make.ended_market(self.community, self.clerk, takings, **more)

    def close(self, day: MarketDay, **more: object) -> Settlement:
        with unit_of_work():
            return service.close_day(day, by=self.clerk, at=make.evening(day), **more)  # type: ignore[arg-type]  # plain keyword values

    def settled(self, takings: Sequence[int | None] = make.TAKINGS, **more: object) -> Settlement:
        return self.close(self.ended(takings, **more))

    def correct(self, held: Assignment, fen: int, reason: str = "看错了一行", **more: object) -> Settlement:
        facts: dict[str, object] = {"by": self.second, "at": make.evening(held.day), **more}
        with unit_of_work():
            return service.correct_takings(held, fen, reason, **facts)  # type: ignore[arg-type]  # plain keyword values

    @staticmethod
    def held(day: MarketDay, label: str = "A01") -> Assignment:
        """Who holds a stall."""
        return next(held for held in stalls.assignments(day) if held.stall.label == label)


@pytest.fixture
def desk(context: Flask, cast: Cast) -> Desk:
    """`staff` who settles, `second` who corrects."""
    return Desk(find_community(cast.ours), person("staff"), person("second"))
