"""Which characters our font prints, how wide a text is, and at which size it fits its place."""

from __future__ import annotations

import unicodedata
from functools import cache

from market.fonts.face import paper_font

CAP_HEIGHT = 0.733
"""Height of capitals and digits, as a part of the type size."""

BOLD = 0.035
"""Stroke around bold letters, as a part of the type size: it makes the second weight that the font lacks."""
BLACK_LETTERS = 0.055
"""The same for the few very large letters that are read from afar."""

ROUNDING = 0.01
"""A text that was just made to fit may be wider than its place by the last digits of a float."""


def missing_glyphs(text: str) -> list[str]:
    """The characters of the text that the font lacks, each once: asked when a vendor registers a name."""
    return [character for character in dict.fromkeys(text) if print_form(character).startswith("[U+")]


def printable(text: str) -> str:
    """The text as it will be printed: in one line, `[U+31EDE]` for a character that the font lacks."""
    return "".join(map(print_form, text)).strip()


@cache
def print_form(character: str) -> str:
    """What stands on paper for one character: itself, a space, nothing, or its number."""
    if character.isspace() and character != "\u3000":
        return " "
    if unicodedata.category(character) in ("Cc", "Cf") or _is_variation_selector(character):
        return ""
    if ord(character) in paper_font().face.charToGlyph:
        return character
    return f"[U+{ord(character):04X}]"


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
