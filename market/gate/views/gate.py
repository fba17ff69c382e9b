"""The gate's own screens: choose the day, scan, sign in from the list, count visitors."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.gate.views import bp
from market.people.access import Audience, open_to


@bp.get("/gate/<slug>/")
@open_to(Audience.GATE)
def days() -> ResponseReturnValue:
    return ""


@bp.get("/gate/<slug>/days/<ref>")
@open_to(Audience.GATE)
def scanner(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/gate/<slug>/days/<ref>/scans")
@open_to(Audience.GATE)
def create_scan(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/gate/<slug>/days/<ref>/sign-in")
@open_to(Audience.GATE)
def sign_in_list(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/gate/<slug>/days/<ref>/admissions")
@open_to(Audience.GATE)
def create_admission(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/gate/<slug>/days/<ref>/footfall")
@open_to(Audience.GATE)
def footfall(ref: str) -> ResponseReturnValue:
    return ref


@bp.post("/gate/<slug>/days/<ref>/counts")
@open_to(Audience.GATE)
def create_count(ref: str) -> ResponseReturnValue:
    return ref
