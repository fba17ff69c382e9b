"""Closing months and quarters: what the ledger has, what the charity says, who confirmed it."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import NotFound
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.forms import QuarterForm
from market.fund.models import Fund
from market.fund.service.periods import years_of
from market.ledger.models import Period
from market.ledger.periods import find_period
from market.people.access import current_community, current_user


@bp.get("/staff/<slug>/fund/periods")
@open_to(Audience.STAFF)
def periods() -> str:
    return _page(QuarterForm(formdata=None), fresh=True)


@bp.get("/committee/<slug>/periods")
@open_to(Audience.COMMITTEE)
def periods_for_members() -> str:
    return _page(None)


@bp.post("/staff/<slug>/fund/periods/months/<first>")
@open_to(Audience.STAFF)
def close_month(first: str) -> ResponseReturnValue:
    period = service.close_month(_fund(), _day(first), by=current_user(), at=clock.now())
    flash(_("%(month)s结账了。", month=words.month_word(period.first_on)), "go")
    return redirect(url_for("fund.periods"))


@bp.post("/staff/<slug>/fund/periods/quarters/<first>")
@open_to(Audience.STAFF)
def close_quarter(first: str) -> ResponseReturnValue:
    form, fund = QuarterForm(), _fund()
    if form.validate_on_submit() and form.attempt(lambda: _close(fund, _day(first), form)):
        flash(_("结好了，等另一个人核对确认。"), "go")
        return redirect(url_for("fund.periods"))
    return _page(form, first), form.status


def _close(fund: Fund, day: date, form: QuarterForm) -> None:
    service.close_quarter(
        fund,
        day,
        form.figures(),
        reference=form.reference.text,
        explanation=form.explanation.text,
        by=current_user(),
        at=clock.now(),
    )


@bp.post("/staff/<slug>/fund/periods/<ref>/confirmation")
@open_to(Audience.STAFF)
def confirm_quarter(ref: str) -> ResponseReturnValue:
    _confirm(ref)
    return redirect(url_for("fund.periods"))


@bp.post("/committee/<slug>/periods/<ref>/confirmation")
@open_to(Audience.COMMITTEE)
def confirm_quarter_as_member(ref: str) -> ResponseReturnValue:
    """A member may be the second person: where there is one worker, nobody else is."""
    _confirm(ref)
    return redirect(url_for("fund.periods_for_members"))


def _confirm(ref: str) -> None:
    service.confirm_quarter(_period(ref), by=current_user(), at=clock.now())
    flash(_("您确认了，这个季度的账不会再变。"), "go")


@bp.post("/staff/<slug>/fund/periods/<ref>/withdrawal")
@open_to(Audience.STAFF)
def withdraw_quarter(ref: str) -> ResponseReturnValue:
    service.withdraw_quarter(_period(ref), by=current_user(), at=clock.now())
    flash(_("撤回了，可以重新对账。"), "go")
    return redirect(url_for("fund.periods"))


def _fund() -> Fund:
    return service.require_fund(current_community())


def _period(ref: str) -> Period:
    return find_period(_fund().book, ref)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound("fund.no_such_period", _("没有这个期间。")) from error


def _page(form: QuarterForm | None, closing: str = "", *, fresh: bool = False) -> str:
    """The quarters; `form` where somebody may close the oldest one, `closing` the one it was refused for.

    A fresh form has what a statement of just that quarter says, when one was read in.
    """
    fund, today = _fund(), clock.today(current_community().zone)
    quarters = service.quarters(fund, today)
    over = [view for view in quarters if view.period is None and view.span.last < today]
    first = over[-1:]
    if form is not None and fresh and first and (read := service.statement_for(fund, *first[0].span)):
        form.take(read)
    quarters = [*first, *(view for view in quarters if view not in first)]
    return render_template(
        "fund/periods.html",
        fund=fund,
        quarters=quarters,
        months=service.months(fund, [view.span for view in quarters[:2]]),
        next_quarter=over[-1].span if over else None,
        next_month=service.next_month(fund, today),
        form=form,
        closing=closing,
        words=words,
        today=today,
        me=current_user(),
        years=years_of(fund),
    )
