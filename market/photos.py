"""Photos that phones send: looked at, not believed; kept small, turned upright, without place and date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, TypeVar

from flask import Flask, request
from flask_babel import lazy_gettext as _

from market.errors import Refusal

MOST_BYTES = 12_000_000
"""A photo as a telephone makes it; the page of a phone with a script sends a tenth of that."""
MOST_PIXELS = 60_000_000
"""Of what the file says of itself: a small file may unfold into gigabytes."""
LONGEST_SIDE = 1280
QUALITY = 78
KINDS = ("JPEG", "PNG", "WEBP")
ACCEPT = "image/jpeg,image/png,image/webp"
"""Asked for so, an iPhone sends JPEG and not HEIC."""

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Photo:
    """A picture as it is kept: JPEG."""

    content: bytes
    width: int
    height: int


def takes_photos(view: View) -> View:
    """Declares that a view takes photos, which are larger than any form."""
    view.most_bytes = 3 * MOST_BYTES  # type: ignore[attr-defined]  # travels with the function, as its policy
    return view


def init_app(app: Flask) -> None:
    """Forms with photos may be larger; said before anybody looks into the form."""

    def allow(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        most = getattr(app.view_functions.get(endpoint or ""), "most_bytes", None)
        if most is not None:
            request.max_content_length = most

    app.url_value_preprocessor(allow)


def read_photo(stream: IO[bytes]) -> Photo:
    """The picture that was sent, drawn anew, so that nothing else of the file is kept.

    Refuses `photos.too_large` and `photos.unreadable`.
    """
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refusal("photos.too_large", _("照片太大了，请拍小一点，或者截一张图再传。"), 413)
    return _drawn_anew(content)


def _drawn_anew(content: bytes) -> Photo:
    from PIL import Image, ImageOps  # takes a moment, which no start should wait for

    try:
        with Image.open(BytesIO(content), formats=KINDS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Refusal("photos.too_large", _("照片太大了，请拍小一点，或者截一张图再传。"), 413)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Refusal("photos.unreadable", _("这张照片打不开，请重新拍一张。"), 422) from error
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = BytesIO()
    upright.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Photo(out.getvalue(), upright.width, upright.height)
