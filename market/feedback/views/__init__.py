"""Routes of this room, by whom they are for."""

from __future__ import annotations

from market.feedback.views import (
    complaints as complaints,
    desk as desk,
    public as public,
    street as street,
    vendor as vendor,
)
