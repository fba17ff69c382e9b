"""Close a market: takings, exceptions, the three counts, the statement and its corrections."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.people.access import Audience, open_to
from market.settlement.views import bp


@bp.get("/staff/<slug>/days/<ref>/settlement")
@open_to(Audience.STAFF)
def close(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/settlement")
@open_to(Audience.STAFF)
def create_settlement(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/takings")
@open_to(Audience.STAFF)
def grid(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/takings")
@open_to(Audience.STAFF)
def create_takings(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/close-waivers")
@open_to(Audience.STAFF)
def create_waiver(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/absences")
@open_to(Audience.STAFF)
def create_absence(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/goods")
@open_to(Audience.STAFF)
def goods(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/goods")
@open_to(Audience.STAFF)
def create_goods(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/goods/<item_ref>/voiding")
@open_to(Audience.STAFF)
def void_goods(ref: str, item_ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/corrections")
@open_to(Audience.STAFF)
def correct(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/corrections")
@open_to(Audience.STAFF)
def create_correction(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/days/<ref>/statement")
@open_to(Audience.STAFF)
def statement(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/vendors/<ref>/terms")
@open_to(Audience.STAFF)
def terms_for(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/vendors/<ref>/terms")
@open_to(Audience.STAFF)
def create_terms_for(ref: str) -> ResponseReturnValue:
    return ref
