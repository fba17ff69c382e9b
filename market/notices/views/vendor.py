"""What the vendor is told, and that it is understood."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.notices import service, words
from market.notices.blueprint import bp
from market.notices.rules import Channel
from market.people.access import current_community, current_user
from market.vendors import service as vendors
from market.vendors.models import Vendor

bp.add_app_template_global(words.words_of, "notice_words")


def _current_vendor() -> Vendor:
    return vendors.vendor_of(current_user(), current_community())


@bp.get("/vendor/<slug>/notices")
@open_to(Audience.VENDOR)
def mine() -> str:
    vendor = _current_vendor()
    return render_template(
        "notices/mine.html",
        fresh=service.of_vendor(vendor, at=clock.now()),
        told=service.history(vendor),
        channels=words.CHANNEL_WORDS,
    )


@bp.post("/vendor/<slug>/days/<ref>/reading")
@open_to(Audience.VENDOR)
def create_reading(ref: str) -> ResponseReturnValue:
    """知道了: what the card said, which the form names."""
    day, vendor = day_at(ref), _current_vendor()
    seen = request.form.getlist("seen")
    told = service.tell(day, seen, channel=Channel.APP, by=current_user(), at=clock.now(), only=[vendor])
    if seen and not told and service.messages([day], at=clock.now(), only=[vendor]):
        flash(_("刚才又有变动，请再看一遍。"), "wait")
    return redirect(url_for("pages.vendor_home"))
