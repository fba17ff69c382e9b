"""Forms 12 to 14 say what the steps said: as a workbook that can be read, and as sheets to sign."""

from __future__ import annotations

import io

import pytest
from openpyxl import load_workbook

from market.spending.rules import Stage, Verdict
from tests.parts.pdf import text
from tests.spending.test_views import SignIn, Way, way as way

PAPERS = "/staff/huaiyin/paperwork"


def cells(way: Way, sign_in: SignIn, name: str) -> str:
    """Everything that stands in the workbook of a form."""
    answer = sign_in("staff").get(f"{PAPERS}/{name}.xlsx")
    assert answer.status_code == 200
    sheets = load_workbook(io.BytesIO(answer.data)).worksheets
    return " ".join(str(cell) for sheet in sheets for row in sheet.values for cell in row if cell is not None)


def test_the_application_says_where_it_comes_from_and_what_was_answered(way: Way, sign_in: SignIn) -> None:
    way.until(Stage.WAIT)
    with way.at() as walk:
        walk.answer(Verdict.RETURNED, "缺三家报价")
    said = cells(way, sign_in, "spending-request")
    for part in (
        "北侧路灯维修",
        "320 人",
        "灯头和线",
        "亮化工程队（付给示例亮化工程队）",
        "没有不同意见",
        "缺三家报价",
    ):
        assert part in said, part


def test_the_minutes_say_who_was_there_and_what_was_decided(way: Way, sign_in: SignIn) -> None:
    way.until(Stage.APPLY)
    said = cells(way, sign_in, "minutes")
    for part in (
        "二楼会议室",
        "委员甲、委员乙、委员丙",
        "都说该修。",
        "列席，没有意见。",
        "同意 2 票",
        "通过",
    ):
        assert part in said, part


def test_the_account_says_what_each_voucher_cost_and_what_came_back(way: Way, sign_in: SignIn) -> None:
    way.until(Stage.DONE)
    said = cells(way, sign_in, "final-account")
    for part in ("0042", "灯头、线、人工", "退 1 号", "一共 320 人"):
        assert part in said, part


@pytest.mark.parametrize("name", ["spending-request", "minutes", "final-account"])
def test_each_of_them_is_a_sheet_to_sign(way: Way, sign_in: SignIn, name: str) -> None:
    way.until(Stage.DONE)
    answer = sign_in("staff").get(f"{PAPERS}/{name}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "签字" in text("poppler", answer.data)
