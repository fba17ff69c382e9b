"""What is written on the day itself: inspections, visits, takings (domain §4.1 forms 5, 7 and 8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from flask_babel import gettext as _

from market.calendar.printed import clock_of
from market.calendar.service import local_date
from market.communities.service import profile_of
from market.communities.words import in_language
from market.gate.models import FootfallCount
from market.gate.rules import CountMethod
from market.gate.words import factor_text
from market.inspection.models import Finding
from market.inspection.rules import Result, sheet_numbers
from market.inspection.service import Spot, incidents_of, round_of
from market.inspection.words import RESULT_WORDS
from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.settlement.paper_kit.kit import Kit, TableKey, titles
from market.settlement.rules import Terms, TermsKind, share
from market.settlement.service.comparison import CloseRow
from market.settlement.words import KIND_WORDS, terms_word

ROUNDS_OF = {TableKey.INSPECTION_1: 1, TableKey.INSPECTION_2: 2}
EMPTY_LINES = 12
"""Of the incident form: nobody plans them."""


def inspection(kit: Kit, key: TableKey) -> Table:
    """One line a stall and one for the plaza, with the numbers of what is to be looked at there."""
    profile = profile_of(kit.day.community)
    numbers = sheet_numbers(profile)
    spots = round_of(kit.day, ROUNDS_OF[key])
    rows = [_inspection_row(kit, spot, numbers) for spot in spots]
    columns = (
        Column(_("时间"), 15), Column(_("摊位号"), 25, Kind.STALL),
        Column(_("检查项"), 98, Kind.CHECKS, _places(rows)), Column(_("结果"), 46), Column(_("整改要求"), 34),
        Column(_("复查"), 17), Column(_("检查人"), 20), Column(_("摊主签字"), 22),
    )  # fmt: skip
    note = _("每行只看印着号码的项。有问题的把号码圈出来，拍一张照片，写上几点复查。")
    words = tuple(f"{numbers[item.code]} {in_language(item.name)}" for item in profile.checks)
    return Table(key, titles()[key], columns, tuple(rows), note=note, legend=words)


def _places(rows: Iterable[tuple[Cell, ...]]) -> int:
    """As many as the widest line needs; a number has the same place on all lines, and none shares it."""
    shown = [[int(number) for number in str(row[2]).split()] for row in rows]
    return max((numbers[-1] - numbers[0] + 1 for numbers in shown if numbers), default=1)


def _inspection_row(kit: Kit, spot: Spot, numbers: dict[str, int]) -> tuple[Cell, ...]:
    """Empty for a pen; what somebody noted on a phone stands there already."""
    shown = " ".join(str(numbers[item.code]) for item in spot.items)
    label = spot.held.label if spot.held is not None else _("广场")
    check = spot.check
    if check is None:
        return None, label, shown, _("□ 合格 □ 当场改 □ 限时改 □ 停"), None, None, None, None
    looked_at, found = clock_of(check.checked_at, kit.day), check.findings
    demands = _("；").join(filter(None, (_demand(one, kit) for one in found)))
    mended = _("；").join(
        _("%(time)s 改好", time=clock_of(one.closing.noted_at, kit.day)) for one in found if one.closing
    )
    result = _result_text(found, numbers)
    return looked_at, label, shown, result, demands, mended, check.inspected_by, None


def _result_text(found: Sequence[Finding], numbers: dict[str, int]) -> str:
    """The numbers of what was not fine, with what it came to."""
    told = [f"{numbers.get(one.item, one.item)} {RESULT_WORDS[one.result]}" for one in found]
    return _("；").join(told) or str(RESULT_WORDS[Result.FINE])


def _demand(one: Finding, kit: Kit) -> str:
    by = _("%(time)s 前改好", time=clock_of(one.mend_by, kit.day)) if one.mend_by else ""
    return " ".join(filter(None, (one.note, by)))


def incidents(kit: Kit) -> Table:
    """What happened, one line each; lines for what a page already knows, and empty ones."""
    columns = (
        Column(_("时间"), 20), Column(_("在哪里"), 45), Column(_("什么事"), 82), Column(_("告诉了谁"), 42),
        Column(_("怎么处理的"), 62), Column(_("记的人"), 26),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (clock_of(one.happened_at, kit.day), one.place, one.what, one.told, one.done, one.person.display_name)
        for one in incidents_of(kit.day)
    ]
    rows += [(None,) * len(columns)] * max(0, EMPTY_LINES - len(rows))
    note = _(
        "有人受伤、着火、争执、丢东西、停电，都记一行。急事先打 120、119、110。只写事情，不写姓名和电话。"
    )
    key = TableKey.INCIDENTS
    return Table(key, titles()[key], columns, tuple(rows), note=note)


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
    counted = _counted(known) if known else (None, None)
    return local_date(kit.day), entrance, time, *counted, visits, None, None


def _counted(known: FootfallCount) -> tuple[Cell, Cell]:
    """What was really counted, and the multiplier."""
    sample = known.sample
    if sample is not None:
        return sample.raw, factor_text(sample)
    return (None, None) if known.method is CountMethod.SAMPLE else (known.visits, 1)


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
    return (
        row.assignment.label,
        row.assignment.vendor.trading_name,
        row.takings_fen if told else None,
        str(KIND_WORDS[terms.kind]),
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
