"""What a vendor has its points for, market by market."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from market.calendar.models import MarketDay
from market.vendors import service
from market.vendors.models import Vendor
from market.vendors.rules import Conduct, points_for


@dataclass(frozen=True)
class Points:
    """The points that count, and the markets at which the vendor stood among the last ones."""

    markets: list[tuple[MarketDay, set[Conduct]]]
    counted: int
    """How many markets back points count."""

    def of(self, earned: Collection[Conduct]) -> int:
        """The points of one market."""
        return points_for(earned)

    @property
    def total(self) -> int:
        return sum(points_for(earned) for _day, earned in self.markets)


def points_of(vendor: Vendor, stood: Collection[int]) -> Points:
    """Everything the pages say about a vendor's points; `stood`: the ids of the markets it came to."""
    days = service.counted_markets(vendor.community)
    earned = service.conduct_of(vendor, [day.id for day in days])
    markets = [(day, earned[day.id]) for day in days if day.id in stood or earned[day.id]]
    return Points(markets, service.COUNTED_MARKETS)
