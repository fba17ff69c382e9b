"""A second login at a stall, a new number: what people press and read."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import unit_of_work
from market.vendors import service
from tests.cast import PASSWORD, Cast, csrf_token, person, post
from tests.factories.vendors import make_vendor

SignIn = Callable[[str], FlaskClient]
LOGIN, WIFE = "13800009999", "13812345678"
PROFILE = "/vendor/huaiyin/profile"


@pytest.fixture
def shop(app: Flask, cast: Cast) -> str:
    """The reference of a vendor with an account."""
    with app.app_context(), unit_of_work():
        ref = make_vendor(
            find_community("huaiyin"), person("staff"), "老张修鞋", login=LOGIN, phone=LOGIN
        ).ref
    return ref


def link_on(page: str) -> str:
    found = re.search(r"/enter/[\w-]+", page)
    assert found is not None, page
    return found[0]


def enter(app: Flask, page: str) -> FlaskClient:
    client, address = app.test_client(), link_on(page)
    token = csrf_token(client.get(address).text)
    assert client.post(address, data={"csrf_token": token}).location == "/vendor/huaiyin/"
    return client


def test_the_holder_invites_his_wife_and_takes_her_away_again(app: Flask, shop: str, sign_in: SignIn) -> None:
    holder = sign_in(LOGIN)
    made = post(holder, PROFILE, "/vendor/huaiyin/helpers", helper_name="王姐", helper_phone=WIFE)
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "no-store")
    wife = enter(app, made.text)
    assert "老张修鞋" in wife.get("/vendor/huaiyin/").text
    page = wife.get(PROFILE).text
    assert "王姐" in page
    assert "添一位帮手" not in page
    assert post(wife, "/account", "/account/password", password=PASSWORD + "!").status_code == 302
    with app.app_context():
        ref = service.find_vendor(find_community("huaiyin"), shop).helpers[0].ref
    assert post(holder, PROFILE, f"/vendor/huaiyin/helpers/{ref}/end").status_code == 302
    assert wife.get("/vendor/huaiyin/").status_code == 403


def test_staff_invite_a_helper_too_and_a_wrong_number_keeps_what_was_typed(
    app: Flask, shop: str, sign_in: SignIn
) -> None:
    staff, page = sign_in("staff"), f"/staff/huaiyin/vendors/{shop}"
    wrong = post(staff, page, f"{page}/helpers", helper_name="王姐", helper_phone="12")
    assert wrong.status_code == 422
    assert 'value="王姐"' in wrong.text
    made = post(staff, page, f"{page}/helpers", helper_name="王姐", helper_phone=WIFE)
    enter(app, made.text)
    assert "138****5678" in staff.get(page).text


def test_a_colleague_who_has_an_account_gets_no_link(app: Flask, shop: str, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        person("member1").login = WIFE
    made = post(sign_in(LOGIN), PROFILE, "/vendor/huaiyin/helpers", helper_name="委员", helper_phone=WIFE)
    assert made.location == "/vendor/huaiyin/profile#helpers"


def test_a_new_number_on_the_account_page(app: Flask, shop: str, sign_in: SignIn) -> None:
    holder = sign_in(LOGIN)
    assert 'href="/account/number"' in holder.get("/account").text
    assert post(holder, "/account/number", phone="123").status_code == 422
    assert post(holder, "/account/number", phone="139 0000 1111").location == "/account"
    with app.app_context():
        assert service.find_vendor(find_community("huaiyin"), shop).phone == "13900001111"
