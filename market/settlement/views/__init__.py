"""Routes of this room, by audience."""

from __future__ import annotations

from market.settlement.views import (
    additions as additions,
    agreements as agreements,
    automatic as automatic,
    fees as fees,
    imports as imports,
    links as links,
    paper as paper,
    receipts as receipts,
    staff as staff,
    suggestions as suggestions,
    vendor as vendor,
)
