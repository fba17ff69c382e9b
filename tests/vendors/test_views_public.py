"""Registration by the vendor itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.people import service as people
from market.people.models import SignInFailure
from market.vendors import service
from tests.cast import Cast, person, post
from tests.factories.vendors import make_vendor

PAGE = "/c/huaiyin/vendors/new"
PHONE = "13812345678"
TYPED = {
    "trading_name": "老张豆浆坊",
    "holder": "张师傅",
    "phone": PHONE,
    "category": "daily_goods",
    "goods": "针头线脑",
    "power_w": "0",
    "password": "market morning bean",
    "entry_agreement": "y",
    "privacy": "y",
}
FOOD = {**TYPED, "category": "cooked_food", "goods": "豆浆", "power_w": "1.5"}


@pytest.fixture
def client(app: Flask, cast: Cast) -> FlaskClient:
    return app.test_client()


def test_a_vendor_registers_and_stands_signed_in_on_its_own_page(app: Flask, client: FlaskClient) -> None:
    answer = post(client, PAGE, **FOOD, food_undertaking="y", needs_water="y")
    assert (answer.status_code, answer.location) == (302, "/vendor/huaiyin/")
    home = client.get("/vendor/huaiyin/")
    assert home.status_code == 200
    assert "老张豆浆坊" in home.text
    with app.app_context():
        vendor = service.vendor_of(person(PHONE), find_community("huaiyin"))
        assert (vendor.power_w, vendor.needs_water, vendor.needs_vehicle) == (1_500, True, False)
        assert [document.kind.value for document in vendor.documents] == ["D15", "D16"]


def test_a_number_is_understood_as_people_type_it(app: Flask, client: FlaskClient) -> None:
    assert post(client, PAGE, **{**TYPED, "phone": " +86 １３８-1234 5678"}).status_code == 302
    with app.app_context():
        assert service.vendor_of(person(PHONE), find_community("huaiyin")).phone == PHONE


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("trading_name", " ", "请填招牌名"),
        ("holder", "", "请填经营人的称呼"),
        ("phone", "12812345678", "手机号是 1 开头的 11 位数字"),
        ("phone", "0533-1234567", "手机号是 1 开头的 11 位数字"),
        ("category", "", "请选一类"),
        ("category", "lottery", "主要做哪一类"),
        ("goods", "", "请写一两样"),
        ("power_w", "很多", "请填 0 到 20 之间的千瓦数"),
        ("power_w", "21", "请填 0 到 20 之间的千瓦数"),
        ("password", "", "请设一个密码"),
        ("password", "short", "密码至少 8 位"),
        ("password", "12345678", "这个密码太常见"),
        ("password", "my13812345678", "密码里不要包含登录名或手机号"),
        ("entry_agreement", "", "要同意入场经营协议"),
        ("privacy", "", "请看一看我们记下什么"),
    ],
)
def test_a_mistake_gets_a_sentence_and_keeps_what_was_typed(
    client: FlaskClient, field: str, value: str, sentence: str
) -> None:
    answer = post(client, PAGE, **{**TYPED, "goods": "独一份的货", field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ('value="独一份的货"' in answer.text) == (field != "goods")


def test_food_needs_the_undertaking_too(client: FlaskClient) -> None:
    answer = post(client, PAGE, **FOOD)
    assert answer.status_code == 422
    assert "做食品的要同意食品安全承诺书" in answer.text


def test_the_same_number_twice_in_one_community_is_refused(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    answer = post(app.test_client(), PAGE, **TYPED)
    assert answer.status_code == 409
    assert "已经登记过了" in answer.text
    assert 'value="老张豆浆坊"' in answer.text


def test_a_person_whom_staff_entered_cannot_be_taken_over(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), unit_of_work():
        make_vendor(find_community("huaiyin"), person("staff"), phone=PHONE)
    assert post(client, PAGE, **TYPED).status_code == 409
    with app.app_context():
        assert people.find_user(PHONE) is None


def test_in_another_community_the_old_password_links_the_same_account(
    app: Flask, client: FlaskClient
) -> None:
    post(client, PAGE, **TYPED)
    answer = post(app.test_client(), "/c/songhe/vendors/new", **TYPED)
    assert (answer.status_code, answer.location) == (302, "/vendor/songhe/")
    with app.app_context():
        user = person(PHONE)
        ours, theirs = (service.vendor_of(user, find_community(slug)) for slug in ("huaiyin", "songhe"))
        assert ours.user_id == theirs.user_id


def test_a_wrong_password_for_a_known_number_makes_nothing(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    answer = post(app.test_client(), "/c/songhe/vendors/new", **{**TYPED, "password": "not the right one"})
    assert answer.status_code == 422
    assert "请填原来的密码" in answer.text
    with app.app_context():
        assert service.register(find_community("songhe")) == []


def test_guessing_the_password_of_a_known_number_is_counted(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    for _try in range(3):
        post(app.test_client(), "/c/songhe/vendors/new", **{**TYPED, "password": "not the right one"})
    with app.app_context():
        assert [row.failures for row in db.session.scalars(sa.select(SignInFailure))] == [3, 3]


def test_whoever_is_signed_in_needs_no_password(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    page = client.get("/c/songhe/vendors/new").text
    assert 'name="password"' not in page
    assert f'value="{PHONE}"' in page
    answer = post(client, "/c/songhe/vendors/new", **{**TYPED, "password": ""})
    assert (answer.status_code, answer.location) == (302, "/vendor/songhe/")


def test_a_vendor_of_this_community_is_sent_to_its_page(client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    answer = client.get(PAGE)
    assert (answer.status_code, answer.location) == (302, "/vendor/huaiyin/")


def test_staff_who_look_at_the_page_are_not_sent_away(
    sign_in: Callable[[str], FlaskClient], cast: Cast
) -> None:
    assert sign_in("staff").get(PAGE).status_code == 200


def test_letters_that_cannot_be_printed_are_asked_about_and_accepted(client: FlaskClient) -> None:
    typed = {**TYPED, "trading_name": "老\U00031ede豆浆"}
    asked = post(client, PAGE, **typed)
    assert asked.status_code == 422
    assert "「\U00031ede」打印不出来" in asked.text
    assert 'name="unprinted-trading_name" value="\U00031ede"' in asked.text
    tick = {"unprinted-trading_name": "\U00031ede"}
    assert post(client, PAGE, **typed, **tick).location == "/vendor/huaiyin/"


def test_the_password_also_signs_in_later(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    answer = post(app.test_client(), "/sign-in", login=PHONE, password=TYPED["password"])
    assert (answer.status_code, answer.location) == (302, "/vendor/huaiyin/")


def test_the_texts_can_be_read_before_agreeing(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    for words in ("明码标价", "过期和变质的不卖", "不拍证件照片", "0533-000-0000"):
        assert words in page


def test_an_unknown_community_is_not_found(client: FlaskClient) -> None:
    assert client.get("/c/nowhere/vendors/new").status_code == 404
