"""What is looked at where, what was found, and when something found is settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from market.communities.profile import EVERYBODY, CheckItem, Profile

ROUNDS = 2
"""Before the opening, and while people shop (domain §3.2)."""
LONGEST_TEXT = 200


class Result(StrEnum):
    """What one point of a round came to."""

    FINE = "fine"
    MENDED = "mended"
    """Mended while the inspector stood there."""
    TO_MEND = "to_mend"
    """To be mended by an hour that was said."""
    STOPPED = "stopped"
    """The stall, or the part of it, does not go on until this is settled."""


WRONG = (Result.MENDED, Result.TO_MEND, Result.STOPPED)
"""Results that are written down each by itself."""


def plaza_items(profile: Profile) -> list[CheckItem]:
    """What is looked at once for the whole plaza."""
    return [item for item in profile.checks if item.place == "plaza"]


def stall_items(profile: Profile, category: str, power_w: int, *, flame: bool = False) -> list[CheckItem]:
    """What is looked at on one stall, in the order of the sheet; `flame`: the vendor said there is a fire."""
    there = {name for name, is_there in (("power", power_w > 0), ("flame", flame)) if is_there}
    return [
        item
        for item in profile.checks
        if item.place == "stall" and ({EVERYBODY, category} & {*item.categories} or there & {*item.when})
    ]


def sheet_numbers(profile: Profile) -> dict[str, int]:
    """The number of each point on the printed sheet."""
    return {item.code: number for number, item in enumerate(profile.checks, 1)}


def is_overdue(mend_by: datetime | None, at: datetime) -> bool:
    """Whether the hour has passed by which it was to be mended."""
    return mend_by is not None and mend_by < at


def heaviest(results: Sequence[Result]) -> Result:
    """What a whole stall came to: the worst of it."""
    order = [*Result]
    return max(results, key=order.index, default=Result.FINE)


# ── photos and texts are not kept for ever ────────────────────────────────────────────────────────────────

PHOTO_AFTER_CLOSING = timedelta(days=30)
"""So long after the matter is settled its photo is kept."""
PHOTO_AT_MOST = timedelta(days=180)
INCIDENT_KEPT = timedelta(days=3 * 365)
"""Claims may come so late; after that the words of an incident are erased (domain §2.4)."""

# ── the link of an authority ──────────────────────────────────────────────────────────────────────────────

MOST_USES = 30
"""How often one link is opened at most: several people of an authority, several times a morning."""
OPENED_FOR = timedelta(minutes=60)
"""So long the page that was opened can be read again without counting once more."""


class LinkState(StrEnum):
    """Whether a link still opens."""

    OPEN = "open"
    REVOKED = "revoked"
    OVER = "over"
    SPENT = "spent"


def link_state(*, revoked: bool, expires_at: datetime, uses: int, at: datetime) -> LinkState:
    """Taken back before over, over before used up: the first reason that somebody can act upon."""
    if revoked:
        return LinkState.REVOKED
    if at >= expires_at:
        return LinkState.OVER
    return LinkState.SPENT if uses >= MOST_USES else LinkState.OPEN
