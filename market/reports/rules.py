"""The figures of a report: in what they are counted, under which date, and whether they can be added up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from market.calendar.rules import DayState
from market.ledger.rules import CHART, IN_KIND, Code, EntryKind, Kind, Moved


class Figure(StrEnum):
    """One figure; the value is its name in `Sums`."""

    DAYS = "days"
    VENDORS = "vendors"
    DIFFERENT = "different"
    APPEARANCES = "appearances"
    VISITS = "visits"
    CONTRIBUTED = "contributed_fen"
    ITEMS = "items"
    ARRIVED = "arrived_fen"
    SPENT = "spent_fen"
    PROJECTS = "projects"
    COMPLAINTS = "complaints"
    INCIDENTS = "incidents"
    AT_CHARITY = "at_charity_fen"
    ON_ITS_WAY = "on_its_way_fen"


class Unit(StrEnum):
    """In what a figure is counted."""

    MARKETS = "markets"
    VENDORS = "vendors"
    APPEARANCES = "appearances"
    VISITS = "visits"
    FEN = "fen"
    ITEMS = "items"
    PROJECTS = "projects"
    CASES = "cases"


class Dated(StrEnum):
    """What decides in which period something counts."""

    MARKET = "market"
    """The date of the market."""
    BOOK = "book"
    """The date of the entry in the book."""
    END = "end"
    """Nothing: it is what there is on the last day."""
    RECEIVED = "received"
    """The date on which it came in."""


class Adding(StrEnum):
    """What the figures of parts are for the whole."""

    ADDS = "adds"
    ANEW = "anew"
    """The whole is counted by itself: the same vendor is in several parts."""
    LAST = "last"
    """The whole has what its last part has."""


class Nature(NamedTuple):
    """What kind of figure it is."""

    unit: Unit
    dated: Dated
    over_places: Adding = Adding.ADDS
    over_periods: Adding = Adding.ADDS


NATURES: dict[Figure, Nature] = {
    Figure.DAYS: Nature(Unit.MARKETS, Dated.MARKET),
    Figure.VENDORS: Nature(Unit.VENDORS, Dated.MARKET, over_periods=Adding.ANEW),
    Figure.DIFFERENT: Nature(Unit.VENDORS, Dated.MARKET, Adding.ANEW, Adding.ANEW),
    Figure.APPEARANCES: Nature(Unit.APPEARANCES, Dated.MARKET),
    Figure.VISITS: Nature(Unit.VISITS, Dated.MARKET),
    Figure.CONTRIBUTED: Nature(Unit.FEN, Dated.BOOK),
    Figure.ITEMS: Nature(Unit.ITEMS, Dated.MARKET),
    Figure.ARRIVED: Nature(Unit.FEN, Dated.BOOK),
    Figure.SPENT: Nature(Unit.FEN, Dated.BOOK),
    Figure.PROJECTS: Nature(Unit.PROJECTS, Dated.BOOK),
    Figure.COMPLAINTS: Nature(Unit.CASES, Dated.RECEIVED),
    Figure.INCIDENTS: Nature(Unit.CASES, Dated.MARKET),
    Figure.AT_CHARITY: Nature(Unit.FEN, Dated.END, over_periods=Adding.LAST),
    Figure.ON_ITS_WAY: Nature(Unit.FEN, Dated.END, over_periods=Adding.LAST),
}

FORM = (
    Figure.DAYS, Figure.VENDORS, Figure.APPEARANCES, Figure.VISITS, Figure.CONTRIBUTED, Figure.ITEMS,
    Figure.SPENT, Figure.PROJECTS, Figure.COMPLAINTS, Figure.INCIDENTS,
)  # fmt: skip
"""The columns of the monthly form, in the order in which streets collect them (domain §4.1, 18)."""


@dataclass(frozen=True)
class Sums:
    """What one community's markets and fund came to in a period, or several communities together."""

    days: int = 0
    vendors: int = 0
    appearances: int = 0
    visits: int = 0
    counted_days: int = 0
    """Of the markets, those at which visits were counted at all."""
    contributed_fen: int = 0
    items: int = 0
    arrived_fen: int = 0
    spent_fen: int = 0
    projects: int = 0
    complaints: int = 0
    incidents: int = 0
    at_charity_fen: int = 0
    on_its_way_fen: int = 0

    def __add__(self, other: Sums) -> Sums:
        """Of two communities: every figure that is here can be added up over places."""
        return Sums(*(one + more for one, more in zip(astuple(self), astuple(other), strict=True)))

    def of(self, figure: Figure) -> int | None:
        """A figure; None where it is not known, which is not nothing."""
        if NATURES[figure].over_places is not Adding.ADDS:
            return None
        if figure == Figure.VISITS and self.days and not self.counted_days:
            return None
        found: int = getattr(self, figure)
        return found

    @property
    def uncounted_days(self) -> int:
        return self.days - self.counted_days


def add_up(parts: Iterable[Sums]) -> Sums:
    """The whole of several places."""
    return sum(parts, Sums())


class Money(NamedTuple):
    """The figures of a report that come from the book, as `Sums` names them."""

    contributed_fen: int = 0
    arrived_fen: int = 0
    spent_fen: int = 0
    at_charity_fen: int = 0
    on_its_way_fen: int = 0


IN_TRANSIT = (Code.CASH_IN_TRANSIT, Code.TRANSFER_PENDING)


def money_of(moved: Iterable[Moved]) -> Money:
    """The money of a period, from the sums that are kept of the book."""
    rows = list(moved)
    money = [row for row in rows if row.account not in IN_KIND]
    of_kind = {kind: sum(row.fen for row in money if CHART[row.account].kind is kind) for kind in Kind}
    given = (
        row.fen for row in rows if row.kind == EntryKind.CONTRIBUTION and row.account == Code.TRANSFER_PENDING
    )
    return Money(
        contributed_fen=sum(given),
        arrived_fen=-of_kind[Kind.INCOME],
        spent_fen=of_kind[Kind.EXPENSE],
        at_charity_fen=sum(row.held_fen for row in rows if row.account == Code.AT_CHARITY),
        on_its_way_fen=sum(row.held_fen for row in rows if row.account in IN_TRANSIT),
    )


class Standing(StrEnum):
    """Why a market of a period is not among its figures."""

    WAITING = "waiting"
    """It was held, and nobody has settled it yet."""
    AHEAD = "ahead"
    CALLED_OFF = "called_off"


def standing(state: DayState, close_at: datetime, at: datetime) -> Standing | None:
    """How a market stands that has no settlement; None: a draft that nobody announced and that is past."""
    if state in (DayState.CANCELLED, DayState.POSTPONED):
        return Standing.CALLED_OFF
    if state in (DayState.OPEN, DayState.CLOSED, DayState.SETTLING):
        return Standing.WAITING
    if close_at > at:
        return Standing.AHEAD
    return Standing.WAITING if state in (DayState.PUBLISHED, DayState.SETTING_UP) else None


Change = tuple[int, int | None]


def change(now: int | None, before: int | None) -> Change | None:
    """By how much a figure differs from an earlier one, and how many percent; None where one is unknown."""
    if now is None or before is None:
        return None
    percent = round((now - before) * 100 / before) if before > 0 else None
    return now - before, percent
