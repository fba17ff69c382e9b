"""What staff, members and residents read and press on the way of a use of money."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from market.db import unit_of_work
from market.fund import service as funds
from market.fund.rules import Choice
from market.people import service as people
from market.people.rules import Role
from market.spending import service
from market.spending.rules import Stage
from tests.cast import Cast, make_user, post
from tests.fund.conftest import AT, day_of
from tests.fund.test_views import at_desk, text_of
from tests.spending.conftest import Walk, begin

SignIn = Callable[[str], FlaskClient]
DESK, COMMITTEE, PUBLIC = "/staff/huaiyin/fund/proposals", "/committee/huaiyin", "/c/huaiyin/fund/proposals"
TODAY = day_of(AT).isoformat()


@dataclass(frozen=True)
class Way:
    """A proposal as pages know it, and how it gets further behind them."""

    app: Flask
    cast: Cast
    ref: str

    @contextmanager
    def at(self) -> Iterator[Walk]:
        """A look at the database, or acts of others, between two requests."""
        with at_desk(self.app, self.cast) as desk:
            yield Walk(desk, funds.find_proposal(desk.fund, self.ref))

    def until(self, stage: Stage) -> None:
        with self.at() as walk:
            walk.until(stage)

    @property
    def mark(self) -> str:
        with self.at() as walk:
            return service.story_of(walk.proposal, at=AT).mark

    @property
    def page(self) -> str:
        return f"{DESK}/{self.ref}"

    @property
    def for_members(self) -> str:
        return f"{COMMITTEE}/proposals/{self.ref}"

    @property
    def for_all(self) -> str:
        return f"{PUBLIC}/{self.ref}"


@pytest.fixture
def way(app: Flask, cast: Cast) -> Way:
    """A proposal of a fund with money; the test says how far it went."""
    with at_desk(app, cast) as desk:
        desk.money(500_000)
        return Way(app, cast, begin(desk).proposal.ref)


def test_staff_write_the_appraisal_and_ask_the_residents(way: Way, sign_in: SignIn) -> None:
    staff, page = sign_in("staff"), way.page
    wording = {
        "suitability": "晚上看不清路。", "beneficiaries": "北侧 4 栋楼", "people": "320", "starts_on": TODAY,
        "ends_on": TODAY, "executor": "亮化工程队",
    }  # fmt: skip
    wrong = post(staff, page, f"{page}/appraisal", **wording, budget="灯头 1000\n人工", seen=way.mark)
    assert (wrong.status_code, "这一行看不出金额：人工" in wrong.text) == (422, True)
    less = post(staff, page, f"{page}/appraisal", **wording, budget="灯头 1000", seen=way.mark)
    assert (less.status_code, "明细加起来是 1,000.00 元" in less.text) == (422, True)
    good = {**wording, "budget": "灯头和线 1,260\n人工 600"}
    assert post(staff, page, f"{page}/appraisal", **good, seen=way.mark).status_code == 302
    assert "征求居民意见" in staff.get(page).text
    stale = post(staff, page, f"{page}/consultation", place="东门", seen="0" * 16)
    assert (stale.status_code, "内容有变动" in stale.text) == (409, True)
    assert post(staff, page, f"{page}/consultation", place="东门", seen=way.mark).status_code == 302
    assert "正在征求居民意见" in staff.get(DESK).text


def test_residents_read_it_and_are_answered(app: Flask, way: Way, sign_in: SignIn) -> None:
    resident, address = app.test_client(), way.for_all
    assert resident.get(address).status_code == 404
    with way.at() as walk:
        walk.appraise()
        walk.consult(day=29)
    assert "北侧路灯维修" in resident.get(PUBLIC).text
    page = text_of(resident.get(address).text)
    assert "灯头和线：1,260.00 元" in page
    own = {"Sec-Fetch-Site": "same-origin"}
    said = resident.post(f"{address}/remarks", data={"words": "南侧也不亮"}, headers=own)
    assert said.status_code == 302
    assert "意见收到了" in resident.get(said.location).text
    assert "南侧也不亮" not in resident.get(address).text
    wrong = resident.post(f"{address}/remarks", data={"words": "打 13800138000"}, headers=own)
    assert wrong.status_code == 422
    assert resident.post(f"{address}/remarks", data={"words": "别处"}).status_code == 400
    staff, page = sign_in("staff"), way.page
    assert post(staff, page, f"{page}/remarks", words="先修最黑的").status_code == 302
    with way.at() as walk:
        consultation = walk.story().consultation
        assert consultation is not None
        remarks = [remark.ref for remark in consultation.remarks]
    refused = post(staff, page, f"{page}/remarks/{remarks[0]}", answer="打 13800138000")
    assert refused.status_code == 422
    kept = f'href="#answer-{remarks[0]}"', 'value="打 13800138000"'
    assert [refused.text.count(words) for words in kept] == [1, 1]
    for remark in remarks:
        answered = post(staff, page, f"{page}/remarks/{remark}", answer="一起修。")
        assert answered.status_code == 302
    shown = text_of(resident.get(address).text)
    assert "南侧也不亮 答复：一起修。" in shown
    early = post(staff, page, f"{page}/consultation/end", outcome="没有不同意见。", seen=way.mark)
    assert (early.status_code, "公告期还没有过" in early.text) == (409, True)


def test_a_meeting_is_called_opened_and_closed(way: Way, sign_in: SignIn) -> None:
    way.until(Stage.MEET)
    staff, meetings = sign_in("staff"), "/staff/huaiyin/fund/meetings"
    called = {"held_at": f"{TODAY}T08:00", "place": "二楼", "chair": "member1"}
    none = post(staff, meetings, meetings, **called)
    assert (none.status_code, "至少选一项" in none.text) == (422, True)
    made = post(staff, meetings, meetings, **called, agenda=way.ref)
    assert made.status_code == 302
    page = made.location
    assert "至少要到 2 人" in staff.get(page).text
    few = post(staff, page, f"{page}/attendance", present="member1")
    assert (few.status_code, "到的人不够" in few.text) == (409, True)
    two = staff_ticks(staff, page, ["member1", "member2"])
    assert two == 302
    assert "实到 2 人" in staff.get(page).text
    assert post(staff, page, f"{page}/minutes", discussion="都说该修。").status_code == 302
    assert "散会了" in staff.get(meetings).text


def staff_ticks(staff: FlaskClient, page: str, logins: list[str]) -> int:
    return post(staff, page, f"{page}/attendance", present=logins).status_code


def test_a_vote_is_blind_until_ones_own_and_for_the_text_that_was_shown(way: Way, sign_in: SignIn) -> None:
    way.until(Stage.CALLED)
    with way.at() as walk:
        walk.open(day=29)
        walk.vote("member2", Choice.NO, day=29)
        sealed = walk.proposal.text_hash
    member, page = sign_in("member1"), way.for_members
    before = text_of(member.get(page).text)
    assert "您表决以后，才看得到别人的意见" in before
    assert "委员乙 不同意" not in before
    assert sealed[:8] in before
    other = post(member, page, f"{page}/votes", choice="yes", seen="f" * 64)
    assert (other.status_code, "内容有变动" in other.text) == (409, True)
    assert post(member, page, f"{page}/votes", choice="yes", seen=sealed).status_code == 302
    assert "委员乙 不同意" in text_of(member.get(page).text)


def test_who_is_not_there_cannot_vote_and_says_what_concerns_them(way: Way, sign_in: SignIn) -> None:
    way.until(Stage.CALLED)
    page = way.for_members
    member = sign_in("member2")
    shut = member.get(page).text
    assert "还没到表决" in shut
    refused = post(member, page, f"{page}/interest", what="")
    assert refused.status_code == 422
    assert [words.count('<details class="card" open>') for words in (shut, refused.text)] == [0, 1]
    assert post(member, page, f"{page}/interest", what="队长是我弟弟").status_code == 302
    with way.at() as walk:
        walk.open("member1", "member2", day=29)
    assert "请选“回避”" in member.get(page).text
    assert "点名时您不在场" in sign_in("member3").get(page).text


def test_a_supervisor_reads_and_has_no_vote(app: Flask, way: Way, sign_in: SignIn) -> None:
    with way.at() as walk:
        with unit_of_work():
            people.grant(make_user("watch", "监督员"), Role.SUPERVISOR, community=walk.desk.community, at=AT)
        walk.until(Stage.VOTE)
        walk.vote("member2")
    page = way.for_members
    shown = text_of(sign_in("watch").get(page).text)
    assert "您是列席的监督员" in shown
    assert "委员乙 同意" in shown
    assert post(sign_in("watch"), page, f"{page}/votes", choice="yes").status_code == 403


def test_from_the_application_to_the_story_that_everybody_reads(
    app: Flask, way: Way, sign_in: SignIn
) -> None:
    way.until(Stage.APPLY)
    staff, second, page = sign_in("staff"), sign_in("second"), way.page
    sent = {"applied_on": TODAY, "enclosed": "纪要"}
    assert post(staff, page, f"{page}/application", **sent, seen=way.mark).status_code == 302
    said = {"verdict": "returned", "number": "退 3 号", "answered_on": TODAY, "reason": ""}
    none = post(second, page, f"{page}/answer", **said, seen=way.mark)
    assert (none.status_code, "为什么退回" in none.text) == (422, True)
    said["reason"] = "缺报价"
    assert post(second, page, f"{page}/answer", **said, seen=way.mark).status_code == 302
    assert "慈善组织退回" in staff.get(page).text
    assert post(staff, page, f"{page}/application", **sent, seen=way.mark).status_code == 302
    said = {"verdict": "approved", "number": "批 4 号", "answered_on": TODAY}
    assert post(second, page, f"{page}/answer", **said, seen=way.mark).status_code == 302
    paid = {"paid_on": TODAY, "reference": "FK-1"}
    assert post(second, page, f"{page}/payment", **paid).status_code == 302
    voucher = {"number": "0042", "what": "灯头和线", "amount": "1,800", "spent_on": TODAY}
    assert post(staff, page, f"{page}/vouchers", **voucher).status_code == 302
    assert add_photo(staff, way, "place") == 302
    assert add_photo(staff, way, "voucher") == 302
    account = {
        "served": "320", "outcome": "都亮了。", "returned": "60", "returned_on": TODAY,
        "return_reference": "退 1",
    }  # fmt: skip
    assert post(staff, page, f"{page}/account", **account, seen=way.mark).status_code == 302
    assert "请另一位" in staff.get(page).text
    check = way.for_members
    member = sign_in("member3")
    assert post(member, check, f"{check}/account/check", seen=way.mark).status_code == 302
    shown = text_of(app.test_client().get(way.for_all).text)
    for sentence in (
        "办完了",
        "慈善组织退回",
        "缺报价",
        "慈善组织批准",
        "没用完的 60.00 元退回了基金",
        "都亮了。",
    ):
        assert sentence in shown, sentence
    assert shown.index("论证") < shown.index("管委会开会") < shown.index("付款")
    assert "委员甲 同意" not in shown
    assert "0042" in staff.get(page).text
    with way.at() as walk:
        assert funds.spendable(walk.desk.fund) == 500_000 - 180_000


def add_photo(staff: FlaskClient, way: Way, kind: str) -> int:
    with way.at() as walk:
        voucher = walk.story().vouchers[0].ref
    picture = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(picture, "PNG")
    picture.seek(0)
    target = f"{way.page}/vouchers/{voucher}/photos"
    return post(staff, way.page, target, kind=kind, picture=(picture, "a.png")).status_code


def test_pictures_of_vouchers_are_for_those_who_check_them(app: Flask, way: Way, sign_in: SignIn) -> None:
    with way.at() as walk:
        walk.until(Stage.ACCOUNT)
        walk.voucher()
    staff = sign_in("staff")
    assert [add_photo(staff, way, kind) for kind in ("voucher", "place")] == [302, 302]
    with way.at() as walk:
        paper, place = (photo.ref for photo in walk.story().vouchers[0].photos)
    public = f"{way.for_all}/photos"
    everybody = app.test_client()
    assert everybody.get(f"{public}/{paper}").status_code == 404
    assert everybody.get(f"{public}/{place}").mimetype == "image/jpeg"
    assert staff.get(f"{way.page}/photos/{paper}").status_code == 200
    member = sign_in("member1")
    assert member.get(f"{way.for_members}/photos/{paper}").status_code == 200


def test_a_changed_payee_starts_anew_and_the_old_votes_are_void(way: Way, sign_in: SignIn) -> None:
    way.until(Stage.APPLY)
    staff, page = sign_in("staff"), way.page
    new = {
        "use_type": "5102", "purpose": "北侧路灯维修", "payee": "另一家", "amount": "1860", "detail": "北侧",
    }  # fmt: skip
    made = post(staff, page, f"{page}/amendment", **new, seen=way.mark)
    assert made.status_code == 302
    assert "等写论证" in staff.get(made.location).text
    assert "改过，表决作废" in staff.get(page).text
    earlier = text_of(sign_in("member1").get(way.for_members).text)
    assert "改过，见新的提议" in earlier


def test_a_large_use_in_pieces_is_named_on_the_page(way: Way, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    small = {"use_type": "5102", "purpose": "路灯二期", "payee": "示例亮化工程队", "amount": "100"}
    refused = post(staff, DESK, DESK, **small)
    assert (refused.status_code, "北侧路灯维修 1,860.00" in refused.text) == (409, True)
    assert post(staff, DESK, DESK, **small, long_way="y", origin="网格员走访").status_code == 302


def test_a_desk_without_a_fund_says_how_to_get_one(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("staff").get(DESK).status_code == 404


@pytest.mark.parametrize("login", ["gate", "member1", "platform", "staff-b"])
def test_nobody_else_opens_the_desk(way: Way, sign_in: SignIn, login: str) -> None:
    assert sign_in(login).get(way.page).status_code == 403


def test_the_desk_of_another_community_does_not_find_it(way: Way, sign_in: SignIn) -> None:
    assert sign_in("staff-b").get(f"/staff/songhe/fund/proposals/{way.ref}").status_code == 404
