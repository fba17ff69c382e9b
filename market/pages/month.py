"""The month as residents read it, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.rules import (
    month_weeks,
    neighbour_month,
    parse_month,
)
from market.calendar.shown_day import ShownDay, days_between
from market.errors import NotFound
from market.pages.blueprint import bp
from market.people.access import current_community


@dataclass(frozen=True)
class Cell:
    """One day of the month on the wall, as `macros/ui.html` draws it."""

    day: int
    in_month: bool
    today: bool
    events: list[dict[str, str]]


@bp.get("/c/<slug>/calendar")
@open_to(Audience.PUBLIC)
def month() -> ResponseReturnValue:
    community = current_community()
    today = clock.today(community.zone)
    asked = request.args.get("month")
    wanted = parse_month(asked) if asked is not None else (today.year, today.month)
    if wanted is None:
        raise NotFound("calendar.no_month", _("没有这个月份。月份写成 2026-11 这样。"))
    weeks = month_weeks(*wanted)
    known = days_between(community, weeks[0][0], weeks[-1][-1])
    return render_template(
        "pages/month.html",
        first=date(*wanted, 1),
        weeks=[[_cell(day, wanted[1], today, known) for day in week] for week in weeks],
        in_month=[shown for shown in known if service.local_date(shown.day).month == wanted[1]],
        previous=_month_address(*neighbour_month(*wanted, -1)),
        following=_month_address(*neighbour_month(*wanted, 1)),
        sheet=url_for("pages.month_sheet", month=f"{wanted[0]}-{wanted[1]:02d}"),
    )


def _cell(day: date, month: int, today: date, known: list[ShownDay]) -> Cell:
    events = [_cell_event(shown) for shown in known if service.local_date(shown.day) == day]
    return Cell(day.day, day.month == month, day == today, events)


def _cell_event(shown: ShownDay) -> dict[str, str]:
    kind = "off" if shown.called_off else "quiet" if shown.over else ""
    label = f"{shown.day.theme} {shown.word}" if kind else shown.day.theme
    return {"label": label, "href": url_for("pages.market", ref=shown.day.ref), "kind": kind}


def _month_address(year: int, month: int) -> str | None:
    return url_for("pages.month", month=f"{year}-{month:02d}") if 2000 <= year <= 2099 else None
