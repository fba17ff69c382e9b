"""A list as offices file it: A4 across, title, unit, ruled lines, who made and who checked it.

Print, workbook and CSV are three ways to write the same table. What nobody knows yet stays empty, for a pen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.money import yuan
from market.print.columns import (
    Column,
    Kind,
    Ruling,
    draw_rows,
    draw_whole_rows,
    head_height,
    row_height,
)
from market.print.glyphs import BOLD, printable, text_width
from market.print.lines import wrap
from market.print.page import A4_LANDSCAPE, BLACK, MM, draw_awning, in_groups
from market.print.qr import draw_qr
from market.print.text import Align, draw_lines, draw_text

WIDTH, HEIGHT = A4_LANDSCAPE
MARGIN = 10 * MM
FULL = WIDTH - 2 * MARGIN
TOP = HEIGHT - 23.5 * MM
"""Below the title."""
BOTTOM = MARGIN + 8.5 * MM
"""Above the foot."""
HEAD = 9 * MM
ROW = 10 * MM
"""High enough for a thick pen and an old hand."""
ROW_TO_READ = 8.2 * MM
NOTE_SIZE = 10.5
NOTE_STEP = NOTE_SIZE * 1.35
MOST_NOTES = 3
CODE_SIDE = 17 * MM
"""Of the code at the head of a form, which leads to its newest print."""
CODE_ROOM = 5.5 * MM
"""How much lower a page begins that has one."""
LEGEND_COLUMNS = (7, 6, 5, 4, 3)
LEGEND_LEAST = 8.5
"""The words of a legend are no smaller, and none is cut: they then stand in fewer columns."""

Cell = str | int | date | None


class Heading(NamedTuple):
    """What stands at the head of every page."""

    title: str
    market: str
    """Whose market, which one, when."""
    mark: str = ""
    """Which form it is, in which edition, printed when; forms that are filed have one."""
    address: str = ""
    """Where its newest print is, as a code."""


class Foot(NamedTuple):
    """The words at the foot of every page."""

    made_by: str
    checked_by: str
    date: str
    page: str
    """With the places `%(page)s` and `%(pages)s`."""
    total: str = ""
    """合计"""


@dataclass(frozen=True)
class Table:
    """One table, ready to be written anywhere."""

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    unit: str = ""
    """单位：元, where there are amounts."""
    note: str = ""
    """What one must know to fill it in."""
    legend: tuple[str, ...] = ()
    """What the numbers to be circled mean."""
    to_read: bool = False
    """Whether nothing is written into most cells: then the lines are closer."""

    summed: tuple[int, ...] = ()
    """Numbers of the columns that are added up on the last line."""
    whole: bool = False
    """Whether a row grows with its texts, which are then never cut: for many columns and long words."""
    letters: float = 9
    """The type size of such rows."""
    partial: bool = False
    """Whether what is known is added up although some rows have nothing."""

    def total(self, column: int) -> int | None:
        """What a column adds up to; None until every row has one, or none where a part will do."""
        cells = [row[column] for row in self.rows]
        known = [cell for cell in cells if isinstance(cell, int)]
        return sum(known) if known and (self.partial or len(known) == len(cells)) else None


@contextmanager
def page_across(canvas: Canvas, size: tuple[float, float] = A4_LANDSCAPE) -> Iterator[None]:
    """A page to draw on as if it were A4 across; on A3 everything is larger."""
    canvas.setPageSize(size)
    if size != A4_LANDSCAPE:
        canvas.scale(size[0] / WIDTH, size[1] / HEIGHT)
    yield
    canvas.showPage()


def draw_table(
    canvas: Canvas,
    table: Table,
    heading: Heading,
    foot: Foot,
    *,
    size: tuple[float, float] = A4_LANDSCAPE,
    pages_before: int = 0,
) -> None:
    """All pages of a table; each repeats title, headings and note, and numbers itself."""
    top = TOP - _lowered(heading) - _above(table)
    if table.whole:
        _draw_whole(canvas, table, heading, foot, top, size)
        return
    count = _rows_on_a_page(table, top)
    pages = _pages(table, foot, count)
    rules = Ruling(MARGIN, top, FULL, HEAD, (top - HEAD - BOTTOM) / count)
    for number, rows in enumerate(pages, 1 + pages_before):
        with page_across(canvas, size):
            draw_page_head(canvas, heading)
            _draw_above(canvas, table, TOP - _lowered(heading))
            draw_rows(canvas, table.columns, rows, rules, lines=count)
            draw_page_foot(canvas, foot, foot.page % {"page": number, "pages": len(pages) + pages_before})


def page_count(table: Table) -> int:
    """How many pages a table takes whose rows are all of one height, under a heading without a code."""
    return max(1, -(-(len(table.rows) + bool(table.summed)) // _rows_on_a_page(table, TOP - _above(table))))


def _rows_on_a_page(table: Table, top: float) -> int:
    row = ROW_TO_READ if table.to_read else ROW
    return int((top - HEAD - BOTTOM) / row)


def _lowered(heading: Heading) -> float:
    return CODE_ROOM if heading.address else 0


def _draw_whole(
    canvas: Canvas, table: Table, heading: Heading, foot: Foot, top: float, size: tuple[float, float]
) -> None:
    """The same where every row is as high as its texts."""
    rules = Ruling(MARGIN, top, FULL, 0, ROW_TO_READ if table.to_read else ROW, table.letters)
    rules = rules._replace(head=head_height(table.columns, rules))
    pages = _grown_pages(table, foot, rules)
    for number, (rows, heights) in enumerate(pages, 1):
        with page_across(canvas, size):
            draw_page_head(canvas, heading)
            _draw_above(canvas, table, TOP - _lowered(heading))
            draw_whole_rows(canvas, table.columns, rows, heights, rules)
            draw_page_foot(canvas, foot, foot.page % {"page": number, "pages": len(pages)})


Page = tuple[list[Sequence[str]], list[float]]


def _grown_pages(table: Table, foot: Foot, rules: Ruling) -> list[Page]:
    """The rows of each page and their heights; the last page has empty lines as far as there is room."""
    full = rules.top - rules.head - BOTTOM
    pages: list[Page] = [([], [])]
    for row in _printed_rows(table):
        _add_row(pages, row, row_height(table.columns, row, rules), full)
    if table.summed:
        _add_row(pages, None, rules.row, full)  # room for the last line
        pages[-1][1].pop()
        full -= rules.row
    rows, heights = pages[-1]
    spare = int((full - sum(heights)) / rules.row)
    heights.extend([rules.row] * spare)
    if table.summed:
        rows.extend([[""] * len(table.columns)] * spare)
        _add_row(pages, _total_row(table, foot), rules.row, full + rules.row)
    return pages


def _add_row(pages: list[Page], row: Sequence[str] | None, height: float, full: float) -> None:
    """One more row, on another page when this one is full."""
    if sum(pages[-1][1]) + height > full + 0.01:
        pages.append(([], []))
    if row is not None:
        pages[-1][0].append(row)
    pages[-1][1].append(height)


def _printed_rows(table: Table) -> list[Sequence[str]]:
    return [
        [print_text(cell, column.kind) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]


def _pages(table: Table, foot: Foot, count: int) -> list[list[Sequence[str]]]:
    """The rows as they are printed, page by page; the sums on the very last line."""
    rows = _printed_rows(table)
    if table.summed:
        blank = [""] * len(table.columns)
        rows += [blank] * (-(len(rows) + 1) % count)
        rows.append(_total_row(table, foot))
    return in_groups(rows, count) or [[]]


def _total_row(table: Table, foot: Foot) -> list[str]:
    sums = ["" for _column in table.columns]
    sums[0] = foot.total
    for number in table.summed:
        sums[number] = print_text(table.total(number), table.columns[number].kind)
    return sums


def _room_for_note(table: Table) -> float:
    return FULL - (text_width(printable(table.unit), NOTE_SIZE) + 6 if table.unit else 0)


def _lines_of_note(table: Table) -> int:
    """At least one where there is a unit, which stands beside it."""
    lines = len(wrap(table.note, NOTE_SIZE, _room_for_note(table))) if table.note else 0
    return max(min(MOST_NOTES, lines), 1 if table.unit else 0)


def _above(table: Table) -> float:
    """How high everything between the title and the table is."""
    lines = _lines_of_note(table) + -(-len(table.legend) // _legend_columns(table))
    return lines * NOTE_STEP + (1.5 * MM if lines else 0)


def _draw_above(canvas: Canvas, table: Table, top: float) -> None:
    """The note on the left, the unit on the right; under them the legend, word under word."""
    lines, baseline = _lines_of_note(table), top - NOTE_SIZE
    room = _room_for_note(table)
    draw_lines(canvas, MARGIN, baseline, table.note, NOTE_SIZE, width=room, most=max(lines, 1))
    baseline -= (lines - 1) * NOTE_STEP
    draw_text(canvas, WIDTH - MARGIN, baseline, table.unit, NOTE_SIZE, align=Align.RIGHT)
    columns = _legend_columns(table)
    step = FULL / columns
    for number, word in enumerate(table.legend):
        row, column = divmod(number, columns)
        x, y = MARGIN + column * step, baseline - (row + 1) * NOTE_STEP
        draw_text(canvas, x, y, word, NOTE_SIZE, width=step - 6)


def _legend_columns(table: Table) -> int:
    """The most in which every word can be read whole."""
    widest = max((text_width(printable(word), LEGEND_LEAST) for word in table.legend), default=0)
    return next((count for count in LEGEND_COLUMNS if widest <= FULL / count - 6), LEGEND_COLUMNS[-1])


def draw_page_head(canvas: Canvas, heading: Heading) -> None:
    """Awning, title, and whose market on which day."""
    draw_awning(canvas, MARGIN, HEIGHT - 5 * MM, FULL, 6 * MM)
    baseline, right, room = HEIGHT - 20 * MM, WIDTH - MARGIN, WIDTH - 120 * MM
    draw_text(canvas, MARGIN, baseline, heading.title, 18, stroke=BOLD, width=90 * MM)
    if heading.address:
        draw_qr(canvas, heading.address, right - CODE_SIDE, HEIGHT - 11.5 * MM - CODE_SIDE, CODE_SIDE)
        draw_text(canvas, MARGIN, baseline - 6 * MM, heading.mark, 9.5, width=FULL - CODE_SIDE - 4 * MM)
        right, room = right - CODE_SIDE - 2 * MM, room - CODE_SIDE - 2 * MM
    draw_text(canvas, right, baseline, heading.market, 12, align=Align.RIGHT, width=room)


def draw_page_foot(canvas: Canvas, foot: Foot, page: str) -> None:
    """Who made and who checked the list, by hand, and the page number."""
    baseline = MARGIN + 1 * MM
    for x, label in zip((0, 75, 150), foot[:3], strict=True):
        left = MARGIN + x * MM
        draw_text(canvas, left, baseline, label, 11, width=30 * MM)
        start = left + text_width(printable(label), 11) + 6
        canvas.setStrokeColor(BLACK)
        canvas.setLineWidth(0.5)
        canvas.line(start, baseline - 2, left + 66 * MM, baseline - 2)
    draw_text(canvas, WIDTH - MARGIN, baseline, page, 11, align=Align.RIGHT)


def print_text(cell: Cell, kind: Kind) -> str:
    """A cell on paper: amounts grouped as people write them, no kilowatts as nothing."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        is_mobile = kind is Kind.PHONE and len(cell) == 11 and cell.isdigit()
        return f"{cell[:3]} {cell[3:7]} {cell[7:]}" if is_mobile else cell
    if isinstance(cell, date):
        return cell.isoformat()
    if kind is Kind.MONEY:
        return yuan(cell)
    if kind is Kind.KILOWATTS:
        return f"{cell / 1000:g}" if cell else ""
    return f"{cell:,}" if kind is Kind.NUMBER else str(cell)
