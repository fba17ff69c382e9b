"""Papers as pictures on the pages: who may see which file, what the vendor and the staff read and press."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from market import clock
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.photos import Photo
from market.vendors import service
from market.vendors.models import Vendor
from market.vendors.paper_rows import HandedPaper, PaperPicture
from market.vendors.rules import Category, DocumentKind
from tests.cast import Cast, csrf_token, person, post, sign_in_client
from tests.factories.calendar import make_day
from tests.factories.vendors import make_application, make_vendor
from tests.parts.zoo import EICAR, SVG, pdf, picture, with_script

LOGIN, OTHER, HELPER, THEIRS = "13800009999", "13800008888", "13800007777", "13800006666"
MINE, LIST = "/vendor/huaiyin/papers", "/staff/huaiyin/papers"

SignIn = Callable[[str], FlaskClient]


class Handed(NamedTuple):
    """Addresses of one paper of the vendor's."""

    vendor: str
    paper: str
    picture: str


def sold(trading_name: str, login: str, slug: str) -> Vendor:
    return make_vendor(
        find_community(slug),
        person("staff" if slug == "huaiyin" else "staff-b"),
        trading_name,
        login=login,
        papers=False,
        category=Category.COOKED_FOOD,
        goods="馒头",
    )


@pytest.fixture
def handed(app: Flask, cast: Cast) -> Handed:
    """A vendor with a helper and one paper that waits; another vendor, and one of the other community."""
    at = clock.now()
    with app.app_context(), unit_of_work():
        vendor = sold("老张豆浆坊", LOGIN, cast.ours)
        sold("老李烧饼", OTHER, cast.ours)
        sold("松鹤小吃", THEIRS, cast.theirs)
        service.add_helper(vendor, "小张", HELPER, by=person("staff"), at=at)
        helper = person(HELPER)
        helper.password_hash = person(LOGIN).password_hash
        paper = service.hand_in(
            vendor, DocumentKind.HEALTH_CERT, [Photo(picture(), 1200, 900)], by=person(LOGIN), at=at
        )
        return Handed(vendor.ref, paper.ref, paper.pictures[0].ref)


def send(client: FlaskClient, content: bytes, name: str = "a.jpg", **fields: str) -> TestResponse:
    token = csrf_token(client.get(MINE).text)
    form = {"csrf_token": token, "kind": "D02", "person": "", "brought_for": "", **fields}
    return client.post(
        MINE, data={**form, "picture": (BytesIO(content), name)}, content_type="multipart/form-data"
    )


# ── who may see a file ────────────────────────────────────────────────────────────────────────────────────

PEOPLE = {
    LOGIN: {"own"},
    HELPER: {"own"},
    OTHER: set(),
    THEIRS: set(),
    "staff": {"staff"},
    "second": {"staff"},
    "gate": set(),
    "member1": set(),
    "viewer": set(),
    "platform": set(),
    "staff-b": set(),
    "gate-b": set(),
    "member1-b": set(),
    "viewer-b": set(),
    "": set(),
}


@pytest.mark.parametrize("login", PEOPLE)
@pytest.mark.parametrize("slug", ["huaiyin", "songhe"])
def test_every_link_to_a_file_is_refused_to_everybody_else(
    app: Flask, handed: Handed, login: str, slug: str
) -> None:
    client = sign_in_client(app, app.test_client(), login) if login else app.test_client()
    links = {
        "own": f"/vendor/{slug}/papers/{handed.paper}/pictures/{handed.picture}",
        "staff": f"/staff/{slug}/papers/{handed.paper}/pictures/{handed.picture}",
    }
    for kind, link in links.items():
        answer = client.get(link)
        may = kind in PEOPLE[login] and slug == "huaiyin"
        assert (answer.status_code == 200) is may, (login, link, answer.status_code)
        assert answer.status_code in ((200,) if may else (302, 401, 403, 404))
        assert (b"JFIF" in answer.data) is may


def test_a_file_of_one_paper_is_not_found_under_another(app: Flask, handed: Handed, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        other = service.vendor_of(person(OTHER), find_community("huaiyin"))
        foreign = service.hand_in(
            other, DocumentKind.SCALE, [Photo(b"\xff\xd8", 1, 1)], by=person(OTHER), at=clock.now()
        ).ref
    assert sign_in("staff").get(f"{LIST}/{foreign}/pictures/{handed.picture}").status_code == 404


def test_a_file_is_kept_by_nobody_and_is_what_it_says(handed: Handed, sign_in: SignIn) -> None:
    answer = sign_in("staff").get(f"{LIST}/{handed.paper}/pictures/{handed.picture}")
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"] == f"inline; filename={handed.picture}.jpg"
    assert "no-store" in answer.headers["Cache-Control"]


def test_who_helped_once_sees_nothing_any_more(app: Flask, handed: Handed) -> None:
    client = sign_in_client(app, app.test_client(), HELPER)
    with app.app_context(), unit_of_work():
        vendor = service.vendor_of(person(LOGIN), find_community("huaiyin"))
        service.remove_helper(vendor.helpers[0], by=person("staff"), at=clock.now())
    link = f"/vendor/huaiyin/papers/{handed.paper}/pictures/{handed.picture}"
    assert client.get(link).status_code == 403


# ── the vendor's phone ────────────────────────────────────────────────────────────────────────────────────


def test_a_photo_is_handed_in_seen_and_counts(app: Flask, handed: Handed, sign_in: SignIn) -> None:
    vendor, staff = sign_in_client(app, app.test_client(), LOGIN), sign_in("staff")
    answer = send(vendor, picture(), "\U0001f4c4" * 60 + ".jpg")
    assert (answer.status_code, answer.location) == (302, MINE)
    assert "等社区看" in vendor.get(MINE).text
    page = staff.get(LIST).text
    assert "老张豆浆坊" in page
    with app.app_context():
        paper = db.session.query(HandedPaper).filter_by(kind=DocumentKind.FOOD_LICENCE).one().ref
    fields = {"number": "JY13703", "issuer": "市场监管局", "valid_to": "2099-01-01"}
    assert post(staff, f"{LIST}/{paper}", **fields).location == LIST
    page = vendor.get(MINE).text
    assert "JY13703" in page
    assert "王社工" in page
    assert "原件已核：王社工" in staff.get(f"{LIST}/{paper}").text


def test_a_refused_paper_tells_the_vendor_why(app: Flask, handed: Handed, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    address = f"{LIST}/{handed.paper}"
    assert post(staff, address, f"{address}/refusal", reason="").status_code == 422
    assert post(staff, address, f"{address}/refusal", reason="太暗，看不清编号").status_code == 302
    page = sign_in_client(app, app.test_client(), LOGIN).get(MINE).text
    assert "太暗，看不清编号" in page
    assert "要重新拍" in page


@pytest.mark.parametrize(
    "content, sentence",
    [
        (EICAR, "打不开"),
        (SVG, "打不开"),
        (b"", "没有收到照片|打不开"),
        (with_script(), "夹着程序"),
        (pdf(7), "最多 6 页"),
    ],
    ids=["virus", "svg", "nothing", "script", "long"],
)
def test_what_does_not_do_is_said_on_the_page(
    app: Flask, handed: Handed, content: bytes, sentence: str
) -> None:
    vendor = sign_in_client(app, app.test_client(), LOGIN)
    answer = send(vendor, content)
    assert answer.status_code == 422
    assert re.search(sentence, answer.text)
    with app.app_context():
        assert db.session.query(HandedPaper).count() == 1


def test_each_page_of_a_pdf_is_a_picture_and_can_be_taken_back(app: Flask, handed: Handed) -> None:
    vendor = sign_in_client(app, app.test_client(), LOGIN)
    assert send(vendor, pdf(3), "a.pdf").status_code == 302
    with app.app_context():
        paper = db.session.query(HandedPaper).filter_by(kind=DocumentKind.FOOD_LICENCE).one()
        ref, pages = paper.ref, [page.content[:3] for page in paper.pictures]
    assert pages == [b"\xff\xd8\xff"] * 3
    assert post(vendor, MINE, f"{MINE}/{ref}/withdrawal").status_code == 302
    with app.app_context():
        assert db.session.query(PaperPicture).count() == 1


def test_a_form_with_too_many_files_is_refused_whole(app: Flask, handed: Handed) -> None:
    vendor = sign_in_client(app, app.test_client(), LOGIN)
    token = csrf_token(vendor.get(MINE).text)
    many = [(BytesIO(b"x"), f"{number}.jpg") for number in range(21)]
    fields = {"csrf_token": token, "kind": "D02", "person": "", "brought_for": "", "picture": many}
    assert vendor.post(MINE, data=fields, content_type="multipart/form-data").status_code == 413


def test_people_at_the_stall_are_named_and_have_lines_of_their_own(app: Flask, handed: Handed) -> None:
    vendor = sign_in_client(app, app.test_client(), LOGIN)
    add = {"person_name": "小王", "handles_food": "y"}
    assert post(vendor, MINE, "/vendor/huaiyin/people", **add).status_code == 302
    assert post(vendor, MINE, "/vendor/huaiyin/people", person_name="").status_code == 422
    assert "健康证 · 小王" in vendor.get(MINE).text
    (ref,) = re.findall(r"/people/(\w+)/end", vendor.get(MINE).text)
    assert send(vendor, picture(), kind="D07", person=ref).status_code == 302
    assert send(vendor, picture(), kind="D07", person="nosuchpers").status_code == 404
    assert post(vendor, MINE, f"/vendor/huaiyin/people/{ref}/end").status_code == 302
    assert "小王" not in vendor.get(MINE).text


def test_the_home_reminds_of_what_runs_out(app: Flask, handed: Handed) -> None:
    with app.app_context(), unit_of_work():
        vendor = service.vendor_of(person(LOGIN), find_community("huaiyin"))
        soon = clock.today(vendor.community.zone) + timedelta(days=5)
        service.check_document(
            vendor,
            DocumentKind.SCALE,
            number="1",
            issuer="",
            valid_to=soon,
            by=person("staff"),
            at=clock.now(),
        )
    page = sign_in_client(app, app.test_client(), LOGIN).get("/vendor/huaiyin/").text
    assert "电子秤检定证书还有 5 天到期" in page


# ── the staff ─────────────────────────────────────────────────────────────────────────────────────────────


def add_scales(app: Flask, first: int, *days: int) -> None:
    """The first one and those after it each have a scale that is good for so many days."""
    with app.app_context(), unit_of_work():
        community, staff = find_community("huaiyin"), person("staff")
        today = clock.today(community.zone)
        for number, left in enumerate(days, start=first):
            vendor = make_vendor(community, staff, f"第{number}家", papers=False)
            service.check_document(
                vendor, DocumentKind.SCALE, number="1", issuer="",
                valid_to=today + timedelta(days=left), by=staff, at=clock.now(),
            )  # fmt: skip


def test_the_list_is_by_date_and_narrows(app: Flask, handed: Handed, sign_in: SignIn) -> None:
    add_scales(app, 0, -1, 3, 20, 400)
    client = sign_in("staff")
    shown = {
        show: re.findall(r">(第\d家)<", client.get(f"{LIST}?show={show}").text)
        for show in ("expired", "week", "month", "all", "waiting")
    }
    assert shown == {
        "expired": ["第0家"],
        "week": ["第1家"],
        "month": ["第2家"],
        "all": ["第0家", "第1家", "第2家", "第3家"],
        "waiting": [],
    }
    assert "老张豆浆坊" in client.get(LIST).text  # what waits comes first
    assert client.get(f"{LIST}?show=nonsense").status_code == 200


def test_what_comes_in_meanwhile_repeats_no_line_of_the_list(
    app: Flask, handed: Handed, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("market.paging.SIZE", 2)
    add_scales(app, 0, 3, 20, 400)
    client = sign_in("staff")
    first = client.get(f"{LIST}?show=all").text
    add_scales(app, 3, 1)
    (later,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = client.get(unescape(later)).text
    assert [re.findall(r">(第\d家)<", page) for page in (first, second)] == [["第0家", "第1家"], ["第2家"]]


def test_the_light_of_a_market_says_who_lacks_what(app: Flask, handed: Handed, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community("huaiyin"), person("staff")
        day = make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION)
        make_application(day, service.vendor_of(person(LOGIN), community), staff)
        make_application(day, make_vendor(community, staff, "齐全百货"), staff)
        address = f"/staff/huaiyin/days/{day.ref}/vendor-papers"
    page = sign_in("staff").get(address).text
    assert page.index("老张豆浆坊") < page.index("齐全百货")
    assert "健康证的照片交来了，等您看" in page
    assert "还没有健康证" in page
    assert sign_in_client(app, app.test_client(), LOGIN).get(address).status_code == 403


def test_staff_take_the_picture_for_somebody_without_a_phone(
    app: Flask, handed: Handed, sign_in: SignIn
) -> None:
    staff = sign_in("staff")
    address = f"/staff/huaiyin/vendors/{handed.vendor}/papers"
    page = staff.get(address)
    form = {"csrf_token": csrf_token(page.text), "kind": "D05", "person": "", "brought_for": ""}
    data = {**form, "picture": (BytesIO(picture()), "a.jpg")}
    assert staff.post(address, data=data, content_type="multipart/form-data").status_code == 302
    people = f"/staff/huaiyin/vendors/{handed.vendor}/people"
    assert post(staff, address, people, person_name="小王", handles_food="y").status_code == 302
    (ref,) = re.findall(r"/people/(\w+)/end", staff.get(address).text)
    assert post(staff, address, f"{people}/{ref}/end").status_code == 302
    with app.app_context():
        paper = db.session.query(HandedPaper).filter_by(kind=DocumentKind.FOOD_STALL_CARD).one().ref
    assert post(staff, address, f"{LIST}/{paper}/withdrawal").location == address


def test_a_meat_stall_hands_in_the_paper_of_the_day(app: Flask, handed: Handed) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community("huaiyin"), person("staff")
        vendor = make_vendor(
            community, staff, "肉铺", login="13800005555", category=Category.MEAT_EGG_AQUATIC, goods="鲜猪肉"
        )
        day = make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION)
        make_application(day, vendor, staff)
        on = clock.local(day.open_at, community.zone).date()
    client = sign_in_client(app, app.test_client(), "13800005555")
    page = client.get(MINE).text
    assert f'name="brought_for" value="{on.isoformat()}"' in page
    assert send(client, picture(), kind="D09", brought_for="no date").status_code == 422
    assert send(client, picture(), kind="D09", brought_for=on.isoformat()).status_code == 302
    with app.app_context():
        assert (
            db.session.query(HandedPaper).filter_by(kind=DocumentKind.QUARANTINE_CERT).one().brought_for == on
        )


def test_the_original_of_somebody_at_the_stall_is_entered_without_a_photo(
    app: Flask, handed: Handed, sign_in: SignIn
) -> None:
    with app.app_context(), unit_of_work():
        vendor = service.vendor_of(person(LOGIN), find_community("huaiyin"))
        wang = service.add_person(vendor, "小王", True, by=person("staff"), at=clock.now()).ref
    page, staff = f"/staff/huaiyin/vendors/{handed.vendor}", sign_in("staff")
    fields = {"kind": "D07", "number": "JK1", "issuer": "", "valid_to": "2099-01-01", "seen": "y"}
    assert post(staff, page, f"{page}/documents", **fields, person="nobody").status_code == 422
    assert post(staff, page, f"{page}/documents", **fields, person=wang).status_code == 302
    assert "健康证 · 小王" in staff.get(page).text
    assert "没有有效的健康证" not in staff.get(page).text


def test_the_home_says_that_a_photo_waits_and_why_one_was_refused(
    app: Flask, sign_in: SignIn, handed: Handed
) -> None:
    home = sign_in(LOGIN).get("/vendor/huaiyin/").text
    assert "健康证的照片收到了，等社区看。原件留好，到场给看一眼。" in home
    with app.app_context(), unit_of_work():
        paper = service.find_handed(find_community("huaiyin"), handed.paper)
        service.refuse_paper(paper, "太暗了，看不清编号", by=person("staff"), at=clock.now())
    home = sign_in(LOGIN).get("/vendor/huaiyin/").text
    assert "健康证的照片不行，社区说：太暗了，看不清编号" in home
    assert "重新拍一张" in home
    with app.app_context(), unit_of_work():
        vendor, end = service.find_vendor(find_community("huaiyin"), handed.vendor), clock.now().date()
        service.check_document(
            vendor,
            DocumentKind.HEALTH_CERT,
            number="健 1",
            issuer="疾控",
            valid_to=end + timedelta(days=90),
            by=person("staff"),
            at=clock.now(),
        )
    assert "健康证的照片" not in sign_in(LOGIN).get("/vendor/huaiyin/").text
