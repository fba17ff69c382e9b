"""What a pass is worth: why it stops counting, from when until when it admits, what anybody learns of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class RevokeReason(StrEnum):
    """Why somebody replaces a pass or takes it back; the pass of a stall given up does not count anyway."""

    LOST = "lost"
    DAMAGED = "damaged"
    MISUSED = "misused"
    """Somebody else has it, or a picture of it."""
    HOURS_CHANGED = "hours_changed"
    """The hours of the market are not what the pass says."""
    KEY_CHANGED = "key_changed"
    """The key that signed it is lost or stolen."""


class Layout(StrEnum):
    """How passes lie on the paper."""

    A6 = "a6"
    """One card a page."""
    A5 = "a5"
    """A sign to stand on the stall."""
    A4X1 = "a4x1"
    A4X2 = "a4x2"
    A4X4 = "a4x4"
    """Four cards on an A4 sheet with marks to cut along."""
    A4X8 = "a4x8"
    LABELS24 = "labels24"
    """Stickers of 70 × 37 mm."""
    LABELS14 = "labels14"
    """Stickers of 99 × 38 mm."""
    LANYARD = "lanyard"
    """Front and back in one piece, folded at the top and hung round the neck."""


GATE_OPENS_BEFORE = timedelta(hours=2)
"""Vendors may drive in from two hours before the opening (domain §3.1)."""
GATE_CLOSES_AFTER = timedelta(hours=1)
"""Late comers and those who come back for what they forgot."""


def validity(open_at: datetime, close_at: datetime) -> tuple[datetime, datetime]:
    """From when and until when a pass of a market admits."""
    return open_at - GATE_OPENS_BEFORE, close_at + GATE_CLOSES_AFTER


class Standing(StrEnum):
    """What anybody who scans a pass learns of it."""

    GENUINE = "genuine"
    """Counts at this moment."""
    FOR_LATER = "for_later"
    OVER = "over"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    NOT_OURS = "not_ours"


def standing(
    *, revoked: bool, replaced: bool, valid_from: datetime, valid_to: datetime, at: datetime
) -> Standing:
    """How a pass of ours stands; `replaced` tells that a newer version of it counts."""
    if revoked:
        return Standing.REPLACED if replaced else Standing.WITHDRAWN
    if at < valid_from:
        return Standing.FOR_LATER
    return Standing.GENUINE if at <= valid_to else Standing.OVER
