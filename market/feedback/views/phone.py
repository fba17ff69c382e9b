"""The key of a phone that said something: nobody gets one before they do, and it goes to these pages only."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import request, url_for
from werkzeug.wrappers import Response

from market.config import settings
from market.public_pages import VOICE

COOKIE_LASTS = timedelta(days=15)
"""Longer than a market can be spoken of; whoever does not come again is forgotten."""


def token() -> str:
    """The key that the phone has; empty when it never said anything."""
    return request.cookies.get(VOICE, "")[:40]


def new_token() -> str:
    return token() or secrets.token_urlsafe(18)


def keep_token(response: Response, value: str) -> Response:
    """Lets the phone be known again on the pages of feedback."""
    response.set_cookie(
        VOICE,
        value,
        max_age=COOKIE_LASTS,
        path=url_for("feedback.after"),
        httponly=True,
        samesite="Lax",
        secure=settings().secure,
    )
    return response


def not_stored(response: Response) -> Response:
    """For a page that says what this phone said."""
    if VOICE in request.cookies:
        response.headers["Cache-Control"] = "no-store"
    return response


def address() -> str:
    return request.remote_addr or ""
