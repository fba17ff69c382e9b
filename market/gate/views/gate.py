"""The gate's own screens: choose the day, scan, count visitors."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.lookup import acted_day_at, day_at
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES, DayState
from market.errors import Refusal
from market.forms import COUNTED
from market.gate import service, words
from market.gate.blueprint import bp
from market.gate.forms import CountForm, FootfallForm, ScanForm, TapForm
from market.gate.models import FootfallCount, Scan
from market.gate.rules import MAX_VISITS_A_SLOT, CountMethod, ScanMethod, Way
from market.people.access import current_community, current_user, who_acts
from market.people.models import User
from market.typed_text import whole_number

SHOWN_STATES = (*GATE_STATES, DayState.CLOSED, DayState.SETTLING)
"""Days for which the gate still has something to do: after closing, visits are typed in."""


@bp.get("/gate/<slug>/")
@open_to(Audience.GATE)
def days() -> str:
    community = current_community()
    today = clock.today(community.zone)
    shown = calendar.days(community, SHOWN_STATES)
    shown.sort(key=lambda day: abs((calendar.local_date(day) - today).days))
    return render_template("gate/days.html", days=shown, today=today, local_date=calendar.local_date)


# ── scanning ──────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/gate/<slug>/days/<ref>")
@open_to(Audience.GATE)
def scanner(ref: str) -> str:
    day = day_at(ref)
    client_id = request.args.get("scan")
    seen = service.find_scan(day, client_id) if client_id else None
    return _scanner_page(day, _fresh_scan_form(day), seen)


@bp.post("/gate/<slug>/days/<ref>/scans")
@open_to(Audience.GATE)
def create_scan(ref: str) -> ResponseReturnValue:
    day, form = acted_day_at(ref), ScanForm()
    made = form.attempt_at_once(lambda: _scan(day, form)) if form.validate_on_submit() else None
    if made is None:
        return _scanner_page(day, form), form.status
    entrance = form.entrance.data or None
    return redirect(url_for("gate.scanner", ref=ref, scan=made.value.client_id, entrance=entrance))


def _fresh_scan_form(day: MarketDay) -> ScanForm:
    names = day.venue.entrance_names()
    chosen = request.args.get("entrance", "")
    entrance = chosen if chosen in names else ""
    return ScanForm(formdata=None, nonce=secrets.token_urlsafe(12), entrance=entrance)


def _scanner_page(day: MarketDay, form: ScanForm, seen: Scan | None = None) -> str:
    answer = words.answer(service.scan_view(seen, day)) if seen is not None else None
    full = service.turnout(day)
    return render_template(
        "gate/scanner.html",
        day=day,
        form=form,
        answer=answer,
        came=full.came,
        expected=full.expected,
        until=service.until(day),
    )


def _scan(day: MarketDay, form: ScanForm) -> Scan:
    code, at = form.code.text, clock.now()
    return service.scan(
        day,
        code,
        client_id=_number_without_script(form.nonce.data or "", code),
        method=ScanMethod.TYPED,
        entrance=form.entrance.data or "",
        scanned_at=at,
        by=who_acts(),
        at=at,
    )


def _number_without_script(nonce: str, code: str) -> str:
    """The same page sent twice is one scan; another code typed on a page one went back to is another."""
    return f"{nonce or secrets.token_urlsafe(12)}-{hashlib.sha256(code.encode()).hexdigest()[:12]}"


# ── visitors ──────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/gate/<slug>/days/<ref>/footfall")
@open_to(Audience.GATE)
def footfall(ref: str) -> str:
    return _footfall_page(day_at(ref), FootfallForm(formdata=None), {})


@bp.post("/gate/<slug>/days/<ref>/counts")
@open_to(Audience.GATE)
def create_count(ref: str) -> ResponseReturnValue:
    """One press without a script, as the whole count of its slot."""
    day, form = day_at(ref), CountForm()
    if not form.validate_on_submit():
        raise Refusal("gate.bad_visits", _("一个时段的人次请填 0 到 20,000 之间的整数。"), 422)
    entrance = form.entrance.data or ""
    slot, visits = form.slot.data or 0, form.visits.data or 0
    service.count_visits(day, entrance, slot, visits, CountMethod.CLICKER, by=current_user(), at=clock.now())
    return redirect(url_for("gate.footfall", ref=ref, entrance=entrance or None))


@bp.post("/gate/<slug>/days/<ref>/taps")
@open_to(Audience.GATE)
def create_tap(ref: str) -> ResponseReturnValue:
    """One press without a script, with a number of its own: in, out, or the last one taken back."""
    day, form = day_at(ref), TapForm()
    if not form.validate_on_submit():
        raise Refusal("gate.bad_tap", _("一次最多记 50 人。"), 422)
    at, entrance = clock.now(), form.entrance.data or ""
    service.tap(
        day,
        entrance,
        Way(form.way.data),
        form.number.data or 0,
        client_id=form.client_id.data or "",
        tapped_at=at,
        by=current_user(),
        at=at,
    )
    return redirect(url_for("gate.footfall", ref=ref, entrance=entrance or None))


@bp.post("/gate/<slug>/days/<ref>/count-sheet")
@open_to(Audience.GATE)
def save_footfall(ref: str) -> ResponseReturnValue:
    """The whole sheet, typed in or corrected by a person."""
    day, form = day_at(ref), FootfallForm()
    typed = {name: text.strip() for name, text in request.form.items() if name.startswith("visits-")}
    if form.validate_on_submit() and form.attempt(lambda: _keep_counts(day, typed, form)):
        flash(_("人数记好了，一共 %(visits)s 人次。", visits=f"{service.visits(day):,}"), "go")
        return redirect(url_for("gate.footfall", ref=ref))
    return _footfall_page(day, form, typed), form.status


def _keep_counts(day: MarketDay, typed: dict[str, str], form: FootfallForm) -> None:
    counted = service.footfall(day)
    by, at = current_user(), clock.now()
    for name, text in typed.items():
        entrance, slot = _cell(name, counted)
        known = counted.counts.get((entrance, slot))
        if text != shown_figure(known):
            _count(day, entrance, slot, _figure(text), form, by, at)


def shown_figure(count: FootfallCount | None) -> str:
    """What stands in a cell of the sheet: what was really counted, where a sample was taken."""
    if count is None:
        return ""
    return str(count.raw if count.sample is not None else count.visits)


def _count(
    day: MarketDay, entrance: str, slot: int, figure: int, form: FootfallForm, by: User, at: datetime
) -> None:
    sample, method = form.sample(figure), CountMethod(form.method.data)
    if sample is not None:
        service.count_sample(day, entrance, slot, sample, by=by, at=at)
    else:
        service.count_visits(day, entrance, slot, figure, method, by=by, at=at)


def _cell(name: str, counted: service.Footfall) -> tuple[str, int]:
    """Entrance and slot that `visits-<column>-<slot>` names; refuses (`gate.no_cell`) what is not there."""
    _prefix, column, slot = [*name.split("-"), "", ""][:3]
    place, number = whole_number(column), whole_number(slot)
    known = place is not None and place < len(counted.entrances) and number is not None
    if not known or name != f"visits-{place}-{number}":
        raise Refusal("gate.no_cell", _("这张表变过了，没有记上。请刷新以后再填。"), 422)
    return counted.entrances[place or 0], number or 0


def _figure(text: str) -> int:
    """The number that was typed; an emptied cell is a zero."""
    number = whole_number(text, COUNTED) if text else 0
    return MAX_VISITS_A_SLOT + 1 if number is None else min(number, MAX_VISITS_A_SLOT + 1)


def _footfall_page(day: MarketDay, form: FootfallForm, typed: dict[str, str]) -> str:
    counted, now = service.footfall(day), clock.now()
    begun = [number for number, (start, _end) in enumerate(counted.slots, start=1) if start <= now]
    chosen = request.args.get("entrance", "")
    return render_template(
        "gate/footfall.html",
        day=day,
        form=form,
        footfall=counted,
        typed=typed,
        now=now,
        running=max(begun, default=1),
        entrance=chosen if chosen in counted.entrances else counted.entrances[0],
        counting=day.state in service.COUNTING_STATES,
        left=service.left(day),
        inside=service.inside(day, counted, now),
        shown_figure=shown_figure,
        words=words,
        new_client_id=lambda: secrets.token_urlsafe(12),
    )
