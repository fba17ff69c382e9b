"""What residents read: the next market, one market, the month, and the calendar for their phones."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from market.calendar.views import bp
from market.people.access import Audience, open_to


@bp.get("/")
@open_to(Audience.PUBLIC)
def home() -> ResponseReturnValue:
    return ""


@bp.get("/c/<slug>/")
@open_to(Audience.PUBLIC)
def community() -> ResponseReturnValue:
    return ""


@bp.get("/c/<slug>/markets/<ref>")
@open_to(Audience.PUBLIC)
def market(ref: str) -> ResponseReturnValue:
    return ref


@bp.get("/c/<slug>/calendar")
@open_to(Audience.PUBLIC)
def month() -> ResponseReturnValue:
    return ""


@bp.get("/c/<slug>/calendar.ics")
@open_to(Audience.PUBLIC)
def feed() -> ResponseReturnValue:
    return ""


@bp.get("/c/<slug>/markets/<ref>.ics")
@open_to(Audience.PUBLIC)
def market_event(ref: str) -> ResponseReturnValue:
    return ref
