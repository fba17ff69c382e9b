"""What is worked out again only when a community's journal goes on, or another minute begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask

from market import audit, clock
from market.communities.service import find_community
from market.db import unit_of_work
from market.journal.unchanged import count_while_unchanged
from tests.cast import Cast, person

NOON = datetime(2026, 5, 9, 4, 0, tzinfo=UTC)


class Counter:
    """Counts how often it was asked."""

    times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def say(slug: str) -> None:
    with unit_of_work():
        community = find_community(slug)
        audit.record(
            "vendors.take_contacts", community, by=person("staff"), at=clock.now(), community=community
        )


def test_a_number_holds_for_a_state_of_the_journal_and_a_minute(context: Flask, cast: Cast) -> None:
    ours, count = find_community(cast.ours).id, Counter()

    def asked(later: int = 0, name: str = "calls") -> int:
        return count_while_unchanged(name, ours, NOON + timedelta(seconds=later), count)

    assert [asked(), asked(59), asked(60), asked(61)] == [1, 1, 2, 2]
    say("songhe")
    assert asked(61) == 2
    say(cast.ours)
    assert [asked(61), asked(62)] == [3, 3]
    assert asked(62, "letters") == 4
