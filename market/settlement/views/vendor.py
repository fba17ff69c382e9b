"""What a vendor agreed to give, and what was sold today."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.people.access import Audience, open_to
from market.settlement.views import bp


@bp.get("/vendor/<slug>/terms")
@open_to(Audience.VENDOR)
def terms() -> ResponseReturnValue:
    return ""


@bp.post("/vendor/<slug>/terms")
@open_to(Audience.VENDOR)
def create_terms() -> ResponseReturnValue:
    return ""


@bp.get("/vendor/<slug>/days/<ref>/takings")
@open_to(Audience.VENDOR)
def takings(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/vendor/<slug>/days/<ref>/takings")
@open_to(Audience.VENDOR)
def create_report(ref: str) -> ResponseReturnValue:
    return ref
