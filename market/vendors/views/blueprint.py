"""The blueprint that all routes of this room hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("vendors", __name__)
