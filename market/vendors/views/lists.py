"""A whole list of vendors: brought, looked at row by row, entered in one act, taken back in one."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service as calendar
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.errors import Refusal
from market.forms import MarketForm
from market.layout.filters import day_text
from market.people.access import current_community, current_user
from market.vendors import list_words, service
from market.vendors.blueprint import bp
from market.vendors.forms import BringForm, EntryForm, PlainForm, RowForm
from market.vendors.list_rows import VendorList
from market.vendors.listed.headings import Column
from market.vendors.listed.verdict import Choice, Outcome, Verdict

MOST_DAYS = 8
"""Markets that a list may be for; later ones have time."""

# ── brought ───────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/vendors/list")
@open_to(Audience.STAFF)
def paste() -> ResponseReturnValue:
    asked = request.args.get("day", "")
    return _bring_page(BringForm(formdata=None, day=day_at(asked).ref if asked else ""))


@bp.post("/staff/<slug>/vendors/list")
@open_to(Audience.STAFF)
def bring_list() -> ResponseReturnValue:
    """Keeps the list for a few days and shows what it comes to; nothing of it is entered yet."""
    form = BringForm(formdata=request.form)
    form.offer_days(_days())
    if form.validate_on_submit() and (made := form.attempt(lambda: _bring(form))):
        return redirect(url_for("vendors.listed", ref=made.value.ref))
    return _bring_page(form)


def _bring(form: BringForm) -> VendorList:
    sent = request.files.get("sheet")
    day = day_at(form.day.data) if form.day.data else None
    return service.bring_list(
        current_community(),
        sent.read() if sent is not None else b"",
        form.lines.text,
        day=day,
        by=current_user(),
        at=clock.now(),
    )


def _bring_page(form: BringForm) -> ResponseReturnValue:
    form.offer_days(_days())
    recent = [(one, service.entered(one)) for one in service.recent_lists(current_community())]
    return render_template("vendors/bring_list.html", form=form, recent=recent), form.status


def _days() -> list[tuple[str, str]]:
    """The markets ahead, as a list offers them."""
    off = (DayState.POSTPONED, DayState.CANCELLED)
    ahead = [day for day in calendar.days_ahead(current_community(), clock.now()) if day.state not in off]
    return [(day.ref, f"{day_text(day.open_at)} {day.theme}") for day in ahead[:MOST_DAYS]]


# ── looked at ─────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/vendors/lists/<ref>")
@open_to(Audience.STAFF)
def listed(ref: str) -> ResponseReturnValue:
    return _page(_list_at(ref), EntryForm(formdata=None))


def _list_at(ref: str) -> VendorList:
    return service.find_list(current_community(), ref)


def _page(brought: VendorList, form: MarketForm) -> ResponseReturnValue:
    if brought.done_at is not None:
        return _done_page(brought, form)
    reading = service.read_list(brought)
    groups: dict[str, list[Verdict]] = {outcome.value: [] for outcome in Outcome}
    for verdict in reading.verdicts:
        groups[verdict.outcome.value].append(verdict)
    page = {
        "brought": brought,
        "reading": reading,
        "groups": groups,
        "joining": [verdict for verdict in groups["same"] if verdict.applies],
        "settled": [verdict for verdict in groups["same"] if not verdict.applies],
        "counts": sum(verdict.counts for verdict in reading.verdicts),
        "applies": sum(verdict.applies for verdict in reading.verdicts),
        "form": form if isinstance(form, EntryForm) else EntryForm(formdata=None),
        "refused": form,
        "columns": list(Column),
    }
    return render_template("vendors/listed.html", list_words=list_words, **page), form.status


def _done_page(brought: VendorList, form: MarketForm) -> ResponseReturnValue:
    return render_template(
        "vendors/list_done.html",
        brought=brought,
        done=service.entered(brought),
        standing=_standing(brought),
        refused=form,
    ), form.status


def _standing(brought: VendorList) -> str:
    """Why the list can no longer be taken back as a whole; empty while it can."""
    try:
        service.refuse_standing(brought)
    except Refusal as refusal:
        return str(refusal.sentence)
    return ""


@bp.post("/staff/<slug>/vendors/lists/<ref>/columns")
@open_to(Audience.STAFF)
def set_columns(ref: str) -> ResponseReturnValue:
    brought, form = _list_at(ref), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: _set_columns(brought)):
        return redirect(url_for("vendors.listed", ref=ref))
    return _page(brought, form)


def _set_columns(brought: VendorList) -> None:
    said = {
        int(name.removeprefix("column-")): Column(value)
        for name, value in request.form.items()
        if name.startswith("column-") and name[7:].isdecimal() and len(name) < 11 and value in set(Column)
    }
    service.set_columns(brought, said, by=current_user(), at=clock.now())


# ── one row ───────────────────────────────────────────────────────────────────────────────────────────────

ANSWERS: dict[str, Choice | None] = {
    "leave": Choice(leave=True),
    "use": Choice(use=True),
    "new": Choice(is_new=True),
    "take": Choice(take=True),
    "keep": Choice(take=False),
    "again": None,
}
"""What the buttons of a row say; `again` takes back what was said."""


@bp.post("/staff/<slug>/vendors/lists/<ref>/rows/<int:number>")
@open_to(Audience.STAFF)
def answer_row(ref: str, number: int) -> ResponseReturnValue:
    brought, form = _list_at(ref), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: _answer(brought, number)):
        return redirect(url_for("vendors.listed", ref=ref, _anchor="rows"))
    return _page(brought, form)


def _answer(brought: VendorList, number: int) -> None:
    answer, vendor = request.form.get("answer", ""), request.form.get("vendor", "")
    if vendor:
        choice: Choice | None = Choice(vendor=service.find_vendor(current_community(), vendor).ref, use=True)
    elif answer in ANSWERS:
        choice = ANSWERS[answer]
    else:
        raise Refusal("vendors.no_answer", _("请选一个答复。"), 422)
    service.answer_row(brought, number, choice, by=current_user(), at=clock.now())


@bp.get("/staff/<slug>/vendors/lists/<ref>/rows/<int:number>/edit")
@open_to(Audience.STAFF)
def edit_row(ref: str, number: int) -> ResponseReturnValue:
    brought = _list_at(ref)
    entry = _verdict(brought, number).entry
    facts: dict[str, Any] = {
        "trading_name": entry.trading_name,
        "holder": entry.holder,
        "phone": entry.phone,
        "category": entry.category.value if entry.category else "",
        "goods": entry.goods,
    }
    return _row_page(brought, number, RowForm(formdata=None, data=facts))


def _verdict(brought: VendorList, number: int) -> Verdict:
    found = [one for one in service.read_list(brought).verdicts if one.entry.number == number]
    if brought.done_at is not None or not found:
        raise Refusal("vendors.no_row", _("名单里没有这一行。"), 404)
    return found[0]


@bp.post("/staff/<slug>/vendors/lists/<ref>/rows/<int:number>/edit")
@open_to(Audience.STAFF)
def update_row(ref: str, number: int) -> ResponseReturnValue:
    brought, form = _list_at(ref), RowForm()
    if form.validate_on_submit() and form.attempt(lambda: _correct(brought, number, form)):
        return redirect(url_for("vendors.listed", ref=ref, _anchor="rows"))
    return _row_page(brought, number, form)


def _correct(brought: VendorList, number: int, form: RowForm) -> None:
    names = ("trading_name", "holder", "phone", "category", "goods")
    typed = {name: str(form[name].data or "") for name in names}
    service.answer_row(brought, number, Choice(typed=typed, take=True), by=current_user(), at=clock.now())


def _row_page(brought: VendorList, number: int, form: RowForm) -> ResponseReturnValue:
    page = render_template(
        "vendors/listed_row.html", brought=brought, verdict=_verdict(brought, number), form=form,
        list_words=list_words,
    )  # fmt: skip
    return page, form.status


# ── entered, and taken back ───────────────────────────────────────────────────────────────────────────────


@bp.post("/staff/<slug>/vendors/lists/<ref>/entry")
@open_to(Audience.STAFF)
def enter_list(ref: str) -> ResponseReturnValue:
    brought, form = _list_at(ref), EntryForm()
    if form.validate_on_submit() and form.attempt(lambda: _enter(brought, form)):
        return redirect(url_for("vendors.listed", ref=ref))
    return _page(brought, form)


def _enter(brought: VendorList, form: EntryForm) -> None:
    by, at = current_user(), clock.now()
    service.enter_list(brought, form.seen.data or "", signed=form.signed.data, by=by, at=at)


@bp.post("/staff/<slug>/vendors/lists/<ref>/undo")
@open_to(Audience.STAFF)
def undo_list(ref: str) -> ResponseReturnValue:
    brought, form = _list_at(ref), PlainForm()
    if form.validate_on_submit() and form.attempt(lambda: _undo(brought)):
        flash(_("整份撤回了，和登记以前一样。"), "go")
        return redirect(_after(brought.day))
    return _page(brought, form)


def _undo(brought: VendorList) -> None:
    service.undo_list(brought, by=current_user(), at=clock.now())


def _after(day: MarketDay | None) -> str:
    return url_for("vendors.paste", day=day.ref) if day else url_for("vendors.paste")
