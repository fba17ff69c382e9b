"""The routes of this room hang on it."""

from __future__ import annotations

from flask import Blueprint

from market.feedback import rules, words

bp = Blueprint("feedback", __name__)


@bp.context_processor
def names() -> dict[str, object]:
    return {"words": words, "rules": rules}
