"""Files that somebody sends instead of a photo of a paper: each with the verdict that is right.

`""`: what it shows is kept, drawn anew. Made here, so that no file of this kind lies in the repository.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from struct import pack
from typing import Any, NamedTuple

from PIL import Image, ImageDraw
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, create_string_object
from reportlab.pdfgen.canvas import Canvas

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"<script>alert(document.cookie)</script>"
PAYLOAD = EICAR + SCRIPT
"""What must be in nothing that is kept."""


class Animal(NamedTuple):
    """One file of the zoo."""

    name: str
    content: bytes
    as_paper: str
    """The verdict where papers are taken: photo or PDF."""
    as_photo: str
    """Where pictures only are taken."""


# ── pictures ──────────────────────────────────────────────────────────────────────────────────────────────


def picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 900), mode: str = "RGB", **more: Any) -> bytes:
    """A page with writing on it."""
    image = Image.new(mode, size, "white" if mode in ("RGB", "L", "RGBA", "CMYK") else 0)
    if mode in ("RGB", "L", "RGBA"):
        ImageDraw.Draw(image).rectangle((0, 0, size[0] // 2, size[1] // 2), fill="black")
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x013B] = 6, "36.8N 118.0E", PAYLOAD.decode()
    return picture(exif=exif)


def png_that_claims(width: int, height: int) -> bytes:
    """A small file that says it is huge, and has the zeros for a good part of it."""
    rows = zlib.compress(b"\0" * 4_000_000, 9)
    head = pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def png_with_text_bomb() -> bytes:
    """A comment that unfolds into half a gigabyte."""
    inner = zlib.compressobj(9)
    packed = b"".join(inner.compress(b"a" * 1_000_000) for _ in range(500)) + inner.flush()
    whole = picture("PNG", (60, 60))
    return whole[:33] + _chunk(b"zTXt", b"Comment\0\0" + packed) + whole[33:]


def png_with_text(text: bytes) -> bytes:
    whole = picture("PNG", (60, 60))
    return whole[:33] + _chunk(b"tEXt", b"Comment\0" + text) + whole[33:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))


def solid(kind: str, side: int) -> bytes:
    """Really so many pixels, of one colour: a few kilobytes that unfold."""
    out = BytesIO()
    Image.new("RGB", (side, side)).save(out, kind)
    return out.getvalue()


def jpeg_that_claims(width: int, height: int) -> bytes:
    content = bytearray(picture())
    at = content.index(b"\xff\xc0") + 5
    content[at : at + 4] = pack(">HH", height, width)
    return bytes(content)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (200, 200), (shade, 0, 0)) for shade in range(0, 250, 25)]
    out = BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


# ── PDF ───────────────────────────────────────────────────────────────────────────────────────────────────


def pdf(pages: int = 1, size: tuple[float, float] = (595, 842), text: str = "licence 370303") -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    for number in range(pages):
        canvas.drawString(size[0] * 0.1, size[1] * 0.8, f"{text} {number}")
        canvas.rect(size[0] * 0.1, size[1] * 0.1, size[0] * 0.5, size[1] * 0.3, fill=1)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def written(change: Callable[[PdfWriter], object], source: bytes | None = None) -> bytes:
    writer = PdfWriter(clone_from=BytesIO(source or pdf()))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def raw_pdf(*objects: bytes, version: bytes = b"1.7") -> bytes:
    """A PDF of hand-written objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-" + version + b"\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)


def pdf_with_huge_picture(side: int) -> bytes:
    """Less than a kilobyte that says it holds a picture of side × side."""
    data = zlib.compress(b"\0" * 1000)
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/FlateDecode/Length %d>>\nstream\n" % (side, side, len(data)) + data + b"\nendstream",
        b"<</Length 27>>\nstream\nq 200 0 0 200 0 0 cm /I Do Q\nendstream",
    )


def pdf_that_unfolds(rounds: int) -> bytes:
    """A drawing packed several times over: a small file, gigabytes of instructions."""
    inner = zlib.compressobj(9)
    data = b"".join(inner.compress(b"0 0 m 9 9 l S\n" * 70_000) for _ in range(300)) + inner.flush()
    for _ in range(rounds - 1):
        data = zlib.compress(data, 9)
    filters = b"/FlateDecode " * rounds
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        b"<</Filter[%s]/Length %d>>\nstream\n" % (filters, len(data)) + data + b"\nendstream",
    )


def pdf_with_loop() -> bytes:
    """The pages are their own parents."""
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>")


def pdf_with_packed_script() -> bytes:
    """Its program lies in a packed stream of objects, where no search of the file finds it."""
    packed = zlib.compress(b"7 0 <</S/JavaScript/JS(app.alert(1))>>")
    return raw_pdf(
        b"<</Type/Catalog/Pages 2 0 R/OpenAction 7 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n" % len(packed)
        + packed
        + b"\nendstream",
    )


def _lock(user: str, owner: str, algorithm: str) -> bytes:
    return written(lambda writer: writer.encrypt(user, owner, algorithm=algorithm))


def _disguised(source: bytes) -> bytes:
    return source.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/#4a#53")


def with_script() -> bytes:
    return opening("/JavaScript", {"/JS": "app.alert(1)"})


def opening(kind: str, more: dict[str, str] | None = None) -> bytes:
    """A PDF that does something when it is opened."""

    def change(writer: PdfWriter) -> None:
        action = DictionaryObject({NameObject("/S"): NameObject(kind)})
        action.update({NameObject(name): create_string_object(text) for name, text in (more or {}).items()})
        writer.root_object[NameObject("/OpenAction")] = action

    return written(change)


def with_title(text: str) -> bytes:
    return written(lambda writer: writer.add_metadata({"/Title": text}))


# ── other things ──────────────────────────────────────────────────────────────────────────────────────────


def zip_of(**files: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


SVG = b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"c" * 1000 + b'">]><svg>&b;&b;</svg>'
NO = "unreadable"


def animals() -> list[Animal]:
    """The whole zoo."""
    return [Animal(*row) for row in (*_fine(), *_polyglots(), *_bombs(), *_papers(), *_others())]


def _fine() -> list[tuple[str, bytes, str, str]]:
    return [
        ("a photo", picture(), "", ""),
        ("a photo with place and virus in its EXIF", with_place(), "", ""),
        ("a photo of 48 megapixels", picture(size=(8000, 6000)), "", ""),
        ("a screenshot", picture("PNG", (1080, 2340)), "", ""),
        ("a screenshot with nothing behind it", picture("PNG", mode="RGBA"), "", ""),
        ("a palette", picture("PNG", mode="P"), "", ""),
        ("black and white", picture("PNG", mode="1"), "", ""),
        ("grey", picture(mode="L"), "", ""),
        ("for a printer", picture(mode="CMYK"), "", ""),
        ("progressive", picture(progressive=True), "", ""),
        ("webp", picture("WEBP"), "", ""),
        ("webp that moves", animated("WEBP"), "", ""),
        ("png that moves", animated("PNG"), "", ""),
        ("one pixel", picture("PNG", (1, 1)), "", ""),
        ("very long", picture("PNG", (20, 15_000)), "", ""),
    ]


def _polyglots() -> list[tuple[str, bytes, str, str]]:
    return [
        ("jpeg, then html", picture() + SCRIPT, "", ""),
        ("jpeg, then zip", picture() + zip_of(a=PAYLOAD), "", ""),
        ("jpeg, then pdf", picture() + pdf(), "", ""),
        ("jpeg, then virus", picture() + EICAR, "", ""),
        ("png with a script in its comment", png_with_text(PAYLOAD), "", ""),
        ("pdf, then jpeg", pdf() + picture(), "", NO),
        ("pdf, then zip", pdf() + zip_of(a=PAYLOAD), "", NO),
        ("pdf, then html", pdf() + SCRIPT, "", NO),
        ("gif that is a script", b"GIF89a/*" + picture("GIF")[8:] + b"*/=1;alert(1)", NO, NO),
        ("html that says it is a pdf", SCRIPT + pdf(), NO, NO),
        ("zip with a pdf head", b"%PDF-1.7\n" + zip_of(a=PAYLOAD), NO, NO),
        ("program with a jpeg inside", b"MZ\x90\0" + picture(), NO, NO),
    ]


def _bombs() -> list[tuple[str, bytes, str, str]]:
    return [
        ("png of 50,000 × 50,000", png_that_claims(50_000, 50_000), "too_large", "too_large"),
        ("png of 65,000 × 2", png_that_claims(2_000_000_000, 2), "too_large", "too_large"),
        ("png of 5,000 × 5,000 that is true", solid("PNG", 5_000), "too_large", "too_large"),
        ("png with a comment of half a gigabyte", png_with_text_bomb(), NO, NO),
        ("jpeg of 65,000 × 65,000", jpeg_that_claims(65_000, 65_000), "too_large", "too_large"),
        ("webp that says 16,382 × 16,382", _webp_that_claims(), NO, NO),
        ("webp of 5,000 × 5,000 that is true", solid("WEBP", 5_000), NO, NO),
        ("zip bomb", zip_of(a=b"\0" * 20_000_000), NO, NO),
        ("gzip bomb", gzip.compress(b"\0" * 20_000_000), NO, NO),
        ("pdf whose picture is 200,000 × 200,000", pdf_with_huge_picture(200_000), NO, NO),
        ("pdf whose picture is 30,000 × 30,000", pdf_with_huge_picture(30_000), NO, NO),
        ("pdf packed three times", pdf_that_unfolds(3), NO, NO),
        ("pdf that is its own page", pdf_with_loop(), NO, NO),
        ("xml that unfolds", ENTITIES, NO, NO),
        ("too many bytes", picture() + b"\0" * 12_000_000, "too_large", "too_large"),
    ]


def _webp_that_claims() -> bytes:
    """An extended head that says the canvas is as large as the format allows."""
    whole = picture("WEBP", (64, 64), mode="RGBA")
    size = (16_382).to_bytes(3, "little")
    body = b"WEBPVP8X" + pack("<I", 10) + b"\0\0\0\0" + size + size + whole[30:]
    return b"RIFF" + pack("<I", len(body)) + body


def _papers() -> list[tuple[str, bytes, str, str]]:
    return [
        ("pdf of one page", pdf(), "", NO),
        ("pdf of six pages", pdf(6), "", NO),
        ("pdf of seven pages", pdf(7), "many_pages", NO),
        ("pdf of 3,000 pages", pdf(3_000), "many_pages", NO),
        ("pdf with a page of 200,000 × 200,000", pdf(size=(200_000, 200_000)), "", NO),
        ("pdf with a virus in its title", with_title(EICAR.decode()), "", NO),
        ("pdf with a password", _lock("secret", "secret", "AES-256"), "locked", NO),
        ("pdf with an old password", _lock("secret", "owner", "RC4-40"), "locked", NO),
        ("pdf locked against printing", _lock("", "owner", "AES-128"), "locked", NO),
        ("pdf with a script", with_script(), "acts", NO),
        ("pdf with a disguised script", _disguised(with_script()), "acts", NO),
        ("pdf with a packed script", pdf_with_packed_script(), "acts", NO),
        ("pdf that starts a program", opening("/Launch"), "acts", NO),
        ("pdf with a file inside", written(lambda w: w.add_attachment("a.exe", PAYLOAD)), "acts", NO),
        ("pdf cut off", pdf()[:300], NO, NO),
        ("pdf of nothing but its head", b"%PDF-1.7", NO, NO),
        (
            "pdf without a page",
            _no_page(),
            NO,
            NO,
        ),
        ("pdf with an empty page", _empty_page(), NO, NO),
    ]


def _no_page() -> bytes:
    return raw_pdf(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>")


def _empty_page() -> bytes:
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


def _others() -> list[tuple[str, bytes, str, str]]:
    office = zip_of(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
    return [
        ("nothing", b"", NO, NO),
        ("one byte", b"\xff", NO, NO),
        ("a megabyte of zeros", b"\0" * 1_000_000, NO, NO),
        ("the test virus", EICAR, NO, NO),
        ("svg with a script", SVG, NO, NO),
        ("html", b"<!doctype html>" + SCRIPT, NO, NO),
        ("heic", HEIC, NO, NO),
        ("gif", picture("GIF"), NO, NO),
        ("bmp", picture("BMP"), NO, NO),
        ("tiff", picture("TIFF"), NO, NO),
        ("icon", picture("ICO", (64, 64)), NO, NO),
        ("postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage", NO, NO),
        ("office document", office, NO, NO),
        ("program for Linux", b"\x7fELF\x02\x01\x01" + b"\0" * 200, NO, NO),
        ("shell", b"#!/bin/sh\nrm -rf ~\n", NO, NO),
        ("photo cut off", picture()[:300], NO, NO),
        ("photo with a torn middle", _torn(), "", ""),
    ]


def _torn() -> bytes:
    content = bytearray(picture())
    content[700:720] = b"\xff\xd9" * 10
    return bytes(content)
