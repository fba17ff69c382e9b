"""Reads our PDFs back with two readers that are not ours: pdfium, as in browsers; poppler, as on desktops."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from itertools import combinations
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

needs_poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler-utils is not installed")
both_readers = pytest.mark.parametrize("reader", ["pdfium", pytest.param("poppler", marks=needs_poppler)])


def page_count(pdf: bytes) -> int:
    return len(PdfReader(BytesIO(pdf)).pages)


def page_size_mm(pdf: bytes) -> tuple[float, float]:
    """Width and height of the first page."""
    box = PdfReader(BytesIO(pdf)).pages[0].mediabox
    return round(float(box.width) / 72 * 25.4, 1), round(float(box.height) / 72 * 25.4, 1)


def picture(reader: str, pdf: bytes, page: int = 1, dpi: int = 150) -> Image.Image:
    """A page as a grey picture."""
    if reader == "pdfium":
        image: Image.Image = _pdfium_page(pdf, page).render(scale=dpi / 72).to_pil().convert("L")
        return image
    return _poppler_picture(pdf, page, dpi, "-gray").convert("L")


def black_and_white(pdf: bytes, page: int = 1, dpi: int = 200) -> Image.Image:
    """A page as a printer without grey would dot it (poppler)."""
    return _poppler_picture(pdf, page, dpi, "-mono").convert("L")


def text(reader: str, pdf: bytes, page: int = 1) -> str:
    """What someone gets who copies the page."""
    if reader == "pdfium":
        return str(_pdfium_page(pdf, page).get_textpage().get_text_bounded())
    command = ["pdftotext", "-f", str(page), "-l", str(page), "-enc", "UTF-8", "-", "-"]
    return subprocess.run(command, input=pdf, capture_output=True, check=True).stdout.decode()


def lines(reader: str, pdf: bytes, page: int = 1) -> list[str]:
    """The copied text in lines, without the empty ones."""
    return [line.strip() for line in text(reader, pdf, page).splitlines() if line.strip()]


def characters(copied: str) -> list[str]:
    """Every character but white space, sorted: readers differ in order and spacing, not in what is there."""
    return sorted("".join(copied.split()))


def codes(image: Image.Image) -> list[str]:
    """What an independent reader finds in the QR codes of a picture, from the top, from the left."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    where = [(code.position.top_left.y // 50, code.position.top_left.x, code.text) for code in found]
    return [read for _y, _x, read in sorted(where)]


def fonts(pdf: bytes) -> set[tuple[str, bool]]:
    """The fonts that the document uses, each with whether it is embedded."""
    found = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        resources: Any = page["/Resources"]
        for reference in resources.get("/Font", {}).values():
            font = reference.get_object()
            embedded = "/FontFile2" in font.get("/FontDescriptor", {})
            found.add((str(font["/BaseFont"]).split("+")[-1], embedded))
    return found


def _pdfium_page(pdf: bytes, page: int) -> Any:
    open_document: Callable[[bytes], Any] = pypdfium2.PdfDocument
    return open_document(pdf)[page - 1]


def _poppler_picture(pdf: bytes, page: int, dpi: int, *options: str) -> Image.Image:
    command = ["pdftoppm", "-f", str(page), "-l", str(page), "-r", str(dpi), *options, "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    return Image.open(BytesIO(done.stdout))


def laid_over(pdf: bytes, page: int = 1) -> list[tuple[str, str]]:
    """Pieces of text that lie over one another; not where the same is drawn again in another colour."""
    words = _pdfium_page(pdf, page).get_textpage()
    boxes = [words.get_rect(number) for number in range(words.count_rects())]
    said = [words.get_text_bounded(*box).strip() for box in boxes]
    return [
        (said[one], said[other])
        for one, other in combinations(range(len(boxes)), 2)
        if said[one] != said[other] and _share(boxes[one], boxes[other]) > INK
    ]


INK = 0.8
"""Points that two pieces may share: boxes of letters are a little larger than the letters."""


def _share(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """How far two boxes reach into each other, by the smaller of both sides."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    upwards = min(one[3], other[3]) - max(one[1], other[1])
    return min(across, upwards)
