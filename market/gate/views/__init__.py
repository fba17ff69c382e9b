"""Routes of this room, by audience."""

from __future__ import annotations

from market.gate.views import (
    gate as gate,
    public as public,
    sign_in as sign_in,
    staff as staff,
    vendor as vendor,
)
