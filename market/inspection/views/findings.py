"""One thing that was found: its photos, and looking again until it is settled."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.errors import Refusal
from market.inspection import service, words
from market.inspection.blueprint import bp
from market.inspection.forms import FollowUpForm
from market.inspection.models import Finding
from market.layout.answers import send_file
from market.people.access import current_user
from market.photos import sent_photos, takes_photos


@bp.get("/gate/<slug>/days/<ref>/findings")
@open_to(Audience.GATE)
def finding_list(ref: str) -> str:
    day = day_at(ref)
    found = service.findings_of(day)
    return render_template("inspection/findings.html", day=day, found=found, at=clock.now())


@bp.get("/gate/<slug>/days/<ref>/findings/<finding_ref>")
@open_to(Audience.GATE)
def finding(ref: str, finding_ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    return _page(day, service.find_finding(day, finding_ref), FollowUpForm(formdata=None))


@bp.post("/gate/<slug>/days/<ref>/findings/<finding_ref>")
@open_to(Audience.GATE)
def create_follow_up(ref: str, finding_ref: str) -> ResponseReturnValue:
    day, form = day_at(ref), FollowUpForm()
    found = service.find_finding(day, finding_ref)
    if form.validate_on_submit() and form.attempt(lambda: _follow_up(found, form)):
        flash(_("记下了：已经改好。") if form.closes.data else _("记下了，还要再看。"), "go")
        return redirect(url_for("inspection.finding", ref=ref, finding_ref=finding_ref))
    return _page(day, found, form)


def _follow_up(found: Finding, form: FollowUpForm) -> None:
    service.follow_up(found, form.note.text, closes=bool(form.closes.data), by=current_user(), at=clock.now())


def _page(day: MarketDay, found: Finding, form: FollowUpForm) -> ResponseReturnValue:
    page = render_template(
        "inspection/finding.html",
        day=day,
        finding=found,
        name=words.place_word(found.check),
        form=form,
        at=clock.now(),
    )
    return page, form.status


@bp.post("/gate/<slug>/days/<ref>/findings/<finding_ref>/photos")
@open_to(Audience.GATE)
@takes_photos
def create_photo(ref: str, finding_ref: str) -> ResponseReturnValue:
    day = day_at(ref)
    found = service.find_finding(day, finding_ref)
    sent = sent_photos("photo")
    if not sent:
        raise Refusal("inspection.no_photo_sent", _("没有收到照片，请再拍一张。"), 422)
    service.add_photo(found, sent[0], by=current_user(), at=clock.now())
    flash(_("照片存好了。"), "go")
    return redirect(url_for("inspection.finding", ref=ref, finding_ref=finding_ref))


@bp.get("/gate/<slug>/days/<ref>/findings/<finding_ref>/photos/<photo_ref>")
@open_to(Audience.GATE)
def photo(ref: str, finding_ref: str, photo_ref: str) -> Response:
    """For whoever works at this market only; never kept by a browser."""
    day = day_at(ref)
    found = service.photo_of(service.find_finding(day, finding_ref), photo_ref)
    return send_file(found.content, "image/jpeg", f"{found.ref}.jpg", attached=False)
