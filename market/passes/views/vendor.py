"""The vendor's own pass, on screen and to print."""

from __future__ import annotations

from io import BytesIO

from flask import Response, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.config import ROOT
from market.errors import NotFound
from market.layout.answers import send_file, send_pdf
from market.passes import service, words
from market.passes.blueprint import bp
from market.passes.models import StallPass
from market.passes.picture import pass_picture
from market.people.access import current_community, current_user
from market.print.qr import qr_svg
from market.stalls import service as stalls
from market.stalls.short_code import format_code
from market.vendors import service as vendors
from market.vendors.words import lacks_sentence

CALLED_OFF = (DayState.POSTPONED, DayState.CANCELLED)


@bp.get("/vendor/<slug>/days/<ref>/pass")
@open_to(Audience.VENDOR)
def my_pass(ref: str) -> str:
    day = day_at(ref)
    mine = _mine(day)
    return render_template(
        "passes/my_pass.html",
        day=day,
        stall_pass=mine,
        code=_drawn(mine) if mine is not None else "",
        short_code=format_code(mine.short_code) if mine is not None else "",
        version=words.version_text(mine) if mine is not None else "",
        called_off=day.state in CALLED_OFF,
        lacks=_lacks(day, mine) if mine is not None else "",
        plan=stalls.plan_view(day, mine.assignment.vendor) if mine is not None else [],
        lanes=stalls.lanes_view(day) if mine is not None else [],
    )


@bp.get("/vendor/<slug>/days/<ref>/pass.pdf")
@open_to(Audience.VENDOR)
def my_pass_pdf(ref: str) -> Response:
    """A file with an address of its own: browsers inside chat programs do not save what a script made."""
    day = day_at(ref)
    mine, out = _mine(day), BytesIO()
    if mine is None:
        raise NotFound("gate.no_pass", _("这一场您还没有摊位证。"))
    service.write_passes(day, out, only=[mine])
    return send_pdf(out, words.pass_file_name(mine))


@bp.get("/vendor/<slug>/days/<ref>/pass.png")
@open_to(Audience.VENDOR)
def my_pass_picture(ref: str) -> Response:
    """The same to press and save, in chat programs too."""
    mine = _mine(day_at(ref))
    if mine is None:
        raise NotFound("gate.no_pass", _("这一场您还没有摊位证。"))
    card = words.pass_card(mine, service.pass_url(mine))
    name = words.pass_file_name(mine).replace(".pdf", ".png")
    return send_file(pass_picture(card, words.pass_labels()), "image/png", name, attached=False)


@bp.get("/vendor/<slug>/days/<ref>/pass-worker.js")
@open_to(Audience.VENDOR)
def pass_worker(ref: str) -> Response:
    """What keeps the pass page of this day on the phone; its address lets it look after this day only."""
    day_at(ref)
    return Response((ROOT / "static/js/pass_worker.js").read_bytes(), mimetype="text/javascript")


def _mine(day: MarketDay) -> StallPass | None:
    vendor = vendors.vendor_of(current_user(), current_community())
    held = stalls.assignment_of(day, vendor)
    return service.pass_of(held) if held is not None else None


def _lacks(day: MarketDay, mine: StallPass) -> str:
    """Why the gate would not let the vendor in; empty when it would."""
    vendor = mine.assignment.vendor
    return lacks_sentence(vendors.barred(day, [vendor]).get(vendor.id, []))


def _drawn(stall_pass: StallPass) -> Markup:
    return Markup(qr_svg(service.pass_url(stall_pass), _("摊位证二维码")))  # noqa: S704 - our own drawing
