"""Routes of this room, by audience."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("settlement", __name__)

from market.settlement.views import (  # noqa: E402 - they declare their routes on bp
    paper as paper,
    staff as staff,
    vendor as vendor,
)
