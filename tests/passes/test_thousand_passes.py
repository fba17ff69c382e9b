"""A thousand passes: every code is read from paper, every name is copied as it was typed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageFilter

from market.passes.cards import PassCard
from market.passes.layouts import SHEETS
from market.passes.pdf import passes_pdf
from market.passes.rules import Layout
from market.print import missing_glyphs, printable
from tests.bench.bench_passes import cards
from tests.parts.pdf import both_readers, picture, text
from tests.passes.test_pdf import LABELS, card

MANY = 1_000


def printed(passes: list[PassCard], layout: Layout = Layout.A6) -> bytes:
    out = BytesIO()
    passes_pdf(passes, out, labels=LABELS, layout=layout)
    return out.getvalue()


@pytest.fixture(scope="module")
def thousand() -> bytes:
    return printed(cards(MANY))


def pages(pdf: bytes, dpi: int) -> Iterator[Image.Image]:
    """Every page as a printer of that fineness would print it (grey)."""
    open_document: Callable[[bytes], Any] = pypdfium2.PdfDocument
    document = open_document(pdf)
    for number in range(len(document)):
        yield document[number].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    document.close()


def read(image: Image.Image) -> str:
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return found[0].text if len(found) == 1 else f"{len(found)} codes"


@pytest.mark.slow
def test_every_code_of_a_thousand_passes_is_read_at_150_dpi(thousand: bytes) -> None:
    found = [read(page) for page in pages(thousand, 150)]
    assert found == [c.qr_url for c in cards(MANY)]


def photographed(page: Image.Image, chance: random.Random) -> Image.Image:
    """Held askew, out of focus, in the dusk, by a noisy camera."""
    image = page.rotate(
        chance.uniform(-25, 25), expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC
    )
    image = image.filter(ImageFilter.GaussianBlur(chance.uniform(0.8, 1.6)))
    dim = chance.uniform(0.25, 0.5)
    noise = Image.effect_noise(image.size, 18).point(lambda grey: (grey - 128) // 2 + 20)
    darker = image.point(lambda grey: round(grey * dim))
    return Image.blend(darker, Image.merge("L", [noise]), 0.15)


@pytest.mark.slow
def test_every_code_is_read_from_a_bad_photograph(thousand: bytes) -> None:
    chance = random.Random(7)
    found = [read(photographed(page, chance)) for page in pages(thousand, 150)]
    assert found == [c.qr_url for c in cards(MANY)]


@pytest.mark.parametrize("layout", [Layout.A4X8, Layout.LABELS24, Layout.LABELS14])
def test_the_small_codes_are_read_from_bad_photographs_too(layout: Layout) -> None:
    passes, chance = cards(8), random.Random(8)
    page = picture("pdfium", printed(passes, layout), dpi=200)
    found = [read(photographed(cell, chance)) for cell in cells(page, layout)[:8]]
    assert found == [c.qr_url for c in passes]


def cells(page: Image.Image, layout: Layout) -> list[Image.Image]:
    """Each pass cut out, as a camera that is held over it sees it."""
    sheet = SHEETS[layout]
    scale = page.width / sheet.page[0]
    width, height = sheet.cell
    return [
        page.crop(
            (round(x * scale), page.height - round((y + height) * scale),
             round((x + width) * scale), page.height - round(y * scale))
        )
        for x, y in sheet.corners
    ]  # fmt: skip


# ── names ─────────────────────────────────────────────────────────────────────────────────────────────────

RARE = [
    character
    for block in (range(0x3400, 0x4DC0), range(0x20000, 0x2A6E0), range(0x2A700, 0x2B740))
    for character in map(chr, block)
    if not missing_glyphs(character)
]


def rare_names(count: int) -> list[str]:
    """Names of three to six characters that few fonts have, each with one common character."""
    chance = random.Random(600)
    names = ["".join(chance.sample(RARE, chance.randint(2, 5))) + "记" for _name in range(count)]
    assert len(set(names)) == count
    return names


@pytest.mark.slow
@both_readers
def test_six_hundred_rare_names_are_copied_as_they_were_typed(reader: str) -> None:
    names = rare_names(600)
    passes = [card(1, trading_name=name, stall_no=f"N{n:03d}", qr_url="") for n, name in enumerate(names)]
    pdf = printed(passes, Layout.A4X4)
    copied = [text(reader, pdf, page).split() for page in range(1, 151)]
    lost = [name for n, name in enumerate(names) if printable(name) not in copied[n // 4]]
    assert lost == []
