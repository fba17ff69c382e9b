"""Why a stall became free again, and what became of an offer."""

from __future__ import annotations

from enum import StrEnum


class ReleaseReason(StrEnum):
    """Why a stall became free again."""

    WITHDRAWN = "withdrawn"
    NO_SHOW = "no_show"
    MOVED = "moved"
    REPLANNED = "replanned"
    DAY_CALLED_OFF = "day_called_off"
    REFUSED = "refused"
    """Staff took it away and told the vendor why."""


class OfferAnswer(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
