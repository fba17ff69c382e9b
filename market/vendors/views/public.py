"""Registration by the vendor itself."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.people.access import Audience, open_to
from market.vendors.views.blueprint import bp


@bp.get("/c/<slug>/vendors/new")
@open_to(Audience.PUBLIC)
def registration() -> ResponseReturnValue:
    return ""


@bp.post("/c/<slug>/vendors/new")
@open_to(Audience.PUBLIC)
def create_vendor() -> ResponseReturnValue:
    return ""
