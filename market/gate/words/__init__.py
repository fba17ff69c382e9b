"""What the gate says and prints: verdicts with the next step, the sign-in list."""

from __future__ import annotations

from market.calendar.printed import clock_of
from market.gate.words.codes import (
    COUNT_WORDS,
    HELD_WORDS,
    METHOD_WORDS,
    SAMPLING_WORDS,
    factor_text,
    late_text,
)  # fmt: skip
from market.gate.words.printed import sheet_file_name, sheet_row
from market.gate.words.verdicts import (
    DETAILS,
    VERDICT_KINDS,
    VERDICT_WORDS,
    Answer,
    answer,
    answer_line,
    place_sentence,
)

__all__ = [
    "COUNT_WORDS", "DETAILS", "HELD_WORDS", "METHOD_WORDS", "SAMPLING_WORDS", "VERDICT_KINDS",
    "VERDICT_WORDS", "Answer", "answer", "answer_line", "clock_of", "factor_text", "late_text",
    "place_sentence", "sheet_file_name", "sheet_row",
]  # fmt: skip
