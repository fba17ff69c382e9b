"""The plan of a market day: computed, looked at, and changed by hand."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from market.people.access import Audience, open_to

bp = Blueprint("stalls", __name__)


@bp.get("/staff/<slug>/days/<ref>/plan")
@open_to(Audience.STAFF)
def plan(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/plan-runs")
@open_to(Audience.STAFF)
def create_plan(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/placements")
@open_to(Audience.STAFF)
def place(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/moves")
@open_to(Audience.STAFF)
def move(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/swaps")
@open_to(Audience.STAFF)
def swap(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/releases")
@open_to(Audience.STAFF)
def release(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/staff/<slug>/days/<ref>/promotions")
@open_to(Audience.STAFF)
def promote(ref: str) -> ResponseReturnValue:
    return ref
