"""Venues with their papers and plans for staff; communities and regions for the platform."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from market.people.access import Audience, open_to

bp = Blueprint("places", __name__)


@bp.get("/staff/<slug>/venues")
@open_to(Audience.STAFF)
def venues() -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/venues/new")
@open_to(Audience.STAFF)
def new_venue() -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/venues")
@open_to(Audience.STAFF)
def create_venue() -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/venues/<ref>")
@open_to(Audience.STAFF)
def venue(ref: str) -> ResponseReturnValue:
    return ref


@bp.route("/staff/<slug>/venues/<ref>/edit", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def edit_venue(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/venues/<ref>/papers")
@open_to(Audience.STAFF)
def create_paper(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/venues/<ref>/circuits")
@open_to(Audience.STAFF)
def create_circuit(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/venues/<ref>/lanes")
@open_to(Audience.STAFF)
def create_lane(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/venues/<ref>/lanes/<int:number>/removal")
@open_to(Audience.STAFF)
def delete_lane(ref: str, number: int) -> ResponseReturnValue:
    return ref


@bp.get("/staff/<slug>/venues/<ref>/stalls/new")
@open_to(Audience.STAFF)
def editor(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/venues/<ref>/stalls")
@open_to(Audience.STAFF)
def draw(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/venues/<ref>/standard-plan")
@open_to(Audience.STAFF)
def create_standard_plan(ref: str) -> ResponseReturnValue:
    return ref


@bp.route("/staff/<slug>/venues/<ref>/stalls/<stall_ref>", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def stall(ref: str, stall_ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/venues/<ref>/stalls/<stall_ref>/retirement")
@open_to(Audience.STAFF)
def retire(ref: str, stall_ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/platform/communities")
@open_to(Audience.PLATFORM)
def communities() -> ResponseReturnValue:
    return ""


@bp.post("/platform/communities")
@open_to(Audience.PLATFORM)
def create_community() -> ResponseReturnValue:
    return ""


@bp.post("/platform/regions")
@open_to(Audience.PLATFORM)
def create_region() -> ResponseReturnValue:
    return ""
