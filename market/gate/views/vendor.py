"""The vendor's own pass, on screen and to print."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.gate.views import bp
from market.people.access import Audience, open_to


@bp.get("/vendor/<slug>/days/<ref>/pass")
@open_to(Audience.VENDOR)
def my_pass(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/vendor/<slug>/days/<ref>/pass.pdf")
@open_to(Audience.VENDOR)
def my_pass_pdf(ref: str) -> ResponseReturnValue:
    return ref
