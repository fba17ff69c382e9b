"""The routes of this room hang on it."""

from __future__ import annotations

from flask import Blueprint

from market.programs import words

bp = Blueprint("programs", __name__)


@bp.context_processor
def _names() -> dict[str, object]:
    return {"words": words}
