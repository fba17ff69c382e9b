"""What the vendor was told, and that it is understood."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from market import clock
from market.access import Audience, open_to
from market.notices import service
from market.notices.blueprint import bp
from market.people.access import current_community, current_user


@bp.get("/vendor/<slug>/notices")
@open_to(Audience.VENDOR)
def mine() -> str:
    return render_template("notices/mine.html", notices=service.mine(current_user(), current_community()))


@bp.post("/vendor/<slug>/notices/<ref>/reading")
@open_to(Audience.VENDOR)
def create_reading(ref: str) -> ResponseReturnValue:
    """知道了."""
    service.read(service.find_mine(current_user(), current_community(), ref), at=clock.now())
    return redirect(url_for("pages.vendor_home"))
