"""A table of takings, read into the paper list; nothing is stored before somebody looked and saved it."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.forms import MarketForm
from market.people.access import current_community
from market.settlement import grid as lists, service
from market.settlement.blueprint import bp
from market.settlement.forms import ImportForm
from market.settlement.imported import Import, import_lines, read_lines, read_table
from market.settlement.views.staff import clean_of, grid_page


@bp.get("/staff/<slug>/days/<ref>/takings/import")
@open_to(Audience.STAFF)
def takings_import(ref: str) -> ResponseReturnValue:
    return _page(day_at(ref), ImportForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/takings/import")
@open_to(Audience.STAFF)
def preview_import(ref: str) -> ResponseReturnValue:
    """Shows the table as it would be saved. Only the button of the list that follows stores anything."""
    day, form = day_at(ref), ImportForm(formdata=request.form)
    if form.validate() and (read := form.attempt(lambda: _read(day, form))):
        return _preview(day, read.value)
    return _page(day, form)


def _read(day: MarketDay, form: ImportForm) -> Import:
    service.check_reporting(day)
    sent = request.files.get("sheet")
    table = read_table(sent.read() if sent is not None else b"", form.pasted.text)
    return import_lines(read_lines(table), service.close_view(day), clean_of(day))


def _preview(day: MarketDay, read: Import) -> ResponseReturnValue:
    view, reports = service.close_view(day), service.reports(day)
    rows = lists.typed_rows(view, reports, clean_of(day), read.fields)
    lists.question_rows(rows, service.Habits(day), {})
    for row in rows:
        row.number = read.numbers.get(row.row.assignment.ref, 0)
    return grid_page(day, rows, MarketForm(formdata=None), imported=read)


def _page(day: MarketDay, form: ImportForm) -> ResponseReturnValue:
    page = render_template("settlement/import.html", day=day, form=form, community=current_community())
    return page, form.status
