"""Publish and call off a market, print passes and the sign-in list, re-issue and revoke passes."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.gate.views import bp
from market.people.access import Audience, open_to


@bp.post("/staff/<slug>/days/<ref>/publication")
@open_to(Audience.STAFF)
def publish(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/passes")
@open_to(Audience.STAFF)
def pass_list(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/passes.pdf")
@open_to(Audience.STAFF)
def passes(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/sign-in-sheet.pdf")
@open_to(Audience.STAFF)
def sign_in_sheet(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/call-off")
@open_to(Audience.STAFF)
def call_off(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/call-off")
@open_to(Audience.STAFF)
def create_call_off(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/passes/<pass_ref>/replacement")
@open_to(Audience.STAFF)
def reissue(ref: str, pass_ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/passes/<pass_ref>/revocation")
@open_to(Audience.STAFF)
def revoke(ref: str, pass_ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/passes")
@open_to(Audience.STAFF)
def create_passes(ref: str) -> ResponseReturnValue:
    return ref
