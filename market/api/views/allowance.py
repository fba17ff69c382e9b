"""What comes before and after every call: how much is left of its minute."""

from __future__ import annotations

from flask import Response, g, request

from market import clock
from market.api.blueprint import bp
from market.api.views.operations import shown_key
from market.errors import Refusal
from market.programs import service as programs
from market.programs.rules import Allowance

DESCRIBED = frozenset({"api.page", "api.openapi"})
"""Kept like every public page, and so the same for everybody."""


@bp.before_request
def spend() -> None:
    """Counts a call for its key, or for its address: also one whose key opens nothing, so that nobody tries
    keys for long. Refuses `programs.too_fast`."""
    if request.endpoint in DESCRIBED:
        return
    at, address = clock.now(), request.remote_addr or ""
    shows = "Authorization" in request.headers
    try:
        key = shown_key() if shows else None
    except Refusal:
        g.allowance = programs.spend(None, address, at=at)
        raise
    g.allowance = programs.spend(key, address, at=at)


@bp.after_request
def say_what_is_left(response: Response) -> Response:
    """As header fields; a call without a key that needs one hears how keys are shown."""
    left: Allowance | None = g.get("allowance")
    if left is not None:
        response.headers.update(programs.headers_of(left))
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="market"'
    return response
