"""Where the pages of passes hang."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("passes", __name__)
