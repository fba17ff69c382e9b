"""Links for an authority: staff give and take them back; on the other side a button opens a page to read."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock, form_use
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.config import settings
from market.forms import MarketForm
from market.inspection import service
from market.inspection.blueprint import bp
from market.inspection.forms import LinkForm
from market.inspection.rules import MOST_USES, LinkState
from market.people.access import current_user, stand_in
from market.vendors.words import category_word, own_finding_sentence


@bp.get("/staff/<slug>/days/<ref>/inspector-links")
@open_to(Audience.STAFF)
def link_list(ref: str) -> ResponseReturnValue:
    return _page(day_at(ref), LinkForm(formdata=None))


@bp.post("/staff/<slug>/days/<ref>/inspector-links")
@open_to(Audience.STAFF)
def create_link(ref: str) -> ResponseReturnValue:
    """The secret is shown once; afterwards only its hash is known."""
    day, form = day_at(ref), LinkForm()
    if form.validate_on_submit() and (
        made := form.attempt(
            lambda: service.make_link(day, form.name.text, by=current_user(), at=clock.now())
        )
    ):
        form_use.shown_once()
        address = settings().public_url + url_for("inspection.link", secret=made.value)
        return _page(day, LinkForm(formdata=None), address=address, name=form.name.text)
    return _page(day, form)


@bp.post("/staff/<slug>/days/<ref>/inspector-links/<link_ref>/revocation")
@open_to(Audience.STAFF)
def revoke_link(ref: str, link_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), MarketForm()
    found = service.find_link(day, link_ref)
    if form.validate_on_submit():
        service.revoke_link(found, by=current_user(), at=clock.now())
        flash(_("收回了，%(name)s打不开了。", name=found.name), "go")
    return redirect(url_for("inspection.link_list", ref=ref))


def _page(day: MarketDay, form: LinkForm, *, address: str = "", name: str = "") -> ResponseReturnValue:
    at = clock.now()
    page = render_template(
        "inspection/links.html",
        day=day,
        form=form,
        address=address,
        name=name,
        links=[(one, service.state_of(one, at)) for one in service.links_of(day)],
        open_state=LinkState.OPEN,
        most=MOST_USES,
    )
    return page, form.status


# ── on the other side ─────────────────────────────────────────────────────────────────────────────────────


@bp.get("/inspector/<secret>")
@open_to(Audience.PUBLIC)
def link(secret: str) -> ResponseReturnValue:
    """Says what the button opens; spends nothing."""
    found = service.linked_day(secret, at=clock.now())
    stand_in(found.day.community)
    return render_template("inspection/link.html", link=found, day=found.day, secret=secret)


@bp.post("/inspector/<secret>")
@open_to(Audience.PUBLIC)
def open_link(secret: str) -> ResponseReturnValue:
    opening = service.open_link(secret, at=clock.now())
    return redirect(url_for("inspection.opened", secret=secret, opening=opening.ref))


@bp.get("/inspector/<secret>/<opening>")
@open_to(Audience.PUBLIC)
def opened(secret: str, opening: str) -> Response:
    """Who sells what where, with the state of the papers."""
    at = clock.now()
    found = service.opened_page(secret, opening, at=at)
    day = found.link.day
    stand_in(day.community)
    page = render_template(
        "inspection/inspected.html",
        day=day,
        opening=found,
        stalls=service.inspected_stalls(day, at=at),
        category_word=category_word,
        own_finding_sentence=own_finding_sentence,
        at=at,
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer
