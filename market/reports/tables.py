"""The tables of a report as data, with the columns in which streets collect them; written anywhere."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.reports.rules import FORM, NATURES, Figure, Standing, Sums
from market.reports.service.markets import MarketLine
from market.reports.service.report import CommunityReport, MonthLine, RegionReport, Report, Whole
from market.reports.words import (
    DATED,
    MEANINGS,
    OVER_PERIODS,
    OVER_PLACES,
    SOURCES,
    earlier_words,
    figures_explained,
    figures_of_page,
    is_money,
    name_of,
    one_after_another,
    period_word,
    title_of,
    unit_word,
)

WIDTHS = {Figure.CONTRIBUTED: 28, Figure.SPENT: 28, Figure.VISITS: 22}


def tables_of(report: Report) -> list[Table]:
    """Every sheet of the workbook: the figures, what they are made of, and what they mean."""
    return [figures_table(report), *part_tables(report), definitions_table(report)]


def part_tables(report: Report) -> list[Table]:
    """What the figures are made of: months and markets of a community, communities of a region."""
    if isinstance(report, CommunityReport):
        return [*([months_table(report)] if report.months else []), markets_table(report)]
    return [communities_table(report)] if isinstance(report, RegionReport) else []


def chief_table(report: Report) -> Table:
    """The one table that stands for the report where there can be only one."""
    return part_tables(report)[-1]


def _column(figure: Figure) -> Column:
    return Column(name_of(figure), WIDTHS.get(figure, 19), Kind.MONEY if is_money(figure) else Kind.NUMBER)


def figures_table(report: Report) -> Table:
    """The period and those it is compared with: a line each."""
    figures = [
        *FORM,
        *(one for one in figures_of_page(of_region=isinstance(report, RegionReport)) if one not in FORM),
    ]
    earlier = zip(earlier_words(report.period), report.period.earlier, report.earlier, strict=True)
    rows = [
        (period_word(report.period), report.now),
        *((f"{word} {period_word(period)}", whole) for word, period, whole in earlier),
    ]
    return Table(
        "figures", title_of(report.period), (Column(_("期间"), 52), *map(_column, figures)),
        tuple((word, *_cells(whole, figures)) for word, whole in rows),
        unit=_("单位：元"), note=state_note(report), to_read=True,
    )  # fmt: skip


def _cells(sums: Whole | Sums, figures: Iterable[Figure]) -> list[Cell]:
    return [sums.of(figure) for figure in figures]


def communities_table(report: RegionReport) -> Table:
    """Form 18: a line for each community, and their sum."""
    deep = any(part.under for part in report.communities)
    before = (Column(_("街道（镇）"), 34),) if deep else ()
    rows = tuple(
        (*((part.under,) if deep else ()), part.name, *_cells(part.sums, FORM)) for part in report.communities
    )
    first = len(before) + 1
    return Table(
        "communities", _("各社区"), (*before, Column(_("社区"), 44), *map(_column, FORM)), rows,
        unit=_("单位：元"), summed=tuple(range(first, first + len(FORM))), to_read=True, partial=True,
        note=state_note(report),
    )  # fmt: skip


def markets_table(report: CommunityReport) -> Table:
    """A line for each market; what was corrected of other periods stands below: the sum is the book's."""
    figures = (Figure.APPEARANCES, Figure.VISITS, Figure.CONTRIBUTED, Figure.ITEMS)
    columns = (
        Column(_("日期"), 30, Kind.DATE), Column(_("集市"), 62), *map(_column, figures),
        Column(_("备注"), 79),
    )  # fmt: skip
    rows = tuple((*_market_row(line), _remark(line, report)) for line in report.markets)
    return Table(
        "markets", _("每一场"), columns, rows, unit=_("单位：元"), summed=(2, 3, 4, 5), to_read=True,
        partial=True, note=state_note(report),
    )  # fmt: skip


def _market_row(line: MarketLine) -> tuple[Cell, ...]:
    return line.on, line.theme, line.appearances, line.visits, line.booked_fen, line.items


def _remark(line: MarketLine, report: CommunityReport) -> str | None:
    if not line.is_of_period:
        return _("别的期间的集市，在这一期入账或更正")
    said = [_("没有数人")] if line.visits is None else []
    said += [_("结账以后又补了")] if line in report.touched else []
    return _("，").join(said) or None


def months_table(report: CommunityReport) -> Table:
    """A line for each month. Different vendors have no column: they cannot be added up over months."""
    figures = (Figure.DAYS, Figure.APPEARANCES, Figure.VISITS, Figure.CONTRIBUTED, Figure.ITEMS)
    return Table(
        "months", _("每个月"), (Column(_("月份"), 50), *(_column(figure) for figure in figures)),
        tuple(_month_row(line) for line in report.months),
        unit=_("单位：元"), summed=(1, 2, 3, 4, 5), to_read=True, partial=True,
    )  # fmt: skip


def _month_row(line: MonthLine) -> tuple[Cell, ...]:
    word = period_word(line.period)
    return (word, line.days, line.appearances, line.visits, line.contributed_fen, line.items)


def definitions_table(report: Report) -> Table:
    """How each figure is counted, from what, under which date, and whether it may be added up."""
    columns = (
        Column(_("数"), 34), Column(_("单位"), 16), Column(_("怎么算"), 104), Column(_("从哪来"), 34),
        Column(_("按什么日子"), 28), Column(_("各社区"), 30), Column(_("各月"), 31),
    )  # fmt: skip
    figures = figures_explained(of_region=isinstance(report, RegionReport))
    rows = tuple(_definition(figure) for figure in figures)
    return Table("definitions", _("怎么算的"), columns, rows, to_read=True)


def _definition(figure: Figure) -> tuple[Cell, ...]:
    nature = NATURES[figure]
    return (
        name_of(figure), unit_word(figure), str(MEANINGS[figure]), str(SOURCES[figure]),
        str(DATED[nature.dated]), str(OVER_PLACES[nature.over_places]),
        str(OVER_PERIODS[nature.over_periods]),
    )  # fmt: skip


def state_note(report: Report) -> str:
    """How final the figures are, and what is not in them; in sentences."""
    return one_after_another(sentences(report))


def sentences(report: Report) -> list[str]:
    """What one must know beside the figures, plainly."""
    return [*_closed(report), *_open(report), *_uncounted(report.now.sums), *_moved(report)]


def _closed(report: Report) -> list[str]:
    if report.is_closed:
        return [_("这一期的账已经结了，钱的数不会再变。")]
    if report.books == 0:
        return [_("还没有开设基金账本，没有钱的数。")]
    if report.books == 1:
        return [_("这一期的账还没有结，数还会变。")]
    return [_("%(n)s 个社区的账还没有结，数还会变。", n=report.open_books)]


def _open(report: Report) -> list[str]:
    words = {
        Standing.WAITING: _("%(n)s 场还没收市对账，没有算进来。", n=report.standings[Standing.WAITING]),
        Standing.AHEAD: _("%(n)s 场还没开。", n=report.standings[Standing.AHEAD]),
        Standing.CALLED_OFF: _("%(n)s 场取消或延期了。", n=report.standings[Standing.CALLED_OFF]),
    }
    return [words[how] for how in Standing if report.standings[how]]


def _uncounted(sums: Sums) -> list[str]:
    return [_("%(n)s 场没有数人，人次实际还要多。", n=sums.uncounted_days)] if sums.uncounted_days else []


def _moved(report: Report) -> list[str]:
    if not isinstance(report, CommunityReport):
        return []
    said, n, late = [], len(report.elsewhere), len(report.touched)
    if n:
        said.append(_("反哺金额里有 %(n)s 场别的期间的集市，在这一期入账或更正。", n=n))
    if late:
        said.append(_("%(n)s 场在结账以后又补了数，人次、家次和件数跟着补，钱记在后面。", n=late))
    return said
