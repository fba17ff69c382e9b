"""Pages of a use of money: what staff enter, what members decide, what everybody reads."""

from __future__ import annotations

from market.spending.views import (
    audit as audit,
    committee as committee,
    meetings as meetings,
    public as public,
    staff as staff,
)
