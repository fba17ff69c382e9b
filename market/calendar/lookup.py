"""The market day that an address names: how every view finds the day it shows or changes."""

from __future__ import annotations

from market.calendar.models import MarketDay
from market.calendar.service import find_day, find_day_alone, find_public_day
from market.people.access import current_community


def day_at(ref: str) -> MarketDay:
    """The day of this community; refuses `calendar.no_day` for one of another."""
    return find_day(current_community(), ref)


def acted_day_at(ref: str) -> MarketDay:
    """The same for an act at the gate, where people wait: without what only pages show."""
    return find_day_alone(current_community(), ref)


def public_day_at(ref: str) -> MarketDay:
    """The same for residents and vendors, to whom a draft looks as if it were not there."""
    return find_public_day(current_community(), ref)
