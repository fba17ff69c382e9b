"""What levels of regions are called."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from market.communities.rules import RegionLevel

LEVEL_WORDS: dict[RegionLevel, Any] = {
    RegionLevel.CITY: _("市"),
    RegionLevel.DISTRICT: _("区县"),
    RegionLevel.STREET: _("街道、镇"),
}
