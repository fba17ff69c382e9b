"""The sign-in list: every stall once, in order, with room for a thick pen."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pytest

from market.gate.sign_in_sheet import SignInRow, sign_in_sheet_pdf
from market.print.table import Foot, Heading
from tests.parts.pdf import both_readers, characters, fonts, lines, page_count, page_size_mm, picture, text

HEADING = Heading("商户签到表", "示例社区 · 冬储菜集 · 2026-11-28 星期六 8:00–11:30")
FOOT = Foot("制表人", "审核人", "日期", "第 %(page)s 页，共 %(pages)s 页")
COLUMNS = ("摊位号", "商户", "到场人", "证件核对", "签到时间", "签退时间", "保洁验收", "签字")
ROWS_A_PAGE = 15

pytestmark = pytest.mark.usefixtures("context")


def printed(*rows: SignInRow) -> bytes:
    out = BytesIO()
    sign_in_sheet_pdf(HEADING, rows, out, foot=FOOT)
    return out.getvalue()


def stalls(count: int) -> list[SignInRow]:
    return [SignInRow(f"A{number:02d}", "周记鲜蔬") for number in range(1, count + 1)]


@pytest.mark.parametrize("count, pages", [(0, 1), (1, 1), (15, 1), (16, 2), (31, 3)])
def test_every_stall_has_one_line_in_order(count: int, pages: int) -> None:
    pdf = printed(*stalls(count))
    found = [
        line for page in range(pages) for line in text("pdfium", pdf, page + 1).split() if line[0] == "A"
    ]
    assert (page_count(pdf), found) == (pages, [row.stall_no for row in stalls(count)])


@both_readers
def test_every_page_repeats_the_head_and_numbers_itself(reader: str) -> None:
    pdf = printed(*stalls(20))
    for page in (1, 2):
        found = characters(text(reader, pdf, page))
        rows = stalls(20)[:ROWS_A_PAGE] if page == 1 else stalls(20)[ROWS_A_PAGE:]
        words = "".join([*HEADING, *COLUMNS, *FOOT[:3]]) + f"第{page}页，共2页" + "".join(map("".join, rows))
        assert found == characters(words)


@both_readers
def test_what_is_known_is_filled_in(reader: str) -> None:
    row = SignInRow("A103", "𠮷野家与䶮记", "王䶮", "健康证 2026-12-01 到期", "7:12", "11:40", "合格")
    copied = " ".join(lines(reader, printed(row)))
    assert [word for word in (*row[:3], "2026-12-01", *row[4:]) if word not in copied] == []


def test_a_long_name_stays_in_its_cell() -> None:
    """The columns right of the name are as empty as without it."""
    name = "二十五个字的商户名称缝纫改衣配钥匙开锁修鞋服务部" * 3
    right_of_name = [
        picture("pdfium", printed(SignInRow("A03", shop)), dpi=100).crop((380, 120, 1130, 700)).tobytes()
        for shop in (name, "周")
    ]
    assert right_of_name[0] == right_of_name[1]


def test_lines_are_at_least_ten_millimetres_apart() -> None:
    page = picture("pdfium", printed(), dpi=254)
    column = page.crop((200, 0, 201, page.height)).point(lambda grey: 255 if grey < 128 else 0).tobytes()
    inked = [y for y, dot in enumerate(column) if dot and not column[y - 1]]
    rules = [y for y in inked if y > 300][: ROWS_A_PAGE + 1]
    assert [100 <= b - a <= 108 for a, b in pairwise(rules)] == [True] * ROWS_A_PAGE


def test_it_is_a4_across_with_our_font_embedded() -> None:
    pdf = printed(*stalls(3))
    assert (page_size_mm(pdf), fonts(pdf)) == ((297, 210), {("NotoSansCJKsc-Regular", True)})
