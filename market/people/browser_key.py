"""By what a browser is known over the years: a random key in a cookie of its own, which sign-out leaves."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Response, request

from market.config import settings

COOKIE = "browser"
LASTS = timedelta(days=400)
"""Longer than that no browser keeps a cookie; each use of a link begins it anew."""


def browser_key() -> str:
    """The key of the browser that asks, empty where it has none yet."""
    return request.cookies.get(COOKIE, "")[:64]


def new_browser_key() -> str:
    """The key of the browser that asks, a new one where it has none."""
    return browser_key() or secrets.token_urlsafe(24)


def keep_browser_key(response: Response, key: str) -> Response:
    """Lets the browser keep its key."""
    response.set_cookie(COOKIE, key, max_age=LASTS, httponly=True, samesite="Lax", secure=settings().secure)
    return response
