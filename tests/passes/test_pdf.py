"""A printed pass says everything it should, to the eye, to the scanner and to the clipboard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from market.passes.address import pass_address
from market.passes.cards import PassCard, PassLabels
from market.passes.pdf import passes_pdf
from market.passes.rules import Layout
from market.passes.token import Claims, Purpose, mint, read
from market.stalls.short_code import code_of, format_code
from tests.parts.pdf import (
    black_and_white,
    both_readers,
    characters,
    codes,
    fonts,
    lines,
    needs_poppler,
    page_count,
    page_size_mm,
    picture,
    text,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OPENING = datetime(2026, 11, 28, 0, 0, tzinfo=UTC)
LABELS = PassLabels(
    title="摊位证",
    show="门口出示，一扫就进",
    spell="扫不出？报短码",
    call="有事打",
    verify="任何人都可扫码查真伪",
    spare="备用证 · 手写",
    spare_note="没有二维码，门口按名单核对",
    name_here="店名",
    here="您的摊位在这里",
)
LONG_NAME = "𠮷野家与䶮记便民修理铺缝纫改衣配钥匙开锁修鞋服务"


def claims_of(serial: int) -> Claims:
    return Claims(Purpose.PASS, 1, 384, 12, serial, OPENING, OPENING + timedelta(hours=4))


def card(serial: int = 1, **changes: str | tuple[str, ...]) -> PassCard:
    """The pass of 周记鲜蔬, or of whoever the changes make of it."""
    usual = PassCard(
        community="示例社区",
        stall_no="A03",
        trading_name="周记鲜蔬",
        category="蔬菜水果",
        size_text="3 m × 3 m",
        power_text="不用电",
        market_title="冬储菜集",
        date_text="11 月 28 日",
        weekday_text="星期六",
        hours_text="8:00–11:30",
        arrive_by_text="7:30 前进场",
        qr_url=pass_address("https://market.example.org", mint(claims_of(serial), KEY)),
        short_code=format_code(code_of(serial * 7919)),
        version="第 2 版",
        phone="0533-000-0000",
        rules=("摊走地净，垃圾带走", "明码标价，秤要准", "离火源 5 米", "喇叭小声点"),
        footnote="账本指纹 4821 0937",
    )
    return usual._replace(**changes)  # type: ignore[arg-type]  # every field is text, the rules are a tuple of it


def printed(*cards: PassCard, layout: Layout = Layout.A6) -> bytes:
    out = BytesIO()
    passes_pdf(cards, out, labels=LABELS, layout=layout)
    return out.getvalue()


def words_on(pass_card: PassCard) -> str:
    """Everything that a person should find on a card."""
    code_is_drawn = pass_card._replace(qr_url="", rules=())
    return "".join(code_is_drawn[:-3]) + pass_card.footnote + "".join(pass_card.rules) + "".join(LABELS[:5])


@both_readers
def test_the_code_on_a_pass_is_the_signed_token(reader: str) -> None:
    (address,) = codes(picture(reader, printed(card(306))))
    assert read(address.rsplit("/", 1)[1], {1: KEY.public_key()}) == claims_of(306)


@both_readers
def test_four_codes_on_a_sheet_are_read_at_once(reader: str) -> None:
    cards = [card(serial) for serial in range(1, 5)]
    assert codes(picture(reader, printed(*cards, layout=Layout.A4X4))) == [c.qr_url for c in cards]


@needs_poppler
@pytest.mark.parametrize("dpi", [100, 150, 203, 300])
def test_the_code_is_read_from_a_printer_that_has_only_black(dpi: int) -> None:
    assert codes(black_and_white(printed(card()), dpi=dpi)) == [card().qr_url]


@pytest.mark.parametrize("name", ["周记鲜蔬", LONG_NAME, "王", "Happy Fruit & Veg", "䶮"])
@pytest.mark.parametrize("stall_no", ["7", "A03", "A103", "AB123"])
@both_readers
def test_every_word_can_be_copied_and_nothing_else_is_there(reader: str, stall_no: str, name: str) -> None:
    pass_card = card(stall_no=stall_no, trading_name=name)
    copied = characters(text(reader, printed(pass_card)))
    assert [c for c in copied if c != "·"] == characters(words_on(pass_card))


@both_readers
def test_what_belongs_together_is_copied_together(reader: str) -> None:
    copied = " ".join(lines(reader, printed(card(trading_name="𠮷野家与䶮记"))))
    expected = [
        "示例社区 · 冬储菜集",
        "摊位证 第 2 版",
        "A03",
        "𠮷野家与䶮记",
        "蔬菜水果 · 3 m × 3 m · 不用电",
        "11 月 28 日",
        "星期六 · 8:00–11:30",
        "7:30 前进场",
        card().short_code,
        "有事打 0533-000-0000",
    ]
    assert [phrase for phrase in expected if phrase not in copied] == []


def test_a_name_with_a_character_we_lack_leaves_a_box() -> None:
    assert "王□记" in lines("pdfium", printed(card(trading_name="王\U00031ede记")))


def test_every_font_is_embedded() -> None:
    assert fonts(printed(card(), card(2))) == {("NotoSansCJKsc-Regular", True)}


@pytest.mark.parametrize(
    "layout, count, pages, size",
    [
        (Layout.A6, 1, 1, (105, 148)),
        (Layout.A6, 5, 5, (105, 148)),
        (Layout.A4X4, 1, 1, (210, 297)),
        (Layout.A4X4, 4, 1, (210, 297)),
        (Layout.A4X4, 9, 3, (210, 297)),
    ],
)
def test_passes_fill_pages_in_order(
    layout: Layout, count: int, pages: int, size: tuple[float, float]
) -> None:
    pdf = printed(*(card(serial, stall_no=f"A{serial:02d}") for serial in range(count)), layout=layout)
    assert (page_count(pdf), page_size_mm(pdf)) == (pages, size)
    stalls = [line for page in range(pages) for line in lines("pdfium", pdf, page + 1) if line[0] == "A"]
    assert stalls == [f"A{serial:02d}" for serial in range(count)]


def test_no_passes_are_not_printed_as_a_blank_sheet() -> None:
    with pytest.raises(ValueError, match="no pass"):
        printed()


def test_what_is_empty_is_left_out() -> None:
    bare = card(
        category="",
        size_text="",
        power_text="",
        arrive_by_text="",
        phone="",
        rules=(),
        footnote="",
        qr_url="",
    )
    found = lines("pdfium", printed(bare))
    assert [line for line in found if line.startswith(("·", "有事打")) or line.endswith("·")] == []
    assert codes(picture("pdfium", printed(bare))) == []


def ink_box(pdf: bytes) -> tuple[float, float, float, float]:
    """Margins of the ink below the awning: left, right, bottom in mm."""
    page = picture("pdfium", pdf, dpi=254)
    below_awning = page.crop((0, 95, page.width, page.height))
    box = below_awning.point(lambda grey: 255 if grey < 200 else 0).getbbox()
    assert box is not None
    return box[0] / 10, (page.width - box[2]) / 10, (below_awning.height - box[3]) / 10, box[1] / 10


@pytest.mark.parametrize("stall_no", ["7", "W88", "A103", "MM888", "东区 3 排 12 号"])
def test_nothing_comes_near_the_edge_that_printers_cannot_reach(stall_no: str) -> None:
    endless = "特别长的名字" * 20
    pass_card = card(
        community=endless,
        stall_no=stall_no,
        trading_name=endless,
        category=endless,
        market_title=endless,
        date_text=endless,
        hours_text=endless,
        arrive_by_text=endless,
        version=endless[:12],
        phone="0533-000-0000 转 8888 或 13800138000",
        rules=(endless,) * 6,
        footnote=endless,
    )
    assert [margin >= 5 for margin in ink_box(printed(pass_card))[:3]] == [True, True, True]


@pytest.mark.parametrize("stall_no, height_mm", [("A03", 28), ("A103", 28), ("AB123", 22)])
def test_the_stall_number_is_legible_from_afar(stall_no: str, height_mm: float) -> None:
    """5 mm for every metre: 25 mm for 5 m, and five characters still from 4 m."""
    page = picture("pdfium", printed(card(stall_no=stall_no)), dpi=254)
    number = page.crop((0, 160, page.width, 500))
    box = number.point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert box is not None
    assert (box[3] - box[1]) / 10 >= height_mm


def test_the_same_passes_give_the_same_file() -> None:
    assert printed(card(), card(2)) == printed(card(), card(2))


def test_a_pass_is_a_small_file() -> None:
    one, fifty = printed(card()), printed(*(card(serial) for serial in range(50)))
    assert (len(one) < 40_000, (len(fifty) - len(one)) / 49 < 2_500) == (True, True)
