"""A form survives a session that ended: what was typed travels with the sign-in, and is sent again."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer

NEVER_KEPT = frozenset({"csrf_token", "password", "token", "kept"})
"""A new token is made when it is sent again; a secret stands in no page."""


class KeptForm(NamedTuple):
    """Where a refused form was sent, and what was typed into it."""

    address: str
    fields: list[tuple[str, str]]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="kept form")


def keep() -> str:
    """The form of the running request as one signed text; empty when there is nothing to keep."""
    if request.method != "POST" or not came_from_here():
        return ""
    fields = [pair for pair in request.form.items(multi=True) if pair[0] not in NEVER_KEPT]
    return str(_serializer().dumps([request.full_path.rstrip("?"), fields])) if fields else ""


def restore(text: str | None) -> KeptForm | None:
    """The form that was kept; None for anything that we did not sign."""
    try:
        address, fields = _serializer().loads(text or "")
    except BadData:
        return None
    return KeptForm(address, [(name, value) for name, value in fields])


def came_from_here() -> bool:
    """Whether a page of ours sent the request: what another site sends is never offered to be sent again."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    sender = request.headers.get("Origin") or request.referrer or ""
    return urlsplit(sender).netloc == request.host
