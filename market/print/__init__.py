"""What every PDF of ours shares: the embedded Chinese font, text that fits its place, awning, tables."""

from __future__ import annotations

from market.print.glyphs import (
    BLACK_LETTERS,
    BOLD,
    CAP_HEIGHT,
    fitted_size,
    missing_glyphs,
    printable,
    shortened,
    text_width,
)
from market.print.lines import NEVER_FIRST, NEVER_LAST, largest_that_fits, wrap
from market.print.page import (
    A3,
    A4,
    A4_LANDSCAPE,
    A6,
    BLACK,
    MM,
    PALE,
    PERSIMMON,
    WHITE,
    draw_awning,
    draw_cut_marks,
    in_groups,
    paper,
)
from market.print.text import Align, draw_block, draw_lines, draw_narrowed, draw_text

__all__ = [
    "A3", "A4", "A4_LANDSCAPE", "A6", "BLACK", "BLACK_LETTERS", "BOLD", "CAP_HEIGHT", "MM", "NEVER_FIRST",
    "NEVER_LAST", "PALE", "PERSIMMON", "WHITE", "Align", "draw_awning", "draw_block", "draw_cut_marks",
    "draw_lines", "draw_narrowed", "draw_text", "fitted_size", "in_groups", "largest_that_fits",
    "missing_glyphs", "paper", "printable", "shortened", "text_width", "wrap",
]  # fmt: skip
