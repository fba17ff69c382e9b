"""How stalls are weighed, as staff set it and as everybody reads it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.allocation.market_rules import USUAL_APART
from market.allocation.rules import PUBLISHED_WEIGHTS
from market.allocation.weights import DEDUCTIONS
from market.calendar.service import days_to_do, public_days
from market.people.access import current_community, current_user
from market.stalls import service
from market.stalls.advice import METHOD_HINTS, METHOD_WORDS
from market.stalls.blueprint import bp
from market.stalls.forms import WeightsForm, weights_form
from market.stalls.words import WEIGHT_WORDS, published_weights
from market.vendors.rules import Category
from market.vendors.words import category_word

LAST = datetime.max.replace(tzinfo=UTC)


@bp.get("/staff/<slug>/allocation-weights")
@open_to(Audience.STAFF)
def weights() -> ResponseReturnValue:
    """`?fill=usual` fills in the usual points; nothing is written by looking."""
    usual = request.args.get("fill") == "usual"
    known = PUBLISHED_WEIGHTS if usual else service.weights_of(current_community())
    values = {name: abs(weight) for name, weight in known.items()}
    return _weights_page(weights_form()(formdata=None, data=values), filled=usual)


@bp.post("/staff/<slug>/allocation-weights")
@open_to(Audience.STAFF)
def save_weights() -> ResponseReturnValue:
    community, form, by, at = current_community(), weights_form()(), current_user(), clock.now()
    if form.validate_on_submit() and form.attempt(
        lambda: service.set_weights(community, form.weights(), form.reason.text, by=by, at=at)
    ):
        flash(_("存好了。公开页上写着新的分数和原因。"), "go")
        return redirect(url_for("stalls.weights"))
    return _weights_page(form), form.status


def _weights_page(form: WeightsForm, *, filled: bool = False) -> str:
    community = current_community()
    return render_template(
        "stalls/weights.html",
        form=form,
        filled=filled,
        usual=PUBLISHED_WEIGHTS,
        is_usual=service.weights_of(community) == PUBLISHED_WEIGHTS,
        deductions=DEDUCTIONS,
        words=sorted(WEIGHT_WORDS.items(), key=lambda item: -abs(PUBLISHED_WEIGHTS[item[0]])),
        changes=service.weight_changes(community),
        plannable=[day for day in days_to_do(community) if day.state in service.PLANNING_STATES],
    )


# ── everybody ─────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/allocation")
@open_to(Audience.PUBLIC)
def allocation() -> ResponseReturnValue:
    """How stalls are given out here, what counts and what never does."""
    community = current_community()
    known = service.weights_of(community)
    coming = public_days(community, clock.now(), LAST)
    return render_template(
        "stalls/allocation.html",
        methods=[(word, METHOD_HINTS[name]) for name, word in METHOD_WORDS.items()],
        weights=published_weights(known),
        changes=service.weight_changes(community),
        apart=[
            (category_word(Category(rule.one)), category_word(Category(rule.other)))
            for rule in USUAL_APART
            if not rule.downwind
        ],
        by_lottery=[day for day in coming if service.method_of(day) == "draw"],
    )
