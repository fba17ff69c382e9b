"""Routes of this room: the plan, its papers, drawing lots."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("stalls", __name__)

from market.stalls.views import (  # noqa: E402 - they declare their routes on bp
    lots as lots,
    papers as papers,
    plan as plan,
)
