"""The date that papers are judged for."""

from __future__ import annotations

from datetime import date

from market import clock
from market.calendar import service as calendar
from market.people.access import current_community


def documents_date() -> date:
    """The date papers are judged for: the next market's, or today."""
    community, at = current_community(), clock.now()
    today = clock.today(community.zone)
    ahead = [day for day in calendar.days_to_do(community) if day.open_at >= at]
    return max(today, calendar.local_date(ahead[0])) if ahead else today
