"""Routes of this room, by audience."""

from __future__ import annotations

from market.passes.blueprint import bp as bp
from market.passes.views import (
    printing as printing,
    public as public,
    publication as publication,
    vendor as vendor,
)
