"""A report on A4 across: the figures with what each means on one page, then what they are made of."""

from __future__ import annotations

from datetime import date
from typing import BinaryIO

from flask_babel import gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.calendar.printed import foot_words, page_words
from market.money import yuan
from market.print import A4_LANDSCAPE, MM, draw_lines, paper
from market.print.columns import Column, Kind, Ruling, draw_rows
from market.print.table import (
    BOTTOM,
    FULL,
    MARGIN,
    NOTE_SIZE,
    TOP,
    Heading,
    draw_page_foot,
    draw_page_head,
    draw_table,
    page_across,
    page_count,
)
from market.reports.rules import Figure
from market.reports.service.report import RegionReport, Report, Whole
from market.reports.tables import chief_table, sentences
from market.reports.words import (
    MEANINGS,
    earlier_words,
    figures_explained,
    is_money,
    name_of,
    one_after_another,
    period_word,
    title_of,
    unit_word,
)

NOTE_LINES = 3
HEAD = 8 * MM


def write_report(report: Report, on: date, out: BinaryIO) -> None:
    """All pages: the figures on the first one, then the table of what they are made of."""
    heading, parts = heading_of(report, on), chief_table(report)
    more = page_count(parts) if parts.rows else 0
    with paper(out, A4_LANDSCAPE, title=f"{heading.title} {heading.market}") as canvas:
        _draw_figures(canvas, report, heading, pages=1 + more)
        if more:
            of_parts = heading._replace(title=f"{heading.title} · {parts.title}")
            draw_table(canvas, parts, of_parts, foot_words(), pages_before=1)


def heading_of(report: Report, on: date) -> Heading:
    """Whose report, of which period, printed when."""
    printed = _("%(date)s 打印", date=on.isoformat())
    return Heading(title_of(report.period), f"{report.name} · {period_word(report.period)} · {printed}")


def _draw_figures(canvas: Canvas, report: Report, heading: Heading, *, pages: int) -> None:
    figures = figures_explained(of_region=isinstance(report, RegionReport))
    with page_across(canvas):
        draw_page_head(canvas, heading)
        said = one_after_another([_("钱以元计。"), *sentences(report)])
        below = draw_lines(canvas, MARGIN, TOP - NOTE_SIZE, said, NOTE_SIZE, width=FULL, most=NOTE_LINES)
        top = below + NOTE_SIZE - 2 * MM
        row = (top - HEAD - BOTTOM) / len(figures)
        ruling = Ruling(MARGIN, top, FULL, HEAD, row, 11)
        draw_rows(canvas, _columns(report), [_row(figure, report) for figure in figures], ruling)
        draw_page_foot(canvas, foot_words(), page_words() % {"page": 1, "pages": pages})


def _columns(report: Report) -> tuple[Column, ...]:
    earlier = earlier_words(report.period)
    return (
        Column(_("数"), 38), Column(_("这一期"), 30, Kind.NUMBER),
        *(Column(word, 28, Kind.NUMBER) for word in earlier), Column(_("单位"), 22),
        Column(_("怎么算"), 187 - 28 * len(earlier)),
    )  # fmt: skip


def _row(figure: Figure, report: Report) -> list[str]:
    figures = [shown(figure, whole) for whole in (report.now, *report.earlier)]
    return [name_of(figure), *figures, unit_word(figure), str(MEANINGS[figure])]


def shown(figure: Figure, whole: Whole) -> str:
    """A figure on paper; empty where it is not known, for a pen."""
    value = whole.of(figure)
    if value is None:
        return ""
    return yuan(value) if is_money(figure) else f"{value:,}"
