"""What a spreadsheet must not take for a formula: the one function through which every export writes."""

from __future__ import annotations

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What makes a formula of a cell; some programs fold full width to these."""
BREAKS = ("\t", "\r", "\n")
"""What begins another cell, which may then begin with a sign."""


def cell_text(text: str) -> str:
    """The text with a mark before it that makes it text, where a spreadsheet would compute it."""
    computed = text.startswith(BREAKS) or text.lstrip(" \u00a0\u3000\ufeff\u200b").startswith(SIGNS)
    return f"'{text}" if computed else text
