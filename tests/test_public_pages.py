"""Kept pages: fast while nothing changes, true at once when it does, never one person's for another."""

from __future__ import annotations

import gzip
import inspect
import io
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from market.access import Audience, policy_of
from market.app import create_app
from market.communities.models import Community
from market.db import db, unit_of_work
from market.public_pages import (
    KEEP,
    KEPT_BYTES,
    LARGEST_PAGE,
    PARAMETERS,
    SHOWN,
    Look,
    PublicPages,
    _may_be_kept,
    _minute,
)
from tests.cast import Cast
from tests.conftest import both_engines, settings_for

pytestmark = pytest.mark.own_app

HOME = "/c/huaiyin/"


class Asked(list[str]):
    """The paths for which the application itself was asked."""


@pytest.fixture
def asked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr("market.public_pages._minute", lambda: 1)  # it does not end meanwhile
    seen = Asked()
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(request.full_path))
    return seen


def with_cookie(app: Flask, cookie: str) -> TestResponse:
    """The home page, asked for with exactly this header."""
    return app.test_client(use_cookies=False).get(HOME, headers={"Cookie": cookie})


def rename(app: Flask, name: str) -> None:
    """An act of another host: its own application, its own connections."""
    other = create_app(settings_for(Path(app.instance_path), database_of(app)))
    with other.app_context():
        with unit_of_work():
            db.session.scalars(sa.select(Community).where(Community.slug == "huaiyin")).one().name = name
        db.session.remove()
        db.engine.dispose()


def database_of(app: Flask) -> str:
    with app.app_context():
        return db.engine.url.render_as_string(hide_password=False)


@both_engines
def test_a_page_is_kept_and_changes_at_once_when_anybody_commits(
    app: Flask, cast: Cast, asked: Asked
) -> None:
    client = app.test_client()
    first, second = client.get(HOME), client.get(HOME)
    assert first.data == second.data
    assert "槐荫社区" in first.text
    assert len(asked) == 1
    rename(app, "新槐荫社区")
    assert "新槐荫社区" in client.get(HOME).text
    assert len(asked) == 2


def test_the_next_minute_is_rendered_anew(
    app: Flask, cast: Cast, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.test_client().get(HOME)
    monkeypatch.setattr("market.public_pages._minute", lambda: 2)
    app.test_client().get(HOME)
    assert len(asked) == 2


def test_the_minute_is_the_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run at another hour has the pages of that hour."""
    monkeypatch.setattr("market.clock.now", lambda: datetime(2026, 11, 28, 8, 0, 59, tzinfo=UTC))
    first = _minute()
    monkeypatch.setattr("market.clock.now", lambda: datetime(2026, 11, 28, 8, 1, 0, tzinfo=UTC))
    assert _minute() == first + 1


def test_whoever_has_a_session_passes_through(
    app: Flask, cast: Cast, asked: Asked, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in("staff")
    del asked[:]
    answers = [client.get(HOME) for _ in range(3)]
    assert len(asked) == 3
    assert KEEP not in answers[0].headers


def test_what_no_page_asks_for_leads_to_the_same_page(app: Flask, cast: Cast, asked: Asked) -> None:
    plain, marked = (app.test_client().get(HOME + query) for query in ("", "?utm_source=x&fbclid=%FF&17"))
    assert plain.data == marked.data
    assert asked == [f"{HOME}?"]
    assert b"utm_source" not in marked.data


def test_what_a_page_asks_for_is_a_page_of_its_own(app: Flask, cast: Cast, asked: Asked) -> None:
    for query in ("month=2026-11", "month=2026-12", "x=1&month=2026-12"):
        app.test_client().get(f"{HOME}calendar?{query}")
    assert asked == [f"{HOME}calendar?month=2026-11", f"{HOME}calendar?month=2026-12"]


def test_whoever_is_signed_in_keeps_the_whole_address(app: Flask, cast: Cast, asked: Asked) -> None:
    app.test_client(use_cookies=False).get(f"{HOME}?x=1", headers={"Cookie": "session=of-somebody"})
    assert asked == [f"{HOME}?x=1"]


def test_every_parameter_that_a_kept_page_reads_is_known(app: Flask) -> None:
    modules = set()
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        policy = policy_of(view)
        if (
            policy is not None
            and Audience.PUBLIC in policy.audiences
            and _may_be_kept({"PATH_INFO": rule.rule})
        ):
            modules.add(inspect.unwrap(view).__module__)
    used = {
        value.__module__
        for module in modules
        for value in vars(sys.modules[module]).values()
        if inspect.isfunction(value) and value.__module__.startswith("market.pages.")
    }
    read = {
        name
        for module in modules | used
        for name in re.findall(r"request\.args[^\"\n]*\"(\w+)\"", inspect.getsource(sys.modules[module]))
    }
    assert {"q", "month", "before"} < read <= PARAMETERS


def test_the_mark_of_the_house_never_leaves_it(app: Flask, cast: Cast, asked: Asked) -> None:
    client = app.test_client()
    answers = [client.get(HOME), client.get(HOME), client.head(HOME)]
    answers.append(with_cookie(app, "othersession=1"))
    assert [KEEP in answer.headers for answer in answers] == [False] * 4


def test_each_choice_of_type_and_language_is_a_page_of_its_own(app: Flask, cast: Cast) -> None:
    def look(cookie: str) -> str:
        return with_cookie(app, cookie).text

    plain = look("")
    assert "data-elder" in look("preferences=elder")
    assert "data-elder" not in plain
    assert look("preferences=") == look("preferences=nonsense.more") == look("a=b") == plain


@pytest.mark.parametrize(
    "cookie", ["bad[name=1; preferences=elder", "preferences=elder; bad{=1", "x=\\u4e2d; preferences=elder"]
)
def test_odd_cookies_do_not_put_large_type_on_everybodys_page(app: Flask, cast: Cast, cookie: str) -> None:
    with_cookie(app, cookie)
    assert "data-elder" not in app.test_client().get(HOME).text


def test_an_odd_cookie_does_not_hide_a_session(app: Flask, cast: Cast, asked: Asked) -> None:
    app.test_client().get(HOME)
    with_cookie(app, "bad{=1; session=abc")
    assert len(asked) == 2


def test_head_says_what_get_would_without_the_page(app: Flask, cast: Cast, asked: Asked) -> None:
    client = app.test_client()
    head, get = client.head(HOME), client.get(HOME)
    assert head.data == b""
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.data))
    assert head.headers["ETag"] == get.headers["ETag"]
    assert len(asked) == 1
    assert (client.head("/sign-in").status_code, client.head("/sign-in").data) == (200, b"")
    assert client.head("/nowhere").status_code == 404


def test_what_a_browser_already_has_is_not_sent_again(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    tag = client.get(HOME).headers["ETag"]
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = client.get(HOME, headers={"If-None-Match": known})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tag
        assert "Content-Security-Policy" in again.headers
    assert client.get(HOME, headers={"If-None-Match": '"other"'}).status_code == 200


def test_pages_are_packed_for_who_can_unpack(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    plain, packed = client.get(HOME), client.get(HOME, headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) * 2 < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/readyz", "/nowhere", "/preferences?elder=1"])
def test_what_is_for_one_person_or_one_moment_is_never_kept(
    app: Flask, cast: Cast, asked: Asked, path: str
) -> None:
    for _ in range(3):
        answer = app.test_client().get(path)
        assert answer.headers["Cache-Control"] == "no-store"
    assert len(asked) == 3


def test_two_people_get_two_tokens_on_the_sign_in_page(app: Flask, cast: Cast) -> None:
    one, other = app.test_client().get("/sign-in"), app.test_client().get("/sign-in")
    assert "session=" in one.headers["Set-Cookie"]
    assert one.headers["Set-Cookie"] != other.headers["Set-Cookie"]


def test_a_kept_page_is_not_given_to_another_host_name(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    assert client.get(HOME).status_code == 200
    assert client.get(HOME, headers={"Host": "evil.example"}).status_code == 400


def still(_slug: str | None) -> Look:
    """Nothing ever happens."""
    return Look("1", "1")


def ask(pages: PublicPages, path: str = "/", query: str = "", method: str = "GET") -> TestResponse:
    return Client(pages).open(path, query_string=query, method=method)


def plain_app(size: int) -> Callable[..., Iterable[bytes]]:
    """An application whose every page may be kept."""

    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        text = f"{environ['QUERY_STRING']:{size}}".encode()
        start_response("200 OK", [(KEEP, SHOWN), ("Content-Type", "text/plain")])
        return [text]

    return app


def test_ten_thousand_addresses_do_not_fill_the_memory() -> None:
    pages = PublicPages(plain_app(20_000), still)
    for number in range(10_000):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": f"q={number}"}
        b"".join(pages(environ, lambda *_answer: lambda _data: None))
    held = sum(page.size for page in pages._pages.values())
    assert held == pages._bytes
    assert held <= KEPT_BYTES
    assert len(pages._pages) > 100


def test_small_pages_are_counted_with_what_surrounds_them() -> None:
    pages = PublicPages(plain_app(1), still)
    for number in range(10_000):
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": f"q={number}"}
        b"".join(pages(environ, lambda *_answer: lambda _data: None))
    assert len(pages._pages) <= KEPT_BYTES // 4096


def test_a_very_long_page_is_served_but_not_kept() -> None:
    pages = PublicPages(plain_app(LARGEST_PAGE + 1), still)
    assert len(ask(pages, query="q=long").data) == LARGEST_PAGE + 1
    assert len(pages._pages) == 0


def test_without_a_version_the_application_answers_itself() -> None:
    def away(_slug: str | None) -> Look:
        raise OSError("no database")

    pages = PublicPages(plain_app(1), away)
    answer = ask(pages)
    assert (answer.status_code, len(pages._pages)) == (200, 0)
    assert KEEP not in answer.headers


def test_a_body_is_closed_once_it_was_read() -> None:
    closed: list[bool] = []

    class Body(io.BytesIO):
        def close(self) -> None:
            closed.append(True)
            super().close()

    def app(_environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [(KEEP, SHOWN)])
        return Body(b"a page")

    assert ask(PublicPages(app, still)).data == b"a page"
    assert closed == [True]
