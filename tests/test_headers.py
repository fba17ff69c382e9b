"""Headers of every answer: nothing may be run, framed, sniffed or stored that should not be."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from market.access import Audience, open_to
from market.headers import needs_camera
from tests.cast import Cast, post
from tests.conftest import SECRET, settings_for

pytestmark = pytest.mark.own_app

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
PAGES = ["/", "/c/huaiyin/", "/c/huaiyin/fund", "/sign-in", "/nowhere", "/healthz", "/static/css/base.css"]


def policy(response_headers: object) -> dict[str, str]:
    header = response_headers["Content-Security-Policy"]  # type: ignore[index]  # werkzeug's headers
    return dict(part.split(" ", 1) for part in header.split("; "))


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_them(app: Flask, cast: Cast, path: str) -> None:
    with app.test_client().get(path) as answer:
        assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    rules = policy(answer.headers)
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert rules["frame-ancestors"] == rules["object-src"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"


@pytest.mark.parametrize(
    "path", ["/", "/c/huaiyin/", "/c/huaiyin/calendar", "/c/huaiyin/fund", "/c/huaiyin/impact"]
)
def test_residents_get_no_cookie_and_may_keep_the_page_until_they_ask_again(
    app: Flask, cast: Cast, path: str
) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"


@pytest.mark.parametrize("path", ["/staff/huaiyin/", "/staff/huaiyin/fund", "/account"])
def test_what_is_behind_the_door_is_never_stored(
    cast: Cast, sign_in: Callable[[str], FlaskClient], path: str
) -> None:
    answer = sign_in("staff").get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_only_the_page_that_scans_may_use_the_camera(app: Flask) -> None:
    @open_to(Audience.PUBLIC)
    def scanner() -> str:
        needs_camera()
        return render_template_string("scan")

    app.add_url_rule("/scan-here", view_func=scanner)
    answer = app.test_client().get("/scan-here")
    rules = policy(answer.headers)
    assert rules["script-src"] == "'self' 'wasm-unsafe-eval'"
    assert rules["media-src"] == "'self' blob:"
    assert answer.headers["Permissions-Policy"].startswith("camera=(self)")


def test_a_static_file_is_kept_for_ever_only_under_the_address_of_its_content(app: Flask) -> None:
    with app.test_request_context():
        from flask import url_for

        stamped = url_for("static", filename="css/base.css")
    client = app.test_client()
    with client.get(stamped) as answer:
        assert "immutable" in answer.headers["Cache-Control"]
    with client.get("/static/css/base.css") as answer:
        assert "immutable" not in answer.headers.get("Cache-Control", "")
    assert client.get("/static/../market/app.py").status_code == 404
    assert client.get("/static/css/gone.css?v=1").headers["Cache-Control"] == "no-store"


def test_over_https_cookies_and_addresses_insist_on_it(tmp_path: object, database_url: str) -> None:
    from pathlib import Path

    from market.app import create_app
    from market.db import db

    settings = settings_for(Path(str(tmp_path)), database_url, public_url="https://market.example")
    app = create_app(settings)
    client = app.test_client()
    answer = client.get("/sign-in", base_url="https://market.example")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
    assert SECRET not in cookie
    with app.app_context():
        db.engine.dispose()


def test_signing_out_empties_the_browser(cast: Cast, sign_in: Callable[[str], FlaskClient]) -> None:
    answer = post(sign_in("staff"), "/account", "/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"', "what waits in a phone is still to be sent"
