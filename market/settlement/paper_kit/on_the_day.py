"""What is written on the day itself: inspections, visits, takings (domain §4.1 forms 5, 7 and 8)."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from market.calendar.printed import clock_of
from market.calendar.service import local_date
from market.gate.rules import CountMethod
from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.settlement.paper_kit.inspection import ITEM_WORDS, Item, items_for
from market.settlement.paper_kit.kit import Kit, TableKey, titles
from market.settlement.rules import Terms, TermsKind, share
from market.settlement.service.comparison import CloseRow
from market.settlement.words import terms_word
from market.stalls.models import Assignment


def inspection(kit: Kit, key: TableKey) -> Table:
    """One line a stall, with the numbers of what is to be looked at there."""
    columns = (
        Column(_("时间"), 15), Column(_("摊位号"), 25, Kind.STALL),
        Column(_("检查项"), 98, Kind.CHECKS, len(Item)), Column(_("结果"), 46), Column(_("整改要求"), 34),
        Column(_("复查"), 17), Column(_("检查人"), 20), Column(_("摊主签字"), 22),
    )  # fmt: skip
    rows = [_inspection_row(held) for held in kit.held]
    note = _("每摊只看印着号码的项。有问题的把号码圈出来，拍一张照片，写上几点复查。")
    words = tuple(f"{item.value} {word}" for item, word in ITEM_WORDS.items())
    return Table(key, titles()[key], columns, tuple(rows), note=note, legend=words)


def _inspection_row(held: Assignment) -> tuple[Cell, ...]:
    items = items_for(held.vendor.category, held.application.power_w, held.vendor.burns)
    numbers = " ".join(str(item.value) for item in items)
    return None, held.label, numbers, _("□ 合格 □ 当场改 □ 停"), None, None, None, None


def footfall(kit: Kit) -> Table:
    """One line an entrance and slot; what was counted by phone is there already."""
    columns = (
        Column(_("日期"), 30, Kind.DATE), Column(_("入口"), 36), Column(_("时段"), 40),
        Column(_("计数"), 40, Kind.NUMBER), Column(_("系数"), 24, Kind.NUMBER),
        Column(_("估算"), 35, Kind.NUMBER), Column(_("计数人"), 36), Column(_("天气"), 36),
    )  # fmt: skip
    rows = [
        _footfall_row(kit, entrance, slot, span)
        for entrance in kit.footfall.entrances
        for slot, span in enumerate(kit.footfall.slots, 1)
    ]
    note = _("全程都数：系数写 1。每段只数 10 分钟：系数 = 这一段的分钟数 ÷ 10。估算 = 计数 × 系数。")
    key = TableKey.FOOTFALL
    return Table(key, titles()[key], columns, tuple(rows), unit=_("单位：人次"), note=note, summed=(5,))


def _footfall_row(kit: Kit, entrance: str, slot: int, span: tuple[datetime, datetime]) -> tuple[Cell, ...]:
    """A sample says only what it was taken to mean; a full count is its own estimate."""
    time = f"{clock_of(span[0], kit.day)}–{clock_of(span[1], kit.day)}"
    known = kit.footfall.counts.get((entrance, slot))
    visits = known.visits if known else None
    counted = (visits, 1) if known and known.method is not CountMethod.SAMPLE else (None, None)
    return local_date(kit.day), entrance, time, *counted, visits, None, None


def takings(kit: Kit) -> Table:
    """One line a stall: the agreement always, the sums once they were reported."""
    columns = (
        Column(_("摊位号"), 25, Kind.STALL), Column(_("商户"), 46), Column(_("自报营业额"), 28, Kind.MONEY),
        Column(_("捐赠方式"), 19), Column(_("比例"), 27), Column(_("应捐(自愿)"), 25, Kind.MONEY),
        Column(_("实捐"), 25, Kind.MONEY), Column(_("交付方式"), 33), Column(_("票据需求"), 28),
        Column(_("签字"), 33),
    )  # fmt: skip
    rows = tuple(map(_takings_row, kit.view.rows))
    key = TableKey.TAKINGS
    return Table(key, titles()[key], columns, rows, unit=_("单位：元"), summed=(2, 5, 6))


def _takings_row(row: CloseRow) -> tuple[Cell, ...]:
    terms, report = row.terms, row.report
    told = report is not None and not report.gift_only
    ways = {
        TermsKind.PERCENT: _("按比例"),
        TermsKind.FIXED: _("定额"),
        TermsKind.TIERS: _("分档"),
        TermsKind.NONE: _("不捐"),
    }
    return (
        row.assignment.label,
        row.assignment.vendor.trading_name,
        row.takings_fen if told else None,
        ways[terms.kind],
        _rate(terms),
        share(row.takings_fen, terms) if told else None,
        row.contribution_fen if report else None,
        _("□ 现金 □ 转账"),
        _("□ 要 □ 不要"),
        None,
    )


def _rate(terms: Terms) -> str | None:
    plain = Terms(TermsKind.PERCENT, basis_points=terms.basis_points)
    if terms == plain:
        return f"{terms.basis_points / 100:g}%"
    return terms_word(terms) if terms.kind is not TermsKind.NONE else None
