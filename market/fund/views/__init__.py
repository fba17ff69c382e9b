"""Pages of the fund: what everybody reads, what staff enter, what the committee decides."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("fund", __name__)

from market.fund.views import committee, public, staff  # noqa: E402, F401 - they add their routes to `bp`
