"""Routes of this room, by audience."""

from __future__ import annotations

from market.passes.blueprint import bp as bp
from market.passes.views import (
    prints as prints,
    public as public,
    publication as publication,
    vendor as vendor,
)
