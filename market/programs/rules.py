"""What a key may do and for how long, how much may be asked; what other servers are told, and where."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from market.access import Audience

# ── keys ──────────────────────────────────────────────────────────────────────────────────────────────────


class Right(StrEnum):
    """What a key may be used for; in the OpenAPI document these are the scopes."""

    READ = "read"
    """What staff read of their community; of a region, its figures."""
    VENDORS = "vendors"
    APPLICATIONS = "applications"
    TAKINGS = "takings"
    COUNTS = "counts"
    DAYS = "days"


NEEDS = dict.fromkeys(Right, Audience.STAFF) | {Right.COUNTS: Audience.GATE}
"""For whom the pages are on which people do the same: its maker must be one of them when a key is used."""

REGION_RIGHTS = (Right.READ,)
"""A region's viewers look on."""

LONGEST = timedelta(days=366)
MOST_KEYS = 20
"""Keys that are in force in one community or region at a time: more than that nobody looks after."""
SIGN = "mk_"
"""How every key begins, so that programs that search for leaked secrets know one."""
SHOWN = 7
"""Letters by which people know a key again; 40 more nobody can guess."""


class KeyState(StrEnum):
    """Whether a key opens anything."""

    IN_FORCE = "in_force"
    REVOKED = "revoked"
    EXPIRED = "expired"
    DEAD = "dead"
    """Its maker may not do any of it any more."""


# ── how much may be asked ─────────────────────────────────────────────────────────────────────────────────

WINDOW_S = 60
SHARE = 20
"""So many calls a process takes from the minute's allowance at a time, so that only one call in so many
writes. All hosts together never pass the allowance; what one of them took and did not need is lost."""


def window_of(at: datetime) -> int:
    """The number of the minute that a moment lies in."""
    return int(at.timestamp()) // WINDOW_S


def seconds_left(at: datetime) -> int:
    """Until the next minute begins, at least one."""
    return WINDOW_S - int(at.timestamp()) % WINDOW_S


class Allowance(NamedTuple):
    """What is left of a minute, as the headers say it."""

    name: str
    most: int
    left: int
    """At least so many calls."""
    reset_s: int


ANSWER_KEPT = timedelta(days=7)
"""So long the answer to a call with an `Idempotency-Key` is known."""

# ── what is told ──────────────────────────────────────────────────────────────────────────────────────────


class Event(StrEnum):
    """What other servers are told of."""

    MARKET_PUBLISHED = "market.published"
    MARKET_MOVED = "market.moved"
    MARKET_CANCELLED = "market.cancelled"
    MARKET_SETTLED = "market.settled"
    CONTRIBUTION_CONFIRMED = "fund.contribution_confirmed"
    NOTICE_PUBLISHED = "fund.notice_published"
    TEST = "test"
    """Asked for by hand: nothing happened."""


SUBSCRIBED = tuple(event for event in Event if event is not Event.TEST)
"""What can be chosen; a test comes to everybody who asks for one."""

_ACTS = {
    "calendar.move_day": Event.MARKET_MOVED,
    "settlement.close_day": Event.MARKET_SETTLED,
    "fund.confirm_remittance": Event.CONTRIBUTION_CONFIRMED,
    "fund.publish_notice": Event.NOTICE_PUBLISHED,
}
_STEPS = {
    "publish": Event.MARKET_PUBLISHED,
    "postpone": Event.MARKET_CANCELLED,
    "cancel": Event.MARKET_CANCELLED,
    "reschedule": Event.MARKET_MOVED,
}
_STEP = "calendar.take_step"
ACTS = (*_ACTS, _STEP)
"""Acts of the journal that may be told."""


def event_of(act: str, step: str) -> Event | None:
    """What a line of the journal means to other servers; None where it is nothing to them."""
    return _STEPS.get(step) if act == _STEP else _ACTS.get(act)


MOST_HOOKS = 10
DISABLED_AFTER = 20
"""So many attempts in a row that failed, of whatever was to be told: then nothing more is sent until somebody
switches it on again. It is hours of silence, or a server that refuses everything."""
LOG_KEPT = timedelta(days=90)

SECRET_SIGN = "whsec_"  # noqa: S105 - how every secret begins
SECRET_BYTES = 32


def signature(secret: str, message_id: str, sent_at: int, body: bytes) -> str:
    """As the Standard Webhooks scheme has it: HMAC-SHA256 over number, second and body, in base64."""
    key = base64.b64decode(secret.removeprefix(SECRET_SIGN))
    signed = f"{message_id}.{sent_at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def message_headers(secret: str, message_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """What goes along with a message, so that who gets it can tell whose it is, and whether it knows it."""
    second = int(at.astimezone(UTC).timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(second),
        "webhook-signature": signature(secret, message_id, second, body),
    }


# ── where it may be told ──────────────────────────────────────────────────────────────────────────────────

URL_LENGTH = 300
PORTS = (443, 8443)

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Networks with blanks between them. Raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(one) for one in text.split())


def may_be_told(url: str, *, any_port: bool = False) -> bool:
    """Whether an address is one that a subscription may name; where it leads is looked at when it is used."""
    if len(url) > URL_LENGTH or any(
        ord(letter) <= 32 or ord(letter) > 126 or letter == "\\" for letter in url
    ):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not parts.fragment
    return parts.scheme == "https" and bool(parts.hostname) and plain and (any_port or (port or 443) in PORTS)


_INSIDE_OUT = networks("64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/32")
"""Addresses that carry an IPv4 address, which may be one of ours."""


def may_be_reached(address: str, allowed: Collection[Network] = ()) -> bool:
    """Whether a connection may go to this address: the open internet, or a network that the platform named.

    What no rule knows is refused: a machine beside us, the metadata of a cloud, our own database.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if any(found.version == network.version and found in network for network in allowed):
        return True
    hidden = any(found.version == network.version and found in network for network in _INSIDE_OUT)
    return found.is_global and not found.is_multicast and not hidden


def all_may_be_reached(addresses: Iterable[str], allowed: Collection[Network] = ()) -> bool:
    """Whether every address of a name may be reached: one that may not would be the one that is taken."""
    found = list(addresses)
    return bool(found) and all(may_be_reached(one, allowed) for one in found)
