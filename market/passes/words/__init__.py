"""What passes say, and what is said about them."""

from __future__ import annotations

from market.calendar.printed import date_of
from market.passes.words.codes import LAYOUT_WORDS, REASON_WORDS, STANDINGS
from market.passes.words.printed import (
    pass_back,
    pass_card,
    pass_file_name,
    pass_labels,
    passes_title,
    spare_card,
    version_text,
)

__all__ = [
    "LAYOUT_WORDS", "REASON_WORDS", "STANDINGS", "date_of", "pass_back", "pass_card",
    "pass_file_name", "pass_labels", "passes_title", "spare_card", "version_text",
]  # fmt: skip
