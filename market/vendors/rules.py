"""Categories, kinds of documents, good conduct, and the life of an application."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from market.calendar.rules import PUBLIC_STATES, DayState, Finding, Severity


class Category(StrEnum):
    """What a stall sells or does (domain §3.3)."""

    PRODUCE = "produce"
    GRAIN_SEASONING = "grain_seasoning"
    MEAT_EGG_AQUATIC = "meat_egg_aquatic"
    COOKED_FOOD = "cooked_food"
    BAKERY_DRINKS = "bakery_drinks"
    DAILY_GOODS = "daily_goods"
    REPAIR_SERVICE = "repair_service"
    HAIRCUT = "haircut"
    HEALTH_OUTREACH = "health_outreach"
    PUBLIC_SERVICE = "public_service"
    CRAFT = "craft"
    SECONDHAND = "secondhand"
    FARM_DIRECT = "farm_direct"
    CARE_EDUCATION = "care_education"
    PLANTS_FLOWERS = "plants_flowers"
    KIDS_PLAY = "kids_play"


C = Category

BENEFIT_CATEGORIES = frozenset({C.HEALTH_OUTREACH, C.PUBLIC_SERVICE})
FOOD_CATEGORIES = frozenset({C.GRAIN_SEASONING, C.MEAT_EGG_AQUATIC, C.COOKED_FOOD, C.BAKERY_DRINKS})
OPEN_FOOD = frozenset({C.COOKED_FOOD, C.BAKERY_DRINKS, C.MEAT_EGG_AQUATIC})
"""Food handled unpacked, so somebody needs a health certificate (食品安全法 45)."""


class Known(NamedTuple):
    """A vendor in a list of names."""

    id: int
    ref: str
    trading_name: str
    holder: str


@dataclass(frozen=True)
class VendorDraft:
    """What a person says of a vendor."""

    trading_name: str
    holder: str
    phone: str
    category: Category
    goods: str
    power_w: int = 0
    needs_water: bool = False
    needs_vehicle: bool = False
    width_dm: int = 0
    depth_dm: int = 0
    price_range: str = ""
    open_flame: bool = False
    gas_bottle: bool = False
    gas_alarm: bool = False
    own_tent: bool = False
    plate: str = ""


MIN_SIDE_DM, MAX_SIDE_DM = 5, 100


def is_plausible_side(dm: int) -> bool:
    """Whether a stand may be so wide or deep; 0 says that any stall will do."""
    return dm == 0 or MIN_SIDE_DM <= dm <= MAX_SIDE_DM


def may_stand_on_reserved(category: Category, may_use_reserved: bool) -> bool:
    """Whether a stall kept for 爱心 or 公益 is open to a vendor: public benefit always, others by staff."""
    return may_use_reserved or category in BENEFIT_CATEGORIES


class DocumentKind(StrEnum):
    """Papers of a vendor, numbered as in the field; the donation agreement (D17) is signed with the terms."""

    BUSINESS_LICENCE = "D01"
    FOOD_LICENCE = "D02"
    SMALL_EATERY = "D03"
    SMALL_WORKSHOP = "D04"
    FOOD_STALL_CARD = "D05"
    PREPACKED_FILING = "D06"
    HEALTH_CERT = "D07"
    AGRI_CERT = "D08"
    QUARANTINE_CERT = "D09"
    SCALE = "D10"
    GAS_SAFETY = "D12"
    POWER_SAFETY = "D13"
    OUTREACH_FILING = "D14"
    ENTRY_AGREEMENT = "D15"
    FOOD_UNDERTAKING = "D16"
    PRIVACY_CONSENT = "D18"
    GUARDIAN_CONSENT = "D19"


SIGNED = frozenset({DocumentKind.ENTRY_AGREEMENT, DocumentKind.FOOD_UNDERTAKING})
"""Agreed to on the page, or on paper before staff: nobody takes a picture of them, nobody enters
them by hand, and their number is that of a text and names nobody."""
OF_A_BATCH = frozenset({DocumentKind.AGRI_CERT, DocumentKind.QUARANTINE_CERT})
"""Come with the goods of one day."""


class DocumentState(StrEnum):
    """A vendor's documents in one word."""

    COMPLETE = "complete"
    SOON = "soon"
    LACKING = "lacking"


def document_state(findings: Sequence[Finding]) -> DocumentState:
    """Lacking when something must be there and is not; soon when anything else should be looked at."""
    if any(finding.blocks for finding in findings):
        return DocumentState.LACKING
    told = [finding for finding in findings if finding.severity is not Severity.INFO]
    return DocumentState.SOON if told else DocumentState.COMPLETE


class Conduct(StrEnum):
    """What earns a point towards a stall (domain §3.4); giving to the fund does not and must not."""

    CAME_IN_TIME = "came_in_time"
    LEFT_CLEAN = "left_clean"
    REPORTED_IN_TIME = "reported_in_time"
    COMPLAINT = "complaint"
    """A complaint about that market turned out to be true: it takes one of its points away."""


def points_for(earned: Collection[Conduct]) -> int:
    """The points of one market: one for each good thing, one less for a true complaint, never below 0."""
    good = len(set(earned) - {Conduct.COMPLAINT})
    return max(0, good - (Conduct.COMPLAINT in earned))


def minutes_late(came_at: datetime, arrive_by: datetime) -> int:
    """How late somebody drove in; 0 = in time. The minute itself still counts: nobody writes seconds."""
    return max(0, (came_at - arrive_by) // timedelta(minutes=1))


def came_in_time(came_at: datetime, arrive_by: datetime) -> bool:
    """Whether somebody drove in by the hour that was told."""
    return minutes_late(came_at, arrive_by) == 0


def reported_in_time(reported_on: date, market_on: date) -> bool:
    """Whether takings were told by the end of the day after the market."""
    return reported_on <= market_on + timedelta(days=1)


class ApplicationState(StrEnum):
    """The life of an application to one market day."""

    SUBMITTED = "submitted"
    NEEDS_MORE = "needs_more"
    APPROVED = "approved"
    REJECTED = "rejected"
    WAITLISTED = "waitlisted"
    ALLOCATED = "allocated"
    WITHDRAWN = "withdrawn"


A = ApplicationState

BEFORE_REVIEW = (A.SUBMITTED, A.NEEDS_MORE)
"""States in which staff owe the vendor an answer."""
DECIDABLE = (A.SUBMITTED, A.NEEDS_MORE, A.APPROVED, A.REJECTED)
"""States in which a review may still say yes, ask for documents, or say no."""
LIVE = (A.SUBMITTED, A.NEEDS_MORE, A.APPROVED, A.WAITLISTED, A.ALLOCATED)
"""States in which the vendor may withdraw, and must not apply a second time."""
PLACEABLE = (A.APPROVED, A.WAITLISTED, A.ALLOCATED)
"""States in which an application takes part in the allocation."""

OVER = (
    DayState.CLOSED, DayState.SETTLING, DayState.SETTLED, DayState.ARCHIVED, DayState.CANCELLED,
)  # fmt: skip
"""Market days for which nobody applies, is reviewed or withdraws any more."""


def hours_overlap(one: tuple[datetime, datetime], other: tuple[datetime, datetime]) -> bool:
    """Whether somebody would have to be at two places: from the hour of arrival until the end of each."""
    return one[0] < other[1] and other[0] < one[1]


def told_state(state: ApplicationState, day: DayState) -> ApplicationState:
    """What the vendor is told: an unpublished plan may still change, so it says approved only."""
    planned = state in (A.ALLOCATED, A.WAITLISTED)
    return A.APPROVED if planned and day not in PUBLIC_STATES else state


def may_withdraw(state: ApplicationState, day: DayState) -> bool:
    """Whether the vendor itself may still say that it does not come."""
    return state in LIVE and day not in (DayState.OPEN, *OVER)


class ApplyFault(StrEnum):
    """Why nobody can apply to a market day now."""

    NOT_YET = "not_yet"
    TOO_LATE = "too_late"
    CLOSED = "closed"


def apply_fault(
    state: DayState, apply_from: datetime, apply_until: datetime, at: datetime, *, on_behalf: bool
) -> ApplyFault | None:
    """Whether an application is too early or too late; staff may enter people until the market is over."""
    if on_behalf:
        return ApplyFault.CLOSED if state in (*OVER, DayState.POSTPONED) else None
    if state in (DayState.DRAFT, DayState.PREPARED) or at < apply_from:
        return ApplyFault.NOT_YET
    return None if state is DayState.OPEN_FOR_APPLICATION and at <= apply_until else ApplyFault.TOO_LATE


SEASON_MONTH = 12
"""Agreements signed in December count for the coming year, so that nobody signs twice within weeks."""


def season_end(signed_on: date) -> date:
    """Until when the agreements of a season hold."""
    year = signed_on.year + (1 if signed_on.month == SEASON_MONTH else 0)
    return date(year, 12, 31)


class WhyPhone(StrEnum):
    """Why staff look at a whole telephone number."""

    CALL = "call"
    CHECK = "check"
    ASKED = "asked"
    OTHER = "other"


KEPT_AFTER_MARKET = timedelta(days=183)
"""Who runs a market keeps the files of its vendors for six months after they stood there (domain §2.4)."""

REFUSED_KEPT = timedelta(days=183)
"""How long the words of an application are kept that came to nothing (domain §2.4)."""

SILENT_AFTER = timedelta(days=90)
"""After so long without a sign of a vendor its number may belong to somebody else: numbers are given out
again after three months (reliability, abuse 22)."""


class HowKnown(StrEnum):
    """How staff made sure that it is still the same person who asks for a link."""

    IN_PERSON = "in_person"
    LAST_STALL = "last_stall"


class ChangeAnswer(StrEnum):
    """What became of a change that a vendor made to what it sells."""

    OPEN = "open"
    AGREED = "agreed"
    UNDONE = "undone"
