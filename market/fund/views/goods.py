"""Goods that were given: what staff keep of them, and what everybody reads."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.communities.models import Community
from market.fund import service, words
from market.fund.blueprint import bp
from market.fund.forms import GoodsForm, GoodsOutForm, KeepingForm, ReversalForm, ValueForm
from market.fund.goods_book import held_of
from market.fund.rules import Basis, GoodsWay, GoodsWorth, goods_worth
from market.fund.service import GoodsDraft, Keeping, ValueDraft
from market.ledger.queries import balances, book_of, find_book
from market.people.access import current_community, current_user


@bp.get("/staff/<slug>/fund/goods")
@open_to(Audience.STAFF)
def goods() -> str:
    return _page()


@bp.post("/staff/<slug>/fund/goods")
@open_to(Audience.STAFF)
def create_lot() -> ResponseReturnValue:
    form = GoodsForm()
    if form.validate_on_submit() and form.attempt(lambda: _receive(form)):
        flash(_("入库了。"), "go")
        return redirect(url_for("fund.goods"))
    return _page(goods_form=form), form.status


def _receive(form: GoodsForm) -> None:
    community = current_community()
    draft = GoodsDraft(
        form.goods.text,
        form.items.data or 0,
        form.received_on.data or clock.today(community.zone),
        _keeping(form),
        donor=form.donor.text,
        may_name=form.may_name.data,
    )
    service.receive_goods(community, draft, by=current_user(), at=clock.now())


def _keeping(form: KeepingForm) -> Keeping:
    return Keeping(form.storage.text, form.expires_on.data)


@bp.get("/staff/<slug>/fund/goods/items/<ref>")
@open_to(Audience.STAFF)
def item(ref: str) -> str:
    return _item(ref, KeepingForm(formdata=None))


@bp.post("/staff/<slug>/fund/goods/items/<ref>")
@open_to(Audience.STAFF)
def store_item(ref: str) -> ResponseReturnValue:
    form, found = KeepingForm(), service.find_item(current_community(), ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.store_item(found, _keeping(form), by=current_user(), at=clock.now())
    ):
        flash(_("入库了。"), "go")
        return redirect(url_for("fund.goods"))
    return _item(ref, form), form.status


def _item(ref: str, form: KeepingForm) -> str:
    found = service.find_item(current_community(), ref)
    return render_template("fund/goods_item.html", item=found, form=form)


@bp.get("/staff/<slug>/fund/goods/<ref>")
@open_to(Audience.STAFF)
def lot(ref: str) -> str:
    return _lot(ref, GoodsOutForm(formdata=None))


@bp.post("/staff/<slug>/fund/goods/<ref>")
@open_to(Audience.STAFF)
def send_out(ref: str) -> ResponseReturnValue:
    form, found = GoodsOutForm(), service.find_lot(current_community(), ref)
    today = clock.today(current_community().zone)
    if form.validate_on_submit() and form.attempt(
        lambda: service.send_out(
            found,
            GoodsWay(form.way.data),
            form.items.data or 0,
            form.recipient.text,
            form.happened_on.data or today,
            by=current_user(),
            at=clock.now(),
        )
    ):
        flash(_("登记好了，还剩 %(n)s 件。", n=found.left), "go")
        return redirect(url_for("fund.lot", ref=ref))
    return _lot(ref, form), form.status


@bp.post("/staff/<slug>/fund/goods/outs/<ref>/removal")
@open_to(Audience.STAFF)
def void_out(ref: str) -> ResponseReturnValue:
    found = service.find_out(current_community(), ref)
    service.void_out(found, by=current_user(), at=clock.now())
    flash(_("撤回了，东西还算在库里。"), "go")
    return redirect(url_for("fund.lot", ref=found.lot.ref))


@bp.post("/staff/<slug>/fund/goods/<ref>/value")
@open_to(Audience.STAFF)
def value_goods(ref: str) -> ResponseReturnValue:
    form, found = ValueForm(), service.find_lot(current_community(), ref)
    if form.validate_on_submit() and form.attempt(
        lambda: service.value_goods(found, _value_of(form), by=current_user(), at=clock.now())
    ):
        flash(_("填好了。另一位同事看过票据，确认以后才入账。"), "go")
        return redirect(url_for("fund.lot", ref=ref))
    return _lot(ref, GoodsOutForm(formdata=None), value_form=form), form.status


def _value_of(form: ValueForm) -> ValueDraft:
    today = clock.today(current_community().zone)
    paper_on = form.paper_on.data or today
    basis = Basis(form.basis.data)
    return ValueDraft(basis, form.worth.fen or 0, form.paper.text, paper_on, form.said_by.text)


@bp.post("/staff/<slug>/fund/goods/values/<ref>/confirmation")
@open_to(Audience.STAFF)
def confirm_value(ref: str) -> ResponseReturnValue:
    found = service.find_value(current_community(), ref)
    service.confirm_value(found, by=current_user(), at=clock.now())
    flash(_("入账了，公示页上和钱分开写。"), "go")
    return redirect(url_for("fund.lot", ref=found.lot.ref))


@bp.post("/staff/<slug>/fund/goods/values/<ref>/withdrawal")
@open_to(Audience.STAFF)
def withdraw_value(ref: str) -> ResponseReturnValue:
    found = service.find_value(current_community(), ref)
    service.withdraw_value(found, by=current_user(), at=clock.now())
    flash(_("撤回了，可以重新填。"), "go")
    return redirect(url_for("fund.lot", ref=found.lot.ref))


@bp.post("/staff/<slug>/fund/goods/values/<ref>/reversal")
@open_to(Audience.STAFF)
def reverse_value(ref: str) -> ResponseReturnValue:
    found, form = service.find_value(current_community(), ref), ReversalForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.reverse_value(found, form.reason.text, by=current_user(), at=clock.now())
    ):
        flash(_("冲销了。照票据重新估一次，两笔都留着。"), "go")
        return redirect(url_for("fund.lot", ref=found.lot.ref))
    return _lot(found.lot.ref, GoodsOutForm(formdata=None), reversal=form), form.status


def _lot(
    ref: str,
    form: GoodsOutForm,
    *,
    value_form: ValueForm | None = None,
    reversal: ReversalForm | None = None,
) -> str:
    community = current_community()
    found = service.find_lot(community, ref)
    held = held_of(book_of(community), [found]) if found.booked else {}
    return render_template(
        "fund/goods_lot.html",
        lot=found,
        day=service.markets_of([found]).get(found.id),
        form=form,
        value_form=value_form or ValueForm(formdata=None),
        reversal=reversal or ReversalForm(formdata=None),
        held_fen=held.get(found.id, 0),
        me=current_user(),
        today=clock.today(community.zone),
        words=words,
    )


def _page(*, goods_form: GoodsForm | None = None) -> str:
    community = current_community()
    found = service.lots(community)
    return render_template(
        "fund/goods.html",
        lots=[one for one in found if one.left],
        gone=[one for one in found if not one.left],
        waiting=service.items_without_place(community),
        form=goods_form or GoodsForm(formdata=None),
        today=clock.today(community.zone),
        words=words,
    )


@bp.get("/c/<slug>/fund/goods")
@open_to(Audience.PUBLIC)
def goods_told() -> str:
    community = current_community()
    found = service.lots(community)
    return render_template(
        "fund/goods_told.html",
        lots=found,
        days=service.markets_of(found),
        worth=_worth(community),
        came=sum(one.count for one in found),
        left=sum(one.left for one in found),
        today=clock.today(community.zone),
        words=words,
    )


def _worth(community: Community) -> GoodsWorth | None:
    """What valued goods came to, from the book; None where there is none yet."""
    book = find_book(community)
    sums = balances(book) if book is not None else {}
    return goods_worth(sums, sums) or None
