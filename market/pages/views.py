"""Every page, so that the application finds them all in one place."""

from __future__ import annotations

from market.pages import (
    calls,
    coming,
    contacts,
    day,
    day_form,
    desk,
    feed,
    home,
    market,
    month,
    new_date,
    own_number,
    paper,
    review,
    series,
    stallmates,
    statement_notice,
    vendor,
    vendor_home,
    vendor_profile,
    venue_stall,
)
from market.pages.blueprint import bp

__all__ = [
    "bp",
    "calls",
    "coming",
    "contacts",
    "day",
    "day_form",
    "desk",
    "feed",
    "home",
    "market",
    "month",
    "new_date",
    "own_number",
    "paper",
    "review",
    "series",
    "stallmates",
    "statement_notice",
    "vendor",
    "vendor_home",
    "vendor_profile",
    "venue_stall",
]
