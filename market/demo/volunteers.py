"""Volunteers of the demo's markets: how many came, and for how long together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from market import clock
from market.calendar import service as calendar
from market.demo.cast import Cast, morning
from market.gate import service as gate

Act = tuple[datetime, Callable[[datetime], object]]

HELPED = (
    (date(2024, 1, 27), 12, 60), (date(2024, 2, 24), 9, 45), (date(2024, 5, 18), 7, 28),
    (date(2024, 6, 8), 8, 40), (date(2024, 9, 15), 9, 40), (date(2024, 11, 16), 8, 36),
)  # fmt: skip
"""Date, people, their hours added up; of the other markets nobody noted it."""


def acts(cast: Cast) -> list[Act]:
    """Noted in the afternoon, when the sheets were read."""
    return [(morning(on, 15, 30), _noting(cast, on, people, hours)) for on, people, hours in HELPED]


def _noting(cast: Cast, on: date, people: int, hours: int) -> Callable[[datetime], object]:
    def note(at: datetime) -> object:
        since = clock.at_local(on, time(), cast.zone)
        (day,) = calendar.public_days(cast.community, since, since + timedelta(days=1))
        return gate.note_volunteers(day, people, hours, by=cast.staff, at=at)

    return note
