"""Photos and papers that phones send: looked at, not believed; kept small, upright, without place and date.

There is one way for all of them: whatever comes is drawn anew by `draw_anew.py`, in a process of its own with
little memory and little time, before the unit of work begins. What is kept is always JPEG.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any, TypeVar

from flask import Flask, g, request
from flask_babel import lazy_gettext as _

from market.errors import Refusal
from market.log import log

MOST_BYTES = 12_000_000
"""A photo as a telephone makes it; the page of a phone with a script sends a tenth of that."""
MOST_PIXELS = 60_000_000
"""Of what the file says of itself: a small file may unfold into gigabytes."""
MOST_PAGES = 6
"""Of one PDF."""
MOST_FILES = 20
"""In one form."""
MOST_SENT = 3 * MOST_BYTES
"""In one form, with what is typed beside them."""
LONGEST_SIDE = 1280
PAPER_SIDE = 1800
"""Small print of a paper must stay readable."""
QUALITY = 78
ACCEPT = "image/jpeg,image/png,image/webp"
"""Asked for so, an iPhone sends JPEG and not HEIC."""
ACCEPT_PAPERS = f"{ACCEPT},application/pdf"

MEMORY = 190 * 1024 * 1024
SECONDS = 8
"""What drawing one file may take."""
PATIENCE = 20
"""Seconds after which nobody waits any longer."""
PROGRAM = Path(__file__).with_name("draw_anew.py")
LEFT_TO_IT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""Of the environment; what is secret stays here."""

_at_once = BoundedSemaphore(2)
"""So many are drawn at a time: together they take no more memory than a few."""

View = TypeVar("View", bound=Callable[..., Any])
Sent = list["Photo"]


@dataclass(frozen=True)
class Photo:
    """A picture as it is kept: JPEG."""

    content: bytes
    width: int
    height: int


NO: dict[str, tuple[Any, int]] = {
    "too_large": (_("照片太大了，请拍小一点，或者截一张图再传。"), 413),
    "unreadable": (_("这张照片打不开，请重新拍一张。"), 422),
    "locked": (_("这个 PDF 有密码，打不开。请直接拍照，或者去掉密码再传。"), 422),
    "acts": (_("这个 PDF 里夹着程序或别的文件，不能收。请直接拍照。"), 422),
    "many_pages": (_("这个 PDF 页数太多，最多 6 页。只传要看的那几页，或者直接拍照。"), 422),
    "many_files": (_("一次最多传 20 张照片，请分几次传。"), 413),
}


def _refusal(verdict: str) -> Refusal:
    sentence, status = NO[verdict]
    return Refusal(f"photos.{verdict}", sentence, status)


# ── what a view says of itself ────────────────────────────────────────────────────────────────────────────


def takes_photos(view: View) -> View:
    """Declares that a view takes photos, which are larger than any form."""
    return _takes(view, lambda stream: [read_photo(stream)])


def takes_papers(view: View) -> View:
    """Declares that a view takes photos and PDF of papers."""
    return _takes(view, read_paper)


def _takes(view: View, read: Callable[[IO[bytes]], Sent]) -> View:
    view.most_bytes = MOST_SENT  # type: ignore[attr-defined]  # travels with the function, as its policy
    view.reads_photo = read  # type: ignore[attr-defined]  # likewise
    return view


def init_app(app: Flask) -> None:
    """Forms with photos may be larger; said before anybody looks into the form. They are drawn when it is
    known who asks and before the unit of work: no writer waits for them, and a view that is run again finds
    them."""

    def allow(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        most = getattr(app.view_functions.get(endpoint or ""), "most_bytes", None)
        if most is not None:
            request.max_content_length = most

    def draw() -> None:
        read = getattr(app.view_functions.get(request.endpoint or ""), "reads_photo", None)
        if read is not None and request.method == "POST":
            g.photos = _drawn_of_form(read)

    app.url_value_preprocessor(allow)
    app.before_request(draw)


def _drawn_of_form(read: Callable[[IO[bytes]], Sent]) -> dict[str, Sent | Refusal]:
    sent = {name: [file for file in files if file.filename] for name, files in request.files.lists()}
    if sum(map(len, sent.values())) > MOST_FILES:
        return {name: _refusal("many_files") for name in sent}
    return {name: _tried(read, [file.stream for file in files]) for name, files in sent.items()}


def _tried(read: Callable[[IO[bytes]], Sent], streams: list[IO[bytes]]) -> Sent | Refusal:
    try:
        return [photo for stream in streams for photo in read(stream)]
    except Refusal as refusal:
        return refusal


def sent_photos(name: str) -> list[Photo]:
    """What came with the running form under this name, drawn anew. Refuses as `read_photo` does."""
    found: Sent | Refusal = g.photos.get(name, [])
    if isinstance(found, Refusal):
        raise found
    return found


# ── drawing anew ──────────────────────────────────────────────────────────────────────────────────────────


def read_photo(stream: IO[bytes]) -> Photo:
    """The picture that was sent, drawn anew, so that nothing else of the file is kept.

    Refuses `photos.too_large` and `photos.unreadable`.
    """
    (photo,) = _drawn_anew(_content(stream), pages=0, side=LONGEST_SIDE)
    return photo


def read_paper(stream: IO[bytes]) -> list[Photo]:
    """A paper as a photo or a PDF: a picture for each page, drawn anew.

    Refuses what `read_photo` does, and `photos.locked`, `photos.acts`, `photos.many_pages`.
    """
    return _drawn_anew(_content(stream), pages=MOST_PAGES, side=PAPER_SIDE)


def _content(stream: IO[bytes]) -> bytes:
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _refusal("too_large")
    return content


def _drawn_anew(content: bytes, *, pages: int, side: int) -> list[Photo]:
    limits = json.dumps([MEMORY, SECONDS, MOST_PIXELS, pages, side, QUALITY])
    with _at_once:
        out = _run([sys.executable, "-P", str(PROGRAM), limits], content)
    head, _end, pictures = out.partition(b"\n")
    told = json.loads(head)
    if told["verdict"]:
        raise _refusal(told["verdict"])
    return list(_cut(told["pages"], BytesIO(pictures)))


def _run(program: list[str], content: bytes) -> bytes:
    """What the program says; one that dies, or takes too long, says that the file cannot be read."""
    left = {name: os.environ[name] for name in LEFT_TO_IT if name in os.environ}
    try:
        done = subprocess.run(program, input=content, capture_output=True, timeout=PATIENCE, env=left)
    except subprocess.TimeoutExpired:
        raise _refusal("unreadable") from None
    if done.returncode:
        log.warning("photos.died", code=done.returncode, said=done.stderr[-400:].decode(errors="replace"))
        raise _refusal("unreadable")
    return done.stdout


def _cut(pages: list[tuple[int, int, int]], pictures: BytesIO) -> Iterator[Photo]:
    for length, width, height in pages:
        yield Photo(pictures.read(length), width, height)
