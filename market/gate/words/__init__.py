"""What the gate says and prints: verdicts with the next step, passes, the sign-in list."""

from __future__ import annotations

from market.calendar.printed import clock_of, date_of
from market.gate.words.codes import COUNT_WORDS, LAYOUT_WORDS, METHOD_WORDS, REASON_WORDS, STANDINGS
from market.gate.words.notices import NOTICES
from market.gate.words.printed import (
    pass_back,
    pass_card,
    pass_file_name,
    pass_labels,
    passes_title,
    sheet_file_name,
    sheet_row,
    spare_card,
    version_text,
)
from market.gate.words.verdicts import DETAILS, VERDICT_KINDS, VERDICT_WORDS, Answer, answer

__all__ = [
    "COUNT_WORDS", "DETAILS", "LAYOUT_WORDS", "METHOD_WORDS", "NOTICES", "REASON_WORDS", "STANDINGS",
    "VERDICT_KINDS", "VERDICT_WORDS", "Answer", "answer", "clock_of", "date_of", "pass_back", "pass_card",
    "pass_file_name", "pass_labels", "passes_title", "sheet_file_name", "sheet_row", "spare_card",
    "version_text",
]  # fmt: skip
