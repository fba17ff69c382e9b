"""What residents read on walls: a market's poster and the month's sheet, from the same data as the screen."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from flask import Response, request, url_for
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar import service
from market.calendar.lookup import public_day_at
from market.calendar.models import MarketDay
from market.calendar.month_sheet import MonthDay, MonthEvent, MonthSheet, write_month_sheet
from market.calendar.poster import Poster, Size, choose_highlights, write_poster
from market.calendar.rules import PUBLIC_STATES, DayState, month_weeks, parse_month
from market.calendar.shown_day import ShownDay, days_between
from market.communities.models import Community
from market.config import settings
from market.demand.words import wish_word
from market.errors import NotFound, Refusal
from market.journal.printed import head_now
from market.layout import filters
from market.layout.answers import send_file, send_pdf
from market.pages.blueprint import bp
from market.pages.metadata import page_address
from market.people.access import current_community
from market.print.picture import first_page
from market.print.qr import draw_qr
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.service import wished
from market.vendors.words import GROUPS, category_word

ASKED_ON_POSTER = 4
SERVICES_FIRST = (2, 0, 3, 1)
"""Groups of `vendors.words.GROUPS` in the order in which a poster asks people out: who comes only today
(haircuts, knives) before what any shop has."""


@bp.get("/c/<slug>/markets/<ref>/poster.pdf")
@open_to(Audience.PUBLIC)
def poster(ref: str) -> Response:
    """`?size=a3` for a wall, A4 for a door."""
    shown = ShownDay.of(public_day_at(ref), clock.now())
    out = BytesIO()
    write_poster(_poster(shown), out, size=_size(), draw_code=draw_qr)
    return send_pdf(out, file_name(shown.day.community, _("海报"), service.local_date(shown.day)))


@bp.get("/c/<slug>/markets/<ref>/poster.png")
@open_to(Audience.PUBLIC)
def poster_picture(ref: str) -> Response:
    """The same to press and save, in chat programs too: day, place and who comes, where no calendar opens."""
    shown, out = ShownDay.of(public_day_at(ref), clock.now()), BytesIO()
    write_poster(_poster(shown), out, size=Size.A4, draw_code=draw_qr)
    name = file_name(shown.day.community, _("海报"), service.local_date(shown.day)).replace(".pdf", ".png")
    return send_file(first_page(out), "image/png", name, attached=False)


def _size() -> Size:
    try:
        return Size(request.args.get("size", Size.A4))
    except ValueError:
        raise Refusal("calendar.no_size", _("没有这种纸。请选 A3 或 A4。"), 422) from None


def _poster(shown: ShownDay) -> Poster:
    day = shown.day
    host = day.community
    head = head_now(host.id).short
    held = stalls.assignments(day) if day.state in PUBLIC_STATES else []
    return Poster(
        community=host.name,
        title=_("睦邻集市"),
        theme=day.theme,
        date_text=filters.short_day_text(day.open_at),
        weekday_text=filters.long_weekday(day.open_at),
        hours_text=filters.hours_text(day.open_at, day.close_at),
        place=day.venue.name,
        address=day.venue.address,
        highlights=tuple(map(_highlight, _highlights(held))) or _not_yet(shown),
        scan=_("扫一扫，看谁来、在哪个摊位") if held else _("扫一扫，看这一场的消息"),
        page_address=page_address(day),
        contact=_("%(host)s，电话 %(phone)s", host=host.host_org, phone=host.phone),
        head=_("账本校验码 %(head)s", head=head),
        head_address=settings().public_url + url_for("fund.head", head=head),
        stop_word=shown.word if shown.called_off else "",
        stop_note=day.public_note,
        asked=_asked(shown.day, held),
    )


def _asked(day: MarketDay, held: list[Assignment]) -> str:
    """What residents had asked for and gets, as far as one line holds it."""
    found = wished.asked_for(held, wished.wanted_by(day, clock.now())) if held else []
    stalls_of = [f"{wish_word(one.line.wish)} {one.held[0].label}" for one in found[:ASKED_ON_POSTER]]
    return _("大家点的：%(stalls)s", stalls=_("、").join(stalls_of)) if stalls_of else ""


def _highlights(held: list[Assignment]) -> list[Assignment]:
    """Five stalls: the groups in turn, and within a group its categories in turn."""
    ordered: list[tuple[int, Assignment]] = []
    for group in SERVICES_FIRST:
        categories = GROUPS[group][1]
        of_group = [(a.vendor.category, a) for a in held if a.vendor.category in categories]
        ordered += [(group, a) for a in choose_highlights(of_group, len(of_group))]
    return choose_highlights(ordered)


def _not_yet(shown: ShownDay) -> tuple[tuple[str, str], ...]:
    """What is said before the stalls are given out."""
    until = filters.short_day_text(shown.day.apply_until)
    lines = [_("谁来、在哪个摊位，一般提前两天公布")]
    if shown.day.state is DayState.OPEN_FOR_APPLICATION:
        lines.append(_("想来摆摊的，%(until)s前报名", until=until))
    return tuple((line, "") for line in lines)


def _highlight(held: Assignment) -> tuple[str, str]:
    vendor = held.vendor
    what = vendor.goods or str(category_word(vendor.category))
    return f"{vendor.trading_name} · {what}", held.label


@bp.get("/c/<slug>/calendar/<month>.pdf")
@open_to(Audience.PUBLIC)
def month_sheet(month: str) -> Response:
    """The month for the notice board, as the calendar page shows it."""
    wanted = parse_month(month)
    if wanted is None:
        raise NotFound("calendar.no_month", _("没有这个月份。月份写成 2026-11 这样。"))
    community, first, out = current_community(), date(*wanted, 1), BytesIO()
    address = settings().public_url + url_for("pages.month", month=month)
    sheet = MonthSheet(
        title=_("%(month)s集市", month=filters.month_text(first)),
        community=community.name,
        weekdays=(_("一"), _("二"), _("三"), _("四"), _("五"), _("六"), _("日")),
        weeks=_weeks(community, *wanted),
        scan=_("扫一扫，看每一场谁来、在哪里"),
        page_address=address,
        contact=_("%(host)s，电话 %(phone)s", host=community.host_org, phone=community.phone),
        nothing=_("这个月没有集市。"),
    )
    write_month_sheet(sheet, out, draw_code=draw_qr)
    what = _("集市月历")
    return send_pdf(out, f"{community.name}_{what}_{month}.pdf")


def _weeks(community: Community, year: int, month: int) -> list[list[MonthDay]]:
    weeks = month_weeks(year, month)
    known: dict[date, list[MonthEvent]] = {}
    for shown in days_between(community, weeks[0][0], weeks[-1][-1]):
        known.setdefault(service.local_date(shown.day), []).append(_month_event(shown))
    return [[MonthDay(day.day, day.month == month, tuple(known.get(day, ()))) for day in w] for w in weeks]


def _month_event(shown: ShownDay) -> MonthEvent:
    day = shown.day
    hours = filters.hours_text(day.open_at, day.close_at)
    return MonthEvent(hours, day.theme, day.venue.name, shown.word if shown.called_off else "")


def file_name(community: Community, what: str, on: date) -> str:
    """社区_表名_日期.pdf, as offices file papers."""
    return f"{community.name}_{what}_{on.isoformat()}.pdf"
