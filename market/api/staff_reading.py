"""Puts together what staff read of their community, for the programs they gave a key to."""

from __future__ import annotations

from market.api.shapes import (
    ApplicationTold,
    CountTold,
    DayTold,
    RegionCountersTold,
    TakingsTold,
    VendorTold,
    VenueTold,
)
from market.calendar.models import MarketDay
from market.calendar.service import draft_of
from market.communities.models import Community
from market.gate.service import Footfall
from market.insight.rules import Counters
from market.places.models import Venue
from market.places.service import live_stalls
from market.settlement.models import TakingsReport
from market.stalls.models import Assignment
from market.typed_text import masked_phone
from market.vendors.models import Application, Vendor
from market.vendors.service import facts_of_vendor


def venue_told(venue: Venue) -> VenueTold:
    return VenueTold(ref=venue.ref, name=venue.name, address=venue.address, stalls=len(live_stalls(venue)))


def vendor_told(vendor: Vendor) -> VendorTold:
    facts = vars(facts_of_vendor(vendor)) | {"category": vendor.category.value}
    return VendorTold(ref=vendor.ref, **{**facts, "phone": masked_phone(vendor.phone)})


def day_told(day: MarketDay) -> DayTold:
    draft = draft_of(day)
    return DayTold(
        ref=day.ref,
        state=day.state.value,
        theme=draft.theme,
        venue=draft.venue.ref,
        on=draft.on,
        opens=f"{draft.opens:%H:%M}",
        closes=f"{draft.closes:%H:%M}",
        arrive_by=f"{draft.arrive_by:%H:%M}",
        apply_from=draft.apply_from,
        apply_until=draft.apply_until,
        expected_visitors=draft.expected_visitors,
        stall_limit=draft.stall_limit,
        has_donation_box=draft.has_donation_box,
    )


def application_told(application: Application) -> ApplicationTold:
    return ApplicationTold(
        ref=application.ref,
        vendor=application.vendor.ref,
        state=application.state.value,
        power_w=application.power_w,
        double=application.double,
        note=application.note,
        submitted_at=application.submitted_at,
    )


def takings_told(assignment: Assignment, report: TakingsReport | None) -> TakingsTold:
    told = report is not None and not report.gift_only
    return TakingsTold(
        stall=assignment.ref,
        label=assignment.label,
        vendor=assignment.vendor.ref,
        takings_fen=report.takings_fen if report is not None and told else None,
        chosen_fen=report.chosen_fen if report is not None else None,
        revision=report.revision if report is not None else 0,
        source=report.source.value if report is not None else None,
    )


def counts_told(counted: Footfall) -> list[CountTold]:
    return [
        CountTold(
            entrance=entrance,
            slot=slot,
            starts_at=start,
            ends_at=end,
            visits=counted.told(entrance, slot),
        )
        for entrance in counted.entrances
        for slot, (start, end) in enumerate(counted.slots, 1)
    ]


def region_counters_told(community: Community, sums: Counters, year: int) -> RegionCountersTold:
    return RegionCountersTold(
        community=community.slug,
        name=community.name,
        year=year,
        markets=sums.days,
        vendors=sums.vendors,
        appearances=sums.appearances,
        visits=sums.visits,
        counted_markets=sums.counted_days,
        contribution_fen=sums.contribution_fen,
        items=sums.items,
    )
