"""Takings out of a spreadsheet: read, shown with what is wrong by row, stored only when saved."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.settlement import imported, service
from market.settlement.imported import Line, read_lines, read_table
from market.settlement.models import TakingsReport
from market.settlement.paper_kit.kit import kit_of
from market.settlement.paper_kit.tables import TableKey, table_of
from market.settlement.paper_kit.workbook import write_workbook
from market.tables import workbook as workbook_file
from tests.cast import Cast, csrf_token, person
from tests.factories import settlement as make
from tests.settlement.conftest import Desk

SignIn = Callable[[str], FlaskClient]
HEAD = ("摊位号", "商户", "自报营业额", "实捐")


def workbook(*rows: Sequence[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]  # a new book has a sheet
    book.save(out)
    return out.getvalue()


def lines(data: bytes = b"", text: str = "") -> list[tuple[str, str, str, str]]:
    return [(one.stall, one.name, one.takings, one.gift) for one in read_lines(read_table(data, text))]


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_workbook_is_read_below_its_heading_with_the_rows_as_it_shows_them(context: Flask) -> None:
    data = workbook(
        ("集市登记表",), ("单位：元",), HEAD, ("A01", "老张", 900, None), ("A02", "老李", 0.1 + 0.2, 5)
    )
    read = read_lines(read_table(data, ""))
    assert read == [Line(4, "A01", "老张", "900", "", False), Line(5, "A02", "老李", "0.30", "5", False)]


@pytest.mark.parametrize(
    "text",
    [
        "摊位\t卖了（元）\t这次捐\nA01\t900\t20\n",
        "摊位,营业额,捐\nA01,900,20",
        "摊位，营业额，捐\nA01，900，20",
        "A01\t900\t20",
        "A01\t老张\t900\t20",
        "\ufeff摊位号,商户,自报营业额,实捐\nA01,老张,900,20",
    ],
)
def test_pasted_cells_are_told_apart(context: Flask, text: str) -> None:
    assert [(stall, takings, gift) for stall, _name, takings, gift in lines(text=text)][-1] == (
        "A01",
        "900",
        "20",
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_text_file_as_excel_and_wps_write_it(context: Flask, encoding: str) -> None:
    data = '摊位号,商户,自报营业额\r\nA01,老张,"1,160.50"\r\n'.encode(encoding)
    assert lines(data) == [("A01", "老张", "1,160.50", "")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "settlement.no_table"),
        (b"PK\x03\x04 no workbook", "settlement.unreadable_file"),
        (b"\xff\xfe\xff", "settlement.unreadable_file"),
    ],
)
def test_what_is_no_table_gets_a_sentence(context: Flask, data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_table(data, "")
    assert refused.value.code == code


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook_file, "MOST_UNPACKED", 1_000)
    with pytest.raises(Refusal) as refused:
        read_table(workbook(HEAD), "")
    assert refused.value.code == "settlement.unreadable_file"


# ── whose row it is ───────────────────────────────────────────────────────────────────────────────────────


def test_rows_find_their_stalls_and_the_others_are_named(desk: Desk) -> None:
    view = service.close_view(desk.open())
    first, second = (row.assignment for row in view.rows[:2])
    text = "\n".join(
        (
            "摊位号\t商户\t自报营业额\t实捐\t估计",
            f"a01摊\t{first.vendor.trading_name}\t900\t45\t",
            f"\t{second.vendor.trading_name}\t800\t7\t是",
            "A03\t别人家\t700\t\t",
            "Z99\t\t600\t\t",
            "A01\t\t500\t\t",
            "A02\t\t\t\t",
            "合计\t\t1700\t52\t",
        )
    )
    read = imported.import_lines(read_lines(read_table(b"", text)), view, [])
    assert read.fields == {
        f"takings-{first.ref}": "900",
        f"gift-{first.ref}": "",  # 45 is what was agreed
        f"seen-{first.ref}": "0",
        f"takings-{second.ref}": "800",
        f"gift-{second.ref}": "7",
        f"seen-{second.ref}": "0",
        f"estimated-{second.ref}": "y",
    }
    third = view.rows[2].assignment.vendor.trading_name
    assert read.problems == [
        f"第 4 行：A03 是{third}，表上写的是别人家。",
        "第 5 行：这一场没有「Z99」。",
        "第 6 行：和第 2 行是同一个摊位。",
    ]


def test_a_table_leaves_the_tick_for_a_clean_place_as_it_is(desk: Desk) -> None:
    view = service.close_view(desk.open())
    first, second = (row.assignment for row in view.rows[:2])
    table = read_lines(read_table(b"", "A01\t900\nA02\t800"))
    read = imported.import_lines(table, view, [second.vendor_id])
    assert {name: value for name, value in read.fields.items() if name.startswith("clean")} == {
        f"clean-{second.ref}": "y",
        f"clean-seen-{second.ref}": "y",
    }
    assert read.fields[f"takings-{first.ref}"] == "900"


def test_our_own_list_comes_back_as_it_was_printed(desk: Desk) -> None:
    day, out = desk.ended((90_000, 82_010, None)), io.BytesIO()
    write_workbook(day, [table_of(kit_of(day), TableKey.TAKINGS)], out)
    read = imported.import_lines(read_lines(read_table(out.getvalue(), "")), service.close_view(day), [])
    refs = [row.assignment.ref for row in service.close_view(day).rows]
    assert read.problems == []
    assert [read.fields.get(f"takings-{ref}") for ref in refs] == ["900", "820.10", None]
    assert [read.fields.get(f"gift-{ref}") for ref in refs] == ["", "", None]


# ── the page ──────────────────────────────────────────────────────────────────────────────────────────────


def stored(app: Flask) -> list[tuple[int, int, int | None, bool]]:
    with app.app_context():
        found = db.session.scalars(sa.select(TakingsReport).order_by(TakingsReport.id)).all()
        return [(row.revision, row.takings_fen, row.chosen_fen, row.gift_only) for row in found]


@pytest.fixture
def address(app: Flask, cast: Cast) -> str:
    with app.app_context(), unit_of_work():
        day = make.ended_market(find_community(cast.ours), person("staff"), (90_000, None, None, None))
        return f"/staff/huaiyin/days/{day.ref}/takings"


def test_a_table_is_shown_first_and_stored_when_it_is_saved(
    app: Flask, address: str, sign_in: SignIn
) -> None:
    staff, before = sign_in("staff"), stored(app)
    data = workbook(
        HEAD, ("A01", None, 950, None), ("A02", None, "八百", None), ("A03", None, "不说", 20),
        ("A04", None, 99_999_999, None), ("A09", None, 5, None),
    )  # fmt: skip
    token = csrf_token(staff.get(f"{address}/import").text)
    fields = {"csrf_token": token, "sheet": (io.BytesIO(data), "表.xlsx")}
    page = staff.post(f"{address}/import", data=fields, content_type="multipart/form-data")
    assert page.status_code == 200
    for said in (
        "读了表格的 4 行",
        "第 6 行：这一场没有「A09」。",
        "第 3 行：",
        "看不懂这个金额",
        "原来报了 900.00 元",
        "确定是 99,999,999.00 元",
    ):
        assert said in page.text
    assert stored(app) == before


def test_what_was_read_is_saved_by_the_list(app: Flask, address: str, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    token = csrf_token(staff.get(f"{address}/import").text)
    page = staff.post(f"{address}/import", data={"csrf_token": token, "pasted": "A02\t800\nA03\t不说\t20"})
    with app.app_context():
        assert service.settlements(find_community("huaiyin")) == []
    fields = dict(re.findall(r'name="((?:takings|gift|seen)-\w+)"\s+value="([^"]*)"', page.text))
    saved = staff.post(address, data={"csrf_token": csrf_token(page.text), **fields})
    assert saved.status_code == 302, saved.text
    assert stored(app)[1:] == [(1, 80_000, None, False), (1, 0, 2_000, True)]


def test_a_file_that_is_no_table_keeps_the_page(app: Flask, address: str, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    fields = {
        "csrf_token": csrf_token(staff.get(f"{address}/import").text),
        "sheet": (io.BytesIO(b"PK nonsense"), "a.xlsx"),
    }
    answer = staff.post(f"{address}/import", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "这个文件读不出来" in answer.text
