"""Routes of this room, by audience."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("notices", __name__)

from market.notices.views import vendor as vendor  # noqa: E402 - it declares its routes on bp
