"""The tables of the kit as data: columns as offices use them (domain §4.1), rows as the system knows them.

Print, workbook and CSV are three ways to write the same sheet. What nobody knows yet stays empty, for a pen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _

from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.db import db
from market.gate import service as gate
from market.gate.rules import SLOTS, slots
from market.gate.short_code import format_code
from market.gate.sign_in_sheet import SignInRow
from market.gate.words import clock_of, hours_of, sheet_labels, weekday_of
from market.settlement import reading
from market.settlement.closing import CloseRow, CloseView, close_view
from market.settlement.paper_kit.inspection import items_for, legend
from market.settlement.rules import TermsFacts, TermsKind, share
from market.settlement.words import terms_word
from market.stalls.models import Assignment
from market.vendors import service as vendors
from market.vendors.models import Application, Document, Vendor
from market.vendors.pinyin import initials
from market.vendors.rules import LIVE, PREPACKED_PERMIT, DocumentKind
from market.vendors.words import category_word

Cell = str | int | date | None


class Kind(StrEnum):
    """How the cells of a column are to be read."""

    TEXT = "text"
    STALL = "stall"
    """The number that a finger looks for."""
    NUMBER = "number"
    MONEY = "money"
    """Fen, written as yuan."""
    KILOWATTS = "kilowatts"
    """Watts, written as kilowatts."""
    DATE = "date"


class Column(NamedTuple):
    title: str
    width: float
    """In millimetres; the columns of a printed sheet fill A4 across (277 mm)."""
    kind: Kind = Kind.TEXT


class SheetKey(StrEnum):
    """The tables, as they are called in addresses; in the order of the workbook."""

    APPLICATIONS = "applications"
    STALLS = "stalls"
    ROSTER = "roster"
    ROSTER_BY_NAME = "roster-by-name"
    SIGN_IN = "sign-in"
    INSPECTION_1 = "inspection-1"
    INSPECTION_2 = "inspection-2"
    FOOTFALL = "footfall"
    TAKINGS = "takings"


@dataclass(frozen=True)
class Sheet:
    """One table, ready to be written anywhere."""

    key: SheetKey
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: str = ""
    """单位：元, where there are amounts."""
    note: str = ""
    """What one must know to fill it in."""


@dataclass(frozen=True)
class Kit:
    """Everything the tables of one market are made of, looked up once."""

    day: MarketDay
    view: CloseView
    codes: dict[int, str]
    """Short codes of the passes that count, by assignment; none before the market is published."""
    signing: list[SignInRow]

    @property
    def held(self) -> list[Assignment]:
        return [row.assignment for row in self.view.rows]

    def code(self, held: Assignment) -> str:
        return self.codes.get(held.id, "")


def kit_of(day: MarketDay) -> Kit:
    """Looks up what the tables of a market say."""
    codes = {p.assignment_id: format_code(p.short_code) for p in gate.live_passes(day)}
    return Kit(day, close_view(day), codes, gate.sign_in_rows(day))


def sheets_of(kit: Kit) -> list[Sheet]:
    """Every table, in the order of the workbook."""
    return [sheet_of(kit, key) for key in SheetKey]


def sheet_of(kit: Kit, key: SheetKey) -> Sheet:
    """One table."""
    return _MAKERS[key](kit)


def titles() -> dict[SheetKey, str]:
    """What the tables are called."""
    return {
        SheetKey.APPLICATIONS: _("商户报名表"),
        SheetKey.STALLS: _("摊位安排表"),
        SheetKey.ROSTER: _("商户名册（按摊位）"),
        SheetKey.ROSTER_BY_NAME: _("商户名册（按拼音）"),
        SheetKey.SIGN_IN: _("商户签到表"),
        SheetKey.INSPECTION_1: _("安全检查记录表（第一轮）"),
        SheetKey.INSPECTION_2: _("安全检查记录表（第二轮）"),
        SheetKey.FOOTFALL: _("客流统计表"),
        SheetKey.TAKINGS: _("收入（营业额）登记表"),
    }


def subtitle(day: MarketDay) -> str:
    """Whose market, which one, when and where."""
    when = local_date(day).isoformat()
    return f"{day.community.name} · {day.theme} · {when} {weekday_of(day)} {hours_of(day)} · {day.venue.name}"


# ── who asks to come ──────────────────────────────────────────────────────────────────────────────────────


def _applications(kit: Kit) -> Sheet:
    asking = [a for a in vendors.applications(kit.day) if a.state in LIVE]
    papers = _papers([a.vendor for a in asking])
    terms = reading.terms_of([a.vendor_id for a in asking], kit.day.open_at)
    rows = [
        _application_row(number, a, papers.get(a.vendor_id, []), terms[a.vendor_id])
        for number, a in enumerate(asking, 1)
    ]
    columns = (
        Column(_("序号"), 10, Kind.NUMBER), Column(_("商户/摊主名称"), 34), Column(_("经营者"), 18),
        Column(_("联系电话"), 26), Column(_("经营品类"), 18), Column(_("主要商品"), 30),
        Column(_("价格区间"), 16), Column(_("营业执照/备案号"), 40), Column(_("健康证(人数/到期)"), 30),
        Column(_("是否用电(kW)"), 16, Kind.KILOWATTS), Column(_("是否明火"), 14), Column(_("自带帐篷"), 14),
        Column(_("车牌"), 20), Column(_("参加日期"), 22, Kind.DATE), Column(_("意向捐赠(方式/比例)"), 28),
        Column(_("备注"), 30), Column(_("签字"), 22),
    )  # fmt: skip
    return Sheet(SheetKey.APPLICATIONS, titles()[SheetKey.APPLICATIONS], columns, tuple(rows))


def _papers(people: Iterable[Vendor]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    query = sa.select(Document).where(Document.vendor_id.in_([vendor.id for vendor in people]))
    for document in db.session.scalars(query.order_by(Document.kind, Document.id)):
        found.setdefault(document.vendor_id, []).append(document)
    return found


def _application_row(
    number: int, application: Application, papers: Sequence[Document], terms: TermsFacts
) -> tuple[Cell, ...]:
    vendor = application.vendor
    permits = [p.number for p in papers if p.kind in (DocumentKind.BUSINESS_LICENCE, *PREPACKED_PERMIT)]
    health = [p for p in papers if p.kind is DocumentKind.HEALTH_CERT]
    return (
        number, vendor.trading_name, vendor.holder, vendor.phone, str(category_word(vendor.category)),
        vendor.goods, None, "、".join(permits), _health_text(health, local_date(application.day)),
        application.power_w, None, None,
        _("要进车") if vendor.needs_vehicle else None, local_date(application.day), terms_word(terms),
        application.note, None,
    )  # fmt: skip


def _health_text(certificates: Sequence[Document], on: date) -> str:
    """How many certificates count on the day, and when the first of them ends."""
    good = [paper for paper in certificates if paper.valid_to is None or paper.valid_to >= on]
    ends = [paper.valid_to for paper in good if paper.valid_to is not None]
    if not good:
        return ""
    return _("%(n)s 人", n=len(good)) + (f" / {min(ends).isoformat()}" if ends else "")


# ── who stands where ──────────────────────────────────────────────────────────────────────────────────────


def _stalls(kit: Kit) -> Sheet:
    columns = (
        Column(_("摊位号"), 20, Kind.STALL), Column(_("区域"), 15),
        Column(_("商户"), 54), Column(_("品类"), 28),
        Column(_("用电"), 20, Kind.KILOWATTS), Column(_("到场时间"), 24), Column(_("相邻要求"), 36),
        Column(_("负责网格员"), 32), Column(_("备注"), 48),
    )  # fmt: skip
    arrive = _("%(time)s 前", time=clock_of(kit.day.arrive_by, kit.day))
    rows = [_stall_row(held, arrive) for held in kit.held]
    return Sheet(
        SheetKey.STALLS, titles()[SheetKey.STALLS], columns, tuple(rows), note=_("用电一栏的单位是千瓦。")
    )


def _stall_row(held: Assignment, arrive: str) -> tuple[Cell, ...]:
    vendor, application = held.vendor, held.application
    needs = [
        word
        for word, wanted in ((_("用水"), vendor.needs_water), (_("要进车"), vendor.needs_vehicle))
        if wanted
    ]
    remarks = "；".join(filter(None, ["、".join(needs), application.note]))
    category = str(category_word(vendor.category))
    return (
        held.stall.label, held.stall.zone, vendor.trading_name, category, application.power_w, arrive, None,
        None, remarks,
    )  # fmt: skip


def _roster(kit: Kit) -> Sheet:
    columns = (
        Column(_("摊位号"), 22, Kind.STALL), Column(_("商户"), 62),
        Column(_("经营者"), 30), Column(_("联系电话"), 40),
        Column(_("经营品类"), 34), Column(_("短码"), 34), Column(_("备注"), 55),
    )  # fmt: skip
    rows = [
        (
            held.stall.label, held.vendor.trading_name, held.vendor.holder, held.vendor.phone,
            str(category_word(held.vendor.category)), kit.code(held), None,
        )
        for held in kit.held
    ]  # fmt: skip
    return Sheet(SheetKey.ROSTER, titles()[SheetKey.ROSTER], columns, tuple(rows), note=_ask_code())


def _ask_code() -> str:
    return _("手机没电、扫不了码的时候用：让商户报短码，对得上就放行，再在签到表上签字。")


def _roster_by_name(kit: Kit) -> Sheet:
    columns = (
        Column(_("拼音"), 34), Column(_("商户"), 62),
        Column(_("摊位号"), 24, Kind.STALL), Column(_("短码"), 34),
        Column(_("经营者"), 30), Column(_("联系电话"), 40), Column(_("备注"), 53),
    )  # fmt: skip
    by_name = sorted(kit.held, key=lambda held: (held.vendor.pinyin, held.stall.label))
    rows = [
        (
            initials(held.vendor.pinyin).upper(), held.vendor.trading_name, held.stall.label, kit.code(held),
            held.vendor.holder, held.vendor.phone, None,
        )
        for held in by_name
    ]  # fmt: skip
    key = SheetKey.ROSTER_BY_NAME
    return Sheet(key, titles()[key], columns, tuple(rows), note=_ask_code())


# ── on the day ────────────────────────────────────────────────────────────────────────────────────────────


def _sign_in(kit: Kit) -> Sheet:
    widths = (20, 60, 34, 44, 28, 28, 28, 35)
    columns = tuple(map(Column, sheet_labels().columns, widths))
    rows = tuple((*(cell or None for cell in row), None) for row in kit.signing)
    return Sheet(SheetKey.SIGN_IN, titles()[SheetKey.SIGN_IN], columns, rows)


def _inspection(kit: Kit) -> Sheet:
    columns = (
        Column(_("时间"), 20), Column(_("摊位号"), 20, Kind.STALL),
        Column(_("检查项"), 62), Column(_("结果"), 46),
        Column(_("整改要求"), 54), Column(_("复查"), 25), Column(_("检查人"), 25), Column(_("摊主签字"), 25),
    )  # fmt: skip
    rows = [_inspection_row(held) for held in kit.held]
    note = _("检查项（有问题的圈出来，拍一张照片，写上几点复查）：%(items)s", items=legend())
    key = SheetKey.INSPECTION_1
    return Sheet(key, titles()[key], columns, tuple(rows), note=note)


def _second_inspection(kit: Kit) -> Sheet:
    key = SheetKey.INSPECTION_2
    return replace(_inspection(kit), key=key, title=titles()[key])


def _inspection_row(held: Assignment) -> tuple[Cell, ...]:
    items = items_for(held.vendor.category, held.application.power_w)
    numbers = " ".join(str(item.value) for item in items)
    return None, held.stall.label, numbers, _("□合格 □当场改 □停"), None, None, None, None


def _footfall(kit: Kit) -> Sheet:
    columns = (
        Column(_("日期"), 30, Kind.DATE), Column(_("入口"), 36), Column(_("时段"), 40),
        Column(_("计数"), 40, Kind.NUMBER), Column(_("系数"), 24, Kind.NUMBER),
        Column(_("估算"), 35, Kind.NUMBER), Column(_("计数人"), 36), Column(_("天气"), 36),
    )  # fmt: skip
    day = kit.day
    times = [f"{clock_of(a, day)}–{clock_of(b, day)}" for a, b in slots(day.open_at, day.close_at, SLOTS)]
    rows = [
        (local_date(day), entrance, time, None, None, None, None, None)
        for entrance in day.venue.entrance_names() or [""]
        for time in times
    ]
    return Sheet(SheetKey.FOOTFALL, titles()[SheetKey.FOOTFALL], columns, tuple(rows))


def _takings(kit: Kit) -> Sheet:
    columns = (
        Column(_("摊位号"), 20, Kind.STALL), Column(_("商户"), 54), Column(_("自报营业额"), 30, Kind.MONEY),
        Column(_("捐赠方式"), 22), Column(_("比例"), 26), Column(_("应捐(自愿)"), 26, Kind.MONEY),
        Column(_("实捐"), 26, Kind.MONEY), Column(_("交付方式"), 24), Column(_("票据需求"), 22),
        Column(_("签字"), 27),
    )  # fmt: skip
    rows = tuple(map(_takings_row, kit.view.rows))
    key = SheetKey.TAKINGS
    return Sheet(key, titles()[key], columns, rows, unit=_("单位：元"))


def _takings_row(row: CloseRow) -> tuple[Cell, ...]:
    """What is known: the agreement always, the sums once they were reported."""
    terms, report = row.terms, row.report
    ways = {TermsKind.PERCENT: _("按比例"), TermsKind.FIXED: _("定额")}
    return (
        row.assignment.stall.label,
        row.assignment.vendor.trading_name,
        report.takings_fen if report else None,
        ways.get(terms.kind, _("不捐")),
        _rate(terms),
        share(report.takings_fen, terms) if report else None,
        row.contribution_fen if report else None,
        None,
        None,
        None,
    )


def _rate(terms: TermsFacts) -> str | None:
    if terms.kind is TermsKind.PERCENT:
        return f"{terms.basis_points / 100:g}%"
    return terms_word(terms) if terms.kind is TermsKind.FIXED else None


_MAKERS: dict[SheetKey, Callable[[Kit], Sheet]] = {
    SheetKey.APPLICATIONS: _applications,
    SheetKey.STALLS: _stalls,
    SheetKey.ROSTER: _roster,
    SheetKey.ROSTER_BY_NAME: _roster_by_name,
    SheetKey.SIGN_IN: _sign_in,
    SheetKey.INSPECTION_1: _inspection,
    SheetKey.INSPECTION_2: _second_inspection,
    SheetKey.FOOTFALL: _footfall,
    SheetKey.TAKINGS: _takings,
}
