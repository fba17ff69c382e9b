"""Roles, passwords and how long a session or a locked door lasts."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address

from market.access import Audience
from market.typed_text import plain


class Role(StrEnum):
    """What a membership allows."""

    VENDOR = "vendor"
    STAFF = "staff"
    GATE = "gate"
    COMMITTEE = "committee"
    SUPERVISOR = "supervisor"
    """Sits in with the committee (监督员): sees what it decides, and has no vote."""
    REGION_VIEWER = "region_viewer"
    PLATFORM = "platform"


AT_THE_MARKET = frozenset({Role.VENDOR, Role.GATE})
"""Roles that see nothing but a stall or a gate: their sessions may last as long as the market."""
OVER_THE_FUND = frozenset({Role.COMMITTEE, Role.SUPERVISOR})
"""Roles that decide on what staff spend, or watch it: their access is not in the hands of staff."""
ROLE_AUDIENCES = {
    Audience.VENDOR: (Role.VENDOR,),
    Audience.GATE: (Role.GATE, Role.STAFF),
    Audience.STAFF: (Role.STAFF,),
    Audience.COMMITTEE: (Role.COMMITTEE, Role.SUPERVISOR),
}
"""Audiences of one community and the roles that belong to them: staff may do everything the gate does."""
BEYOND_COMMUNITIES = frozenset({Role.REGION_VIEWER, Role.PLATFORM})

MIN_PASSWORD = 8
MAX_PASSWORD = 200

COMMON_PASSWORDS = frozenset(
    [
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "88888888",
        "66666666",
        "00000000",
        "87654321",
        "password",
        "password1",
        "qwertyui",
        "qwerty123",
        "abc12345",
        "abcd1234",
        "1qaz2wsx",
        "iloveyou",
        "woaini1314",
        "5201314520",
        "a1234567",
        "aa123456",
        "asdfghjk",
        "147258369",
        "123123123",
        "12341234",
        "zxcvbnm1",
        "admin123",
        "administrator",
    ]
)
"""The most typed passwords of eight characters or more: guessed first by anyone who tries (ASVS 6.2.4)."""


def password_fault(password: str, login: str) -> str | None:
    """Code of what is wrong with a new password, None when nothing is."""
    if len(password) < MIN_PASSWORD:
        return "too_short"
    if len(password) > MAX_PASSWORD:
        return "too_long"
    if password.lower() in COMMON_PASSWORDS or len(set(password)) <= 2:
        return "common"
    if login and login.lower() in password.lower():
        return "contains_login"
    return None


SESSION_IDLE = {True: timedelta(days=30), False: timedelta(minutes=60)}
"""Idle time after which a session ends: who is only a vendor (True) keeps the phone signed in."""
SESSION_ABSOLUTE = {True: timedelta(days=90), False: timedelta(hours=12)}
LINK_LIFE = timedelta(days=3)
FREE_FAILURES = 4
ADDRESS_ALLOWANCE = 20
"""How many more failures an address has free: a whole office may share one."""
FORGIVEN_AFTER = timedelta(hours=1)
"""After this long without a failure the count starts again, or a year of slips would lock an office out."""


def tidy_login(text: str) -> str:
    """A login as it is stored: `１３８ 0000-0001` and `13800000001` are one phone."""
    login = plain(text).lower()
    digits = login.replace(" ", "").replace("-", "")
    return digits if digits.isdecimal() else login


def network_of(address: str) -> str:
    """What failures are counted for: an IPv4 address, or the network that one household has in IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))


def counted_failures(failures: int, last_at: datetime, at: datetime) -> int:
    """How many failures still count."""
    return failures if at - last_at < FORGIVEN_AFTER else 0


def locked_until(failures: int, last_at: datetime) -> datetime:
    """Until when a door stays shut: four tries are free, then 1, 2, 4 … seconds, at most 15 minutes."""
    if failures <= FREE_FAILURES:
        return last_at
    return last_at + timedelta(seconds=min(2 ** (failures - FREE_FAILURES - 1), 900))
