"""The staff desk, market days and their steps."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.calendar.views import bp
from market.people.access import Audience, open_to


@bp.get("/staff/<slug>/")
@open_to(Audience.STAFF)
def desk() -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/days")
@open_to(Audience.STAFF)
def days() -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/days/new")
@open_to(Audience.STAFF)
def new_day() -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/days")
@open_to(Audience.STAFF)
def create_day() -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/days/<ref>")
@open_to(Audience.STAFF)
def day(ref: str) -> ResponseReturnValue:
    return ref


@bp.route("/staff/<slug>/days/<ref>/edit", methods=["GET", "POST"])
@open_to(Audience.STAFF)
def edit_day(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/copies")
@open_to(Audience.STAFF)
def copy(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/steps")
@open_to(Audience.STAFF)
def create_step(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/waivers")
@open_to(Audience.STAFF)
def create_waiver(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/papers")
@open_to(Audience.STAFF)
def create_paper(ref: str) -> ResponseReturnValue:
    return ref
