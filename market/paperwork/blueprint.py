"""The routes of this room hang on it."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("paperwork", __name__)
