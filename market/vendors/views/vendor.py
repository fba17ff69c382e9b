"""The vendor's own pages: when, where, papers, one tap to apply."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.people.access import Audience, open_to
from market.vendors.views.blueprint import bp


@bp.get("/vendor/<slug>/")
@open_to(Audience.VENDOR)
def home() -> ResponseReturnValue:
    return ""


@bp.post("/vendor/<slug>/days/<ref>/application")
@open_to(Audience.VENDOR)
def create_application(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/vendor/<slug>/days/<ref>/application/withdrawal")
@open_to(Audience.VENDOR)
def delete_application(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/vendor/<slug>/agreements")
@open_to(Audience.VENDOR)
def create_own_agreements() -> ResponseReturnValue:
    return ""


@bp.get("/vendor/<slug>/profile")
@open_to(Audience.VENDOR)
def profile() -> ResponseReturnValue:
    return ""


@bp.post("/vendor/<slug>/profile")
@open_to(Audience.VENDOR)
def edit_profile() -> ResponseReturnValue:
    return ""
