"""What a place is: levels of regions, who owns a plaza, papers of a venue, and labels of stalls."""

from __future__ import annotations

import re
from enum import StrEnum


class RegionLevel(StrEnum):
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"


class LandType(StrEnum):
    """What the ground is; a road needs an occupation permit (城市道路管理条例 30)."""

    PLAZA = "plaza"
    COMPOUND = "compound"
    ROAD = "road"
    PARK = "park"


class Ownership(StrEnum):
    """Who owns the ground; owners' common property needs the owners' consent (民法典 278)."""

    PUBLIC = "public"
    OWNERS_COMMON = "owners_common"
    COLLECTIVE = "collective"
    PRIVATE = "private"


class VenuePaperKind(StrEnum):
    """Papers of a place, numbered as in the register of the field (M = market)."""

    OWNERS_CONSENT = "M01"
    DESIGNATION = "M02"
    ROAD_PERMIT = "M03"
    CHECK_SCALE = "M07"


class Zone(StrEnum):
    """Letters of the plan and what stands there."""

    PRODUCE = "A"
    GROCERIES = "B"
    COOKED = "C"
    SERVICES = "D"
    BENEFIT = "E"


_CODE = re.compile(r"\d{12}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LABEL = re.compile(r"(?P<zone>[A-Z])(?P<number>\d{2,3})")

RESERVED_SLUGS = frozenset({"new", "static", "platform", "setup"})


def is_division_code(text: str) -> bool:
    """Twelve digits of the national statistics code (统计用区划代码)."""
    return _CODE.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """A community's name in addresses: small letters, digits and inner hyphens."""
    return _SLUG.fullmatch(text) is not None and text not in RESERVED_SLUGS


def is_stall_label(text: str) -> bool:
    """A zone letter and a number by walking order: A01."""
    return _LABEL.fullmatch(text) is not None


def labels(zone: str, count: int, first: int = 1) -> list[str]:
    """`labels("A", 3)` → A01, A02, A03."""
    return [f"{zone}{number:02d}" for number in range(first, first + count)]
