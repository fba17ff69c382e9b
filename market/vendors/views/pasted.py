"""Entering a whole list: pasted, looked at, then registered in one act."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.people.access import current_community, current_user
from market.vendors import service
from market.vendors.blueprint import bp
from market.vendors.forms import PastedForm
from market.vendors.models import Vendor
from market.vendors.pasted import Line, read_lines
from market.vendors.words import FAULT_WORDS


@bp.get("/staff/<slug>/vendors/list")
@open_to(Audience.STAFF)
def paste() -> ResponseReturnValue:
    return _page(PastedForm(), [])


@bp.post("/staff/<slug>/vendors/list")
@open_to(Audience.STAFF)
def create_pasted() -> ResponseReturnValue:
    """Shows what the lines say (`preview`), or enters those that are clear."""
    form = PastedForm()
    if not form.validate_on_submit():
        return _page(form, [])
    lines = read_lines(form.lines.text, {vendor.phone for vendor in service.register(current_community())})
    if "preview" in request.form or not any(line.fault is None for line in lines):
        return _page(form, lines)
    made = form.attempt(lambda: _register(lines, signed=form.signed.data))
    if made is None:
        return _page(form, lines)
    left = sum(line.fault is not None for line in lines)
    flash(_("登记了 %(n)s 家。", n=len(made.value)), "go")
    if left:
        flash(_("还有 %(n)s 行没登记，要改好再贴一次。", n=left), "wait")
    return redirect(url_for("vendors.register"))


def _register(lines: list[Line], *, signed: bool) -> list[Vendor]:
    community, by, at = current_community(), current_user(), clock.now()
    drafts = [line.draft for line in lines if line.fault is None and line.draft is not None]
    made = [service.register_vendor(community, draft, by=by, at=at) for draft in drafts]
    for vendor in made if signed else []:
        service.sign_agreements(vendor, by=by, at=at)
    return made


def _page(form: PastedForm, lines: list[Line]) -> ResponseReturnValue:
    clear = sum(line.fault is None for line in lines)
    return render_template(
        "vendors/pasted.html", form=form, lines=lines, clear=clear, fault_words=FAULT_WORDS
    ), form.status
