"""What staff write themselves: written, looked at, sent, taken back; and the text and code for the group."""

from __future__ import annotations

from io import BytesIO

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.layout.answers import send_pdf
from market.notices.rules import Channel
from market.outbox import service
from market.outbox.blueprint import bp
from market.outbox.forms import LetterForm
from market.outbox.group_text import group_address, group_message
from market.outbox.service import Recipient
from market.outbox.slips import slips_of, write_slips
from market.outbox.words import WAY_WORDS, letter_text
from market.people.access import current_community, current_user
from market.print.qr import qr_svg


@bp.get("/staff/<slug>/days/<ref>/letters")
@open_to(Audience.STAFF)
def letters(ref: str) -> ResponseReturnValue:
    return _page(day_at(ref), LetterForm(formdata=None))


def _page(day: MarketDay, form: LetterForm, *, looked_at: bool = False) -> ResponseReturnValue:
    """The page; `looked_at`: the text as it will arrive, and who gets it by what, before it is sent."""
    everybody = service.recipients(day)
    chosen = [one for one in everybody if one.application.ref in (form.to.data or ())]
    page = {
        "day": day,
        "form": form,
        "everybody": everybody,
        "chosen": chosen,
        "ways": {one.application.ref: way_of(one) for one in everybody},
        "by_way": _by_way(chosen),
        "example": _example(chosen, form) if looked_at and chosen else "",
        "written": service.letters_of(day),
        "now": clock.now(),
    }
    return render_template("outbox/letters.html", **page), form.status


def way_of(recipient: Recipient) -> str:
    """By what somebody gets it, as a word."""
    said = [str(WAY_WORDS[recipient.way])] if recipient.way is not None else []
    if recipient.in_app:
        said.append(_("手机上看"))
    return " · ".join(said) or _("打电话")


def _by_way(chosen: list[Recipient]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in chosen:
        counted[way_of(one)] = counted.get(way_of(one), 0) + 1
    return counted


def _example(chosen: list[Recipient], form: LetterForm) -> str:
    vendor = chosen[0].application.vendor
    return letter_text(form.text.text, vendor.trading_name, current_community())


@bp.post("/staff/<slug>/days/<ref>/letters")
@open_to(Audience.STAFF)
def create_letter(ref: str) -> ResponseReturnValue:
    """First shown as it will arrive; sent by the second press."""
    day, form = day_at(ref), LetterForm()
    if "all" in request.form:
        form.to.data = [one.application.ref for one in service.recipients(day)]
    if not form.validate():
        return _page(day, form)
    if "sure" not in request.form:
        if not form.to.data:
            form.say_wrong(_("还没有选发给谁。"), "to")
        return _page(day, form, looked_at=True)
    written = form.attempt(
        lambda: service.write_letter(
            day, form.text.text, form.to.data or (), by=current_user(), at=clock.now()
        )
    )
    if written is None:
        return _page(day, form)
    flash(_("写好了，三分钟以后发出去。这之前可以撤回。"), "go")
    return redirect(url_for("outbox.letters", ref=ref) + "#written")


@bp.post("/staff/<slug>/letters/<ref>/removal")
@open_to(Audience.STAFF)
def delete_letter(ref: str) -> ResponseReturnValue:
    letter = service.find_letter(current_community(), ref)
    service.take_back_letter(letter, by=current_user(), at=clock.now())
    flash(_("撤回了，谁也没收到。"), "go")
    return redirect(url_for("outbox.letters", ref=letter.day.ref) + "#written")


@bp.post("/staff/<slug>/letters/copies/<ref>/call")
@open_to(Audience.STAFF)
def create_letter_call(ref: str) -> ResponseReturnValue:
    """Staff said it on the telephone."""
    copy = service.find_copy(current_community(), ref)
    service.tell_copy(copy, channel=Channel.CALL, by=current_user(), at=clock.now())
    flash(_("记下了：%(vendor)s告诉过了。", vendor=copy.application.vendor.trading_name), "go")
    return redirect(url_for("pages.calls") + "#calls")


@bp.get("/staff/<slug>/days/<ref>/group")
@open_to(Audience.STAFF)
def group(ref: str) -> str:
    """Text and code to paste into the group, whatever state the day is in."""
    day = day_at(ref)
    address = group_address(day)
    return render_template(
        "outbox/group.html",
        day=day,
        text=group_message(day),
        address=address,
        code=qr_svg(address, _("扫码打开：%(address)s", address=address)),
    )


@bp.get("/staff/<slug>/days/<ref>/message-slips.pdf")
@open_to(Audience.STAFF)
def message_slips(ref: str) -> ResponseReturnValue:
    """What there is to say to those whom no channel reaches, on paper, to be handed over."""
    day, out = day_at(ref), BytesIO()
    write_slips(day, slips_of(day, at=clock.now()), out)
    return send_pdf(out, _("给商户的小条 %(theme)s.pdf", theme=day.theme))
