"""The charity's statements: read in, compared line by line, explained where they differ."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.errors import Refusal
from market.fund import disclosure, service, words
from market.fund.blueprint import bp
from market.fund.forms import RemarkForm, RemittanceForm, StatementForm
from market.fund.models import AccountStatement, Fund
from market.fund.statement_file import StatementFile, read_statement
from market.ledger.spans import quarter_of
from market.people.access import current_community, current_user


@bp.get("/staff/<slug>/fund/statements")
@open_to(Audience.STAFF)
def statements() -> ResponseReturnValue:
    form = StatementForm(formdata=None)
    last_quarter = quarter_of(quarter_of(_today()).first - date.resolution)
    form.first_on.data, form.last_on.data = last_quarter.first, last_quarter.last
    return _list(form)


@bp.post("/staff/<slug>/fund/statements")
@open_to(Audience.STAFF)
def create_statement() -> ResponseReturnValue:
    form, file = StatementForm(formdata=request.form), StatementFile()
    if form.validate() and (read := form.attempt(lambda: _read(form))):
        file = read.value
        if not file.problems and (kept := form.attempt(lambda: _keep(form, file))):
            return redirect(url_for("fund.statement", ref=kept.value.ref))
    return _list(form, file.problems)


def _read(form: StatementForm) -> StatementFile:
    sent = request.files.get("sheet")
    return read_statement(sent.read() if sent is not None else b"", form.pasted.text)


def _keep(form: StatementForm, file: StatementFile) -> AccountStatement:
    opening = form.opening.fen if form.opening.data else file.begins_with_fen
    closing = form.closing.fen if form.closing.data else file.ends_with_fen
    if opening is None or closing is None:
        sentence = _("表里没有余额，请照对账单填期初余额和期末余额。")
        raise Refusal("fund.no_balances", sentence, 422)
    draft = service.StatementDraft(
        form.reference.text,
        form.first_on.data or _today(),
        form.last_on.data or _today(),
        opening,
        closing,
        tuple(file.lines),
    )
    return service.read_in(_fund(), draft, by=current_user(), at=clock.now())


@bp.get("/staff/<slug>/fund/statements/<ref>")
@open_to(Audience.STAFF)
def statement(ref: str) -> ResponseReturnValue:
    return _page(_statement(ref), RemarkForm(formdata=None))


@bp.post("/staff/<slug>/fund/statements/<ref>/remarks")
@open_to(Audience.STAFF)
def explain_difference(ref: str) -> ResponseReturnValue:
    form, found = RemarkForm(), _statement(ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.explain(
            found, form.about.data or "", form.sentence.text, by=current_user(), at=clock.now()
        )
    ):
        flash(_("记下了。"), "go")
        return redirect(url_for("fund.statement", ref=ref))
    return _page(found, form)


@bp.post("/staff/<slug>/fund/statements/<ref>/arrivals/<day_ref>")
@open_to(Audience.STAFF)
def create_arrival_of_line(ref: str, day_ref: str) -> ResponseReturnValue:
    """A line of the statement is the arrival of one market: entered from here, under the line's number."""
    form, found = RemittanceForm(), _statement(ref)
    day = day_at(day_ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.confirm_remittance(day, form.reference.text, by=current_user(), at=clock.now())
    ):
        flash(_("到账登记好了。"), "go")
        return redirect(url_for("fund.statement", ref=ref))
    return _page(found, RemarkForm(formdata=None), form)


@bp.post("/staff/<slug>/fund/statements/<ref>/withdrawal")
@open_to(Audience.STAFF)
def delete_statement(ref: str) -> ResponseReturnValue:
    service.withdraw_statement(_statement(ref), by=current_user(), at=clock.now())
    flash(_("撤回了，账没有变。"), "go")
    return redirect(url_for("fund.statements"))


def _fund() -> Fund:
    return service.require_fund(current_community())


def _statement(ref: str) -> AccountStatement:
    return service.find_statement(_fund(), ref)


def _today() -> date:
    return clock.today(current_community().zone)


def _list(form: StatementForm, problems: list[str] | None = None) -> ResponseReturnValue:
    page = render_template(
        "fund/statements.html",
        fund=_fund(),
        form=form,
        problems=problems or [],
        compared=[service.compare(one) for one in service.account_statements(_fund())[:MOST_SHOWN]],
    )
    return page, 422 if problems else form.status


MOST_SHOWN = 12
"""Statements whose differences are counted on the list: three years of quarters."""


def _page(
    found: AccountStatement, form: RemarkForm, refused: RemittanceForm | None = None
) -> ResponseReturnValue:
    page = render_template(
        "fund/statement.html",
        it=service.compare(found),
        about=service.about,
        waiting={one.in_transit_fen: one.settlement.day for one in disclosure.on_their_way(found.fund)},
        form=form,
        refused=refused,
        words=words,
    )
    return page, (refused or form).status
