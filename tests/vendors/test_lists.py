"""A whole list entered in one act: what was shown is what is done, once, and all of it can go back."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook

from market import clock
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import NotFound, Refusal
from market.vendors import service
from market.vendors.list_rows import ListedVendor, VendorList
from market.vendors.listed.headings import Column
from market.vendors.listed.verdict import Choice, Doubt, Outcome
from market.vendors.models import Application, Document, Vendor
from market.vendors.rules import ApplicationState, VendorDraft
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories.vendors import act_for, make_application, make_vendor
from tests.vendors.conftest import Stage

SignIn = Callable[[str], FlaskClient]
CHAIN = "#接龙\n1. 老孙修鞋 修鞋 13800000011\n2. 老钱理发 理发 13800000012 要电1千瓦\n3. 老周 菜"
TABLE = "摊名\t电话\t卖什么\n老孙修鞋\t13800000011\t修鞋、补鞋\n"
FACTS = tuple(VendorDraft.__dataclass_fields__)


def bring(stage: Stage, text: str = CHAIN, data: bytes = b"", *, day: bool = True) -> VendorList:
    return service.bring_list(
        stage.community, data, text, day=stage.day if day else None, by=stage.staff, at=clock.now()
    )


def enter(stage: Stage, brought: VendorList, *, signed: bool = True, digest: str = "") -> service.Entered:
    seen = digest or service.read_list(brought).digest
    return service.enter_list(brought, seen, signed=signed, by=stage.staff, at=clock.now())


def undo(stage: Stage, brought: VendorList) -> None:
    service.undo_list(brought, by=stage.staff, at=clock.now())


def everything() -> dict[str, list[tuple[object, ...]]]:
    """The rows that a list may touch."""
    db.session.flush()
    db.session.expire_all()
    found: dict[str, list[tuple[object, ...]]] = {}
    for model in (Vendor, Application, Document):
        rows = db.session.execute(sa.select(model.__table__).order_by("id")).all()
        found[model.__tablename__] = [tuple(row) for row in rows]
    return found


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


# ── entered ───────────────────────────────────────────────────────────────────────────────────────────────


def test_one_act_registers_applies_and_ticks_the_papers(stage: Stage) -> None:
    brought = bring(stage)
    assert [one.outcome for one in service.read_list(brought).verdicts] == [
        Outcome.NEW, Outcome.NEW, Outcome.ASK,
    ]  # fmt: skip
    assert enter(stage, brought) == service.Entered(new=2, changed=0, applied=2)
    made = service.vendor_by_phone(stage.community, "13800000012")
    assert made is not None
    assert (made.trading_name, made.power_w, len(made.documents)) == ("老钱理发", 1000, 1)
    assert service.application_of(stage.day, made).state is ApplicationState.SUBMITTED
    assert brought.source == {}


def test_without_a_market_they_are_only_registered_and_without_papers_none_are_ticked(stage: Stage) -> None:
    assert enter(stage, bring(stage, day=False), signed=False) == service.Entered(2, 0, 0)
    made = service.vendor_by_phone(stage.community, "13800000011")
    assert made is not None
    assert (made.documents, made.applications) == ([], [])


def test_twice_is_once_and_the_same_list_again_does_nothing(stage: Stage) -> None:
    brought = bring(stage)
    first = enter(stage, brought)
    before = everything()
    assert enter(stage, brought, digest="anything") == first
    again = service.read_list(bring(stage))
    assert not any(one.counts for one in again.verdicts)
    assert everything() == before


def test_what_changed_meanwhile_is_shown_again(stage: Stage) -> None:
    brought = bring(stage)
    seen = service.read_list(brought).digest
    make_vendor(stage.community, stage.staff, "老孙修鞋", phone="13800000011")
    before = everything()
    with refused("vendors.list_changed"):
        enter(stage, brought, digest=seen)
    assert everything() == before
    assert enter(stage, brought).new == 1


def test_a_table_changes_what_it_says_otherwise_and_keeps_the_rest(stage: Stage) -> None:
    known = make_vendor(
        stage.community, stage.staff, "老孙修鞋", phone="13800000011", goods="修鞋", power_w=500
    )
    brought = bring(stage, TABLE, day=False)
    (found,) = service.read_list(brought).verdicts
    assert [(one.name, one.old, one.new) for one in found.changes][-1] == ("goods", "修鞋", "修鞋、补鞋")
    assert enter(stage, brought).changed == 1
    assert (known.goods, known.power_w, known.holder) == ("修鞋、补鞋", 500, "张师傅")


def test_whatever_one_row_refuses_nothing_is_done(stage: Stage) -> None:
    text = "摊名\t电话\t卖什么\t车牌\n老孙\t13800000011\t修鞋\t\n老钱\t13800000012\t修鞋\t没有牌\n"
    brought, before = bring(stage, text), everything()
    with pytest.raises(Refusal) as said, db.session.begin_nested():
        enter(stage, brought)
    assert said.value.code == "vendors.bad_plate"
    assert str(said.value.sentence).startswith("第 3 行：")
    assert everything() == before


def test_a_row_is_corrected_answered_or_left_out(stage: Stage) -> None:
    at, brought = clock.now(), bring(stage)
    typed = {
        "trading_name": "老周菜摊",
        "holder": "",
        "phone": "13800000013",
        "category": "produce",
        "goods": "菜",
    }
    service.answer_row(brought, 4, Choice(typed=typed), by=stage.staff, at=at)
    service.answer_row(brought, 2, Choice(leave=True), by=stage.staff, at=at)
    assert enter(stage, brought).new == 2
    assert service.vendor_by_phone(stage.community, "13800000013") is not None
    assert service.vendor_by_phone(stage.community, "13800000011") is None
    with refused("vendors.list_done"):
        service.answer_row(brought, 2, None, by=stage.staff, at=at)


def test_columns_are_set_right_by_hand_from_what_was_brought(stage: Stage) -> None:
    brought = bring(stage, "摊名\t电话\t老板\n老孙修鞋\t13800000011\t孙师傅\n", day=False)
    assert service.read_list(brought).verdicts[0].entry.holder == "老孙修鞋"
    said = {0: Column.NAME, 1: Column.PHONE, 2: Column.HOLDER}
    service.set_columns(brought, said, by=stage.staff, at=clock.now())
    assert service.read_list(brought).verdicts[0].entry.holder == "孙师傅"
    with refused("vendors.two_columns"):
        service.set_columns(brought, {0: Column.NAME, 1: Column.NAME}, by=stage.staff, at=clock.now())


@pytest.mark.parametrize(
    ("data", "text", "code"),
    [
        (b"", "", "vendors.no_table"),
        (b"", "#接龙\n摆摊的接一下", "vendors.empty_list"),
        (b"PK\x03\x04 no workbook", "", "vendors.unreadable_file"),
        (b"%PDF-1.4", "", "vendors.unreadable_file"),
        (b"\xd0\xcf\x11\xe0 an old one", "", "vendors.unreadable_file"),
        (b"\x80\x80\xff", "", "vendors.unreadable_file"),
        (b"", "\n".join(f"{n}. 某{n} 修鞋 138{n:08d}" for n in range(1, 700)), "vendors.list_too_long"),
    ],
)
def test_what_is_no_list_gets_a_sentence(stage: Stage, data: bytes, text: str, code: str) -> None:
    with refused(code):
        bring(stage, text, data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_file_of_lines_or_cells_in_whatever_encoding(stage: Stage, encoding: str) -> None:
    for text in (CHAIN, TABLE.replace("\t", ","), TABLE):
        found = service.read_list(bring(stage, "", text.encode(encoding))).verdicts
        assert found[0].entry.phone == "13800000011"


def test_a_market_that_is_over_takes_no_list(stage: Stage) -> None:
    stage.day.state = DayState.CANCELLED
    with refused("vendors.closed"):
        bring(stage)


def test_who_is_elsewhere_looks_like_anybody(stage: Stage) -> None:
    """A number that another community knows says nothing here: neither a name nor that there is one."""
    other = find_community("songhe")
    theirs = make_vendor(other, person("staff-b"), "松鹤老孙", login="13800000011", phone="13800000011")
    act_for(theirs, theirs.user or person("gate-b"))
    known, unknown = service.read_list(bring(stage)).verdicts[:2]
    assert (known.outcome, known.known, known.candidates) == (unknown.outcome, None, ())
    enter(stage, bring(stage))
    made = service.vendor_by_phone(stage.community, "13800000011")
    assert made is not None
    assert (made.user, made.trading_name, theirs.trading_name) == (None, "老孙修鞋", "松鹤老孙")
    with pytest.raises(NotFound):
        service.find_list(other, bring(stage).ref)


# ── taken back ────────────────────────────────────────────────────────────────────────────────────────────


def test_all_of_it_goes_back_to_what_there_was(stage: Stage) -> None:
    make_vendor(stage.community, stage.staff, "老孙修鞋", phone="13800000011", goods="缝纫")
    back = make_vendor(stage.community, stage.staff, "老吴磨刀", phone="13800000014", papers=False)
    make_application(stage.day, back, stage.staff, state=ApplicationState.WITHDRAWN)
    before = everything()
    text = TABLE + "老钱理发\t13800000012\t理发\n老吴磨刀\t13800000014\t磨刀\n"
    brought = bring(stage, text)
    assert enter(stage, brought) == service.Entered(new=1, changed=2, applied=3)
    undo(stage, brought)
    undo(stage, brought)
    after = everything()
    assert after["vendor"] == before["vendor"]
    assert after["document"] == before["document"]
    assert [row[:5] for row in after["application"]] == [row[:5] for row in before["application"]]
    assert db.session.scalars(sa.select(ListedVendor)).all() == []
    with refused("vendors.list_not_done"):
        undo(stage, bring(stage))


@pytest.mark.parametrize("later", ["edited", "approved", "account", "paper", "another list"])
def test_what_something_stands_on_stays(stage: Stage, later: str) -> None:
    brought = bring(stage)
    enter(stage, brought, signed=False)
    made = service.vendor_by_phone(stage.community, "13800000011")
    assert made is not None
    at = clock.now()
    if later == "edited":
        facts = {name: getattr(made, name) for name in FACTS}
        service.edit_vendor(made, VendorDraft(**{**facts, "power_w": 300}), by=stage.staff, at=at)
    elif later == "approved":
        service.sign_agreements(made, by=stage.staff, at=at)
        service.approve(service.application_of(stage.day, made), by=stage.staff, at=at)
    elif later == "account":
        service.open_account(made, by=stage.staff, at=at)
    elif later == "paper":
        service.sign_agreements(made, by=stage.staff, at=at)
    else:
        enter(stage, bring(stage, TABLE))
    before = everything()
    with refused("vendors.list_stands"):
        undo(stage, brought)
    assert everything() == before


def test_lists_are_forgotten_and_people_in_them_at_once(stage: Stage) -> None:
    at = clock.now()
    idle, done = bring(stage), bring(stage)
    enter(stage, done)
    made = service.vendor_by_phone(stage.community, "13800000011")
    assert made is not None
    service.withdraw(service.application_of(stage.day, made), by=stage.staff, at=at)
    service.forget_vendor(made, by=stage.staff, at=at)
    assert all(not row.after for row in done.rows if row.vendor is made)
    assert service.purge_lists(at=at + timedelta(days=4)) == 1
    assert service.recent_lists(stage.community) == [done]
    with pytest.raises(NotFound):
        service.find_list(stage.community, idle.ref)
    assert service.purge_lists(at=at + timedelta(days=31)) == 1


# ── 500 rows that nobody tidied ───────────────────────────────────────────────────────────────────────────


def messy() -> bytes:
    """Merged cells, digits of full width, numbers as numbers, the same ones again, formulas, hidden rows."""
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["睦邻集市商户名单"])
    sheet.merge_cells("A1:F1")
    sheet.append(["序号", "摊名", "摊主", "联系电话", "品类", "是否用电(kW)"])
    for n in range(500):
        phone: object = 13_800_010_000 + n
        if n % 10 == 1:
            phone = f"１３８{n + 10_000:08d}"
        elif n % 10 == 2:
            phone = 13_800_010_000 + n - 1 if n % 20 == 2 else f"138 {n + 10_000:08d}"
        elif n % 50 == 3:
            phone = "=D4"
        elif n % 50 == 5:
            phone = "1.38E+10"
        sheet.append([n + 1, f"第{n}家修鞋", f"师傅{n}", phone, "修理缝补", "是" if n % 7 == 0 else ""])
        if n % 25 == 24:
            sheet.row_dimensions[n + 3].hidden = True
    sheet.merge_cells("E3:E9")
    sheet.append(["合计", 500])
    book.save(out)
    return out.getvalue()


def test_five_hundred_messy_rows_are_read_rightly_and_soon(stage: Stage) -> None:
    data = messy()
    since = time.process_time()
    brought = bring(stage, "", data)
    reading = service.read_list(brought)
    assert time.process_time() - since < 2
    found = {one.entry.number: one for one in reading.verdicts}
    assert len(found) == 500
    doubts = {doubt: sum(one.doubt is doubt for one in found.values()) for doubt in Doubt}
    assert {doubt: n for doubt, n in doubts.items() if n} == {
        Doubt.HIDDEN: 20, Doubt.TWICE_OTHERWISE: 25, Doubt.FORMULA: 10, Doubt.ROUNDED: 10,
    }  # fmt: skip
    assert found[4].draft is not None
    assert (found[4].draft.phone, found[4].draft.power_w) == ("13800010001", 0)
    assert enter(stage, brought, signed=False).new == sum(one.counts for one in reading.verdicts) == 435


# ── the pages ─────────────────────────────────────────────────────────────────────────────────────────────

PAGE = "/staff/huaiyin/vendors/list"


def bring_by_page(staff: FlaskClient, text: str) -> str:
    answer = post(staff, PAGE, lines=text)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def seen(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_a_list_is_looked_at_before_anybody_is_entered(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    listed = bring_by_page(staff, "老张修鞋，13800000001，修鞋\n老李，修伞")
    page = staff.get(listed).text
    assert "登记这 1 家" in page
    assert "没看到手机号" in page
    with app.app_context():
        assert service.register(find_community("huaiyin")) == []
    assert post(staff, listed, f"{listed}/entry", seen=seen(page), signed="y").location == listed
    with app.app_context():
        (made,) = service.register(find_community("huaiyin"))
        assert (made.trading_name, len(made.documents)) == ("老张修鞋", 1)
    assert "家新登记" in staff.get(listed).text
    assert post(staff, listed, f"{listed}/undo").location == PAGE
    with app.app_context():
        assert service.register(find_community("huaiyin")) == []
    assert post(staff, PAGE, lines="").status_code == 422


def test_an_old_preview_is_shown_again_and_nothing_is_done(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    listed = bring_by_page(staff, CHAIN)
    old = seen(staff.get(listed).text)
    assert post(staff, listed, f"{listed}/rows/2", answer="leave").status_code == 302
    answer = post(staff, listed, f"{listed}/entry", seen=old)
    assert answer.status_code == 409
    assert "请再看一眼" in answer.text
    assert "登记这 1 家" in answer.text
    with app.app_context():
        assert service.register(find_community("huaiyin")) == []


def test_a_row_is_corrected_on_its_own_page(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    listed = bring_by_page(staff, CHAIN)
    edit = f"{listed}/rows/4/edit"
    assert 'value="老周"' in staff.get(edit).text
    typed = {"trading_name": "老周菜摊", "phone": "13800000013", "category": "produce", "goods": "菜"}
    assert post(staff, edit, **{**typed, "phone": "138"}).status_code == 422
    assert post(staff, edit, **typed).location == f"{listed}#rows"
    assert "登记这 3 家" in staff.get(listed).text
    assert staff.get(f"{listed}/rows/99/edit").status_code == 404
    assert post(staff, listed, f"{listed}/rows/2", answer="whatever").status_code == 422


def test_columns_on_the_page_and_a_list_of_another_community(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    listed = bring_by_page(staff, "摊名\t电话\t老板\n老孙修鞋\t13800000011\t孙师傅\n")
    columns = {"column-0": "trading_name", "column-1": "phone", "column-2": "holder", "column-x": "goods"}
    assert post(staff, listed, f"{listed}/columns", **columns).location == listed
    assert "孙师傅" in staff.get(listed).text
    assert sign_in("staff-b").get(listed.replace("huaiyin", "songhe")).status_code == 404


def test_the_same_list_from_two_desks_is_entered_once(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    one, other = sign_in("staff"), sign_in("second")
    first, second = bring_by_page(one, CHAIN), bring_by_page(other, CHAIN)
    shown = [seen(one.get(first).text), seen(other.get(second).text)]
    assert post(one, first, f"{first}/entry", seen=shown[0]).status_code == 302
    assert post(other, second, f"{second}/entry", seen=shown[1]).status_code == 409
    with app.app_context():
        assert len(service.register(find_community("huaiyin"))) == 2


@both_engines
def test_entered_and_taken_back_on_both_engines(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        brought = service.bring_list(community, b"", CHAIN, day=None, by=staff, at=clock.now())
    with unit_of_work():
        seen_now = service.read_list(brought).digest
        service.enter_list(brought, seen_now, signed=True, by=staff, at=clock.now())
    assert len(service.register(community)) == 2
    with unit_of_work():
        service.undo_list(brought, by=staff, at=clock.now())
    assert service.register(community) == []
