"""Routes of this room, by audience."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("calendar", __name__)

from market.calendar.views import days as days  # noqa: E402 - it declares its route on bp
