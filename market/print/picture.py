"""A paper of ours as a picture: to press and save where files cannot be opened."""

from __future__ import annotations

from io import BytesIO
from threading import Lock

WIDTH = 1080
"""Dots across: as wide as a phone shows it."""

_one_at_a_time = Lock()
"""The library draws for one thread at a time."""


def first_page(pdf: BytesIO) -> bytes:
    """The first page as a PNG."""
    from pypdfium2 import PdfDocument  # takes a moment, which no start should wait for

    out = BytesIO()
    with _one_at_a_time, PdfDocument(pdf.getvalue()) as document:  # type: ignore[no-untyped-call]  # no stubs
        page = document[0]
        picture = page.render(scale=WIDTH / page.get_width()).to_pil()
    picture.quantize(32).save(out, "PNG")
    return out.getvalue()
