"""Routes of this room: plazas and their plan for staff, communities for the platform."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("places", __name__)

from market.places.views import (  # noqa: E402 - they declare their routes on bp
    plan as plan,
    platform as platform,
    venues as venues,
)
