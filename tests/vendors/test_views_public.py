"""Registration by the vendor itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.people import service as people
from market.people.models import SignInFailure
from market.vendors import service
from tests.cast import Cast, person, post
from tests.factories.vendors import make_vendor

PAGE, SONGHE = "/c/huaiyin/vendors/new", "/c/songhe/vendors/new"
PHONE = "13812345678"
TYPED = {
    "trading_name": "老张豆浆坊",
    "holder": "张师傅",
    "phone": PHONE,
    "category": "daily_goods",
    "goods": "针头线脑",
    "agreed": "y",
}
FOOD = {**TYPED, "category": "cooked_food", "goods": "豆浆", "power_w": "1.5"}


@pytest.fixture
def client(app: Flask, cast: Cast) -> FlaskClient:
    return app.test_client()


PASSWORD = "market morning bean"


def with_password(client: FlaskClient) -> None:
    """Registers in the first community and sets a password."""
    post(client, PAGE, **TYPED)
    assert post(client, "/account", "/account/password", password=PASSWORD).status_code == 302


def link_in(page: str) -> str:
    """The path of the personal link that a page shows."""
    found = re.search(r'value="[^"]*(/enter/[^"]+)"', page)
    assert found is not None, page
    return found[1]


def test_six_fields_are_all_that_is_asked(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    folded = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    names = re.findall(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"', folded)
    asked = {name for name in names if name not in ("csrf_token", "form_id")}
    assert asked == {"trading_name", "holder", "phone", "category", "goods", "agreed"}


def test_a_vendor_registers_and_stands_signed_in_on_its_own_page(app: Flask, client: FlaskClient) -> None:
    answer = post(client, PAGE, **FOOD, needs_water="y")
    assert answer.status_code == 200
    assert 'href="/vendor/huaiyin/"' in answer.text
    home = client.get("/vendor/huaiyin/")
    assert home.status_code == 200
    assert "老张豆浆坊" in home.text
    with app.app_context():
        vendor = service.vendor_of(person(PHONE), find_community("huaiyin"))
        assert (vendor.power_w, vendor.needs_water, vendor.needs_vehicle) == (1_500, True, False)
        assert [document.kind.value for document in vendor.documents] == ["D15", "D16"]


def test_the_personal_link_opens_this_telephone_for_years_and_no_other(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = link_in(post(client, PAGE, **TYPED).text)
    assert app.test_client().get(path).status_code == 410
    assert post(app.test_client(), "/sign-in", path).status_code == 410
    later = clock.now() + timedelta(days=380)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get("/vendor/huaiyin/").status_code == 302  # the session ended long ago
    assert client.get(path).status_code == 200
    assert post(client, "/sign-in", path).location == "/vendor/huaiyin/"
    assert client.get("/vendor/huaiyin/").status_code == 200


def test_whoever_lost_the_telephone_shuts_its_link(app: Flask, client: FlaskClient) -> None:
    path = link_in(post(client, PAGE, **TYPED).text)
    post(client, "/account", "/account/sign-outs")
    assert client.get(path).status_code == 410


def test_signing_out_leaves_the_personal_link(client: FlaskClient) -> None:
    path = link_in(post(client, PAGE, **TYPED).text)
    post(client, "/account", "/sign-out")
    assert post(client, "/sign-in", path).location == "/vendor/huaiyin/"


def test_another_telephone_comes_in_once_by_a_link_of_its_own(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    path = link_in(post(client, "/account", "/account/other-phone").text)
    second = app.test_client()
    assert post(second, "/sign-in", path).location == "/vendor/huaiyin/"
    assert post(second, "/sign-in", path).location == "/vendor/huaiyin/"
    assert post(app.test_client(), "/sign-in", path).status_code == 410


def test_the_link_of_somebody_with_more_than_a_stall_is_refused(
    sign_in: Callable[[str], FlaskClient], cast: Cast
) -> None:
    answer = post(sign_in("staff"), "/account", "/account/own-link")
    assert answer.status_code == 403
    assert "要用密码登录" in answer.text


def test_a_number_is_understood_as_people_type_it(app: Flask, client: FlaskClient) -> None:
    assert post(client, PAGE, **{**TYPED, "phone": " +86 １３８-1234 5678"}).status_code == 200
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
        ("agreed", "", "要都同意才能来摆摊"),
        ("password", "x" * 201, "密码最多 200 位"),
    ],
)
def test_a_mistake_gets_a_sentence_and_keeps_what_was_typed(
    client: FlaskClient, field: str, value: str, sentence: str
) -> None:
    answer = post(client, PAGE, **{**TYPED, "goods": "独一份的货", field: value})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ('value="独一份的货"' in answer.text) == (field != "goods")


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
    with_password(client)
    stranger = app.test_client()
    asked = post(stranger, SONGHE, **TYPED)
    assert asked.status_code == 422
    assert 'name="password"' in asked.text
    answer = post(stranger, SONGHE, **TYPED, password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/vendor/songhe/")
    with app.app_context():
        user = person(PHONE)
        ours, theirs = (service.vendor_of(user, find_community(slug)) for slug in ("huaiyin", "songhe"))
        assert ours.user_id == theirs.user_id


def test_a_number_without_a_password_comes_in_by_its_own_link_first(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    refused = post(app.test_client(), SONGHE, **TYPED)
    assert refused.status_code == 409
    assert "请先用自己的专用链接进来" in refused.text
    assert 'value="老张豆浆坊"' in refused.text
    with app.app_context():
        assert service.register(find_community("songhe")) == []


def test_a_wrong_password_for_a_known_number_makes_nothing(app: Flask, client: FlaskClient) -> None:
    with_password(client)
    answer = post(app.test_client(), SONGHE, **TYPED, password="not the right one")
    assert answer.status_code == 422
    assert "请填原来的密码" in answer.text
    with app.app_context():
        assert service.register(find_community("songhe")) == []


def test_guessing_the_password_of_a_known_number_is_counted(app: Flask, client: FlaskClient) -> None:
    with_password(client)
    for _try in range(3):
        post(app.test_client(), SONGHE, **TYPED, password="not the right one")
    with app.app_context():
        assert [row.failures for row in db.session.scalars(sa.select(SignInFailure))] == [3, 3]


def test_whoever_is_signed_in_needs_no_password(app: Flask, client: FlaskClient) -> None:
    post(client, PAGE, **TYPED)
    page = client.get("/c/songhe/vendors/new").text
    assert 'name="password"' not in page
    assert f'value="{PHONE}"' in page
    answer = post(client, "/c/songhe/vendors/new", **TYPED)
    assert answer.status_code == 200
    assert 'href="/vendor/songhe/"' in answer.text


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
    assert 'href="/vendor/huaiyin/"' in post(client, PAGE, **typed, **tick).text


def test_a_password_set_later_signs_in_too(app: Flask, client: FlaskClient) -> None:
    with_password(client)
    answer = post(app.test_client(), "/sign-in", login=PHONE, password=PASSWORD)
    assert (answer.status_code, answer.location) == (302, "/vendor/huaiyin/")


def test_the_texts_can_be_read_before_agreeing(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    for words in ("明码标价", "过期和变质的不卖", "证照的照片", "0533-000-0000"):
        assert words in page


def test_an_unknown_community_is_not_found(client: FlaskClient) -> None:
    assert client.get("/c/nowhere/vendors/new").status_code == 404
