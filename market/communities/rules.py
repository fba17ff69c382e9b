"""Levels of regions, their codes, a community's name in addresses; how much a demand weighs, who meets it."""

from __future__ import annotations

import re
from enum import StrEnum


class RegionLevel(StrEnum):
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"


class Severity(StrEnum):
    """How much a finding weighs (domain: BLOCK, BLOCK+, WARN, INFO)."""

    BLOCK = "block"
    OVERRIDABLE = "overridable"
    WARN = "warn"
    INFO = "info"


class Mender(StrEnum):
    """Who can mend what a vendor lacks."""

    VENDOR = "vendor"
    STAFF = "staff"


_CODE = re.compile(r"\d{12}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")

RESERVED_SLUGS = frozenset({"new", "static", "platform", "setup"})


def is_division_code(text: str) -> bool:
    """Twelve digits of the national statistics code (统计用区划代码)."""
    return _CODE.fullmatch(text) is not None


def parent_codes(code: str) -> list[str]:
    """Codes that a region may lie in: the district's and the city's, without its own."""
    return [parent for parent in (f"{code[:6]}000000", f"{code[:4]}00000000") if parent != code]


def is_slug(text: str) -> bool:
    """A community's name in addresses: small letters, digits and inner hyphens."""
    return _SLUG.fullmatch(text) is not None and text not in RESERVED_SLUGS
