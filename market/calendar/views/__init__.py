"""Routes of this room, by audience."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("calendar", __name__)

from market.calendar.views import (  # noqa: E402 - they declare their routes on bp
    paper as paper,
    public as public,
    staff as staff,
)
