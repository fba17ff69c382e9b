"""Pages of the fund: what everybody reads, what staff enter, what the committee decides."""

from __future__ import annotations

from market.fund.views import (
    committee as committee,
    periods as periods,
    public as public,
    staff as staff,
)
