"""What a second person adds after the settlement: visits that nobody had written down."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.errors import Refusal
from market.gate import service as gate
from market.gate.forms import FootfallForm
from market.gate.rules import MAX_VISITS_A_SLOT, CountMethod
from market.people.access import current_user
from market.settlement import service
from market.settlement.blueprint import bp


@bp.get("/staff/<slug>/days/<ref>/missed-counts")
@open_to(Audience.STAFF)
def missed_counts(ref: str) -> ResponseReturnValue:
    return _page(day_at(ref), FootfallForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/missed-counts")
@open_to(Audience.STAFF)
def create_missed_counts(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), FootfallForm()
    if form.validate_on_submit() and (done := form.attempt(lambda: _add(day, form))):
        flash(_("补记了 %(n)s 人次，写明了是您补的。", n=f"{done.value:,}"), "go")
        return redirect(url_for("settlement.statement", ref=ref))
    return _page(day, form)


def _add(day: MarketDay, form: FootfallForm) -> int:
    names = gate.footfall(day).entrances
    cells = {
        (names[int(column)], int(slot)): _figure(text)
        for field, text in request.form.items()
        if field.startswith("visits-") and text.strip()
        for _prefix, column, slot in [field.split("-")]
    }
    return service.add_counts(day, cells, CountMethod(form.method.data), by=current_user(), at=clock.now())


def _figure(text: str) -> int:
    """The number that was typed; anything else is refused as too many."""
    plain = text.strip().replace(",", "").replace("，", "")
    return int(plain) if plain.isdecimal() and len(plain) < 9 else MAX_VISITS_A_SLOT + 1


def _page(day: MarketDay, form: FootfallForm) -> ResponseReturnValue:
    page = render_template(
        "settlement/missed_counts.html",
        day=day,
        form=form,
        footfall=gate.footfall(day),
        typed=request.form,
        closed=why_closed(day),
    )
    return page, form.status


def why_closed(day: MarketDay) -> object | None:
    """Why this person cannot add anything, None when they can."""
    try:
        service.check_adding(day, current_user())
    except Refusal as refusal:
        return refusal.sentence
    return None
