"""The markets for the calendars on people's phones."""

from __future__ import annotations

from flask import Response, make_response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market.access import Audience, open_to
from market.calendar import service
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.config import settings
from market.pages.blueprint import bp
from market.pages.market import page_address
from market.people.access import current_community


@bp.get("/c/<slug>/calendar.ics")
@open_to(Audience.PUBLIC)
def feed() -> ResponseReturnValue:
    return _calendar(service.all_public_days(current_community()), "calendar.ics")


@bp.get("/c/<slug>/markets/<ref>.ics")
@open_to(Audience.PUBLIC)
def market_event(ref: str) -> ResponseReturnValue:
    return _calendar([public_day_at(ref)], f"market-{ref}.ics")


def _calendar(days: list[MarketDay], filename: str) -> Response:
    name = _("%(community)s睦邻集市", community=current_community().name)
    from market.calendar import ical  # its library takes a moment, which no start should wait for

    body = ical.write_calendar(name, days, public_url=settings().public_url, address=page_address)
    response = make_response(body)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
