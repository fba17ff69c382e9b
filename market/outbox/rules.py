"""When something may leave the house, how often it is tried, and where it may be sent at all."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit


class Way(StrEnum):
    """By what something leaves the house."""

    EMAIL = "email"
    SMS = "sms"
    ROBOT = "robot"
    """A robot in a chat group of 企业微信: tells the group, and nobody in particular."""


PERSONAL = (Way.EMAIL, Way.SMS)
"""What reaches one person, the best first. Each is a `Channel` of `notices/rules.py` by the same name."""


class Errand(StrEnum):
    """What a row of the outbox is about; how each is worked out stands in `matters/`."""

    NEWS = "news"
    """What holds of a market day and is not as somebody knows it."""
    REMINDER = "reminder"
    LETTER = "letter"
    """What staff wrote themselves."""
    PAPER = "paper"
    """A paper of a vendor runs out."""
    GROUP = "group"
    TEST = "test"


class SendState(StrEnum):
    """What became of a row."""

    DUE = "due"
    SENDING = "sending"
    SENT = "sent"
    OVERTAKEN = "overtaken"
    """When its turn came nothing of it held any more."""
    FAILED = "failed"
    """Tried often enough, or refused for good: it waits for a person."""


OPEN = (SendState.DUE, SendState.SENDING)


class Fault(StrEnum):
    """Why something was not delivered."""

    UNREACHABLE = "unreachable"
    BUSY = "busy"
    LOCKED_OUT = "locked_out"
    """Our password, key or signature was not accepted."""
    BAD_ADDRESS = "bad_address"
    REFUSED = "refused"
    NOT_ALLOWED = "not_allowed"
    """The platform does not let us send there."""
    NO_WAY = "no_way"
    """The person has no such address any more, or the channel was switched off."""
    TOO_MANY = "too_many"
    """The number got as many text messages as a gateway takes; it waits here."""


FOR_GOOD = (Fault.BAD_ADDRESS, Fault.REFUSED, Fault.NOT_ALLOWED, Fault.NO_WAY)
"""Trying again would not help."""


def digest(parts: Iterable[str]) -> str:
    """Changes when any of it changes."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


# ── how often, and how long ───────────────────────────────────────────────────────────────────────────────

LEASE = timedelta(minutes=5)
"""So long a host has a row to itself; after it, the next host takes over what a dead one began."""
AT_ONCE = 50
"""How many rows a host claims at a time; what does not fit into the lease is given back."""
FRESH_S = 5
"""So many seconds old may a text be when it leaves; what was not handed over by then is looked at again, and
what was is noted: only so much comes twice when a host dies."""
TIMEOUT_S = 10
"""How long the other side may take to answer."""

BACK_OFF = (
    timedelta(minutes=1), timedelta(minutes=3), timedelta(minutes=10), timedelta(minutes=30),
    timedelta(hours=1), timedelta(hours=3), timedelta(hours=6), timedelta(hours=12), timedelta(hours=24),
    timedelta(hours=24),
)  # fmt: skip
"""How long it waits after each attempt that failed: about 72 hours in all, then it waits for a person."""

TRIED_LONG = 5
"""After so many attempts it has been tried for the better part of an hour."""
SPREAD_S = 20
"""Rows that failed together are not all tried at the same second again."""
SETTLE = timedelta(minutes=2)
"""What was only just decided is often decided anew: so long it waits, that one message says all of it."""
UNDO = timedelta(minutes=3)
"""How long a letter of the staff can be taken back before it leaves."""
MOST_TIMES = 2
"""So often the same is said to somebody, or somebody is reminded of the same market."""
KEPT = timedelta(days=365)
"""How long we keep what was sent (PIPL 19)."""


def next_try(attempts: int, at: datetime, back_off: Sequence[timedelta] | None = None) -> datetime | None:
    """When it is tried again after so many attempts; None: never, a person must look."""
    waits = BACK_OFF if back_off is None else back_off
    return at + waits[attempts - 1] if attempts <= len(waits) else None


# ── quiet hours ───────────────────────────────────────────────────────────────────────────────────────────


class Quiet(NamedTuple):
    """Hours on the community's wall in which nobody is disturbed; the same hour twice: there are none."""

    begins: time = time(21, 0)
    ends: time = time(8, 0)

    def until(self, wall: datetime) -> datetime | None:
        """When the quiet hours end in which this moment on the wall lies; None: it lies in none."""
        now = wall.time()
        over_midnight = self.begins > self.ends
        inside = now >= self.begins or now < self.ends if over_midnight else self.begins <= now < self.ends
        if not inside:
            return None
        ends = wall.replace(hour=self.ends.hour, minute=self.ends.minute, second=0, microsecond=0)
        return ends + timedelta(days=1) if over_midnight and now >= self.begins else ends


STOPS = frozenset({
    "calendar.cancelled", "calendar.postponed", "calendar.rescheduled", "notices.date", "notices.date_placed",
    "stalls.shut", "gate.no_show", "gate.pass_withdrawn",
})  # fmt: skip
"""Sentences after which somebody would set out in vain, or to the wrong day."""

BEFORE_SETTING_OUT = timedelta(hours=1)


def disturbs(kinds: Iterable[str], needed_by: datetime, quiet_until: datetime) -> bool:
    """Whether somebody is told in the quiet hours: only that coming is in vain, where later is too late."""
    return not STOPS.isdisjoint(kinds) and needed_by - BEFORE_SETTING_OUT < quiet_until


# ── the day before ────────────────────────────────────────────────────────────────────────────────────────

REMIND_FROM = time(10, 0)
"""On the day before, on the wall."""
KNOWN_ANYWAY = timedelta(hours=12)
"""Whoever was told of the stall so lately needs no reminder."""


def reminds(wall: datetime, opens: datetime, told_at: datetime | None, at: datetime) -> bool:
    """Whether somebody who stands on a market is reminded now: on the day before it, unless just told."""
    day_before = wall.date() == opens.date() - timedelta(days=1) and wall.time() >= REMIND_FROM
    return day_before and (told_at is None or at - told_at >= KNOWN_ANYWAY)


# ── letters ───────────────────────────────────────────────────────────────────────────────────────────────

LETTER_LENGTH = 300
"""Letters of a text that staff write: what a telephone shows without scrolling."""

# ── text messages ─────────────────────────────────────────────────────────────────────────────────────────

SMS_A_DAY = 10
SMS_LIMITS = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (timedelta(days=1), SMS_A_DAY))
"""In so long a time so many to one number: more than that the gateways refuse, or bill as a flood."""


def sms_free_at(sent: Iterable[datetime], at: datetime) -> datetime:
    """When a number that got these may get its next text message; `at`: now."""
    newest = sorted(sent, reverse=True)
    free = [newest[most - 1] + span for span, most in SMS_LIMITS if len(newest) >= most]
    return max([at, *free])


# ── where ─────────────────────────────────────────────────────────────────────────────────────────────────

ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}").fullmatch
"""An e-mail address as people have it: no quotes, no comments, nothing a header could end in."""

ROBOT_PATH = "/cgi-bin/webhook/send"
ROBOT_PACE = timedelta(seconds=3)
"""企业微信 takes 20 messages of a robot in a minute."""
ROBOT_BYTES = 2048
"""And texts up to so many bytes: a Chinese letter is three."""


def is_allowed(url: str, origins: str) -> bool:
    """Whether a robot's address is one that the platform knows; nothing else is ever asked (SSRF)."""
    if any(ord(letter) <= 32 or ord(letter) > 126 or letter == "\\" for letter in url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not parts.fragment
    origin = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port else "")
    keyed = parts.path == ROBOT_PATH and parts.query.startswith("key=") and len(parts.query) > 4
    return plain and keyed and origin in origins.split()


def fits_robot(texts: Sequence[str]) -> int:
    """How many of these texts go into one message of a robot; always one."""
    for count in range(len(texts), 1, -1):
        if len("\n\n".join(texts[:count]).encode()) <= ROBOT_BYTES:
            return count
    return min(len(texts), 1)


def cut_lines(text: str, rest: str, limit: int = ROBOT_BYTES) -> str:
    """The text, or as many of its lines as fit, and a last one that says where the rest stands."""
    if len(text.encode()) <= limit:
        return text
    lines = text.splitlines()
    while lines and len("\n".join([*lines, rest]).encode()) > limit:
        lines.pop()
    return "\n".join([*lines, rest])
