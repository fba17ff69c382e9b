"""What people read when something is refused or broken: a sentence, a code, a next step, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from market.access import Audience, open_to
from market.app import create_app
from market.db import db
from market.error_pages import BACK
from market.people.models import User, UserSession
from tests.cast import Cast, csrf_token, make_cast, post, sign_in_client
from tests.conftest import settings_for
from tests.parts.postgres import CannotStartError, running_server

pytestmark = pytest.mark.own_app


def view(app: Flask, act: Callable[[], object]) -> None:
    """Adds a page that does something."""

    @open_to(Audience.PUBLIC)
    def page() -> str:
        act()
        return "done"

    app.add_url_rule("/try", view_func=page, methods=["GET"])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/nowhere", 404, "http.not_found"),
        ("/c/nowhere/", 404, "places.no_community"),
        ("/c/huaiyin/markets/aaaaaaaaaa", 404, "calendar."),
        ("/c/%00/", 404, "http.not_found"),
        ("/c/huaiyin/calendar?month=%00", 404, "http.not_found"),
        ("/sign-out", 405, "http.method_not_allowed"),
        ("/enter/wrong", 410, "people.link_spent"),
    ],
)
def test_a_page_that_is_not_there_says_so_with_a_code(
    app: Flask, cast: Cast, path: str, status: int, code: str
) -> None:
    answer = app.test_client().get(path)
    assert answer.status_code == status
    assert code in answer.text
    assert "回到首页" in answer.text


def test_a_method_that_is_not_allowed_names_those_that_are(app: Flask) -> None:
    assert app.test_client().get("/sign-out").headers["Allow"] == "OPTIONS, POST"


def test_scripts_get_the_same_as_json(app: Flask, cast: Cast) -> None:
    answer = app.test_client().get("/c/nowhere/", headers={"Accept": "application/json"})
    assert answer.json == {"code": "places.no_community", "sentence": "没有这个社区。请检查网址。"}
    assert answer.status_code == 404


def test_an_unknown_host_is_refused(app: Flask, cast: Cast) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example", "huaiyin@evil.example"):
        answer = app.test_client().get("/", headers={"Host": host})
        assert (answer.status_code, "evil" in answer.text) == (400, False)


def test_a_form_without_its_token_is_refused_kindly(app: Flask, cast: Cast) -> None:
    answer = app.test_client().post("/sign-in", data={"login": "staff", "password": "x"})
    assert answer.status_code == 400
    assert "http.form_expired" in answer.text
    assert "刷新" in answer.text


def test_a_token_of_somebody_else_is_no_token(app: Flask, cast: Cast) -> None:
    token = csrf_token(app.test_client().get("/sign-in").text)
    mine = app.test_client()
    mine.get("/sign-in")
    answer = mine.post("/sign-in", data={"csrf_token": token, "login": "staff", "password": "x"})
    assert answer.status_code == 400


def test_too_much_is_refused_with_a_sentence(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    answer = post(client, "/sign-in", login="x" * 1_200_000, password="y")
    assert answer.status_code == 413
    assert "http.too_large" in answer.text


def test_somebody_without_a_session_is_asked_to_sign_in_and_comes_back(app: Flask, cast: Cast) -> None:
    answer = app.test_client().get("/staff/huaiyin/fund?x=1")
    assert answer.headers["Location"] == "/sign-in?next=/staff/huaiyin/fund?x%3D1"


def test_a_form_sent_after_the_session_ended_says_so(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    client = sign_in("staff")
    token = csrf_token(client.get("/account").text)
    with app.app_context(), db.engine.connect().execution_options(write=True) as connection:
        connection.execute(sa.delete(UserSession))
        connection.commit()
    answer = client.post("/account/password", data={"csrf_token": token, "password": "four plain words"})
    assert answer.status_code == 401
    assert "access.sign_in" in answer.text
    assert "/sign-in" in answer.text


def test_a_mistake_of_ours_is_a_sentence_and_not_a_traceback(app: Flask, cast: Cast) -> None:
    def mistake() -> None:
        raise ZeroDivisionError("secret detail")

    view(app, mistake)
    answer = app.test_client().get("/try")
    assert answer.status_code == 500
    assert "http.internal" in answer.text
    assert "secret detail" not in answer.text


def test_a_fault_does_not_show_what_was_asked_of_the_database(app: Flask, cast: Cast) -> None:
    with app.app_context(), db.engine.connect().execution_options(write=True) as connection:
        wrong = sa.insert(User).values(login="staff", display_name="13800000000")
        with pytest.raises(IntegrityError) as error:
            connection.execute(wrong)
    assert "13800000000" not in str(error.value)


@pytest.mark.parametrize(
    "path", ["/", "/c/huaiyin/", "/c/huaiyin/fund", "/sign-in", "/staff/huaiyin/", "/readyz"]
)
def test_without_its_database_every_page_says_so(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient], tmp_path: Path, path: str
) -> None:
    signed_in = sign_in("staff")
    (tmp_path / "market.sqlite3").rename(tmp_path / "moved")
    for client in (app.test_client(), signed_in):
        answer = client.get(path)
        if path == "/sign-in" and client is not signed_in:
            assert answer.status_code in (200, 503)
            continue
        if path == "/staff/huaiyin/" and client is not signed_in:
            assert answer.status_code in (302, 503)
            continue
        assert answer.status_code == 503
        if path != "/readyz":
            assert "database.unavailable" in answer.text
            assert answer.headers["Retry-After"] == "5"


def test_what_was_sent_while_the_database_was_away_is_not_half_done(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient], tmp_path: Path
) -> None:
    client = sign_in("staff")
    fields = {"display_name": "赵新人", "login": "zhao", "role": "gate"}
    token = csrf_token(client.get("/staff/huaiyin/team").text)
    (tmp_path / "market.sqlite3").rename(tmp_path / "moved")
    answer = client.post("/staff/huaiyin/team", data={"csrf_token": token, **fields})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "database.unavailable" in answer.text
    assert client.get("/healthz").status_code == 200
    (tmp_path / "moved").rename(tmp_path / "market.sqlite3")
    assert client.post("/staff/huaiyin/team", data={"csrf_token": token, **fields}).status_code == 200
    assert "赵新人" in client.get("/staff/huaiyin/team").text


@pytest.mark.slow
@pytest.mark.postgres
def test_when_postgresql_stops_people_read_a_sentence_and_it_goes_on_by_itself(tmp_path: Path) -> None:
    try:
        with running_server() as server:
            app = create_app(settings_for(tmp_path, server.url()))
            with app.app_context():
                from flask_migrate import upgrade

                upgrade()
                make_cast()
                db.session.remove()
            client = sign_in_client(app, app.test_client(), "staff")
            token = csrf_token(client.get("/staff/huaiyin/team").text)
            fields = {"csrf_token": token, "display_name": "赵新人", "login": "zhao", "role": "gate"}
            server.stop()
            for answer in (client.get("/staff/huaiyin/team"), app.test_client().get("/c/huaiyin/")):
                assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
                assert "database.unavailable" in answer.text
            assert client.post("/staff/huaiyin/team", data=fields).status_code == 503
            assert client.get("/readyz").status_code == 503
            assert client.get("/healthz").status_code == 200
            server.start()
            assert "赵新人" not in client.get("/staff/huaiyin/team").text
            assert client.post("/staff/huaiyin/team", data=fields).status_code == 200
            with app.app_context():
                db.engine.dispose()
    except CannotStartError as reason:
        pytest.skip(f"no PostgreSQL server: {reason}")


def test_every_way_back_from_a_refusal_is_a_page(app: Flask) -> None:
    pages = {rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert set(BACK) <= pages
