"""Who has not said yet whether they give: one list of a market, typed in from the signed papers."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.service import actual_opening
from market.errors import Refusal
from market.forms import MarketForm
from market.layout.answers import send_pdf
from market.people.access import current_community, current_user
from market.settlement import service
from market.settlement.agreement_pdf import page_of, write_agreements
from market.settlement.blueprint import bp
from market.settlement.forms import TermsForm
from market.settlement.paper_kit.workbook import file_name
from market.stalls.models import Assignment
from market.vendors import service as vendors


@dataclass
class AgreementRow:
    """One vendor of the list, with what was typed."""

    assignment: Assignment
    form: TermsForm


@bp.get("/staff/<slug>/days/<ref>/agreements")
@open_to(Audience.STAFF)
def agreements(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return _page(day, _rows(day, None), MarketForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/agreements")
@open_to(Audience.STAFF)
def create_agreements(ref: str) -> ResponseReturnValue:
    day, whole = day_at(ref), MarketForm()
    rows = _rows(day, request.form)
    told = [row for row in rows if row.form.kind.data]
    valid = [row.form.validate() for row in told]
    if whole.validate_on_submit() and all(valid) and whole.attempt(lambda: _agree(told)):
        flash(_("记下了 %(n)s 家。", n=len(told)), "go")
        return redirect(url_for("settlement.agreements", ref=ref))
    return _page(day, rows, whole), 200 if not told else 422


@bp.get("/staff/<slug>/days/<ref>/agreements.pdf")
@open_to(Audience.STAFF)
def agreements_paper(ref: str) -> Response:
    """A page to sign for everybody who has not said yet whether they give."""
    day, out = day_at(ref), BytesIO()
    held = service.undecided(day)
    if not held:
        raise Refusal("settlement.all_decided", _("都说过捐不捐了，没有要签的。"))
    write_agreements((page_of(one.vendor, one.label) for one in held), out)
    return send_pdf(out, file_name(day, _("捐赠协议"), "pdf"))


@bp.get("/staff/<slug>/vendors/<ref>/agreement.pdf")
@open_to(Audience.STAFF)
def agreement_paper(ref: str) -> Response:
    """The page of one vendor."""
    vendor, out = vendors.find_vendor(current_community(), ref), BytesIO()
    write_agreements([page_of(vendor)], out)
    return send_pdf(out, f"{vendor.trading_name}_{_('捐赠协议')}.pdf")


def _agree(rows: list[AgreementRow]) -> None:
    by, at = current_user(), clock.now()
    for row in rows:
        form = row.form
        service.agree_terms(row.assignment.vendor, form.facts(), by=by, at=at, suggestion=form.taken)


def _rows(day: MarketDay, typed: MultiDict[str, str] | None) -> list[AgreementRow]:
    suggestion = service.current_suggestion(day.community)
    return [
        AgreementRow(
            held,
            TermsForm(typed, prefix=f"{held.ref}-", meta={"csrf": False}, suggestion=suggestion),
        )
        for held in service.undecided(day)
    ]


def _page(day: MarketDay, rows: list[AgreementRow], form: MarketForm) -> str:
    return render_template(
        "settlement/agreements.html",
        day=day,
        rows=rows,
        form=form,
        too_late=clock.now() >= actual_opening(day),
    )
