"""A stall offered to the next in line: answered by the vendor, or by staff who telephoned."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at, public_day_at
from market.errors import NotFound
from market.people.access import current_community, current_user
from market.stalls import service
from market.stalls.blueprint import bp
from market.stalls.forms import OfferForm
from market.stalls.models import StallOffer
from market.vendors import service as vendors


@bp.post("/vendor/<slug>/days/<ref>/offer-answers")
@open_to(Audience.VENDOR)
def answer_own(ref: str) -> ResponseReturnValue:
    """The vendor's own answer."""
    form = OfferForm()
    offer = service.find_offer(public_day_at(ref), form.offer.data or "")
    if offer.application.vendor_id != vendors.vendor_of(current_user(), current_community()).id:
        raise NotFound("stalls.no_offer", _("没有这个补位邀请。"))
    _answer(offer, form)
    return redirect(url_for("pages.vendor_home"))


@bp.post("/staff/<slug>/days/<ref>/offer-answers")
@open_to(Audience.STAFF)
def answer_for(ref: str) -> ResponseReturnValue:
    """What the vendor said on the telephone."""
    form = OfferForm()
    _answer(service.find_offer(day_at(ref), form.offer.data or ""), form)
    return redirect(url_for("stalls.plan", ref=ref))


def _answer(offer: StallOffer, form: OfferForm) -> None:
    by, at = current_user(), clock.now()
    stall, name = service.offered_label(offer), offer.application.vendor.trading_name
    if not form.validate_on_submit():
        flash(_("请选来或不来。"), "stop")
    elif form.answer.data == "yes":
        if form.attempt(lambda: service.accept_offer(offer, by=by, at=at)):
            flash(_("%(name)s补到 %(stall)s 号，新的摊位证发好了。", name=name, stall=stall), "go")
    elif form.attempt(lambda: service.decline_offer(offer, by=by, at=at)):
        flash(_("%(stall)s 号让给下一位。%(name)s还在候补里。", name=name, stall=stall), "go")
    if form.refusal is not None:
        flash(str(form.refusal.sentence), "stop")
