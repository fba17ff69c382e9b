"""The register, a vendor's papers, and the review of applications."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.people.access import Audience, open_to
from market.vendors.views.blueprint import bp


@bp.get("/staff/<slug>/vendors")
@open_to(Audience.STAFF)
def register() -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/vendors/new")
@open_to(Audience.STAFF)
def new_vendor() -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/vendors/new")
@open_to(Audience.STAFF)
def create_vendor_for() -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/vendors/<ref>")
@open_to(Audience.STAFF)
def vendor(ref: str) -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/vendors/<ref>/edit")
@open_to(Audience.STAFF)
def edit_vendor(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/vendors/<ref>/edit")
@open_to(Audience.STAFF)
def update_vendor(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/vendors/<ref>/documents")
@open_to(Audience.STAFF)
def create_document(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/vendors/<ref>/agreements")
@open_to(Audience.STAFF)
def create_agreements(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/vendors/<ref>/links")
@open_to(Audience.STAFF)
def create_link(ref: str) -> ResponseReturnValue:
    return ""


@bp.get("/staff/<slug>/days/<ref>/applications")
@open_to(Audience.STAFF)
def applications(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/days/<ref>/applications")
@open_to(Audience.STAFF)
def apply_for(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/days/<ref>/applications/approvals")
@open_to(Audience.STAFF)
def create_approvals(ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/days/<ref>/applications/<application_ref>/decision")
@open_to(Audience.STAFF)
def decide(ref: str, application_ref: str) -> ResponseReturnValue:
    return ""


@bp.post("/staff/<slug>/days/<ref>/applications/<application_ref>/withdrawal")
@open_to(Audience.STAFF)
def withdraw_for(ref: str, application_ref: str) -> ResponseReturnValue:
    return ""
