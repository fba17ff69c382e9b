"""What passes say, in words ready to print."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask_babel import gettext

from market.calendar.models import MarketDay
from market.calendar.printed import clock_of, date_of, hours_of, weekday_of
from market.calendar.service import local_date
from market.passes.cards import Ground, PassBack, PassCard, PassLabels, Rectangle
from market.passes.models import StallPass
from market.places.models import Stall
from market.stalls.models import Assignment
from market.stalls.short_code import format_code
from market.vendors.words import CATEGORY_WORDS

if TYPE_CHECKING:
    from market.places.service import PlanLane
    from market.stalls.service import PlanStall


def pass_labels(head: str = "", head_address: str = "") -> PassLabels:
    """The words that every pass carries, and where the journal stood."""
    return PassLabels(
        title=gettext("摊位证"),
        show=gettext("门口出示，一扫就进"),
        spell=gettext("扫不出？报短码"),
        call=gettext("有事打"),
        verify=gettext("任何人都可扫码查真伪"),
        spare=gettext("备用证 · 手写"),
        spare_note=gettext("没有二维码，门口按名单核对"),
        name_here=gettext("店名"),
        here=gettext("您的摊位在这里"),
        head=gettext("账本校验码 %(head)s", head=head) if head else "",
        head_address=head_address,
    )


def pass_card(stall_pass: StallPass, address: str) -> PassCard:
    """One pass, in words ready to print; `address` is what its QR code holds."""
    held = stall_pass.assignment
    return spare_card(stall_pass.day, held.label)._replace(
        stalls=tuple(stall.label for stall in stalls_of(held)),
        trading_name=held.vendor.trading_name,
        category=str(CATEGORY_WORDS[held.vendor.category]),
        size_text=_size_text(held),
        power_text=_power_text(held.application.power_w),
        qr_url=address,
        short_code=format_code(stall_pass.short_code),
        version=version_text(stall_pass),
    )


def spare_card(day: MarketDay, stall_no: str) -> PassCard:
    """What is the same for every vendor: a pass to be filled in by hand."""
    return PassCard(
        community=day.community.name,
        stall_no=stall_no,
        trading_name="",
        category="",
        size_text="",
        power_text="",
        market_title=day.theme,
        date_text=date_of(day),
        weekday_text=weekday_of(day),
        hours_text=hours_of(day),
        arrive_by_text=gettext("%(time)s 前进场", time=clock_of(day.arrive_by, day)),
        qr_url="",
        short_code="",
        version="",
        phone=day.community.phone,
        rules=(
            gettext("摊走地净，垃圾带走"),
            gettext("明码标价，秤要准"),
            gettext("消防通道不放东西"),
            gettext("喇叭小声点"),
        ),
        footnote=gettext("地点：%(venue)s", venue=day.venue.name),
    )


def pass_back(day: MarketDay, stalls: Iterable[PlanStall], lanes: Iterable[PlanLane]) -> PassBack:
    """The plaza and whom to call."""
    venue = day.venue
    place = venue.name
    if venue.entrances:
        place = gettext(
            "%(venue)s · 入口：%(entrances)s",
            venue=venue.name,
            entrances=gettext("、").join(venue.entrance_names()),
        )
    spots = tuple(Rectangle(s.label, s.x_dm, s.y_dm, s.width_dm, s.depth_dm) for s in stalls)
    strips = tuple(
        Rectangle(s.label, s.x_dm, s.y_dm, s.width_dm, s.depth_dm) for s in lanes if not s.entrance
    )
    ground = Ground(venue.width_dm, venue.depth_dm, spots, strips, place)
    contacts = (
        gettext("社区工作人员 %(phone)s", phone=day.community.phone),
        gettext("火警 119 · 急救 120 · 报警 110"),
    )
    return PassBack(ground, contacts)


def version_text(stall_pass: StallPass) -> str:
    """第 2 版."""
    return gettext("第 %(version)s 版", version=stall_pass.version)


def stalls_of(held: Assignment) -> list[Stall]:
    """One stall, or two side by side."""
    return [stall for stall in (held.stall, held.second_stall) if stall is not None]


def _size_text(held: Assignment) -> str:
    size = f"{held.stall.width_dm / 10:g} m × {held.stall.depth_dm / 10:g} m"
    return size if held.second_stall is None else gettext("两个 %(size)s", size=size)


def _power_text(watts: int) -> str:
    if watts == 0:
        return gettext("不用电")
    return gettext("用电 %(kilowatts)s 千瓦", kilowatts=f"{watts / 1000:g}")


def passes_title(day: MarketDay) -> str:
    """What the file of all passes is called when it is saved, without its ending."""
    return f"{local_date(day)} {day.theme} {gettext('摊位证')}"


def pass_file_name(stall_pass: StallPass) -> str:
    held, day = stall_pass.assignment, stall_pass.day
    return f"{local_date(day)} {held.label} {held.vendor.trading_name} {gettext('摊位证')}.pdf"
