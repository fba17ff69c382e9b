"""What everybody reads of a use of money, and where residents say what they think of it."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import NotFound
from market.spending import forms, service, telling, words
from market.spending.blueprint import bp
from market.spending.rules import PhotoKind, Stage
from market.spending.service import Story
from market.spending.views.shared import all_standings, our_fund, send_photo, story_at


@bp.get("/c/<slug>/fund/proposals")
@open_to(Audience.PUBLIC)
def told() -> str:
    """What residents are asked about now, what is under way, and what is done."""
    shown = [story for story in all_standings(our_fund()) if story.is_public]
    return render_template(
        "spending/told.html",
        asking=[story for story in shown if story.stage is Stage.CONSULTING],
        others=[story for story in shown if story.stage is not Stage.CONSULTING],
        words=words,
    )


@bp.get("/c/<slug>/fund/proposals/<ref>")
@open_to(Audience.PUBLIC)
def story(ref: str) -> str:
    """`?word=said` thanks whoever has just said something."""
    return _page(
        _public(ref), forms.ResidentRemarkForm(formdata=None), said=request.args.get("word") == "said"
    )


@bp.post("/c/<slug>/fund/proposals/<ref>/remarks")
@open_to(Audience.PUBLIC, from_our_pages=True)
def say(ref: str) -> ResponseReturnValue:
    """Without signing in, within the bounds of the wishes."""
    found, form = _public(ref), forms.ResidentRemarkForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.say(
            found.proposal, form.words.text, address=request.remote_addr or "", at=clock.now()
        )
    ):
        return redirect(url_for("spending.story", ref=ref, word="said", _anchor="said"))
    return _page(_public(ref), form), form.status


@bp.get("/c/<slug>/fund/proposals/<ref>/photos/<photo_ref>")
@open_to(Audience.PUBLIC)
def photo(ref: str, photo_ref: str) -> Response:
    """A picture of what was done; those of vouchers are for who checks them."""
    return send_photo(_public(ref), photo_ref, PhotoKind.PLACE)


def _public(ref: str) -> Story:
    found = story_at(ref)
    if not found.is_public:
        raise NotFound("fund.no_proposal", _("没有这项提议。"))
    return found


def _page(found: Story, form: forms.ResidentRemarkForm, *, said: bool = False) -> str:
    before = found.case.amends if found.case is not None else None
    earlier = service.story_of(before, at=clock.now()) if before is not None else None
    return render_template(
        "spending/story.html",
        story=found,
        proposal=found.proposal,
        steps=telling.happened(found),
        earlier=earlier if earlier is not None and earlier.is_public else None,
        remarks=telling.shown_remarks(found),
        photos=[
            photo for voucher in found.vouchers for photo in voucher.photos if photo.kind is PhotoKind.PLACE
        ],
        form=form,
        said=said,
        words=words,
    )
