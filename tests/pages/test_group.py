"""How residents join their group: staff say it, the page for those who follow shows it until its day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from market import clock
from market.communities.group import group_of, hide_group, show_group
from market.communities.models import ResidentGroup
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.photos import Photo
from tests.cast import Cast, csrf_token, person, post

SignIn = Callable[[str], FlaskClient]
STAFF, FOLLOW, PICTURE = "/staff/huaiyin/group", "/c/huaiyin/follow", "/c/huaiyin/group.jpg"
CODE = Photo(b"\xff\xd8 a code", 300, 300)


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    return BytesIO(out.getvalue())


def test_staff_put_a_code_on_the_page_and_take_it_off(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff, resident = sign_in("staff"), app.test_client()
    assert "居民群" not in resident.get(FOLLOW).text
    assert resident.get(PICTURE).status_code == 404
    token = csrf_token(staff.get(STAFF).text)
    sent = staff.post(
        STAFF, data={"csrf_token": token, "text": "槐荫集市群", "picture": (picture(), "code.png")}
    )
    assert sent.status_code == 302
    page = resident.get(FOLLOW)
    assert "槐荫集市群" in page.text
    assert f'src="{PICTURE}"' in page.text
    assert "Set-Cookie" not in page.headers
    shown = resident.get(PICTURE)
    assert (shown.status_code, shown.content_type) == (200, "image/jpeg")
    assert Image.open(BytesIO(shown.data)).size == (300, 300)
    assert post(staff, STAFF, f"{STAFF}/hidden").status_code == 302
    assert "居民群" not in resident.get(FOLLOW).text
    assert resident.get(PICTURE).status_code == 404


def test_what_names_a_person_is_refused_and_kept(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    page = post(staff, STAFF, text="找小王 13812345678")
    assert page.status_code == 422
    assert "13812345678" in page.text
    assert "不要写手机号" in page.text
    assert "请写群叫什么" in post(staff, STAFF, text="").text


def test_words_change_and_the_picture_stays_until_its_day(context: Flask, cast: Cast) -> None:
    community, staff, at = find_community(cast.ours), person("staff"), clock.now()
    today = clock.local(at, community.zone).date()
    with unit_of_work():
        for _twice in range(2):
            show_group(community, "集市群", None, None, by=staff, at=at)
        show_group(community, "集市群", CODE, today, by=staff, at=at)
        shown = show_group(community, "槐荫集市群", None, today, by=staff, at=at)
        assert shown.picture == CODE.content
        assert shown.picture_on(today)
        assert not shown.picture_on(today + timedelta(days=1))
        rows = db.session.scalars(sa.select(ResidentGroup).order_by(ResidentGroup.id)).all()
        assert [row.text for row in rows] == ["集市群", "集市群", "槐荫集市群"]
        assert [row.width for row in rows] == [0, 0, 300]
        for _twice in range(2):
            hide_group(community, by=staff, at=at)
        assert group_of(community) is None
        assert db.session.scalar(sa.select(sa.func.count(ResidentGroup.id))) == 4
        assert db.session.scalars(sa.select(ResidentGroup.picture).where(ResidentGroup.width > 0)).all() == []
        assert group_of(find_community(cast.theirs)) is None


@pytest.mark.parametrize(
    ("text", "days", "code"),
    [
        ("", 0, "communities.group_text"),
        ("群" * 201, 0, "communities.group_text"),
        ("打 13812345678", 0, "communities.group_text"),
        ("集市群", -1, "communities.group_past"),
    ],
)
def test_what_cannot_be_shown(context: Flask, cast: Cast, text: str, days: int, code: str) -> None:
    community, at = find_community(cast.ours), clock.now()
    until = clock.local(at, community.zone).date() + timedelta(days=days)
    with unit_of_work(), pytest.raises(Refusal) as refused:
        show_group(community, text, CODE, until, by=person("staff"), at=at)
    assert refused.value.code == code
