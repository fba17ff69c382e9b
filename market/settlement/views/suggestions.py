"""What the community suggests: tried on the last markets first, then put up for the vendors to read."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.errors import Refusal
from market.people.access import current_community, current_user
from market.settlement import service, words
from market.settlement.blueprint import bp
from market.settlement.forms import DecisionForm, SuggestionForm
from market.settlement.previews import preview_page, previewed
from market.settlement.rehearsal import Rehearsal


@bp.get("/staff/<slug>/suggested-terms")
@open_to(Audience.STAFF)
def suggested_terms() -> ResponseReturnValue:
    """The suggestion that holds; with terms in the address, what they would have changed. Stores nothing."""
    if "kind" not in request.args:
        return _page(SuggestionForm(formdata=None))
    form = SuggestionForm(formdata=request.args, meta={"csrf": False})
    return _page(form, decision=DecisionForm(formdata=None), rehearsal=_rehearsed(form))


def _rehearsed(form: SuggestionForm) -> Rehearsal | None:
    """What the typed terms would have changed; None while they cannot be meant."""
    if not form.validate():
        return None
    try:
        return service.rehearse_suggestion(current_community(), form.facts())
    except Refusal as refusal:
        form.say_wrong(str(refusal.sentence))
        return None


@bp.post("/staff/<slug>/suggested-terms")
@open_to(Audience.STAFF)
def create_suggestion() -> ResponseReturnValue:
    form = DecisionForm()
    if form.validate() and form.attempt(
        lambda: service.suggest_terms(
            current_community(), form.facts(), form.decision.text, by=current_user(), at=clock.now()
        )
    ):
        flash(_("换好了。以前签的约定不变，谁愿意谁重新选。"), "go")
        return redirect(url_for("settlement.suggested_terms"))
    return _page(form, decision=form, rehearsal=_rehearsed(form)), form.status


@bp.get("/staff/<slug>/terms/preview")
@open_to(Audience.STAFF)
def preview_terms_for() -> ResponseReturnValue:
    """What the agreement typed so far comes to, for the script of the page; saves nothing."""
    return preview_page(service.current_suggestion(current_community()))


def _page(
    form: SuggestionForm, *, decision: DecisionForm | None = None, rehearsal: Rehearsal | None = None
) -> str:
    return render_template(
        "settlement/suggested_terms.html",
        form=form,
        decision=decision,
        rehearsal=rehearsal,
        preview=previewed(form) if rehearsal is not None else None,
        markets=service.rehearsed_markets(current_community()),
        history=service.suggestion_history(current_community()),
        typed=[
            pair for pair in request.values.items(multi=True) if pair[0] in form and pair[0] != "decision"
        ],
        words=words,
    )
