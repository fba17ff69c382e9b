"""What a period is called."""

from __future__ import annotations

from flask_babel import format_date, get_locale, gettext

from market.insight.periods import Length, Period


def period_word(period: Period) -> str:
    """2026 年 11 月, 2026 年第 4 季度, 2026 年 / November 2026, Q4 2026, 2026."""
    if period.length is Length.QUARTER:
        return gettext("%(year)s 年第 %(n)s 季度", year=period.first.year, n=period.span.quarter)
    chinese = str(get_locale()).startswith("zh")
    patterns = ("y 年 M 月", "y 年") if chinese else ("MMMM y", "y")
    return str(format_date(period.first, patterns[period.length is Length.YEAR]))
