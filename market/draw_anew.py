"""Draws a picture or a PDF anew, in a process of its own that may take only so much memory and time.

This is a program: the file comes in by standard input, out go a line that says what became of it and the
pictures. It imports nothing of the application: whatever a file does to it, there is nothing here to reach.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from typing import Any, NamedTuple

from PIL import Image, ImageOps

KINDS = ("JPEG", "PNG", "WEBP")
UNFOLDED_PIXELS = 16_000_000
"""Of a kind that has to be unfolded whole; a JPEG is made small while it is read."""
UNPACKED_BYTES, MOST_PACKS = 1_000_000, 200
ACTING = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA)(?![A-Za-z0-9])")
ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
PACK = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)


class Limits(NamedTuple):
    """What one file may take, and how what it shows is kept."""

    memory: int
    seconds: int
    pixels: int
    pages: int
    """Of a PDF; 0: pictures only."""
    side: int
    quality: int


class Drawn(NamedTuple):
    """One picture as it is kept: JPEG."""

    content: bytes
    width: int
    height: int


class Unfit(Exception):
    """Nothing of this file is kept; the argument says why."""


def main() -> None:
    limits = Limits(*json.loads(sys.argv[1]))
    content = sys.stdin.buffer.read()
    read = _readers(content, limits)
    _bound(limits)
    verdict, pages = "", list[Drawn]()
    try:
        pages = read(content, limits)
    except Unfit as unfit:
        verdict = str(unfit)
    except MemoryError:
        verdict = "too_large"
    head = {"verdict": verdict, "pages": [[len(page.content), page.width, page.height] for page in pages]}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(page.content for page in pages))


def _readers(content: bytes, limits: Limits) -> Callable[[bytes, Limits], list[Drawn]]:
    """Who reads this content, whatever it is called; libraries are loaded before anything is bounded."""
    if content.startswith(b"%PDF-") and limits.pages:
        import_module("pypdfium2")
        return _pages
    Image.init()
    return _picture


def _bound(limits: Limits) -> None:
    """From here on this process can neither grow, nor go on for long, nor write a file."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


# ── pictures ──────────────────────────────────────────────────────────────────────────────────────────────


def _picture(content: bytes, limits: Limits) -> list[Drawn]:
    Image.MAX_IMAGE_PIXELS = None  # asked here, as an error and not as a warning
    size = 0
    try:
        with Image.open(BytesIO(content), formats=KINDS) as opened:
            size = opened.width * opened.height
            if size > _most(opened, limits):
                raise Unfit("too_large")
            opened.draft("RGB", (limits.side, limits.side))
            return [_kept(_small(opened, limits), limits)]
    except (OSError, ValueError, SyntaxError, EOFError, zlib.error) as error:
        raise Unfit("too_large" if size > UNFOLDED_PIXELS else "unreadable") from error


def _most(opened: Image.Image, limits: Limits) -> int:
    return limits.pixels if opened.format == "JPEG" else min(limits.pixels, UNFOLDED_PIXELS)


def _small(opened: Image.Image, limits: Limits) -> Image.Image:
    """Small first, then turned and coloured: what is large lies in memory only once."""
    whole = opened.convert("RGBA") if opened.mode in ("P", "1", "PA") else opened
    whole.thumbnail((limits.side, limits.side))
    return _on_white(ImageOps.exif_transpose(whole))


def _on_white(picture: Image.Image) -> Image.Image:
    """Black writing on nothing would be black on black in a JPEG."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    white = Image.new("RGB", clear.size, "white")
    white.paste(clear, mask=clear.getchannel("A"))
    return white


def _kept(picture: Image.Image, limits: Limits) -> Drawn:
    out = BytesIO()
    picture.save(out, "JPEG", quality=limits.quality, optimize=True)
    return Drawn(out.getvalue(), picture.width, picture.height)


# ── PDF ───────────────────────────────────────────────────────────────────────────────────────────────────


def _pages(content: bytes, limits: Limits) -> list[Drawn]:
    """A picture of each page: nothing else of the file is kept."""
    if acts(content):
        raise Unfit("acts")
    document = _opened(content)
    if len(document) > limits.pages:
        raise Unfit("many_pages")
    drawn = [_page(document, number, limits) for number in range(len(document))]
    if all(_is_empty(page) for page in drawn):
        raise Unfit("unreadable")
    return [_kept(page, limits) for page in drawn]


def acts(content: bytes) -> bool:
    """Whether a PDF brings programs or files along, also under a disguised name or packed."""
    return any(ACTING.search(ESCAPED.sub(_unescaped, part)) for part in (content, *_unpacked(content)))


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode())


def _unpacked(content: bytes) -> Iterator[bytes]:
    for number, found in enumerate(PACK.finditer(content)):
        if number >= MOST_PACKS:
            raise Unfit("too_large")
        try:
            yield zlib.decompressobj().decompress(content[found.end() :], UNPACKED_BYTES)
        except zlib.error:
            continue


def _opened(content: bytes) -> Any:
    pdfium, raw = import_module("pypdfium2"), import_module("pypdfium2.raw")
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        locked = raw.FPDF_GetLastError() in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise Unfit("locked" if locked else "unreadable") from error
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        raise Unfit("locked")
    if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 or raw.FPDFDoc_GetAttachmentCount(document) > 0:
        raise Unfit("acts")
    return document


def _page(document: Any, number: int, limits: Limits) -> Image.Image:
    try:
        page = document[number]
        longest = max(page.get_size())
        picture: Image.Image = page.render(scale=limits.side / longest, may_draw_forms=False).to_pil()
    except (RuntimeError, ValueError, ZeroDivisionError) as error:  # pdfium's own error is a RuntimeError
        raise Unfit("unreadable") from error
    return picture.convert("RGB")


def _is_empty(picture: Image.Image) -> bool:
    colours: Any = picture.getextrema()
    return all(low == high for low, high in colours)


if __name__ == "__main__":
    main()
