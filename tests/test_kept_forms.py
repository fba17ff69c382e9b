"""A form survives a lost cookie, an ended session, a stale token: after signing in nothing typed is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market.db import db, unit_of_work
from market.people.models import UserSession
from tests.cast import PASSWORD, Cast, csrf_token

PAGE = "/staff/huaiyin/venues"
HERE = {"Origin": "http://localhost"}
TYPED = {
    "name": "东广场", "address": "槐荫路 1 号", "width": "40", "depth": "20", "land_type": "plaza",
    "ownership": "public", "entrances": "\n东门、<b>南门", "step_free": "y",
}  # fmt: skip


def kept_of(page: str) -> str:
    found = re.search(r'name="kept"[^>]*? value="([^"]+)"', page)
    assert found is not None
    return html.unescape(found[1])


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send again: it drops the first line break of a text area."""
    found = re.findall(r'<textarea name="([^"]+)" hidden>(.*?)</textarea>', page, re.S)
    return {name: html.unescape(value).removeprefix("\n") for name, value in found}


def sign_in_again(client: FlaskClient, refused: TestResponse) -> TestResponse:
    assert refused.status_code == 401
    assert "您填的都还在：登录以后接着交。" in refused.text
    form = {"csrf_token": csrf_token(refused.text), "login": "staff", "kept": kept_of(refused.text)}
    wrong = client.post("/sign-in", data={**form, "password": "not the word"})
    assert (wrong.status_code, kept_of(wrong.text)) == (422, form["kept"])
    return client.post("/sign-in", data={**form, "password": PASSWORD})


def send_again(client: FlaskClient, page: TestResponse) -> TestResponse:
    assert f'action="{PAGE}"' in page.text
    fields = fields_of(page.text)
    assert fields == TYPED
    return client.post(PAGE, data={**fields, "csrf_token": csrf_token(page.text)})


def end_sessions(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        db.session.query(UserSession).delete()


def lose_cookie(_app: Flask, client: FlaskClient) -> None:
    client.delete_cookie("session")


def end_session(app: Flask, _client: FlaskClient) -> None:
    end_sessions(app)


@pytest.mark.parametrize("accident", [lose_cookie, end_session])
def test_what_was_typed_is_sent_after_signing_in_again(
    app: Flask,
    cast: Cast,
    sign_in: Callable[[str], FlaskClient],
    accident: Callable[[Flask, FlaskClient], None],
) -> None:
    client = sign_in("staff")
    token = csrf_token(client.get(f"{PAGE}/new").text)
    accident(app, client)
    refused = client.post(PAGE, data={**TYPED, "csrf_token": token}, headers=HERE)
    answer = send_again(client, sign_in_again(client, refused))
    assert answer.status_code == 302
    assert "东广场" in client.get(PAGE).text


def test_a_stale_token_costs_one_press(cast: Cast, sign_in: Callable[[str], FlaskClient]) -> None:
    client = sign_in("staff")
    refused = client.post(PAGE, data={**TYPED, "csrf_token": "of yesterday"}, headers=HERE)
    assert refused.status_code == 400
    assert send_again(client, refused).status_code == 302


def test_a_password_is_never_written_into_a_page(app: Flask, cast: Cast) -> None:
    page = app.test_client().post(
        "/sign-in", data={"login": "staff", "password": "a secret word"}, headers=HERE
    )
    assert page.status_code == 400
    assert "a secret word" not in page.text
    assert fields_of(page.text) == {"login": "staff"}


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", **HERE}]
)
def test_what_another_site_sends_is_not_offered_to_be_sent_again(
    cast: Cast, sign_in: Callable[[str], FlaskClient], headers: dict[str, str]
) -> None:
    refused = sign_in("staff").post(PAGE, data=TYPED, headers=headers)
    assert refused.status_code == 400
    assert "东广场" not in refused.text
    assert "接着交" not in refused.text


def test_a_text_that_we_did_not_sign_is_nothing(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    form = {"csrf_token": csrf_token(client.get("/sign-in").text), "login": "staff", "password": PASSWORD}
    assert client.post("/sign-in", data={**form, "kept": "WyIvIixbXV0.forged"}).status_code == 302
