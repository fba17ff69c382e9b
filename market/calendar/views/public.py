"""What residents read: the next market, one market, the month, and the calendar for their phones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from market import clock
from market.calendar import service, words
from market.calendar.finding import public_day_at
from market.calendar.models import MarketDay
from market.calendar.rules import (
    PUBLIC_STATES,
    PublicStatus,
    matches,
    month_weeks,
    neighbour_month,
    parse_month,
    public_status,
)
from market.calendar.views import bp
from market.config import settings
from market.errors import NotFound
from market.people.access import Audience, current_community, open_to, stand_in
from market.places import service as places
from market.places.models import Community
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.service import PlanStall
from market.vendors.words import category_word

PAST_SHOWN = 6
LAST = datetime.max.replace(tzinfo=UTC)
"""Where communities without a next market stand in the list."""


# ── the next market ───────────────────────────────────────────────────────────────────────────────────────


@bp.get("/")
@open_to(Audience.PUBLIC)
def home() -> ResponseReturnValue:
    known = places.communities()
    if len(known) == 1:
        stand_in(known[0])
        return _community_page(known[0])
    at = clock.now()
    nexts = [(community, _shown(service.next_day(community, at), at)) for community in known]
    nexts.sort(key=lambda pair: pair[1].day.open_at if pair[1] is not None else LAST)
    return render_template("calendar/home.html", communities=nexts)


@bp.get("/c/<slug>/")
@open_to(Audience.PUBLIC)
def community() -> ResponseReturnValue:
    return _community_page(current_community())


def _community_page(community: Community) -> str:
    at = clock.now()
    known = [ShownDay.of(day, at) for day in service.all_public_days(community)]
    coming = [shown for shown in known if shown.day.close_at > at and not shown.over]
    holdable = [shown for shown in coming if not shown.called_off]
    return render_template(
        "calendar/community.html",
        next=holdable[0] if holdable else None,
        following=holdable[1:],
        called_off=[shown for shown in coming if shown.called_off],
        past=[shown for shown in reversed(known) if shown.over][:PAST_SHOWN],
        wanted=service.open_for_application(community, at),
        counters={settled.day_id: settled for settled in settlement.settlements(community)},
        feed_address=_subscription(),
    )


def _subscription() -> str:
    """The feed by the scheme that makes a phone subscribe instead of copying the days of today."""
    base = settings().public_url.partition("://")[2]
    return f"webcal://{base}{url_for('calendar.feed')}"


@dataclass(frozen=True)
class ShownDay:
    """A market day with the word that residents read."""

    day: MarketDay
    status: PublicStatus
    kind: str
    word: str

    @classmethod
    def of(cls, day: MarketDay, at: datetime) -> ShownDay:
        status = public_status(
            day.state, open_at=day.open_at, close_at=day.close_at, closed_early=day.closed_early, at=at
        )
        kind, word = words.STATUS_WORDS[status]
        return cls(day, status, kind, str(word))

    @property
    def called_off(self) -> bool:
        return self.status in (PublicStatus.POSTPONED, PublicStatus.CANCELLED)

    @property
    def over(self) -> bool:
        return self.status in (PublicStatus.OVER, PublicStatus.CLOSED_EARLY)


def _shown(day: MarketDay | None, at: datetime) -> ShownDay | None:
    return ShownDay.of(day, at) if day is not None else None


# ── one market ────────────────────────────────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/markets/<ref>")
@open_to(Audience.PUBLIC)
def market(ref: str) -> ResponseReturnValue:
    community, at = current_community(), clock.now()
    shown = ShownDay.of(public_day_at(ref), at)
    day = shown.day
    known = day.state in PUBLIC_STATES
    held = stalls.assignments(day) if known else []
    query = request.args.get("q", "").strip()[:60]
    return render_template(
        "calendar/market.html",
        shown=shown,
        day=day,
        known=known,
        query=query,
        sellers=[seller for seller in map(_seller, held) if matches(query, seller)],
        held=len(held),
        plan=_plan(day) if known and not query else [],
        lanes=stalls.lanes_view(day) if known and not query else [],
        settled=settlement.settlement_of(day) if known else None,
        wanted=day in service.open_for_application(community, at),
        event=_event_data(shown),
        by_lot=stalls.current_draw(day) is not None,
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
        "endDate": clock.local(day.close_at, zone).isoformat(),
        "eventStatus": f"https://schema.org/{_SCHEMA_STATUS.get(shown.status, 'EventScheduled')}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "isAccessibleForFree": True,
        "location": {"@type": "Place", "name": day.venue.name, "address": day.venue.address},
        "organizer": {"@type": "Organization", "name": day.community.host_org},
        "url": page_address(day),
    }


# ── the month ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Cell:
    """One day of the month on the wall, as `macros/ui.html` draws it."""

    day: int
    in_month: bool
    today: bool
    events: list[dict[str, str]]


@bp.get("/c/<slug>/calendar")
@open_to(Audience.PUBLIC)
def month() -> ResponseReturnValue:
    community = current_community()
    today = clock.today(community.zone)
    asked = request.args.get("month")
    wanted = parse_month(asked) if asked is not None else (today.year, today.month)
    if wanted is None:
        raise NotFound("calendar.no_month", _("没有这个月份。月份写成 2026-11 这样。"))
    weeks = month_weeks(*wanted)
    known = days_between(community, weeks[0][0], weeks[-1][-1])
    return render_template(
        "calendar/month.html",
        first=date(*wanted, 1),
        weeks=[[_cell(day, wanted[1], today, known) for day in week] for week in weeks],
        in_month=[shown for shown in known if service.local_date(shown.day).month == wanted[1]],
        previous=_month_address(*neighbour_month(*wanted, -1)),
        following=_month_address(*neighbour_month(*wanted, 1)),
        sheet=url_for("calendar.month_sheet", month=f"{wanted[0]}-{wanted[1]:02d}"),
    )


def days_between(community: Community, first: date, last: date) -> list[ShownDay]:
    since = clock.at_local(first, time(), community.zone)
    until = clock.at_local(last + timedelta(days=1), time(), community.zone)
    at = clock.now()
    return [ShownDay.of(day, at) for day in service.public_days(community, since, until)]


def _cell(day: date, month: int, today: date, known: list[ShownDay]) -> Cell:
    events = [_cell_event(shown) for shown in known if service.local_date(shown.day) == day]
    return Cell(day.day, day.month == month, day == today, events)


def _cell_event(shown: ShownDay) -> dict[str, str]:
    kind = "off" if shown.called_off else "quiet" if shown.over else ""
    label = f"{shown.day.theme} {shown.word}" if kind else shown.day.theme
    return {"label": label, "href": url_for("calendar.market", ref=shown.day.ref), "kind": kind}


def _month_address(year: int, month: int) -> str | None:
    return url_for("calendar.month", month=f"{year}-{month:02d}") if 2000 <= year <= 2099 else None


# ── for the calendars on people's phones ──────────────────────────────────────────────────────────────────


@bp.get("/c/<slug>/calendar.ics")
@open_to(Audience.PUBLIC)
def feed() -> ResponseReturnValue:
    return _calendar(service.all_public_days(current_community()), "calendar.ics")


@bp.get("/c/<slug>/markets/<ref>.ics")
@open_to(Audience.PUBLIC)
def market_event(ref: str) -> ResponseReturnValue:
    return _calendar([public_day_at(ref)], f"market-{ref}.ics")


def _calendar(days: list[MarketDay], filename: str) -> Response:
    name = _("%(community)s睦邻集市", community=current_community().name)
    from market.calendar import ical  # its library takes a moment, which no start should wait for

    body = ical.write_calendar(name, days, public_url=settings().public_url, address=page_address)
    response = make_response(body)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def page_address(day: MarketDay) -> str:
    """A page's address for the world outside; from the settings, never from a request's Host."""
    return settings().public_url + url_for("calendar.market", slug=day.community.slug, ref=day.ref)
