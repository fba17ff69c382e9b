"""Rounds by phone and from paper, photos, incidents, and the page of an authority, as people use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.inspection.models import Finding, FindingPhoto, Incident, LinkOpening, SpotCheck
from market.inspection.rules import Result
from market.stalls import service as stalls
from tests.cast import Cast, person, post
from tests.factories.gate import running_today

SignIn = Callable[[str], FlaskClient]


@pytest.fixture
def day(app: Flask, cast: Cast) -> str:
    with app.app_context(), unit_of_work():
        return running_today(find_community(cast.ours), person("staff")).ref


@pytest.fixture
def first(app: Flask, day: str) -> str:
    """The stall A01."""
    with app.app_context():
        return stalls.assignments(find_day_by_ref(day))[0].ref


@pytest.fixture
def volunteer(sign_in: SignIn) -> FlaskClient:
    return sign_in("gate")


def gate(day: str, page: str = "") -> str:
    return f"/gate/huaiyin/days/{day}{page}"


def text(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def jpeg() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (1600, 1200), "grey").save(out, "JPEG")
    out.seek(0)
    return out


def test_a_round_leads_from_stall_to_stall(app: Flask, volunteer: FlaskClient, day: str, first: str) -> None:
    assert "看过 0 处 / 共 4 处" in text(volunteer, gate(day, "/inspection?round=1"))
    spot = gate(day, f"/inspection/stalls/{first}?round=1")
    answer = post(volunteer, spot, spot, client_id="c1")
    assert (answer.status_code, "round=1" in answer.location, first in answer.location) == (302, True, False)
    assert "看过 1 处 / 共 4 处" in text(volunteer, gate(day, "/inspection?round=1"))


def test_a_problem_is_noted_with_its_photo_and_followed_until_closed(
    app: Flask, volunteer: FlaskClient, day: str, first: str
) -> None:
    spot = gate(day, f"/inspection/stalls/{first}?round=1")
    fields = {
        "client_id": "c1",
        "waste-result": "stopped",
        "waste-note": "鱼鳞没收",
        "waste-photo": (jpeg(), "a.jpg"),
    }
    assert post(volunteer, spot, spot, **fields).status_code == 302
    with app.app_context():
        found, photo = db.session.query(Finding).one(), db.session.query(FindingPhoto).one()
        kept = (found.note, found.result, photo.width, photo.height)
        page, shown = gate(day, f"/findings/{found.ref}"), f"/photos/{photo.ref}"
    assert kept == ("鱼鳞没收", Result.STOPPED, 1280, 960)
    picture = volunteer.get(page + shown)
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert "鱼鳞没收" in text(volunteer, gate(day, "/inspection"))
    assert post(volunteer, page, page, note="扫干净了", closes="y").status_code == 302
    assert "已经改好的 1 件" in text(volunteer, gate(day, "/findings"))


def test_a_point_half_filled_in_is_asked_about_and_kept(
    app: Flask, volunteer: FlaskClient, day: str, first: str
) -> None:
    spot = gate(day, f"/inspection/stalls/{first}?round=1")
    for fields, asked in (
        ({"waste-note": "脏"}, "请选怎么处理"),
        ({"waste-note": "脏", "waste-result": "to_mend"}, "请写几点以前改好"),
    ):
        answer = post(volunteer, spot, spot, client_id="c1", **fields)
        shown = answer.get_data(as_text=True)
        assert (answer.status_code, asked in shown, 'value="脏"' in shown) == (422, True, True)
    with app.app_context():
        assert db.session.query(SpotCheck).count() == 0


def test_a_file_that_is_no_photo_is_refused_and_nothing_is_kept(
    app: Flask, volunteer: FlaskClient, day: str, first: str
) -> None:
    spot = gate(day, f"/inspection/stalls/{first}?round=1")
    fields = {"client_id": "c1", "waste-result": "stopped", "waste-photo": (BytesIO(b"<html>"), "a.jpg")}
    answer = post(volunteer, spot, spot, **fields)
    assert (answer.status_code, "这张照片打不开" in answer.get_data(as_text=True)) == (422, True)
    with app.app_context():
        assert db.session.query(SpotCheck).count() == 0


def test_a_sheet_is_typed_in_in_the_order_of_the_paper(app: Flask, volunteer: FlaskClient, day: str) -> None:
    sheet = gate(day, "/inspection/sheet?round=2")
    labels = re.findall(r'class="stallno">\s*(\S+?)\s*<', text(volunteer, sheet))
    assert labels == ["A01", "A02", "A03", "广场"]
    fields = {
        "client_id": "s1", "inspector": "赵队长", "row-0-result": "fine", "row-0-checked_at": "9:10",
        "row-3-result": "to_mend", "row-3-numbers": "15 17", "row-3-note": "秤没摆", "row-3-mend_by": "10:00",
    }  # fmt: skip
    wrong = post(volunteer, sheet, sheet, **{**fields, "row-3-numbers": "3"})
    assert (wrong.status_code, "圈出来的号码" in wrong.get_data(as_text=True)) == (422, True)
    assert post(volunteer, sheet, sheet, **fields).status_code == 302
    with app.app_context():
        checks = db.session.query(SpotCheck).order_by(SpotCheck.id).all()
        told = [
            (c.assignment_id is None, c.inspected_by, c.round_no, [f.item for f in c.findings])
            for c in checks
        ]
    assert told == [(False, "赵队长", 2, []), (True, "赵队长", 2, ["fire_lane", "check_scale"])]


def test_an_incident_is_noted_and_ended(app: Flask, volunteer: FlaskClient, day: str) -> None:
    page = gate(day, "/incidents")
    fields = {"client_id": "i1", "happened_at": "0:01", "place": "东门", "what": "老人滑倒", "told": "120"}
    assert post(volunteer, page, page, **fields).status_code == 302
    assert "还没了结的 1 件" in text(volunteer, page)
    with app.app_context():
        ref = db.session.query(Incident).one().ref
    assert post(volunteer, page, f"{page}/{ref}/ending", done="家人接走了").status_code == 302
    assert "家人接走了" in text(volunteer, page)
    assert "了结的 1 件" in text(volunteer, page)


# ── the page of an authority ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def address(sign_in: SignIn, day: str) -> str:
    """The address that staff give away."""
    page = f"/staff/huaiyin/days/{day}/inspector-links"
    shown = post(sign_in("staff"), page, page, name="市场监管所 王").get_data(as_text=True)
    found = re.search(r'value="https?://[^/"]+(/inspector/[^"]+)"', shown)
    assert found is not None
    return found[1]


def test_a_preview_spends_nothing_and_a_press_is_counted(
    app: Flask, address: str, sign_in: SignIn, day: str
) -> None:
    stranger = app.test_client()
    for _look in range(3):
        assert "每打开一次都会记下" in text(stranger, address)
    with app.app_context():
        assert db.session.query(LinkOpening).count() == 0
    answer = post(stranger, address, address)
    shown = stranger.get(answer.location)
    page = shown.get_data(as_text=True)
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert page.count("市场监管所 王") > 20
    assert "第1家百货" in page
    assert not re.search(r"1\d{10}", page)
    assert "打开过 1 次" in text(sign_in("staff"), f"/staff/huaiyin/days/{day}/inspector-links")


def test_a_link_taken_back_opens_nothing(app: Flask, address: str, sign_in: SignIn, day: str) -> None:
    stranger, staff = app.test_client(), sign_in("staff")
    opened = post(stranger, address, address).location
    page = f"/staff/huaiyin/days/{day}/inspector-links"
    found = re.search(rf"{page}/\w+/revocation", text(staff, page))
    assert found is not None
    assert post(staff, page, found[0]).status_code == 302
    assert [stranger.get(where).status_code for where in (address, opened)] == [410, 410]
