"""The sign-in list that lies at the gate: one line a stall, to be filled in by hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.paper import (
    A4_LANDSCAPE,
    BLACK,
    BOLD,
    MM,
    PALE,
    Align,
    draw_awning,
    draw_block,
    draw_text,
    in_groups,
    paper,
    printable,
    text_width,
)

MARGIN = 10 * MM
ROW = 10 * MM
"""High enough for a thick pen and an old hand."""
ROWS_A_PAGE = 15
COLUMNS = tuple(width * MM for width in (20, 60, 34, 44, 28, 28, 28, 35))


class SheetHeading(NamedTuple):
    """What stands at the head of every page of a sign-in list."""

    title: str
    community: str
    market_title: str
    date_text: str


class SignInRow(NamedTuple):
    """One stall's line; what is empty is written by hand. The signature is always left blank."""

    stall_no: str
    trading_name: str
    person: str = ""
    papers: str = ""
    came_at: str = ""
    left_at: str = ""
    cleaned: str = ""


class SheetLabels(NamedTuple):
    """The words of a sign-in list."""

    columns: tuple[str, str, str, str, str, str, str, str]
    """摊位号 商户 到场人 证件核对 签到时间 签退时间 保洁验收 签字"""
    made_by: str
    checked_by: str
    date: str
    page: str
    """With the places `%(page)s` and `%(pages)s`."""


def sign_in_sheet_pdf(
    heading: SheetHeading, rows: Sequence[SignInRow], out: BinaryIO, *, labels: SheetLabels
) -> None:
    """Writes the sign-in list on A4 across."""
    with paper(out, A4_LANDSCAPE, title=f"{heading.title} {heading.date_text}") as canvas:
        draw_sign_in_sheet(canvas, heading, rows, labels)


def draw_sign_in_sheet(
    canvas: Canvas, heading: SheetHeading, rows: Sequence[SignInRow], labels: SheetLabels
) -> None:
    """The pages of the list, the last one filled up with empty lines for late comers."""
    pages = in_groups(rows, ROWS_A_PAGE) or [[]]
    for number, page in enumerate(pages, start=1):
        canvas.setPageSize(A4_LANDSCAPE)
        draw_sheet_head(canvas, heading)
        _grid(canvas, labels.columns, page)
        draw_sheet_foot(canvas, labels, labels.page % {"page": number, "pages": len(pages)})
        canvas.showPage()


def draw_sheet_head(canvas: Canvas, heading: SheetHeading) -> None:
    """Awning, title, and whose market on which day."""
    width, height = A4_LANDSCAPE
    draw_awning(canvas, MARGIN, height - 6 * MM, width - 2 * MARGIN, 6 * MM)
    baseline = height - 20 * MM
    draw_text(canvas, MARGIN, baseline, heading.title, 20, stroke=BOLD, width=70 * MM)
    market = " · ".join(filter(None, heading[1:]))
    draw_text(canvas, width - MARGIN, baseline, market, 12, align=Align.RIGHT, width=width - 100 * MM)


def _grid(canvas: Canvas, columns: Sequence[str], rows: Sequence[SignInRow]) -> None:
    """The header line, the given rows, and empty ones down to the foot."""
    top = A4_LANDSCAPE[1] - 24 * MM
    edges = list(accumulate(COLUMNS, initial=MARGIN))
    levels = [top, *(top - 8 * MM - ROW * number for number in range(ROWS_A_PAGE + 1))]
    canvas.setFillColor(PALE)
    canvas.rect(edges[0], levels[1], edges[-1] - edges[0], levels[0] - levels[1], stroke=0, fill=1)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.5)
    canvas.grid(edges, levels)
    canvas.setLineWidth(1.2)
    canvas.rect(edges[0], levels[-1], edges[-1] - edges[0], levels[0] - levels[-1])
    for left, width, title in zip(edges, COLUMNS, columns, strict=False):
        middle = left + width / 2
        draw_text(
            canvas, middle, levels[1] + 7, title, 10.5, stroke=BOLD, align=Align.CENTRE, width=width - 6
        )
    for bottom, row in zip(levels[2:], rows, strict=False):
        _row(canvas, edges, bottom, row)


def _row(canvas: Canvas, edges: Sequence[float], bottom: float, row: SignInRow) -> None:
    """One stall: its number large, everything else fitted to its cell; the last cell stays empty."""
    middle = bottom + ROW / 2
    stall, name, *others = row
    centre = (edges[0] + edges[1]) / 2
    draw_block(
        canvas, centre, middle, stall, 16, width=COLUMNS[0] - 6, smallest=9, stroke=BOLD, align=Align.CENTRE
    )
    for left, width, text in zip(edges[1:], COLUMNS[1:], (name, *others), strict=False):
        draw_block(canvas, left + 4, middle, text, 12, width=width - 8, smallest=9.5)


def draw_sheet_foot(canvas: Canvas, labels: SheetLabels, page: str) -> None:
    """Who made and who checked the list, by hand, and the page number."""
    baseline = MARGIN + 1 * MM
    for x, label in zip((0, 75, 150), (labels.made_by, labels.checked_by, labels.date), strict=True):
        left = MARGIN + x * MM
        draw_text(canvas, left, baseline, label, 11, width=30 * MM)
        start = left + text_width(printable(label), 11) + 6
        canvas.setLineWidth(0.5)
        canvas.line(start, baseline - 2, left + 66 * MM, baseline - 2)
    draw_text(canvas, A4_LANDSCAPE[0] - MARGIN, baseline, page, 11, align=Align.RIGHT)
