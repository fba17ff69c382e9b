"""Integer fen: the only place that parses, formats or divides money."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _

from market.errors import Refusal
from market.typed_text import plain

MAX_FEN = 10**11
"""A thousand million yuan: above it a typed amount is a slip of the finger, not a takings report."""

_YUAN = re.compile(r"(?P<yuan>[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.(?P<fen>[0-9]{1,2}))?")
_SEVERAL = re.compile(r"[0-9][.0-9]*\s+[0-9]")
"""Cells of a table that were pasted into one field: browsers put blanks where lines broke, so a blank never
stands for the comma of thousands."""


def parse_yuan(text: str) -> int:
    """Fen of what a person typed as yuan: `900`, `1,160.5`, `¥20`, `８８元`, `30 块`.

    Refuses (`money.unreadable`, `money.negative`, `money.too_large`) rather than guess.
    """
    figure = plain(text)
    if _SEVERAL.search(figure):
        raise Refusal("money.unreadable", _("这里好像有几个数。一格只填一个数，比如 900 或 900.50。"), 422)
    for unit in ("元", "块钱", "块"):
        figure = figure.removesuffix(unit)
    figure = figure.strip().removeprefix("¥").strip()
    if figure.startswith("-"):
        raise Refusal("money.negative", _("金额不能是负数。没卖就填 0。"), 422)
    match = _YUAN.fullmatch(figure)
    if match is None:
        raise Refusal("money.unreadable", _("看不懂这个金额。请只填数字，比如 900 或 900.50。"), 422)
    fen = int(match["yuan"].replace(",", "")) * 100 + int((match["fen"] or "").ljust(2, "0"))
    if fen > MAX_FEN:
        raise Refusal("money.too_large", _("金额太大了，请看看是不是多打了几个 0。"), 422)
    return fen


def yuan(fen: int) -> str:
    """`1048250` → `10,482.50`; negative amounts keep a real minus sign."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def short_yuan(fen: int) -> str:
    """`50000` → `500`, `1550` → `15.50`: an amount as one says it."""
    return yuan(fen).removesuffix(".00")


def percent_of(fen: int, basis_points: int) -> int:
    """A share in hundredths of a percent, rounded half up to the fen."""
    return percents_of([(fen, basis_points)])


def percents_of(parts: Iterable[tuple[int, int]]) -> int:
    """Shares of several parts together, rounded half up to the fen: the one rounding point of a share."""
    return (sum(fen * basis_points for fen, basis_points in parts) + 5_000) // 10_000


def split(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Divides a total by weights with nothing lost (largest remainder, earlier shares first on a tie)."""
    whole = sum(weights)
    if whole == 0:
        raise ValueError("weights sum to zero")
    shares = [total_fen * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_fen * weights[i] % whole), i))
    for index in by_remainder[: total_fen - sum(shares)]:
        shares[index] += 1
    return shares
