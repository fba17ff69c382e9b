"""A QR code of ours is read by a reader that is not ours, from paper and from a screen."""

from __future__ import annotations

import random
import re
from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from hypothesis import example, given, settings, strategies as st
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.main import QRCode

from market.passes.address import pass_address
from market.passes.token import ALPHABET
from market.print import A6, MM, paper
from market.print.qr import MASK, QUIET_ZONE, draw_qr, qr_matrix, qr_svg
from tests.parts.pdf import both_readers, codes, picture

TOKEN = "10$*Z-.+9A4K" * 10
TOKENS = st.text(st.sampled_from(ALPHABET), min_size=120, max_size=120)


def read_back(matrix: list[list[bool]]) -> zxingcpp.Barcode:
    """What the independent reader makes of the squares, four dots each."""
    side = len(matrix) + 2 * QUIET_ZONE
    image = Image.new("L", (side, side), 255)
    for y, row in enumerate(matrix):
        for x, square in enumerate(row):
            if square:
                image.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    found = zxingcpp.read_barcodes(
        image.resize((side * 4, side * 4), Image.Resampling.NEAREST),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
    )
    assert len(found) == 1
    return found[0]


def printed(text: str, size: float) -> bytes:
    """A page with nothing but the code."""
    out = BytesIO()
    with paper(out, A6, title="试印") as canvas:
        draw_qr(canvas, text, 20, 100, size)
        canvas.showPage()
    return out.getvalue()


@pytest.mark.parametrize("seed", range(10))
def test_the_squares_are_those_of_the_library(seed: int) -> None:
    token = "".join(random.Random(seed).choices(ALPHABET, k=120))
    address = pass_address("https://market.example.org", token)
    code = QRCode(error_correction=ERROR_CORRECT_M, mask_pattern=MASK, border=0)
    code.add_data(address, optimize=0)
    assert qr_matrix(address) == code.get_matrix()


# Full of zeros, as no signed token is: a reader that looks for every kind of code saw another one in it.
@example("0" * 26 + "2G13" + "0" * 35 + "111X1" + "0" * 34 + "L510" + "0" * 12)
@given(TOKENS)
@settings(max_examples=25, deadline=None)
def test_any_pass_address_is_read_back(token: str) -> None:
    address = pass_address("https://market.example.org", token)
    assert read_back(qr_matrix(address)).text == address


@pytest.mark.parametrize(
    "text",
    ["7", "0123456789" * 5, "0" * 200, "小吉𠮷䶮", "https://集市.example/c/城南", "Mixed case / text " * 20],
)
def test_any_text_is_read_back(text: str) -> None:
    assert read_back(qr_matrix(text)).text == text


@pytest.mark.parametrize("host, version", [("demo.cn", 6), ("market.zibo-fund.gov.cn", 6), ("h" * 24, 7)])
def test_a_pass_is_a_small_symbol(host: str, version: int) -> None:
    assert len(qr_matrix(pass_address(f"https://{host}", TOKEN))) == 17 + 4 * version


@pytest.mark.parametrize(
    "public_url, address",
    [
        ("https://market.example.org", "HTTPS://MARKET.EXAMPLE.ORG/P/"),
        ("http://127.0.0.1:8000/", "HTTP://127.0.0.1:8000/P/"),
        ("https://example.org/jishi/", "HTTPS://EXAMPLE.ORG/jishi/P/"),
    ],
)
def test_only_what_may_be_in_capitals_is(public_url: str, address: str) -> None:
    assert pass_address(public_url, TOKEN) == address + TOKEN


@pytest.mark.parametrize("dpi", [72, 100, 150, 203, 300, 600])
@both_readers
def test_a_printed_code_is_read_at_any_fineness(reader: str, dpi: int) -> None:
    address = pass_address("https://market.example.org", TOKEN)
    assert codes(picture(reader, printed(address, 45 * MM), dpi=dpi)) == [address]


@pytest.mark.parametrize("turn", [90, 180, 270, 17])
def test_a_printed_code_is_read_however_the_paper_is_held(turn: int) -> None:
    address = pass_address("https://market.example.org", TOKEN)
    page = picture("pdfium", printed(address, 45 * MM), dpi=150)
    assert codes(page.rotate(turn, expand=True, fillcolor=255)) == [address]


def test_a_tenth_of_the_code_may_be_covered_by_a_thumb() -> None:
    address = pass_address("https://market.example.org", TOKEN)
    page = picture("pdfium", printed(address, 100 * MM), dpi=150)
    box = page.point(lambda grey: 255 - grey).getbbox()
    assert box is not None
    side = box[2] - box[0]
    page.paste(
        128, (box[2] - side // 4, box[1] + side // 2 - side // 5, box[2], box[1] + side // 2 + side // 5)
    )
    assert codes(page) == [address]


def test_the_code_keeps_its_quiet_zone_inside_its_place() -> None:
    address = pass_address("https://market.example.org", TOKEN)
    page = picture("pdfium", printed(address, 98), dpi=144)
    box = page.point(lambda grey: 255 if grey < 128 else 0).getbbox()
    assert box is not None
    bottom = page.height / 2 - box[3] / 2
    assert (round(box[0] / 2), round(box[2] / 2), round(bottom)) == (20 + 8, 20 + 98 - 8, 100 + 8)


def test_the_svg_shows_the_same_squares() -> None:
    svg = ElementTree.fromstring(qr_svg("HTTPS://EXAMPLE.ORG", "摊位证"))  # noqa: S314  # our own text
    squares = set()
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg[1].attrib["d"]):
        squares |= {(int(x) + n - QUIET_ZONE, int(y) - QUIET_ZONE) for n in range(int(length))}
    rows = enumerate(qr_matrix("HTTPS://EXAMPLE.ORG"))
    assert squares == {(x, y) for y, row in rows for x, square in enumerate(row) if square}
    assert svg.attrib["viewBox"] == "0 0 29 29"


def test_the_svg_tells_what_it_is_and_obeys_a_strict_page() -> None:
    svg = qr_svg("HTTPS://EXAMPLE.ORG", '摊位证 A03 "<周记>" & 子')
    element = ElementTree.fromstring(svg)  # noqa: S314  # our own text
    assert element.attrib["role"] == "img"
    assert element.attrib["aria-label"] == '摊位证 A03 "<周记>" & 子'
    assert re.findall(r"\b(style|on\w+)=", svg) == []
