"""Every operation, so that the application finds them all in one place."""

from __future__ import annotations

from market.api.blueprint import bp
from market.api.views import allowance, read, staff, write

__all__ = ["allowance", "bp", "read", "staff", "write"]
