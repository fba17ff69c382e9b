"""One market as residents read it: who comes, on which stall, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES, PublicStatus
from market.calendar.shown_day import ShownDay
from market.config import settings
from market.fund.published import public_book
from market.pages.blueprint import bp
from market.people.access import current_community
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.service import PlanStall
from market.vendors.search import finds
from market.vendors.words import category_word


@bp.get("/c/<slug>/markets/<ref>")
@open_to(Audience.PUBLIC)
def market(ref: str) -> ResponseReturnValue:
    community, at = current_community(), clock.now()
    shown = ShownDay.of(public_day_at(ref), at)
    day = shown.day
    known = day.state in PUBLIC_STATES
    held = stalls.assignments(day) if known else []
    query = request.args.get("q", "").strip()[:60]
    settled = settlement.settlement_of(day) if known else None
    return render_template(
        "pages/market.html",
        shown=shown,
        day=day,
        known=known,
        query=query,
        sellers=[seller for seller in map(_seller, held) if finds(query, seller)],
        held=len(held),
        shut=list(stalls.shut_stalls(day).values()) if known else [],
        plan=_plan(day) if known and not query else [],
        lanes=stalls.lanes_view(day) if known and not query else [],
        settled=settled,
        charged=settlement.fee_for(day),
        figures=public_book(community).of(settled) if settled else None,
        wanted=day in service.open_for_application(community, at),
        event=_event_data(shown),
        by_lottery=stalls.current_lottery(day) is not None,
    )


def _seller(held: Assignment) -> tuple[str, str, str, str]:
    """(stall, trading name, category, goods): what anyone may know of a vendor."""
    vendor = held.vendor
    return held.label, vendor.trading_name, str(category_word(vendor.category)), vendor.goods


def _plan(day: MarketDay) -> list[PlanStall]:
    """The plan, each taken stall a link to its line in the list; two stalls of one vendor have one line."""
    line = {
        held.second_stall.label: held.stall.label for held in stalls.assignments(day) if held.second_stall
    }
    view = stalls.plan_view(day)
    return [
        replace(one, href=f"#{line.get(one.label, one.label)}" if one.state == "taken" else "")
        for one in view
    ]


_SCHEMA_STATUS = {
    PublicStatus.POSTPONED: "EventPostponed",
    PublicStatus.CANCELLED: "EventCancelled",
}


def _event_data(shown: ShownDay) -> dict[str, Any]:
    """The market for search engines (schema.org Event)."""
    day = shown.day
    zone = day.community.zone
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": f"{day.community.name}睦邻集市 · {day.theme}",
        "startDate": clock.local(day.open_at, zone).isoformat(),
        "endDate": clock.local(day.ends_at, zone).isoformat(),
        "eventStatus": f"https://schema.org/{_SCHEMA_STATUS.get(shown.status, 'EventScheduled')}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "isAccessibleForFree": True,
        "location": {"@type": "Place", "name": day.venue.name, "address": day.venue.address},
        "organizer": {"@type": "Organization", "name": day.community.host_org},
        "url": page_address(day),
    }


def page_address(day: MarketDay) -> str:
    """A page's address for the world outside; from the settings, never from a request's Host."""
    return settings().public_url + url_for("pages.market", slug=day.community.slug, ref=day.ref)
