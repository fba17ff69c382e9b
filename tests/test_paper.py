"""What we print is legible, complete, and can be copied, whatever the names are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from hypothesis import given, settings, strategies as st
from reportlab.pdfgen.canvas import Canvas

from market.fonts.build import FONT_SHA256
from market.fonts.face import FONT_FILE
from market.print import (
    A4_LANDSCAPE,
    A6,
    BLACK_LETTERS,
    BOLD,
    MM,
    NEVER_FIRST,
    NEVER_LAST,
    Align,
    draw_awning,
    draw_block,
    draw_lines,
    draw_text,
    in_groups,
    missing_glyphs,
    paper,
    printable,
    text_width,
    wrap,
)
from market.print.columns import Column, Kind, Ruling, draw_rows
from market.print.lines import balanced
from tests.parts.pdf import (
    black_and_white,
    both_readers,
    characters,
    fonts,
    needs_poppler,
    page_size_mm,
    picture,
    text,
)

RARE = "䶮𠮷喆犇翀㛃𬭎"
MIXED = st.text(st.sampled_from("周记鲜蔬䶮𠮷，。（）《》A b3-. 10"), max_size=40)


def drawn(draw: Callable[[Canvas], object], size: tuple[float, float] = A6) -> bytes:
    """A page with whatever `draw` puts on it."""
    out = BytesIO()
    with paper(out, size, title="试印") as canvas:
        draw(canvas)
        canvas.showPage()
    return out.getvalue()


def test_the_font_is_the_one_that_its_script_builds() -> None:
    assert hashlib.sha256(FONT_FILE.read_bytes()).hexdigest() == FONT_SHA256


def test_the_font_has_every_character_of_gbk_and_rare_names() -> None:
    gbk = "".join(map(chr, range(0x4E00, 0x9FA6)))
    assert missing_glyphs(gbk + RARE + "0123456789，。、？！（）《》·–—…×㎡℃") == []


@pytest.mark.parametrize("stroke", [0, BOLD, BLACK_LETTERS])
@both_readers
def test_rare_characters_can_be_copied(reader: str, stroke: float) -> None:
    pdf = drawn(lambda canvas: draw_text(canvas, 20, 200, f"{RARE} 王𠮷 A03", 20, stroke=stroke))
    assert text(reader, pdf).split() == [RARE, "王𠮷", "A03"]


@both_readers
def test_more_characters_than_one_font_subset_holds_can_be_copied(reader: str) -> None:
    many = "".join(map(chr, range(0x20000, 0x22000)))
    rare = [character for character in many if not missing_glyphs(character)][:400]

    def draw(canvas: Canvas) -> None:
        for number, row in enumerate(in_groups(rare, 20)):
            draw_text(canvas, 20, 400 - 14 * number, "".join(row), 12)

    assert characters(text(reader, drawn(draw))) == sorted(rare)


def rare_shape(reader: str, character: str) -> bytes:
    """The picture of one large character."""
    return picture(reader, drawn(lambda canvas: draw_text(canvas, 20, 200, character, 60))).tobytes()


@both_readers
def test_rare_characters_are_drawn_as_themselves_not_as_boxes(reader: str) -> None:
    assert len({rare_shape(reader, character) for character in RARE}) == len(RARE)


def test_a_letter_that_no_font_of_ours_has_leaves_a_box_and_a_picture_nothing() -> None:
    pdf = drawn(lambda canvas: draw_text(canvas, 20, 200, "王\U00031ede记🍎", 12))
    assert text("pdfium", pdf).split() == ["王□记"]


def test_missing_characters_are_named_once_in_their_order() -> None:
    assert missing_glyphs("王\U00031ede🍎\U00031ede记\u200d\ufe0f\n") == ["\U00031ede", "🍎"]


@pytest.mark.parametrize(
    "typed, expected",
    [
        ("周记\n鲜蔬", "周记 鲜蔬"),
        ("周记\t鲜蔬\u00a0", "周记 鲜蔬"),
        ("周\u200b记\u202e鲜\ufeff蔬\ufe0f", "周记鲜蔬"),
        ("葛\U000e0100记", "葛记"),
        ("\x00周记\x1b", "周记"),
        ("□ 现金\u3000□ 转账", "□ 现金\u3000□ 转账"),
        ("the charity’s books, ‘so’", "the charity's books, ‘so’"),
        ("", ""),
    ],
)
def test_invisible_characters_never_reach_the_paper(typed: str, expected: str) -> None:
    assert printable(typed) == expected


def test_only_our_font_is_used_and_it_is_embedded() -> None:
    pdf = drawn(lambda canvas: draw_text(canvas, 20, 200, "周记鲜蔬 ABC", 12, stroke=BOLD))
    assert fonts(pdf) == {("NotoSansCJKsc-Regular", True)}


def test_a_page_has_the_size_it_says() -> None:
    assert page_size_mm(drawn(lambda canvas: draw_text(canvas, 20, 200, "周", 12))) == (105, 148)


def ink_columns(pdf: bytes) -> tuple[float, float]:
    """The leftmost and the rightmost ink of a page, in points."""
    box = picture("pdfium", pdf, dpi=144).point(lambda grey: 255 if grey < 200 else 0).getbbox()
    assert box is not None
    return box[0] / 2, box[2] / 2


@pytest.mark.parametrize("stroke", [0, BOLD, BLACK_LETTERS])
@pytest.mark.parametrize("align, x", [(Align.LEFT, 60), (Align.CENTRE, 110), (Align.RIGHT, 160)])
@pytest.mark.parametrize("name", ["周记鲜蔬", "二十五个字的商户名称缝纫改衣配钥匙开锁修鞋服务部", "WWW" * 30])
def test_a_text_stays_in_its_place_however_long(name: str, align: Align, x: float, stroke: float) -> None:
    def draw(canvas: Canvas) -> None:
        draw_text(canvas, x, 200, name, 20, stroke=stroke, align=align, width=100)
        draw_block(canvas, x, 100, name, 20, width=100, smallest=12, stroke=stroke, align=align)

    left, right = ink_columns(drawn(draw))
    assert (left >= 58.5, right <= 162.5) == (True, True)


def test_a_text_that_must_be_cut_says_so() -> None:
    pdf = drawn(lambda canvas: draw_text(canvas, 20, 200, "周记鲜蔬" * 20, 20, width=100, smallest=10))
    assert text("pdfium", pdf).strip() == "周记鲜蔬周记鲜蔬周…"


@pytest.mark.parametrize("words", ["one two three four five six", "商户自愿捐给社区基金的钱加起来是多少"])
def test_lines_that_are_cut_are_put_together_as_they_were(words: str) -> None:
    pdf = drawn(lambda canvas: draw_lines(canvas, 20, 200, words, 10, width=70, most=1))
    said = text("pdfium", pdf).strip()
    assert said.endswith("…")
    assert words.startswith(said.rstrip("…"))
    assert len(said) > 6


def test_a_block_of_two_lines_keeps_every_character() -> None:
    name = "二十五个字的商户名称缝纫改衣配钥匙开锁修鞋服务部𠮷"
    pdf = drawn(lambda canvas: draw_block(canvas, 18, 200, name, 27, width=260, smallest=18, stroke=BOLD))
    assert [line.strip() for line in text("pdfium", pdf).splitlines()] == [name[:13], name[13:]]


def test_a_word_is_written_smaller_before_it_is_cut() -> None:
    pdf = drawn(lambda canvas: draw_block(canvas, 18, 200, "Appearances", 10, width=48, smallest=8))
    assert text("pdfium", pdf).split() == ["Appearances"]
    columns, rules = [Column("Stall-holder's signature", 1)], Ruling(20, 200, 58, 20, 20, size=10)
    pdf = drawn(lambda canvas: draw_rows(canvas, columns, [["Rindfleischetikettierung"]], rules))
    assert text("pdfium", pdf).split()[:2] == ["Stall-holder's", "signature"]


@given(MIXED, st.floats(30, 200))
@settings(deadline=None)
def test_wrapped_lines_fit_and_lose_nothing(words: str, width: float) -> None:
    lines = wrap(words, 10, width)
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert [line for line in lines if text_width(line, 10) > width and len(line) > 1] == []


@pytest.mark.parametrize(
    "words, expected",
    [
        ("", [""]),
        ("摊走地净，明码标价", ["摊走地", "净，明", "码标价"]),
        ("我说（明码）标价", ["我说", "（明", "码）标", "价"]),
        ("3 m × 3 m 摊", ["3 m ×", "3 m 摊"]),
        ("离火源 5 米", ["离火源", "5 米"]),
        ("离火源100米", ["离火源", "100米"]),
        ("abcdefghijkl", ["abcdefg", "hijkl"]),
        ("an owner's ab", ["an", "owner's", "ab"]),
        ("□ 好 □ 坏了", ["□ 好", "□ 坏了"]),
    ],
)
def test_lines_break_as_a_typesetter_would(words: str, expected: list[str]) -> None:
    assert wrap(words, 10, 38) == expected


@pytest.mark.parametrize(
    "words, width, expected",
    [
        ("扫一扫，看谁来、在哪个摊位", 120, ["扫一扫，看谁来、", "在哪个摊位"]),
        ("扫一扫看谁来在哪个摊位上", 110, ["扫一扫看谁来在哪", "个摊位上"]),
        ("扫一扫，看谁来", 120, ["扫一扫，看谁来"]),
        ("扫一扫，看谁来、在哪个摊位", 80, ["扫一扫，看谁来、", "在哪个摊位"]),
    ],
)
def test_no_letter_is_left_alone_on_the_last_line(words: str, width: float, expected: list[str]) -> None:
    assert balanced(words, 10, width) == expected


@needs_poppler
def test_numbers_to_be_circled_stand_apart_each_in_its_place() -> None:
    columns = (Column("检查项", 98, Kind.CHECKS, 14), Column("结果", 179))
    rows = [["1 3 12 13 14", ""], ["15 16 17 18 19 20", ""]]

    def draw(canvas: Canvas) -> None:
        draw_rows(canvas, columns, rows, Ruling(5, 400, 785, 26, 28))

    copied = [int(word) for word in text("poppler", drawn(draw, A4_LANDSCAPE)).split() if word.isdigit()]
    assert sorted(copied) == [1, 3, *range(12, 21)]


def test_no_line_begins_with_punctuation_or_ends_with_a_bracket() -> None:
    words = "摊走地净，明码标价；（离火源 5 米）《规则》，喇叭小声点。" * 3
    lines = [line for width in range(40, 200, 7) for line in wrap(words, 10, width)]
    assert [line for line in lines if line[0] in NEVER_FIRST or line[-1] in NEVER_LAST] == []


@needs_poppler
def test_the_awning_reads_on_a_printer_that_has_only_black() -> None:
    width, stripes = A6[0], 19
    pdf = drawn(lambda canvas: draw_awning(canvas, 0, A6[1], width, 8.5 * MM, scallop=width / stripes))
    page = black_and_white(pdf)
    cells = [
        page.crop((round(n * page.width / stripes) + 6, 5, round((n + 1) * page.width / stripes) - 6, 30))
        for n in range(stripes)
    ]
    dark = [sum(cell.histogram()[:128]) / (cell.width * cell.height) for cell in cells]
    assert [share > 0.5 for share in dark] == [n % 2 == 0 for n in range(stripes)]
    assert [share < 0.05 for share in dark] == [n % 2 == 1 for n in range(stripes)]


def test_the_same_drawing_gives_the_same_bytes_in_any_number_of_threads() -> None:
    names = [f"{RARE}第 {number} 家周记鲜蔬" for number in range(8)]

    def page(name: str) -> bytes:
        return drawn(lambda canvas: draw_text(canvas, 20, 200, name, 12))

    alone = [page(name) for name in names]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(page, names * 3)) == alone * 3


def test_a_failed_drawing_writes_nothing() -> None:
    out = BytesIO()
    with pytest.raises(ZeroDivisionError), paper(out, A6, title="试印") as canvas:
        draw_text(canvas, 20, 200, "周", 1 / 0)
    assert out.getvalue() == b""


@pytest.mark.parametrize(
    "count, expected", [(0, []), (3, [[0, 1, 2]]), (5, [[0, 1, 2], [3, 4]]), (6, [[0, 1, 2], [3, 4, 5]])]
)
def test_items_are_grouped_in_order(count: int, expected: list[list[int]]) -> None:
    assert in_groups(range(count), 3) == expected
