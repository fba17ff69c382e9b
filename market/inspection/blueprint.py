"""The routes of this room hang on it."""

from __future__ import annotations

from flask import Blueprint

from market.inspection import words

bp = Blueprint("inspection", __name__)


@bp.context_processor
def names() -> dict[str, object]:
    return {"words": words}
