"""Closing a market: the paper list, exceptions, the three counts, the statement and its corrections."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.errors import Refusal
from market.forms import MarketForm, note_trouble, options
from market.gate import service as gate
from market.ledger.queries import find_book
from market.people.access import current_community, current_user
from market.settlement import grid as lists, service, words
from market.settlement.blueprint import bp
from market.settlement.forms import (
    AbsenceForm,
    CorrectionForm,
    FullTermsForm,
    GoodsForm,
    SettleForm,
    WaiverForm,
)
from market.settlement.grid import GridRow
from market.settlement.imported import Import
from market.settlement.models import SuggestedTerms
from market.settlement.previews import previewed
from market.settlement.rules import CloseFault, Terms, terms_for_category
from market.settlement.views.additions import why_closed
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import Conduct

# ── the three-way close ───────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/settlement")
@open_to(Audience.STAFF)
def close(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    if service.settlement_of(day) is not None:
        return redirect(url_for("settlement.statement", ref=ref))
    return _close_page(day, SettleForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/settlement")
@open_to(Audience.STAFF)
def create_settlement(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), SettleForm()
    if form.validate() and form.attempt(
        lambda: service.close_day(day, by=current_user(), at=clock.now(), seen_fen=form.seen_fen)
    ):
        flash(_closed_sentence(day), "go")
        return redirect(url_for("settlement.statement", ref=ref))
    return _close_page(day, form)


def _closed_sentence(day: MarketDay) -> str:
    settled = service.settlement_of(day)
    if settled is not None and settled.contribution_fen:
        return _("收市了，钱已经记进社区基金的账。")
    if find_book(day.community) is None:
        return _("收市了。这一场没有人捐，社区也还没有登记基金，所以没有记账。")
    return _("收市了。这一场没有人捐，基金的账不变。")


def _close_page(day: MarketDay, form: MarketForm) -> ResponseReturnValue:
    page = render_template(
        "settlement/close.html",
        day=day,
        view=service.close_view(day),
        form=form,
        has_ended=day.state in service.CLOSE_STATES,
        takes_reports=day.state in service.TAKINGS_STATES,
        close_rule=service.close_rule(day.community),
        has_fund=find_book(day.community) is not None,
        words=words,
        CloseFault=CloseFault,
    )
    return page, form.status


@bp.post("/staff/<slug>/days/<ref>/close-waivers")
@open_to(Audience.STAFF)
def create_waiver(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), WaiverForm()
    if form.validate() and form.attempt(lambda: _waive(day, form)):
        flash(_("认下了，原因也记着。"), "go")
        return redirect(url_for("settlement.close", ref=ref))
    return _close_page(day, form)


def _waive(day: MarketDay, form: WaiverForm) -> None:
    service.waive_fault(
        service.find_assignment(day, form.assignment.data or ""),
        CloseFault(form.fault.data),
        form.reason.text,
        by=current_user(),
        at=clock.now(),
    )


@bp.post("/staff/<slug>/days/<ref>/absences")
@open_to(Audience.STAFF)
def create_absence(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), AbsenceForm()
    if form.validate() and form.attempt(lambda: _mark_absent(day, form.assignment.data or "")):
        flash(_("记成没来了。"), "go")
        return redirect(url_for("settlement.close", ref=ref))
    return _close_page(day, form)


def _mark_absent(day: MarketDay, assignment_ref: str) -> None:
    service.mark_absent(service.find_assignment(day, assignment_ref), by=current_user(), at=clock.now())


@bp.post("/staff/<slug>/days/<ref>/absences/removal")
@open_to(Audience.STAFF)
def delete_absence(ref: str) -> ResponseReturnValue:
    """It was a mistake: the vendor was there."""
    day, form = day_at(ref), AbsenceForm()
    if form.validate() and form.attempt(lambda: _undo_absent(day, form.assignment.data or "")):
        flash(_("撤回了。来没来、卖了多少，请再对一对。"), "go")
        return redirect(url_for("settlement.close", ref=ref))
    return _close_page(day, form)


def _undo_absent(day: MarketDay, assignment_ref: str) -> None:
    service.undo_absent(stalls.find_assignment(day, assignment_ref), by=current_user(), at=clock.now())


# ── the paper list ────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/takings")
@open_to(Audience.STAFF)
def grid(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return grid_page(
        day, lists.stored_rows(service.close_view(day), clean_of(day)), MarketForm(formdata=None)
    )


@bp.post("/staff/<slug>/days/<ref>/takings")
@open_to(Audience.STAFF)
def create_takings(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), MarketForm()
    view = service.close_view(day)
    rows = lists.typed_rows(view, service.reports(day), clean_of(day), request.form)
    changed = [row for row in rows if row.changed]
    lists.question_rows(changed, service.Habits(day), request.form)
    if any(row.error for row in rows) or not form.attempt(lambda: lists.check_names(view, request.form)):
        return grid_page(day, rows, form, 422)
    if form.attempt(lambda: _save(day, changed)):
        flash(_("存好了 %(n)s 家。", n=len(changed)), "go")
        return redirect(url_for("settlement.close", ref=ref))
    return grid_page(day, rows, form)


def clean_of(day: MarketDay) -> frozenset[int]:
    """Who left its place clean."""
    return vendors.who_earned(day, Conduct.LEFT_CLEAN)


def _save(day: MarketDay, rows: Sequence[GridRow]) -> None:
    """Arrivals before takings: who sold something came first."""
    came = [(row.row.assignment, row.came_at) for row in rows if row.came_at is not None]
    if came:
        service.check_reporting(day)
        service.admit_from_paper(day, came, by=current_user(), at=clock.now())
    for row in rows:
        if row.clean_changed:
            gate.tick_clean(row.row.assignment, row.clean, by=current_user(), at=clock.now())
        if row.figures is not None:
            service.report_takings(
                row.row.assignment,
                row.figures.takings_fen,
                chosen_fen=row.figures.chosen_fen,
                gift_only=row.figures.gift_only,
                source=row.source,
                by=current_user(),
                at=clock.now(),
            )


def grid_page(
    day: MarketDay,
    rows: list[GridRow],
    form: MarketForm,
    status: int | None = None,
    imported: Import | None = None,
) -> ResponseReturnValue:
    """The paper list; `imported` where a table was read into it, which is not saved yet."""
    for row in rows:
        note_trouble(f"{row.row.assignment.label}：{row.error}" if row.error else "")
    page = render_template(
        "settlement/grid.html",
        day=day,
        rows=rows,
        form=form,
        closed=_why_closed(day),
        imported=imported,
        words=words,
    )
    return page, status or form.status


def _why_closed(day: MarketDay) -> object | None:
    try:
        service.check_reporting(day)
    except Refusal as refusal:
        return refusal.sentence
    return None


# ── goods ─────────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/goods")
@open_to(Audience.STAFF)
def goods(ref: str) -> ResponseReturnValue:
    return _goods_page(day_at(ref), GoodsForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/goods")
@open_to(Audience.STAFF)
def create_goods(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), GoodsForm()
    _offer_stalls(form, day)
    if form.validate() and form.attempt(lambda: _give(day, form)):
        flash(_("记下了：%(goods)s %(count)s 件。", goods=form.goods.text, count=form.count), "go")
        return redirect(url_for("settlement.goods", ref=ref))
    return _goods_page(day, form)


def _give(day: MarketDay, form: GoodsForm) -> None:
    giver, by, at = service.find_assignment(day, form.assignment.data).vendor, current_user(), clock.now()
    write_down = service.add_goods if service.settlement_of(day) else service.give_in_kind
    write_down(day, giver, form.goods.text, form.count, by=by, at=at)


def _goods_page(day: MarketDay, form: GoodsForm) -> ResponseReturnValue:
    _offer_stalls(form, day)
    settled = service.settlement_of(day) is not None
    page = render_template(
        "settlement/goods.html",
        day=day,
        form=form,
        items=service.goods(day),
        settled=settled,
        closed=why_closed(day) if settled else _why_closed(day),
    )
    return page, form.status


def _offer_stalls(form: GoodsForm | CorrectionForm, day: MarketDay) -> None:
    rows = service.close_view(day).rows
    form.assignment.choices = options((row.assignment.ref, _stall_word(row.assignment)) for row in rows)


def _stall_word(assignment: Assignment) -> str:
    return f"{assignment.label} {assignment.vendor.trading_name}"


@bp.post("/staff/<slug>/days/<ref>/goods/<item_ref>/voiding")
@open_to(Audience.STAFF)
def void_goods(ref: str, item_ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    service.void_in_kind(service.find_goods(day, item_ref), day, by=current_user(), at=clock.now())
    flash(_("划掉了。"), "go")
    return redirect(url_for("settlement.goods", ref=ref))


# ── the statement and its corrections ─────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/days/<ref>/statement")
@open_to(Audience.STAFF)
def statement(ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    revisions = service.revisions(day)
    if not revisions:
        return redirect(url_for("settlement.close", ref=ref))
    return render_template(
        "settlement/statement.html",
        day=day,
        settlement=revisions[0],
        revisions=revisions,
        goods=service.goods(day),
        additions=service.added(day),
        may_add=service.may_add(day, current_user()),
        reports=service.reports(day),
        view=service.close_view(day),
        miscounts=service.recompute(revisions[0]),
        second_person=current_user().id != revisions[0].settled_by,
        words=words,
    )


@bp.get("/staff/<slug>/days/<ref>/corrections")
@open_to(Audience.STAFF)
def correct(ref: str) -> ResponseReturnValue:
    form = CorrectionForm(formdata=None)
    form.assignment.data = request.args.get("stall")
    return _correct_page(day_at(ref), form)


@bp.post("/staff/<slug>/days/<ref>/corrections")
@open_to(Audience.STAFF)
def create_correction(ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), CorrectionForm()
    _offer_stalls(form, day)
    if form.validate() and form.attempt(lambda: _correct(day, form)):
        flash(_("更正好了，账上冲销了旧的、记了新的。"), "go")
        return redirect(url_for("settlement.statement", ref=ref))
    return _correct_page(day, form)


def _correct(day: MarketDay, form: CorrectionForm) -> None:
    assignment = service.find_assignment(day, form.assignment.data)
    if form.gift_only:
        service.ask_when_gift_doubtful(assignment, form.gift.fen or 0, form.sure.data)
    else:
        service.ask_when_doubtful(assignment, form.takings.fen or 0, form.sure.data)
    service.correct_takings(
        assignment,
        form.takings.fen or 0,
        form.reason.text,
        by=current_user(),
        at=clock.now(),
        chosen_fen=form.chosen_fen,
        gift_only=form.gift_only,
    )


def _correct_page(day: MarketDay, form: CorrectionForm) -> ResponseReturnValue:
    settlement = service.settlement_of(day)
    if settlement is None:
        return redirect(url_for("settlement.close", ref=day.ref))
    _offer_stalls(form, day)
    page = render_template(
        "settlement/correct.html",
        day=day,
        form=form,
        settlement=settlement,
        second_person=current_user().id != settlement.settled_by,
        words=words,
    )
    return page, form.status


# ── terms, entered from the signed paper ──────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/vendors/<ref>/terms")
@open_to(Audience.STAFF)
def terms_for(ref: str) -> ResponseReturnValue:
    return _terms_page(_vendor(ref), FullTermsForm(formdata=None, suggestion=_suggestion()))


@bp.post("/staff/<slug>/vendors/<ref>/terms")
@open_to(Audience.STAFF)
def create_terms_for(ref: str) -> ResponseReturnValue:
    vendor, form = _vendor(ref), FullTermsForm(suggestion=_suggestion())
    if "look" in request.form:
        return _terms_page(vendor, form, previewed(form))
    if form.validate() and form.attempt(
        lambda: service.agree_terms(
            vendor, form.facts(), by=current_user(), at=clock.now(), suggestion=form.taken
        )
    ):
        flash(
            _(
                "替%(name)s记下了：%(terms)s。",
                name=vendor.trading_name,
                terms=words.terms_word(form.facts()),
            ),
            "go",
        )
        return redirect(url_for("settlement.terms_for", ref=ref))
    return _terms_page(vendor, form)


def _vendor(ref: str) -> Vendor:
    return vendors.find_vendor(current_community(), ref)


def _suggestion() -> SuggestedTerms | None:
    return service.current_suggestion(current_community())


def _terms_page(vendor: Vendor, form: FullTermsForm, preview: Terms | None = None) -> ResponseReturnValue:
    page = render_template(
        "settlement/terms_for.html",
        vendor=vendor,
        form=form,
        history=service.terms_history(vendor),
        category=vendor.category,
        preview=preview,
        terms_for_category=terms_for_category,
        words=words,
    )
    return page, form.status
