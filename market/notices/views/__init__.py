"""Routes of this room, by audience."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("notices", __name__)

from market.notices.views import (  # noqa: E402 - they declare their routes on bp
    staff as staff,
    vendor as vendor,
    wording as wording,
)
