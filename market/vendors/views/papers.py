"""Papers as pictures: the vendor's page and its twin for staff, and who stands at the stall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.forms import MarketForm
from market.layout.answers import send_file
from market.people.access import current_community, current_user
from market.photos import sent_photos, takes_papers
from market.vendors import service
from market.vendors.blueprint import bp
from market.vendors.documents_date import documents_date
from market.vendors.forms import PlainForm
from market.vendors.models import Vendor
from market.vendors.paper_forms import HandInForm, PersonForm
from market.vendors.paper_lines import paper_lines
from market.vendors.paper_rows import HandedPaper
from market.vendors.rules import OF_A_BATCH, SIGNED, DocumentKind
from market.vendors.words import document_word

ANYTIME = tuple(kind for kind in DocumentKind if kind not in SIGNED | OF_A_BATCH)
"""What may be handed in though nobody asks for it."""


def _own() -> Vendor:
    return service.vendor_of(current_user(), current_community())


def _given(ref: str) -> Vendor:
    return service.find_vendor(current_community(), ref)


def _page(
    template: str, vendor: Vendor, refused: MarketForm | None = None, **more: Any
) -> ResponseReturnValue:
    on = service.page_date(vendor, documents_date(), at=clock.now())
    person_form = refused if isinstance(refused, PersonForm) else PersonForm(formdata=None)
    page = render_template(
        template,
        vendor=vendor,
        on=on,
        lines=paper_lines(vendor, on),
        kinds=[(kind.value, document_word(kind)) for kind in ANYTIME],
        person_form=person_form,
        refused=refused,
        **more,
    )
    return page, refused.status if refused is not None else 200


def _hand_in(vendor: Vendor, form: HandInForm) -> HandedPaper:
    person = service.find_person(vendor, form.person.data) if form.person.data else None
    return service.hand_in(
        vendor,
        form.paper,
        sent_photos("picture"),
        person=person,
        brought_for=form.market_date,
        by=current_user(),
        at=clock.now(),
    )


def _done(form: MarketForm, act: Callable[[], object], said: str) -> bool:
    """Whether the act was done; it is said then."""
    if not form.validate_on_submit() or not form.attempt(act):
        return False
    flash(said, "go")
    return True


def _picture(paper: HandedPaper, ref: str) -> Response:
    """Never kept by a browser; the name says nothing."""
    found = service.picture_of(paper, ref)
    return send_file(found.content, "image/jpeg", f"{found.ref}.jpg", attached=False)


# ── the vendor itself ─────────────────────────────────────────────────────────────────────────────────────


@bp.get("/vendor/<slug>/papers")
@open_to(Audience.VENDOR)
def my_papers() -> ResponseReturnValue:
    return _page("vendors/my_papers.html", _own())


@bp.post("/vendor/<slug>/papers")
@open_to(Audience.VENDOR)
@takes_papers
def hand_in_own() -> ResponseReturnValue:
    vendor, form = _own(), HandInForm()
    if _done(form, lambda: _hand_in(vendor, form), _("交上去了，等社区看。原件请留好，到场给看一眼。")):
        return redirect(url_for("vendors.my_papers"))
    return _page("vendors/my_papers.html", vendor, form)


@bp.post("/vendor/<slug>/papers/<ref>/withdrawal")
@open_to(Audience.VENDOR)
def take_back_own(ref: str) -> ResponseReturnValue:
    vendor, form = _own(), PlainForm()
    paper = service.find_own_handed(vendor, ref)
    if _done(form, lambda: _take_back(paper), _("撤回了，照片已经删掉。")):
        return redirect(url_for("vendors.my_papers"))
    return _page("vendors/my_papers.html", vendor, form)


def _take_back(paper: HandedPaper) -> None:
    service.take_back_paper(paper, by=current_user(), at=clock.now())


@bp.get("/vendor/<slug>/papers/<ref>/pictures/<picture_ref>")
@open_to(Audience.VENDOR)
def own_picture(ref: str, picture_ref: str) -> Response:
    return _picture(service.find_own_handed(_own(), ref), picture_ref)


@bp.post("/vendor/<slug>/people")
@open_to(Audience.VENDOR)
def add_own_person() -> ResponseReturnValue:
    vendor, form = _own(), PersonForm()
    if _done(form, lambda: _add_person(vendor, form), _("记下了。")):
        return redirect(url_for("vendors.my_papers"))
    return _page("vendors/my_papers.html", vendor, form)


def _add_person(vendor: Vendor, form: PersonForm) -> None:
    service.add_person(
        vendor, form.person_name.text, form.handles_food.data, by=current_user(), at=clock.now()
    )


@bp.post("/vendor/<slug>/people/<person_ref>/end")
@open_to(Audience.VENDOR)
def end_own_person(person_ref: str) -> ResponseReturnValue:
    vendor, form = _own(), PlainForm()
    service.find_person(vendor, person_ref)
    if _done(form, lambda: _remove_person(vendor, person_ref), _("去掉了。")):
        return redirect(url_for("vendors.my_papers"))
    return _page("vendors/my_papers.html", vendor, form)


def _remove_person(vendor: Vendor, ref: str) -> None:
    service.remove_person(vendor, ref, by=current_user(), at=clock.now())


# ── staff for somebody without a phone ────────────────────────────────────────────────────────────────────


@bp.get("/staff/<slug>/vendors/<ref>/papers")
@open_to(Audience.STAFF)
def vendor_papers(ref: str) -> ResponseReturnValue:
    return _page("vendors/vendor_papers.html", _given(ref))


@bp.post("/staff/<slug>/vendors/<ref>/papers")
@open_to(Audience.STAFF)
@takes_papers
def hand_in_for(ref: str) -> ResponseReturnValue:
    vendor, form = _given(ref), HandInForm()
    if _done(form, lambda: _hand_in(vendor, form), _("照片存好了。")):
        return redirect(url_for("vendors.vendor_papers", ref=ref))
    return _page("vendors/vendor_papers.html", vendor, form)


@bp.post("/staff/<slug>/vendors/<ref>/people")
@open_to(Audience.STAFF)
def add_person_for(ref: str) -> ResponseReturnValue:
    vendor, form = _given(ref), PersonForm()
    if _done(form, lambda: _add_person(vendor, form), _("记下了。")):
        return redirect(url_for("vendors.vendor_papers", ref=ref))
    return _page("vendors/vendor_papers.html", vendor, form)


@bp.post("/staff/<slug>/vendors/<ref>/people/<person_ref>/end")
@open_to(Audience.STAFF)
def end_person_for(ref: str, person_ref: str) -> ResponseReturnValue:
    vendor, form = _given(ref), PlainForm()
    service.find_person(vendor, person_ref)
    if _done(form, lambda: _remove_person(vendor, person_ref), _("去掉了。")):
        return redirect(url_for("vendors.vendor_papers", ref=ref))
    return _page("vendors/vendor_papers.html", vendor, form)
