"""The blueprint that all routes of this room hang on, and the words its templates use."""

from __future__ import annotations

from flask import Blueprint

from market.vendors.vocabulary import vocabulary

bp = Blueprint("vendors", __name__)
bp.context_processor(vocabulary)
