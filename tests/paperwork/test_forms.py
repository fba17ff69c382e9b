"""The eighteen forms: each is there, has the columns of the office, and says the same in a workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, current_app, g
from openpyxl import load_workbook

from market import clock
from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.inspection import service as inspection
from market.inspection.rules import Result
from market.paperwork import lists
from market.paperwork.facts import Facts
from market.paperwork.registry import EDITION, PAPERS, Content, Paper, paper_of
from market.paperwork.writing import contents, write_pdf, write_workbook
from market.people.models import User
from market.print.table import Table
from market.print.upright import Fields, Grid, Upright
from market.settlement.service.takings import record_goods
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import Category, DocumentKind
from tests.cast import Cast, person
from tests.factories.gate import published_day
from tests.factories.vendors import show_papers
from tests.parts.pdf import codes, page_count, picture, text

COLUMNS = {
    "1": "序号·商户/摊主名称·经营者·联系电话·经营品类·主要商品·价格区间·营业执照/备案号·健康证(人数/到期)·"
    "是否用电(kW)·是否明火·自带帐篷·车牌·参加日期·意向捐赠(方式/比例)·备注·签字",
    "2": "摊位号·区域·商户·品类·用电·到场时间·相邻要求·负责网格员·备注",
    "3": "摊位号·商户·到场人·证件核对·签到时间·签退时间·保洁验收·签字",
    "4": "商户·证照类型·编号·发证机关·有效期至·核验人·核验日期·原件已核",
    "5": "时间·摊位号·检查项·结果·整改要求·复查·检查人·摊主签字",
    "6": "日期·品名·数量·产地/供货者·电话·凭证类型·快检结果",
    "7": "日期·入口·时段·计数·系数·估算·计数人·天气",
    "8": "摊位号·商户·自报营业额·捐赠方式·比例·应捐(自愿)·实捐·交付方式·票据需求·签字",
    "9": "捐赠人·联系方式·金额/物资·时间·用途意向·是否公开姓名·票据号·经手人",
    "10": "品名·规格·数量·单位·生产日期/保质期·单价依据·公允价值·存放·去向·领取人签收",
    "15": "对象(居民/商户)·称呼·品类满意·价格·秩序·卫生·希望增加·下次参加·评分1–5·回访人",
    "16": "编号·需求·类别·提出人数·楼栋(不记姓名)·响应方式·对应商户/场次·状态",
}
"""As offices know them (domain: paper of today)."""

ASKED = {
    "12": "申请社区·基金名称·项目名称·背景与需求来源·受益人数·预算明细·金额（元）·实施时间·执行方·应到·实到·"
    "赞成·反对·回避·征求意见情况·附件·慈善组织审批·拨付日期",
    "13": "时间·地点·主持·应到·实到·议题·讨论要点·赞成·回避（谁）·决议·监督意见",
    "14": "预算（元）·实际（元）·差异（元）·票据号·照片·受益人签收·结余退回（元）",
}
"""What forms on A4 upright ask for."""


@pytest.fixture
def day(context: Flask, cast: Cast) -> MarketDay:
    """A published market."""
    with unit_of_work():
        return published_day(find_community(cast.ours), person("staff"))


def facts_of(day: MarketDay | None, *, blank: bool = False) -> Facts:
    community = day.community if day is not None else find_community("huaiyin")
    return Facts(community, day, clock.now(), blank=blank)


def of_number(number: str) -> Paper:
    return next(one for one in PAPERS if one.number == number)


def printed(one: Paper, facts: Facts) -> bytes:
    out = BytesIO()
    write_pdf(one, facts, out)
    return out.getvalue()


def workbook(one: Paper, facts: Facts) -> Any:
    out = BytesIO()
    write_workbook(one, facts, out)
    return load_workbook(BytesIO(out.getvalue()))


def cells(book: Any) -> list[Any]:
    return [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]


def words_of(form: Upright) -> set[str]:
    """Everything a form asks for."""
    said = set()
    for part in form.parts:
        said |= {field.label for field in part.fields} if isinstance(part, Fields) else set()
        said |= {column.title for column in part.columns} if isinstance(part, Grid) else set()
        said |= {getattr(part, "heading", "")}
    return said


def asked_of(content: Content) -> set[str]:
    """The columns of a list, what a form asks for."""
    return {one.title for one in content.columns} if isinstance(content, Table) else words_of(content)


def whole_text(pdf: bytes) -> str:
    return "".join(text("pdfium", pdf, page) for page in range(1, page_count(pdf) + 1))


def test_every_form_of_the_office_is_there_once() -> None:
    assert sorted(int(one.number) for one in PAPERS if one.numbered) == [*range(1, 19)]
    assert len({one.key for one in PAPERS}) == len(PAPERS)


@pytest.mark.parametrize("number", COLUMNS)
def test_a_list_has_the_columns_of_the_office(day: MarketDay, number: str) -> None:
    with asked():
        found = contents(of_number(number), facts_of(day))
    heads = {
        "·".join(column.title for column in table.columns) for table in found if isinstance(table, Table)
    }
    assert heads == {COLUMNS[number]}
    assert {type(table) for table in found} == {Table}


@pytest.mark.parametrize("number", ASKED)
def test_a_form_asks_for_what_offices_ask(context: Flask, cast: Cast, number: str) -> None:
    with asked():
        (form,) = contents(of_number(number), facts_of(None))
        assert isinstance(form, Upright)
        assert {*ASKED[number].split("·")} - words_of(form) == set()


@pytest.mark.parametrize("key", [one.key for one in PAPERS if one.has_workbook and one.of_market])
def test_print_and_workbook_say_the_same(day: MarketDay, key: str) -> None:
    one, facts = paper_of(key), facts_of(day)
    assert one is not None
    with asked():
        book, found = workbook(one, facts), contents(one, facts)
        assert len(book.sheetnames) == len(found)
        for page, content in zip(book, found, strict=True):
            said = {cell.value for row in page.iter_rows() for cell in row}
            assert asked_of(content) - said - {""} == set()
        paper = whole_text(printed(one, facts))
        assert [content.title for content in found if content.title not in paper] == []


def test_a_print_says_which_form_and_edition_it_is_and_leads_to_the_newest(day: MarketDay) -> None:
    with asked():
        pdf = printed(of_number("7"), facts_of(day))
    assert f"表 7 · 第 {EDITION} 版" in text("pdfium", pdf)
    (code,) = codes(picture("pdfium", pdf, dpi=200))
    assert code.endswith(f"/staff/huaiyin/days/{day.ref}/paperwork#footfall")


@pytest.mark.parametrize("key", [one.key for one in PAPERS if one.can_be_blank and one.of_market])
def test_a_blank_form_names_nobody(day: MarketDay, key: str) -> None:
    one = paper_of(key)
    assert one is not None
    names = [vendor.trading_name for vendor in db.session.query(Vendor)]
    with asked():
        pdf = printed(one, facts_of(day, blank=True))
    said = whole_text(pdf)
    assert [name for name in names if name in said] == []
    assert day.theme not in said


def test_each_vendor_has_a_page_to_sign(day: MarketDay) -> None:
    facts = facts_of(day)
    with asked():
        pdf = printed(of_number("D15"), facts)
        assert page_count(pdf) == len(facts.comers)
        for page, (stall, vendor) in enumerate(facts.comers, 1):
            said = text("pdfium", pdf, page)
            assert (stall in said, vendor.trading_name in said, "盖章" in said) == (True, True, True)


def test_names_that_look_like_formulas_or_cannot_be_printed_break_nothing(day: MarketDay) -> None:
    """Letters that no font has, pictures, and what a spreadsheet would compute."""
    with unit_of_work():
        vendor = facts_of(day).comers[0][1]
        vendor.trading_name = "=1+1🍎王\U00031ede" + "很长的名字" * 8
        vendor.goods, vendor.holder = "+白菜\n@萝卜" + "酸菜" * 40, "－cmd"
        show_papers(vendor, person("staff"))
    with asked():
        for one in PAPERS:
            if one.content is None or not one.of_market:
                continue
            assert page_count(printed(one, facts_of(day))) >= 1
            if one.has_workbook:
                found = [cell.value for cell in cells(workbook(one, facts_of(day))) if cell.data_type == "f"]
                assert [value for value in found if not str(value).startswith("=SUM(")] == []


def test_a_document_is_in_the_register_with_who_saw_it(day: MarketDay) -> None:
    with unit_of_work():
        show_papers(facts_of(day).comers[0][1], person("staff"))
    rows = lists.documents(facts_of(day)).rows
    assert {row[7] for row in rows} == {"是"}
    assert person("staff").display_name in {row[5] for row in rows}


def test_what_a_batch_came_with_is_in_the_register_of_its_market_only(day: MarketDay) -> None:
    by, vendor, on = person("staff"), facts_of(day).comers[0][1], local_date(day)
    with unit_of_work():
        for number, of in (("P-1", on), ("P-2", on - timedelta(days=7))):
            enter_paper(vendor, DocumentKind.AGRI_CERT, number, by, brought_for=of)
    ends = {row[2]: row[4] for row in lists.documents(facts_of(day)).rows}
    assert (ends["P-1"], "P-2" in ends) == (on, False)


def test_the_report_has_the_licence_that_holds_and_who_needs_a_certificate_first(day: MarketDay) -> None:
    """A licence that ran out before the market is none; a helper's certificate does not hide the holder's."""
    by, vendor, on = person("staff"), facts_of(day).comers[0][1], local_date(day)
    later, soon, gone = on + timedelta(days=300), on + timedelta(days=20), on - timedelta(days=1)
    with unit_of_work():
        vendor.category = Category.COOKED_FOOD
        helper = vendors.add_person(vendor, "小王", True, by=by, at=clock.now())
        enter_paper(vendor, DocumentKind.FOOD_LICENCE, "JY-old", by, valid_to=gone)
        enter_paper(vendor, DocumentKind.FOOD_LICENCE, "JY-new", by, valid_to=later)
        enter_paper(vendor, DocumentKind.HEALTH_CERT, "H-old", by, valid_to=gone)
        enter_paper(vendor, DocumentKind.HEALTH_CERT, "H-new", by, valid_to=soon)
        enter_paper(vendor, DocumentKind.HEALTH_CERT, "H-2", by, valid_to=later, person=helper)
    with asked():
        (form,) = contents(of_number("M04"), facts_of(day))
    assert isinstance(form, Upright)
    (row,) = [row for part in form.parts if isinstance(part, Grid) for row in part.rows
              if row[1] == vendor.trading_name]  # fmt: skip
    assert ("JY-new" in str(row[4]), "JY-old" in str(row[4]), row[5]) == (True, False, soon.isoformat())


def enter_paper(vendor: Vendor, kind: DocumentKind, number: str, by: User, **facts: Any) -> None:
    known = {"valid_to": None, **facts}
    vendors.check_document(vendor, kind, number=number, issuer="局", by=by, at=clock.now(), **known)


def test_what_a_round_found_stands_on_the_form(day: MarketDay) -> None:
    by, at = person("staff"), clock.now()
    held = stalls.assignments(day)[0]
    item = inspection.items_at(day, held)[0].code
    problem = inspection.Problem(item, Result.TO_MEND, "罩上", mend_by=at)
    with unit_of_work():
        inspection.check_spot(day, held, 1, [problem], client_id="x-1", by=by, at=at)
    with asked():
        first, second = contents(of_number("5"), facts_of(day))
    assert isinstance(first, Table)
    assert isinstance(second, Table)
    seen, label, _numbers, result, demand, mended, who, signed = first.rows[0]
    assert (label, mended, who, signed) == (held.label, "", by.display_name, None)
    assert (bool(seen), "限时改" in str(result), "罩上" in str(demand)) == (True, True, True)
    assert first.rows[1][0] is None
    assert second.rows[0][0] is None


def test_goods_are_counted_and_have_no_price(day: MarketDay) -> None:
    vendor = facts_of(day).comers[0][1]
    with unit_of_work():
        make_gift(day, vendor, person("staff"))
    table = lists.goods(facts_of(day))
    assert [(row[0], row[2], row[6]) for row in table.rows] == [("大米", 3, None)]
    (row,) = lists.gifts(facts_of(day)).rows
    assert row[:3] == (vendor.trading_name, vendor.phone, "大米 3 件")
    (of_year,) = lists.gifts(facts_of(None)).rows or [("", "", "")]
    assert vendor.phone not in of_year


def make_gift(day: MarketDay, vendor: Vendor, by: User) -> None:
    record_goods(day, vendor, "大米", 3, by=by, at=clock.now())


@contextmanager
def asked() -> Iterator[None]:
    """Forms print addresses, so they are made while somebody asks for one."""
    with current_app.test_request_context("/staff/huaiyin/paperwork"):
        g.slug, g.region_code = "huaiyin", None
        yield


def test_other_columns_are_another_edition(day: MarketDay) -> None:
    """Columns that change without EDITION would make two forms under one name."""
    with asked():
        facts = facts_of(day, blank=True)
        found = [content for one in PAPERS if one.content for content in contents(one, facts)]
        said = [word for content in found for word in sorted(asked_of(content))]
    assert (EDITION, hashlib.sha256("·".join(said).encode()).hexdigest()[:8]) == (1, "56fdee3b")
