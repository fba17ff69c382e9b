"""Routes of this room, by audience."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("gate", __name__)

from market.gate.views import (  # noqa: E402 - they declare their routes on bp
    gate as gate,
    pass_list as pass_list,
    sign_in as sign_in,
)
