"""Pages of the fund: what everybody reads, what staff enter, what the committee decides."""

from __future__ import annotations

from market.fund.views import (
    donors as donors,
    goods as goods,
    partners as partners,
    periods as periods,
    profile as profile,
    public as public,
    quarter_notices as quarter_notices,
    questions as questions,
    sources as sources,
    staff as staff,
    statements as statements,
    told_sources as told_sources,
)
