"""Which characters our font prints, how wide a text is, and at which size it fits its place."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from market.fonts.face import paper_font

CAP_HEIGHT = 0.733
"""Height of capitals and digits, as a part of the type size."""

BOLD = 0.035
"""Stroke around bold letters, as a part of the type size: it makes the second weight that the font lacks."""
BLACK_LETTERS = 0.055
"""The same for the few very large letters that are read from afar."""

BOX = "□"
"""Stands for a letter that the font lacks: nobody reads a number for a name, and a pen can fill it."""

APOSTROPHE = re.compile("(?<=[A-Za-z])’(?=[A-Za-z])")
"""As wide as a Chinese character in our font, which tears an English word apart."""

ROUNDING = 0.01
"""A text that was just made to fit may be wider than its place by the last digits of a float."""


def missing_glyphs(text: str) -> list[str]:
    """The characters of the text that the font lacks, each once: asked about when the text is typed."""
    return [character for character in dict.fromkeys(text) if not _shows(character) and _wants_ink(character)]


def printable(text: str) -> str:
    """The text as it will be printed: in one line; a letter that the font lacks leaves a box for a pen, a
    picture leaves nothing."""
    return APOSTROPHE.sub("'", "".join(map(print_form, text)).strip())


@cache
def print_form(character: str) -> str:
    """What stands on paper for one character: itself, a space, a box, or nothing."""
    if character.isspace():
        return character if character == "\u3000" else " "
    if not _wants_ink(character):
        return ""
    if _shows(character):
        return character
    return BOX if _is_letter(character) else ""


def _is_letter(character: str) -> bool:
    """Also a character of the planes of rare Han that is younger than our tables."""
    return unicodedata.category(character).startswith("L") or 0x20000 <= ord(character) < 0x40000


def _shows(character: str) -> bool:
    return ord(character) in paper_font().face.charToGlyph


def _wants_ink(character: str) -> bool:
    if character.isspace() or _is_variation_selector(character):
        return False
    return unicodedata.category(character) not in ("Cc", "Cf")


def _is_variation_selector(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def text_width(text: str, size: float, stroke: float = 0) -> float:
    """How wide the printable text is; letters with a stroke stand half of it further apart."""
    widths: dict[int, float] = paper_font().face.charWidths
    return sum(widths[ord(character)] for character in text) * size / 1000 + len(text) * size * stroke / 2


def fitted_size(text: str, size: float, width: float, smallest: float, stroke: float = 0) -> float:
    """The size, or a smaller one down to `smallest`, at which the text is not wider than `width`."""
    natural = text_width(text, size, stroke)
    return size if natural <= width else max(smallest, size * width / natural)


def shortened(text: str, size: float, width: float, stroke: float = 0) -> str:
    """The text, or as much of its beginning as fits in the width, with an ellipsis."""
    if text_width(text, size, stroke) <= width + ROUNDING:
        return text
    kept = text
    while kept and text_width(kept + "…", size, stroke) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"
