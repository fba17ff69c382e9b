"""Passes on every paper: where they lie, what is on their backs, what a spare says, and how they look."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageStat
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from market.passes.cards import Ground, PassBack, PassCard, Rectangle
from market.passes.faces import DrawCode
from market.passes.layouts import SHEETS
from market.passes.pdf import passes_pdf
from market.passes.rules import Layout
from market.print.qr import draw_qr
from market.print.qr_table import WORTH_IT
from tests.parts.pdf import both_readers, codes, lines, page_count, page_size_mm, picture, text
from tests.passes.test_pdf import LABELS, card

REFERENCE = Path(__file__).parent / "reference"
"""Pages looked at and found good; `python -m tests.passes.test_layouts` draws them anew to be looked at."""
DPI = 45
TOLERANCE = {"pdfium": 1.0, "poppler": 4.0}
"""Mean difference, of 255. The reference pictures were drawn by pdfium; poppler smooths otherwise."""
STALLS = tuple(
    Rectangle(f"{zone}{number + 1:02d}", 20 + number * 35, top, 30, 30)
    for zone, top in (("A", 20), ("B", 90), ("C", 140))
    for number in range(10)
)
BACK = PassBack(
    Ground(400, 200, STALLS, (Rectangle("消防通道", 0, 55, 400, 30),), "睦邻广场 · 入口：东门、西门"),
    ("社区工作人员 0533-000-0000", "火警 119 · 急救 120 · 报警 110"),
)
NAMES = ("周记鲜蔬", "𠮷野家与䶮记便民修理铺缝纫改衣配钥匙开锁修鞋服务", "老李磨刀", "Happy Fruit & Veg")
SPARE = card(
    trading_name="", qr_url="", category="", size_text="", power_text="", short_code="", version="",
    stall_no="B07",
)  # fmt: skip


def passes(count: int) -> list[PassCard]:
    """Neighbours with short and long names."""
    return [
        card(number + 1, stall_no=STALLS[number % 30].label, trading_name=NAMES[number % 4])
        for number in range(count)
    ]


def printed(
    cards: list[PassCard],
    layout: Layout,
    *,
    start: int = 1,
    back: bool = False,
    draw_code: DrawCode | None = None,
) -> bytes:
    out = BytesIO()
    turned = BACK if back else None
    passes_pdf(cards, out, labels=LABELS, layout=layout, start=start, back=turned, draw_code=draw_code)
    return out.getvalue()


# ── where they lie ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "layout, size, cells",
    [
        (Layout.A6, (105, 148), 1),
        (Layout.A5, (210, 148), 1),
        (Layout.A4X1, (210, 297), 1),
        (Layout.A4X2, (297, 210), 2),
        (Layout.A4X4, (210, 297), 4),
        (Layout.A4X8, (297, 210), 8),
        (Layout.LABELS24, (210, 297), 24),
        (Layout.LABELS14, (210, 297), 14),
        (Layout.LANYARD, (210, 297), 2),
    ],
)
def test_a_full_sheet_and_one_more_pass_take_two_pages(
    layout: Layout, size: tuple[float, float], cells: int
) -> None:
    cards = passes(cells + 1)
    pdf = printed(cards, layout)
    assert (page_count(pdf), page_size_mm(pdf)) == (2, size)
    found = [codes(picture("pdfium", pdf, page)) for page in (1, 2)]
    assert sorted(chain(*found)) == sorted(c.qr_url for c in cards)
    assert [len(page) for page in found] == [cells, 1]


@pytest.mark.parametrize("layout", list(Layout))
def test_no_pass_sticks_out_of_its_sheet_or_into_its_neighbour(layout: Layout) -> None:
    sheet = SHEETS[layout]
    width, height = sheet.cell
    boxes = [(x, y, x + width, y + height) for x, y in sheet.corners]
    hair = 0.6
    inside = [
        b[0] > -hair and b[1] > -hair and b[2] < sheet.page[0] + hair and b[3] < sheet.page[1] + hair
        for b in boxes
    ]
    assert inside == [True] * len(boxes)
    overlapping = [
        (a, b)
        for number, a in enumerate(boxes)
        for b in boxes[:number]
        if min(a[2], b[2]) - max(a[0], b[0]) > hair and min(a[3], b[3]) - max(a[1], b[1]) > hair
    ]
    assert overlapping == []


def test_half_a_sheet_of_stickers_is_used_up_from_its_first_free_cell() -> None:
    pdf = printed(passes(3), Layout.LABELS24, start=23)
    page = picture("pdfium", pdf)
    last_row = page.crop((0, page.height * 7 // 8, page.width, page.height))
    assert codes(last_row) == [c.qr_url for c in passes(2)]
    assert codes(page.crop((0, 0, page.width, page.height * 7 // 8))) == []
    assert codes(picture("pdfium", pdf, 2)) == [passes(3)[2].qr_url]


@pytest.mark.parametrize("start", [0, 25])
def test_a_cell_that_the_sheet_does_not_have_is_refused(start: int) -> None:
    with pytest.raises(ValueError, match=f"no cell {start}"):
        printed(passes(1), Layout.LABELS24, start=start)


def test_the_cards_of_a_long_print_need_not_all_be_in_memory() -> None:
    taken = drawn = most_waiting = 0

    def counted() -> Iterator[PassCard]:
        nonlocal taken
        for made in passes(200):
            taken += 1
            yield made

    def draw_code(_canvas: Canvas, _text: str, _x: float, _y: float, _size: float) -> None:
        nonlocal drawn, most_waiting
        drawn += 1
        most_waiting = max(most_waiting, taken - drawn)

    assert passes_pdf(counted(), BytesIO(), labels=LABELS, draw_code=draw_code) == 200
    assert (drawn, most_waiting) == (200, WORTH_IT - 1)


@pytest.mark.parametrize(
    "layout, start",
    [(Layout.A6, 1), (Layout.A4X8, 1), (Layout.A4X4, 3), (Layout.LABELS24, 1), (Layout.LABELS14, 9)],
)
def test_a_long_print_has_the_codes_of_the_library(layout: Layout, start: int) -> None:
    cards = [*passes(2 * WORTH_IT + 1), SPARE]
    ours, library = (printed(cards, layout, start=start, draw_code=draw) for draw in (None, draw_qr))
    assert ours == library


def test_a_long_print_of_signs_has_the_code_of_the_ledger_on_each() -> None:
    labels = LABELS._replace(
        head="账本校验码 1-2345", head_address="https://market.example.org/head?head=1-2345"
    )
    ours, library = BytesIO(), BytesIO()
    passes_pdf(passes(WORTH_IT + 1), ours, labels=labels, layout=Layout.A5)
    passes_pdf(passes(WORTH_IT + 1), library, labels=labels, layout=Layout.A5, draw_code=draw_qr)
    assert ours.getvalue() == library.getvalue()


# ── backs ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("layout", [Layout.A6, Layout.A5, Layout.A4X1])
@both_readers
def test_the_back_says_where_the_stall_is_and_whom_to_call(reader: str, layout: Layout) -> None:
    pdf = printed(passes(2), layout, back=True)
    assert page_count(pdf) == 4
    for page, stall in ((2, "A01"), (4, "A02")):
        copied = lines(reader, pdf, page)
        wanted = ("您的摊位在这里", "睦邻广场", "社区工作人员 0533-000-0000", "火警 119")
        assert [word for word in wanted if word not in " ".join(copied)] == []
        # In the head, on the plan, and once more in the mark, which poppler takes for the same.
        assert text(reader, pdf, page).count(stall) in (2, 3)


def test_turned_over_each_back_lies_behind_its_front() -> None:
    pdf = printed(passes(4), Layout.A4X4, back=True)
    back = picture("pdfium", pdf, 2)
    halves = [back.crop((x, 0, x + back.width // 2, back.height // 2)) for x in (0, back.width // 2)]
    alone = [picture("pdfium", printed([c], Layout.A6, back=True), 2) for c in passes(2)]
    assert [nearest(half, alone) for half in halves] == [1, 0]


def nearest(image: Image.Image, others: list[Image.Image]) -> int:
    """Which of the pictures it is most alike."""
    return min(range(len(others)), key=lambda n: difference(image, others[n]))


@pytest.mark.parametrize("layout, edge", [(Layout.A4X4, "Long"), (Layout.A4X8, "Short"), (Layout.A6, "Long")])
def test_the_printer_is_told_which_edge_to_turn_over(layout: Layout, edge: str) -> None:
    catalogue: Any = PdfReader(BytesIO(printed(passes(2), layout, back=True))).trailer["/Root"]
    assert catalogue["/ViewerPreferences"]["/Duplex"] == f"/DuplexFlip{edge}Edge"


def test_a_lanyard_folded_at_its_top_shows_both_sides_upright() -> None:
    pdf = printed(passes(2), Layout.LANYARD, back=True)
    assert page_count(pdf) == 1
    page = picture("pdfium", pdf)
    folded = page.crop((0, 0, page.width, page.height // 2)).rotate(180)
    left, right = (folded.crop((x, 0, x + page.width // 2, folded.height)) for x in (page.width // 2, 0))
    alone = [picture("pdfium", printed([c], Layout.A6, back=True), 2) for c in passes(2)]
    assert [nearest(left, alone), nearest(right, alone)] == [0, 1]


def test_stickers_have_no_back() -> None:
    assert page_count(printed(passes(2), Layout.LABELS24, back=True)) == 1


# ── spares ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("layout", list(Layout))
def test_a_spare_has_its_number_a_line_for_the_name_and_no_code(layout: Layout) -> None:
    pdf = printed([SPARE], layout)
    copied = "".join(lines("pdfium", pdf))
    assert [word for word in ("B07", "店名", "备用证", "没有二维码") if word not in copied] == []
    assert "扫不出" not in copied
    assert codes(picture("pdfium", pdf)) == []


# ── how they look ─────────────────────────────────────────────────────────────────────────────────────────


DOUBLE = card(2, stall_no="A02+A03", stalls=("A02", "A03"), trading_name=NAMES[1], size_text="两个 3 m × 3 m")


def sample(layout: Layout) -> list[PassCard]:
    """What is on the reference pictures: neighbours, one with two stalls, a spare; one sheet, or two."""
    cells = len(SHEETS[layout].corners)
    neighbours = passes(max(1, min(4, cells - 1)))
    return [neighbours[0], DOUBLE, *neighbours[2:], SPARE][: max(2, cells)]


def views(reader: str, layout: Layout) -> dict[str, Image.Image]:
    pdf = printed(sample(layout), layout, back=True)
    return {
        f"{layout.value}-{page}": picture(reader, pdf, page, DPI * 4).reduce(4)
        for page in range(1, page_count(pdf) + 1)
    }


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, 0 to 255, after a blur: each reader smooths edges in its own way."""
    if abs(one.width - other.width) > 2 or abs(one.height - other.height) > 2:
        return 255
    blurred = [
        picture.resize(one.size).filter(ImageFilter.GaussianBlur(one.width / 300)) for picture in (one, other)
    ]
    return float(ImageStat.Stat(ImageChops.difference(*blurred)).mean[0])


@pytest.mark.parametrize("layout", list(Layout))
@both_readers
def test_every_page_looks_as_it_did_when_it_was_looked_at(reader: str, layout: Layout) -> None:
    found = views(reader, layout)
    worst = {
        name: round(difference(Image.open(REFERENCE / f"{name}.png").convert("L"), image), 2)
        for name, image in found.items()
    }
    assert {name: far for name, far in worst.items() if far > TOLERANCE[reader]} == {}


@pytest.mark.parametrize("layout", list(Layout))
@both_readers
def test_the_number_of_two_stalls_is_whole_and_leaves_the_code_readable(reader: str, layout: Layout) -> None:
    pdf = printed([DOUBLE], layout)
    assert ("A02+A03" in lines(reader, pdf), codes(picture(reader, pdf))) == (True, [DOUBLE.qr_url])


def test_the_digits_of_two_stalls_are_25_mm_high() -> None:
    page = picture("pdfium", printed([DOUBLE], Layout.A6), dpi=254)
    number = page.crop((0, 180, page.width, 480)).point(lambda grey: 255 if grey < 128 else 0)
    left, top, right, bottom = number.getbbox() or (0, 0, 0, 0)
    assert (240 <= bottom - top <= 275, left >= 50, right <= page.width - 50) == (True, True, True)


def test_the_back_marks_both_stalls() -> None:
    alone = [printed([DOUBLE._replace(stalls=(stall,))], Layout.A6, back=True) for stall in ("A02", "A03")]
    both = picture("pdfium", printed([DOUBLE], Layout.A6, back=True), 2)
    black = [picture("pdfium", pdf, 2).histogram()[0] for pdf in alone]
    assert both.histogram()[0] > max(black) + 1000


def test_the_comparison_sees_a_lost_line_and_a_moved_stall() -> None:
    page = views("pdfium", Layout.A6)["a6-1"]
    reference = Image.open(REFERENCE / "a6-1.png").convert("L")
    moved = page.copy()
    moved.paste(255, (0, 0, moved.width, moved.height))
    moved.paste(page.crop((0, 0, page.width, page.height - 8)), (0, 8))
    without_name = page.copy()
    without_name.paste(255, (8, 90, page.width - 8, 112))
    assert [difference(reference, wrong) > TOLERANCE["pdfium"] for wrong in (moved, without_name)] == [
        True
    ] * 2


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for each in Layout:
        for called, image in views("pdfium", each).items():
            image.save(REFERENCE / f"{called}.png", optimize=True)
