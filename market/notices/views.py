"""What a person was told, and whom staff still have to call."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("notices", __name__)
