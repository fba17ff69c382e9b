"""One page in plain words for each thing a resident does, and what there is to follow."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.pages.how import WAYS
from tests.cast import Cast


@pytest.fixture
def client(app: Flask, cast: Cast) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("act", WAYS)
def test_each_thing_has_a_page_that_leads_to_it(client: FlaskClient, act: str) -> None:
    page = client.get(f"/c/huaiyin/how/{act}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    assert "不用手机" in text
    assert text.count('class="btn wide tall first"') == 1


def test_the_first_page_leads_to_all_of_them(client: FlaskClient) -> None:
    assert 'href="/c/huaiyin/how"' in client.get("/c/huaiyin/").get_data(as_text=True)
    page = client.get("/c/huaiyin/how").get_data(as_text=True)
    assert all(f'href="/c/huaiyin/how/{act}"' in page for act in WAYS)
    assert client.get("/c/huaiyin/how/nothing").status_code == 404


def test_what_there_is_to_follow(client: FlaskClient) -> None:
    page = client.get("/c/huaiyin/follow").get_data(as_text=True)
    assert 'href="webcal://' in page
    assert "/c/huaiyin/calendar.ics</span>" in page
    assert "/c/huaiyin/calendar.atom" in page
    assert 'href="/c/huaiyin/share"' in page


def test_following_and_telling_others_are_two_pages(client: FlaskClient) -> None:
    page = client.get("/c/huaiyin/share").get_data(as_text=True)
    assert "Atom" not in page
    assert 'href="/c/huaiyin/follow"' in page
    assert "iframe" in page
