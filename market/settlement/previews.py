"""What an agreement comes to, shown while it is being chosen: the formula in words and a few examples."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from market.settlement import words
from market.settlement.forms import FullTermsForm, SuggestionForm
from market.settlement.models import SuggestedTerms
from market.settlement.rules import Terms, plain_terms, terms_fault


def preview_page(suggestion: SuggestedTerms | None) -> ResponseReturnValue:
    """The part of the page that the script asks for; stores nothing."""
    form = SuggestionForm(formdata=request.args, meta={"csrf": False}, suggestion=suggestion)
    return render_template("settlement/_preview.html", preview=previewed(form), words=words)


def previewed(form: FullTermsForm) -> Terms | None:
    """The terms chosen so far; None as long as they cannot be meant."""
    if not form.validate():
        return None
    terms = form.facts()
    return None if terms_fault(terms) else plain_terms(terms)
