"""Routes of this room, by subject."""

from __future__ import annotations

from market.inspection.views import (
    findings as findings,
    incidents as incidents,
    links as links,
    rounds as rounds,
    sheet as sheet,
)
