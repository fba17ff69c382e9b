"""Anybody who scans a pass reads whether it is genuine."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.gate.views import bp
from market.people.access import Audience, open_to


@bp.get("/p/<token>")
@bp.get("/P/<token>")
@open_to(Audience.PUBLIC)
def verify(token: str) -> ResponseReturnValue:
    return token
