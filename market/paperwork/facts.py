"""What the forms of a market, or of a community, are made of; each is looked up when a form asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import PlanPart
from market.communities.models import Community
from market.fund import service as fund_service
from market.fund.models import Fund
from market.paperwork.plan_words import DEFAULTS
from market.settlement.paper_kit.kit import Kit, kit_of
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import LIVE


@dataclass(frozen=True)
class Facts:
    """A community, one of its markets or none, and whether nothing is to be filled in."""

    community: Community
    day: MarketDay | None
    at: datetime
    blank: bool = False

    @property
    def today(self) -> date:
        return clock.local(self.at, self.community.zone).date()

    @property
    def market(self) -> MarketDay:
        """The market, of which alone some forms speak."""
        if self.day is None:
            raise LookupError("a form of a market was asked for without one")
        return self.day

    @cached_property
    def kit(self) -> Kit:
        """What the paper kit of the market says."""
        return kit_of(self.market)

    @cached_property
    def fund(self) -> Fund | None:
        return fund_service.fund_of(self.community)

    @cached_property
    def texts(self) -> dict[PlanPart, str]:
        """What the community says itself."""
        known = {part: str(text) for part, text in DEFAULTS.items()}
        return calendar.plan_texts(self.community, self.day, known)

    @cached_property
    def comers(self) -> list[tuple[str, Vendor]]:
        """Who comes, with the stall: as it was given out, before that everybody who applied."""
        if self.day is None:
            return []
        held = stalls.assignments(self.day)
        if held:
            return [(one.label, one.vendor) for one in held]
        return [("", one.vendor) for one in vendors.applications(self.day) if one.state in LIVE]

    def said(self, text: str) -> str:
        """A text, which a blank form leaves to a pen."""
        return "" if self.blank else text
