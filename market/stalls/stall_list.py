"""The list of who stands where (摊位安排表, domain §4.1 form 2), for print, workbook and CSV."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from market.allocation.market_rules import USUAL_APART, Apart
from market.calendar.models import MarketDay
from market.calendar.printed import clock_of
from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.stalls.models import Assignment
from market.vendors.models import Vendor
from market.vendors.rules import Category
from market.vendors.words import category_word

KEY = "stalls"


def stall_list(day: MarketDay, held: Iterable[Assignment], duties: dict[str, str]) -> Table:
    """One line an assignment; `duties` names who of the community looks after a zone."""
    columns = (
        Column(_("摊位号"), 25, Kind.STALL), Column(_("区域"), 13), Column(_("商户"), 48),
        Column(_("品类"), 27), Column(_("用电"), 15, Kind.KILOWATTS), Column(_("到场时间"), 22),
        Column(_("相邻要求"), 56), Column(_("负责网格员"), 27), Column(_("备注"), 44),
    )  # fmt: skip
    arrive = _("%(time)s 前", time=clock_of(day.arrive_by, day))
    rows = tuple(_row(one, arrive, duties) for one in held)
    return Table(KEY, _("摊位安排表"), columns, rows, unit=_("用电单位：千瓦"), to_read=True)


def _row(held: Assignment, arrive: str, duties: dict[str, str]) -> tuple[Cell, ...]:
    vendor, zone = held.vendor, held.stall.zone
    return (
        held.label, zone, vendor.trading_name, str(category_word(vendor.category)), held.application.power_w,
        arrive, neighbours_text(held), duties.get(zone), remarks(held),
    )  # fmt: skip


def neighbours_text(held: Assignment) -> str:
    """What the rules of a market ask of the stalls beside this one."""
    category = held.vendor.category
    asked = [_("两个摊位相邻")] if held.second_stall is not None else []
    asked += [_apart_text(rule, category) for rule in USUAL_APART if category in (rule.one, rule.other)]
    return _("；").join(asked)


def _apart_text(rule: Apart, category: Category) -> str:
    other = category_word(Category(rule.other if category == rule.one else rule.one))
    if not rule.downwind:
        return _("不挨%(other)s", other=other)
    if category == rule.one:
        return _("油烟不熏%(other)s", other=other)
    return _("不在%(other)s下风", other=other)


def remarks(held: Assignment) -> str:
    """What whoever sets up the place must know: water, fire, a tent, a car, and what the vendor wrote."""
    return _("；").join(filter(None, [_("、").join(_needs(held.vendor)), held.application.note]))


def _needs(vendor: Vendor) -> list[str]:
    car = _("要进车 %(plate)s", plate=vendor.plate).strip() if vendor.needs_vehicle else ""
    wanted = (
        (vendor.needs_water, _("用水")), (vendor.open_flame, _("明火")), (vendor.gas_bottle, _("燃气罐")),
        (vendor.own_tent, _("自带帐篷")), (vendor.needs_vehicle, car),
    )  # fmt: skip
    return [word for wants, word in wanted if wants]


def pairs(held: Iterable[Assignment]) -> dict[str, str]:
    """The second stall of every double one, by the first."""
    return {one.stall.label: one.second_stall.label for one in held if one.second_stall is not None}


def map_legend() -> str:
    """What the lines of the map mean."""
    return _("实线框：有人 · 虚线框：空 · 灰色：消防通道，不放东西")
