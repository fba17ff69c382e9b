"""After a market as residents, vendors and staff use it: taps, receipts, no cookie before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import NamedTuple

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.feedback import service
from market.feedback.models import Complaint, ComplaintPhone, DayVoice, Praise
from market.feedback.rules import BUSY, About, Door, Question, Way
from market.feedback.service import ComplaintDraft
from market.stalls import service as stalls
from tests.cast import OTHER_STREET, STREET, Cast, person, post
from tests.factories.gate import ALL_DAY, published_day
from tests.factories.vendors import act_for

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
SignIn = Callable[[str], FlaskClient]
PUBLIC = "/c/huaiyin/feedback"
STAFF = "/staff/huaiyin/feedback"


class Stage(NamedTuple):
    """A market of today with three vendors."""

    ref: str
    vendor: str
    name: str


@pytest.fixture
def stage(app: Flask, cast: Cast) -> Stage:
    with app.app_context(), unit_of_work():
        day = published_day(find_community(cast.ours), person("staff"), in_days=0, **ALL_DAY)
        first = stalls.assignments(day)[0].vendor
        return Stage(day.ref, first.ref, first.trading_name)


@pytest.fixture
def client(app: Flask, stage: Stage) -> FlaskClient:
    return app.test_client()


def tap(client: FlaskClient, ref: str, question: str, answer: str, address: str = "203.0.113.1") -> str:
    sent = client.post(
        f"{PUBLIC}/{ref}",
        data={"question": question, "answer": answer, "way": "poster"},
        headers=FROM_HERE,
        environ_base={"REMOTE_ADDR": address},
    )
    assert sent.status_code == 302, sent.get_data(as_text=True)
    return sent.headers["Location"]


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def complain(client: FlaskClient, stage: Stage, **changes: str) -> str:
    sent = client.post(
        f"{PUBLIC}/complaints/new",
        data={"day": stage.ref, "vendor": stage.vendor, "about": "weight", "text": "少了二两", **changes},
        headers=FROM_HERE,
    )
    assert sent.status_code == 302, sent.get_data(as_text=True)
    return sent.headers["Location"]


def only(app: Flask, column: sa.orm.InstrumentedAttribute[str]) -> str:
    with app.app_context():
        return db.session.scalars(sa.select(column)).one()


# ── residents ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "address",
    ["", "/{ref}", "/{ref}?from=poster", "/{ref}/point", "/{ref}/thanks", "/{ref}/praise", "/{ref}/exit.pdf",
     "/{ref}/praise/thanks", "/complaints", "/complaints/new", "/complaints/new?on={ref}"],
)  # fmt: skip
def test_nobody_gets_a_cookie_by_reading(client: FlaskClient, stage: Stage, address: str) -> None:
    answer = client.get(PUBLIC + address.format(ref=stage.ref))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_three_taps_and_it_is_said(app: Flask, client: FlaskClient, stage: Stage) -> None:
    page = read(client, f"{PUBLIC}/{stage.ref}?from=poster")
    assert "第 1 题，一共 3 题" in page
    page = read(client, tap(client, stage.ref, "score", "5"))
    assert "哪一样最该改进？" in page
    page = read(client, tap(client, stage.ref, "point", "price"))
    assert "下次还来吗？" in page
    page = read(client, tap(client, stage.ref, "again", "yes"))
    assert "谢谢，记下了" in page
    with app.app_context():
        (voice,) = db.session.scalars(sa.select(DayVoice))
        assert (voice.score, voice.point, voice.again, voice.way) == (5, "price", "yes", "poster")
    tap(client, stage.ref, "score", "3")
    assert only(app, DayVoice.phone)
    own = client.get(f"{PUBLIC}/{stage.ref}")
    assert own.headers["Cache-Control"] == "no-store"
    assert re.search(r'value="3"\s+aria-pressed="true"', own.get_data(as_text=True))
    client.post(f"{PUBLIC}/{stage.ref}/taken-back", headers=FROM_HERE)
    with app.app_context():
        assert db.session.scalars(sa.select(DayVoice)).all() == []


def test_the_cookie_goes_to_these_pages_only(client: FlaskClient, stage: Stage) -> None:
    sent = client.post(f"{PUBLIC}/{stage.ref}", data={"question": "score", "answer": "4"}, headers=FROM_HERE)
    cookie = sent.headers["Set-Cookie"]
    assert "Path=/c/huaiyin/feedback;" in cookie + ";"
    assert "HttpOnly" in cookie


def test_another_site_can_say_nothing(app: Flask, client: FlaskClient, stage: Stage) -> None:
    for path, data in (
        (f"{PUBLIC}/{stage.ref}", {"question": "score", "answer": "1"}),
        (f"{PUBLIC}/{stage.ref}/praise", {"vendor": stage.vendor, "kind": "fair"}),
        (f"{PUBLIC}/complaints/new", {"about": "noise", "text": "太吵"}),
    ):
        assert client.post(path, data=data, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
    with app.app_context():
        assert all(not db.session.scalars(sa.select(row)).all() for row in (DayVoice, Praise, Complaint))


@pytest.mark.parametrize("answer", ["", "9", "<script>"])
def test_a_tap_that_is_none_is_refused(client: FlaskClient, stage: Stage, answer: str) -> None:
    sent = client.post(
        f"{PUBLIC}/{stage.ref}", data={"question": "score", "answer": answer}, headers=FROM_HERE
    )
    assert sent.status_code == 422
    assert "请点一个答案。" in sent.get_data(as_text=True)
    assert "Set-Cookie" not in sent.headers


def test_figures_are_read_when_enough_answered(app: Flask, client: FlaskClient, stage: Stage) -> None:
    for number in range(9):
        tap(app.test_client(), stage.ref, "score", "5", f"198.51.100.{number}")
    assert "还不到 10 份，先不公布" in read(client, PUBLIC)
    tap(app.test_client(), stage.ref, "score", "2", "198.51.100.99")
    page = read(client, PUBLIC)
    assert "90% 满意" in page
    assert "10 份里有 9 份说好或很好" in page
    for _number in range(BUSY + 1):
        tap(app.test_client(), stage.ref, "score", "1", "203.0.113.50")
    assert "90% 满意" in read(client, PUBLIC)


def test_praise_is_public_after_staff_looked(
    app: Flask, client: FlaskClient, stage: Stage, sign_in: SignIn
) -> None:
    sent = client.post(
        f"{PUBLIC}/{stage.ref}/praise",
        data={"vendor": stage.vendor, "kind": "fair", "sentence": "给得足 <b>"},
        headers=FROM_HERE,
    )
    assert sent.status_code == 302
    assert "谢谢，话带到了" in read(client, sent.headers["Location"])
    assert "给得足" not in read(app.test_client(), PUBLIC)
    staff = sign_in("staff")
    assert "给得足 &lt;b&gt;" in read(staff, STAFF)
    ref = only(app, Praise.ref)
    post(staff, STAFF, f"{STAFF}/praise/{ref}", fit="yes")
    page = read(app.test_client(), PUBLIC)
    assert "给得足 &lt;b&gt;" in page
    assert stage.name in page
    post(staff, STAFF, f"{STAFF}/praise/{ref}", fit="no")
    assert "给得足" not in read(app.test_client(), PUBLIC)


def test_a_receipt_shows_where_it_stands_and_nobodys_number(
    app: Flask, client: FlaskClient, stage: Stage, sign_in: SignIn
) -> None:
    address = complain(client, stage, phone="138 1234 5678")
    receipt = re.search(r"complaints/(\d{12})", address)
    assert receipt is not None
    stranger = app.test_client()
    page = read(stranger, address)
    assert "收到了" in page
    assert all(text not in page for text in ("1234 5678", "少了二两", stage.name))
    typed = f"{receipt[1][:4]}+{receipt[1][4:8]}+{receipt[1][8:]}"
    assert stranger.get(f"{PUBLIC}/complaints?q={typed}").status_code == 302
    assert stranger.get(f"{PUBLIC}/complaints/000000000000").status_code == 404
    assert stranger.get(f"{PUBLIC}/complaints?q=1").status_code == 404
    staff = sign_in("staff")
    ref = only(app, Complaint.ref)
    page = read(staff, f"{STAFF}/complaints/{ref}")
    assert "138 1234 5678" in page
    assert "少了二两" in page
    post(staff, f"{STAFF}/complaints/{ref}", f"{STAFF}/complaints/{ref}/acknowledged")
    assert "在办" in read(stranger, address)
    sent = post(
        staff,
        f"{STAFF}/complaints/{ref}",
        f"{STAFF}/complaints/{ref}/answers",
        outcome="agreed",
        sentence="复称以后补了钱。",
        public="y",
    )
    assert sent.status_code == 302
    assert "复称以后补了钱。" in read(stranger, address)
    public = read(stranger, f"{PUBLIC}/complaints")
    assert "复称以后补了钱。" in public
    assert all(text not in public for text in ("1234 5678", "少了二两", stage.name, receipt[1]))
    stranger.post(f"{PUBLIC}/complaints/{receipt[1]}/again", headers=FROM_HERE)
    assert "没解决，上一级在办" in read(stranger, address)
    assert "复称以后补了钱。" not in read(stranger, f"{PUBLIC}/complaints")
    post(staff, f"{STAFF}/complaints/{ref}", f"{STAFF}/complaints/{ref}/phone-forgotten")
    with app.app_context():
        assert db.session.scalars(sa.select(ComplaintPhone)).all() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "请写一两句"),
        ({"text": "我是 13812345678"}, "不要在这里写手机号"),
        ({"about": ""}, "请选一样"),
        ({"phone": "找老张"}, "请填电话号码"),
    ],
)
def test_what_is_no_complaint_is_refused_and_kept(
    client: FlaskClient, stage: Stage, changes: dict[str, str], sentence: str
) -> None:
    data = {"day": stage.ref, "vendor": stage.vendor, "about": "weight", "text": "少了二两", **changes}
    sent = client.post(f"{PUBLIC}/complaints/new", data=data, headers=FROM_HERE)
    assert sent.status_code == 422
    assert sentence in sent.get_data(as_text=True)
    assert "Set-Cookie" not in sent.headers


def test_the_sheet_at_the_exit_leads_to_the_three_taps(app: Flask, client: FlaskClient, stage: Stage) -> None:
    pdf = client.get(f"{PUBLIC}/{stage.ref}/exit.pdf").data
    with pypdfium2.PdfDocument(BytesIO(pdf)) as document:  # type: ignore[no-untyped-call]  # no stubs
        assert len(document) == 1
        picture = document[0].render(scale=2).to_pil()
    (code,) = zxingcpp.read_barcodes(picture)
    assert code.text.endswith(f"{PUBLIC}/{stage.ref}?from=poster")
    assert (
        client.get(code.text.partition("//")[2].partition("/")[1] + code.text.split("/", 3)[3]).status_code
        == 200
    )


# ── vendors ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_vendor_reads_praise_and_is_heard(
    app: Flask, client: FlaskClient, stage: Stage, sign_in: SignIn
) -> None:
    complain(client, stage, phone="13812345678")
    client.post(
        f"{PUBLIC}/{stage.ref}/praise", data={"vendor": stage.vendor, "kind": "kind"}, headers=FROM_HERE
    )
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(stage.ref)
        first, second = (held.vendor for held in stalls.assignments(day)[:2])
        act_for(first, person("member1"))
        act_for(second, person("member2"))
    vendor, other = sign_in("member1"), sign_in("member2")
    page = read(vendor, "/vendor/huaiyin/feedback")
    assert "态度好" in page
    assert "少了二两" in page
    assert "13812345678" not in page
    assert "夸" in read(vendor, "/vendor/huaiyin/")
    ref = only(app, Complaint.ref)
    sent = post(
        vendor,
        "/vendor/huaiyin/feedback",
        f"/vendor/huaiyin/feedback/complaints/{ref}",
        text="秤坏了，换了。",
    )
    assert sent.status_code == 302
    assert "秤坏了，换了。" in read(sign_in("staff"), f"{STAFF}/complaints/{ref}")
    page = read(other, "/vendor/huaiyin/feedback")
    assert "少了二两" not in page


# ── staff ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_type_in_paper_and_who_called(app: Flask, stage: Stage, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    page = f"{STAFF}/{stage.ref}/sheets"
    sent = post(staff, page, who="resident", score="4", points=["price", "clean"], again="yes", collector="")
    assert sent.status_code == 302
    assert "录了 1 张" in read(staff, page)
    assert post(staff, page, who="resident", again="").status_code == 422
    with app.app_context():
        day = find_day_by_ref(stage.ref)
        (sheet,) = service.sheets_of(day)
        assert (sheet.better_price, sheet.better_clean, sheet.better_order) == (True, True, False)
    post(staff, page, f"{page}/{sheet.ref}/undo")
    assert "录了 0 张" in read(staff, page)
    typing = f"{STAFF}/complaints/new"
    sent = post(
        staff, f"{typing}?on={stage.ref}", typing, door="phone", day=stage.ref, vendor="", about="noise",
        text="喇叭太响", phone="0533-1234567",
    )  # fmt: skip
    assert sent.status_code == 302
    assert "0533-1234567" in read(staff, sent.headers["Location"])
    assert post(staff, typing, door="desk", text="").status_code == 422


def test_a_busy_network_is_for_staff_to_judge(app: Flask, stage: Stage, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(stage.ref)
        for number in range(BUSY + 1):
            service.answer_day(
                day,
                Question.SCORE,
                "4",
                token=f"p{number}",
                address="203.0.113.1",
                way=Way.PAGE,
                at=clock.now(),
            )
        ((mark, _often, _said),) = service.networks_aside([day])[day.id]
    staff = sign_in("staff")
    assert f"一个网络点了 {BUSY + 1} 次" in read(staff, STAFF)
    sent = post(staff, STAFF, f"{STAFF}/{stage.ref}/networks", network=mark, counts="yes")
    assert sent.status_code == 302
    assert f"{BUSY + 1} 份，100% 满意" in read(staff, STAFF)
    assert post(staff, STAFF, f"{STAFF}/{stage.ref}/networks", network="x").status_code == 404


def test_staff_of_another_community_read_nothing_of_ours(
    app: Flask, client: FlaskClient, stage: Stage, sign_in: SignIn
) -> None:
    complain(client, stage)
    ref = only(app, Complaint.ref)
    theirs = sign_in("staff-b")
    assert theirs.get(f"{STAFF}/complaints/{ref}").status_code == 403
    assert theirs.get(f"/staff/songhe/feedback/complaints/{ref}").status_code == 404


# ── the street ────────────────────────────────────────────────────────────────────────────────────────────

STREET_PAGE = f"/region/{STREET}/complaints"


@pytest.fixture
def passed_up(app: Flask, stage: Stage) -> str:
    """The reference of a complaint that nobody answered for forty days, and one of today."""
    with app.app_context(), unit_of_work():
        community, staff, now = find_community("huaiyin"), person("staff"), clock.now()
        old = ComplaintDraft(About.NOISE, "喇叭太响", Door.DESK, phone="13812345678")
        found = service.complain(community, old, by=staff, at=now - timedelta(days=40))
        service.complain(community, replace(old, text="今天的事"), by=staff, at=now)
        return found.ref


def test_the_street_reads_what_was_passed_up_and_nothing_else(
    app: Flask, passed_up: str, sign_in: SignIn
) -> None:
    viewer = sign_in("viewer")
    assert "转来的投诉" in read(viewer, f"/region/{STREET}")
    page = read(viewer, STREET_PAGE)
    assert page.count(f"{STREET_PAGE}/") == 1
    assert "槐荫社区" in page
    page = read(viewer, f"{STREET_PAGE}/{passed_up}")
    assert "喇叭太响" in page
    assert all(hidden not in page for hidden in ("1234 5678", "13812345678", "今天的事", "王社工"))
    with app.app_context():
        young = db.session.scalars(sa.select(Complaint.ref).where(Complaint.text == "今天的事")).one()
    assert viewer.get(f"{STREET_PAGE}/{young}").status_code == 404
    assert viewer.get("/staff/huaiyin/feedback").status_code == 403
    for login in ("staff", "viewer-b", "platform"):
        assert sign_in(login).get(f"{STREET_PAGE}/{passed_up}").status_code == 403, login
    elsewhere = f"/region/{OTHER_STREET}/complaints"
    other = sign_in("viewer-b")
    assert other.get(f"{elsewhere}/{passed_up}").status_code == 404
    assert "没有等着街道答复的" in read(other, elsewhere)


def test_the_street_takes_it_over_and_answers(app: Flask, passed_up: str, sign_in: SignIn) -> None:
    viewer, staff = sign_in("viewer"), sign_in("staff")
    here, theirs = f"{STREET_PAGE}/{passed_up}", f"{STAFF}/complaints/{passed_up}"
    receipt = f"{PUBLIC}/complaints/{only_receipt(app, passed_up)}"
    sent = post(viewer, here, f"{here}/answers", outcome="", sentence="九点停音响。")
    assert "请选一样" in sent.get_data(as_text=True)
    assert "九点停音响。" in sent.get_data(as_text=True)
    assert post(viewer, here, f"{here}/taken").status_code == 302
    assert "街道接手了这一件" in read(app.test_client(), receipt)
    page = read(staff, theirs)
    assert "由街道答复" in page
    assert "/answers" not in page
    refused = post(staff, theirs, f"{theirs}/acknowledged")
    assert "街道接手了这一件" in refused.get_data(as_text=True)
    answer = {"outcome": "agreed", "sentence": "九点停音响。", "public": "y"}
    assert post(viewer, here, f"{here}/answers", **answer).status_code == 302
    assert "九点停音响。" in read(app.test_client(), receipt)
    assert "九点停音响。" in read(app.test_client(), f"{PUBLIC}/complaints")
    assert "没有等着街道答复的" in read(viewer, STREET_PAGE)
    assert "街道答复过的" in read(viewer, STREET_PAGE)


def only_receipt(app: Flask, ref: str) -> str:
    with app.app_context():
        return db.session.scalars(sa.select(Complaint.receipt).where(Complaint.ref == ref)).one()
