"""Security headers on every response, and who may keep a copy."""

from __future__ import annotations

from flask import Flask, Response, current_app, g, request
from flask.globals import request_ctx

from market.access import Audience, Scope, policy_of
from market.config import settings
from market.public_pages import KEEP

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
CAMERA_POLICY = POLICY | {
    "script-src": "'self' 'wasm-unsafe-eval'",
    "media-src": "'self' blob:",
    "worker-src": "'self'",
}
"""Of the pages that scan: the decoder is WebAssembly from our own address, and a worker keeps the page."""

FRAMED_POLICY = POLICY | {"frame-ancestors": "*", "script-src": "'none'", "form-action": "'none'"}
"""Of what other sites may show in a frame: there is nothing to press but links, and no script runs."""


def init_app(app: Flask) -> None:
    app.after_request(set_headers)


def needs_camera() -> None:
    """Called by the view whose page uses the camera."""
    g.camera = True


def readable_anywhere() -> None:
    """Called by the view whose answer programs in pages of others may read."""
    g.readable_anywhere = True


def may_be_framed() -> None:
    """Called by the view of a piece that other sites show."""
    g.framed = True


def make_each_time() -> None:
    """Called by the view whose page many addresses lead to, such as whatever somebody types into a search: to
    keep each would throw out what everybody reads."""
    g.made_each_time = True


def set_headers(response: Response) -> Response:
    """Adds the headers; a page for everybody may be kept, anything else must not be stored."""
    camera = g.get("camera", False)
    framed = g.get("framed", False) and response.status_code == 200
    policy = CAMERA_POLICY if camera else FRAMED_POLICY if framed else POLICY
    response.headers["Content-Security-Policy"] = "; ".join(
        f"{name} {value}" for name, value in policy.items()
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if g.get("readable_anywhere", False):
        response.headers["Access-Control-Allow-Origin"] = "*"
    shared = "cross-origin" if g.get("readable_anywhere", False) else "same-origin"
    response.headers["Cross-Origin-Resource-Policy"] = shared
    if not framed:
        response.headers["X-Frame-Options"] = "DENY"
    response.headers["Permissions-Policy"] = (
        f"camera=({'self' if camera else ''}), microphone=(), geolocation=()"
    )
    if settings().secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static" or response.status_code >= 400:
        _set_keeping(response)
    elif "v" in request.args and response.status_code == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _set_keeping(response: Response) -> None:
    if _for_everybody(response):
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        if not g.get("made_each_time", False):
            response.headers[KEEP] = "1"
    else:
        response.headers["Cache-Control"] = "no-store"


def _session_was_read() -> bool:
    """Whether the view looked into the session. Asking `flask.session` would itself count as looking."""
    opened = request_ctx._session
    return opened is not None and opened.accessed


def _for_everybody(response: Response) -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    policy = policy_of(view) if view is not None else None
    return (
        policy is not None
        and policy.audiences == (Audience.PUBLIC,)
        and policy.scope is Scope.PUBLIC
        and request.method in ("GET", "HEAD")
        and response.status_code == 200
        and not response.is_streamed
        and not _session_was_read()
        and g.get("user_session") is None
        and "Set-Cookie" not in response.headers
        and "Cache-Control" not in response.headers
    )
