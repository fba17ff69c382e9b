"""A sheet that was filled in by hand is typed in, in its own order."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.communities.service import profile_of
from market.inspection import service
from market.inspection.blueprint import bp
from market.inspection.forms import SheetForm, SheetRowForm
from market.inspection.rules import Result, sheet_numbers
from market.inspection.service import Problem, Spot
from market.inspection.views.rounds import asked_round, moment_of
from market.people.access import current_user


class Row(NamedTuple):
    """A line of the sheet, and what is typed into it."""

    spot: Spot
    form: SheetRowForm
    numbers: str
    """What is printed there: the numbers of what is looked at."""


@bp.get("/gate/<slug>/days/<ref>/inspection/sheet")
@open_to(Audience.GATE)
def sheet(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    form = SheetForm(formdata=None, client_id=secrets.token_urlsafe(12))
    return _page(day, form, _rows(day, formdata=None))


@bp.post("/gate/<slug>/days/<ref>/inspection/sheet")
@open_to(Audience.GATE)
def save_sheet(ref: str) -> ResponseReturnValue:
    """Every line with a result is one look; lines left alone are not."""
    day, form = day_at(ref), SheetForm()
    rows = _rows(day)
    good = [form.validate_on_submit(), *(_is_readable(row) for row in rows)]
    if all(good) and (done := form.attempt(lambda: _keep(day, form, rows))):
        flash(_("记好了 %(n)s 行。", n=done.value), "go")
        return redirect(url_for("inspection.round_page", ref=ref, round=asked_round(day)))
    return _page(day, form, rows)


def _rows(day: MarketDay, **more: Any) -> list[Row]:
    numbers = sheet_numbers(profile_of(day.community))
    return [
        Row(
            spot,
            SheetRowForm(prefix=f"row-{index}", meta={"csrf": False}, **more),
            " ".join(str(numbers[item.code]) for item in spot.items),
        )
        for index, spot in enumerate(service.round_of(day, asked_round(day)))
    ]


def _is_readable(row: Row) -> bool:
    form = row.form
    if not form.validate():
        return False
    if form.is_touched and not form.result.data:
        form.say_wrong(_("请选结果。"), "result")
    elif form.result.data not in ("", Result.FINE.value) and not _circled(row):
        form.say_wrong(_("请填圈出来的号码，要是这一行印着的。"), "numbers")
    elif form.result.data == Result.TO_MEND.value and form.mend_by.data is None:
        form.say_wrong(_("限时改的，请写几点以前改好。"), "mend_by")
    return not form.errors


def _circled(row: Row) -> list[str]:
    """The codes of the numbers that were circled; none when one of them is not on this line."""
    by_number = dict(zip(row.numbers.split(), (item.code for item in row.spot.items), strict=True))
    typed = re.findall(r"\d+", row.form.numbers.text)
    return [by_number[number] for number in typed] if set(typed) <= set(by_number) else []


def _keep(day: MarketDay, form: SheetForm, rows: Sequence[Row]) -> int:
    """How many lines were noted."""
    filled = [(index, row) for index, row in enumerate(rows) if row.form.result.data]
    for index, row in filled:
        result, typed = Result(row.form.result.data), row.form
        circled = _circled(row) if result is not Result.FINE else []
        until = moment_of(day, typed.mend_by.data)
        service.check_spot(
            day,
            row.spot.held,
            asked_round(day),
            [Problem(code, result, typed.note.text, until) for code in dict.fromkeys(circled)],
            client_id=f"{form.client_id.data}-{index}",
            inspector=form.inspector.text,
            checked_at=moment_of(day, typed.checked_at.data),
            by=current_user(),
            at=clock.now(),
        )
    return len(filled)


def _page(day: MarketDay, form: SheetForm, rows: Sequence[Row]) -> ResponseReturnValue:
    page = render_template(
        "inspection/sheet.html",
        day=day,
        number=asked_round(day),
        form=form,
        rows=rows,
        inspecting=day.state in service.INSPECTING_STATES,
    )
    return page, max(form.status, *(row.form.status for row in rows))
