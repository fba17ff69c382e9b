"""The month for the notice board: one A4 sheet across, a box for each day, large enough to read standing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print import (
    A4_LANDSCAPE,
    BLACK,
    BOLD,
    MM,
    PALE,
    WHITE,
    Align,
    draw_awning,
    draw_lines,
    draw_text,
    paper,
    printable,
    text_width,
)

MARGIN = 10 * MM
WIDTH, HEIGHT = A4_LANDSCAPE
INNER = WIDTH - 2 * MARGIN
TOP = HEIGHT - 38 * MM
BOTTOM = MARGIN + 24 * MM
QR_SIDE = 26 * MM

DrawCode = Callable[[Canvas, str, float, float, float], None]


class MonthEvent(NamedTuple):
    """One market in a box."""

    hours: str
    theme: str
    place: str
    stop_word: str = ""
    """延期 or 取消; the rest is struck through."""


class MonthDay(NamedTuple):
    number: int
    in_month: bool
    events: tuple[MonthEvent, ...] = ()


class MonthSheet(NamedTuple):
    """What the sheet says, in words ready to print."""

    title: str
    community: str
    weekdays: tuple[str, ...]
    weeks: Sequence[Sequence[MonthDay]]
    scan: str
    page_address: str
    contact: str
    nothing: str
    """Said under the boxes of a month without a market."""


def write_month_sheet(sheet: MonthSheet, out: BinaryIO, *, draw_code: DrawCode) -> None:
    """Writes the month as one page."""
    with paper(out, A4_LANDSCAPE, title=f"{sheet.community} {sheet.title}") as canvas:
        draw_awning(canvas, 0, HEIGHT, WIDTH, 12 * MM, scallop=WIDTH / 21)
        draw_text(canvas, MARGIN, HEIGHT - 24 * MM, sheet.title, 30, stroke=BOLD, width=INNER * 0.6)
        draw_text(
            canvas, WIDTH - MARGIN, HEIGHT - 23 * MM, sheet.community, 18, align=Align.RIGHT, stroke=BOLD,
            width=INNER * 0.38,
        )  # fmt: skip
        _weekdays(canvas, sheet.weekdays)
        _boxes(canvas, sheet.weeks)
        _foot(canvas, sheet, draw_code)
        canvas.showPage()


def _weekdays(canvas: Canvas, names: Sequence[str]) -> None:
    step = INNER / 7
    canvas.setFillColor(BLACK)
    canvas.rect(MARGIN, TOP, INNER, 8.5 * MM, stroke=0, fill=1)
    for column, name in enumerate(names):
        draw_text(
            canvas, MARGIN + step * (column + 0.5), TOP + 2.6 * MM, name, 14, stroke=BOLD, align=Align.CENTRE,
            ink=WHITE, width=step - 6,
        )  # fmt: skip


def _boxes(canvas: Canvas, weeks: Sequence[Sequence[MonthDay]]) -> None:
    step, height = INNER / 7, (TOP - BOTTOM) / len(weeks)
    for row, week in enumerate(weeks):
        for column, day in enumerate(week):
            _box(canvas, MARGIN + step * column, TOP - height * (row + 1), step, height, day)


def _box(canvas: Canvas, left: float, bottom: float, width: float, height: float, day: MonthDay) -> None:
    canvas.setStrokeColor(BLACK)
    canvas.setFillColor(WHITE if day.in_month else PALE)
    canvas.setLineWidth(0.6)
    canvas.rect(left, bottom, width, height, stroke=1, fill=1)
    if not day.in_month:
        draw_text(canvas, left + 5, bottom + height - 14, str(day.number), 11)
        return
    if day.events:
        canvas.setLineWidth(2.6)
        canvas.rect(left + 1.3, bottom + 1.3, width - 2.6, height - 2.6)
    draw_text(canvas, left + 6, bottom + height - 20, str(day.number), 18, stroke=BOLD if day.events else 0)
    below = bottom + height - 17
    for event in day.events[:2]:
        below = _event(canvas, left + 6, below, width - 12, bottom + 5, event, alone=len(day.events) == 1)


def _event(
    canvas: Canvas, left: float, top: float, width: float, floor: float, event: MonthEvent, *, alone: bool
) -> float:
    """Hours beside the number of the day, the theme under it, then the place, as far as there is room."""
    right = left + width
    word = event.stop_word or event.hours
    draw_text(canvas, right, top, word, 12, stroke=BOLD, align=Align.RIGHT, width=width - 24)
    size = 15.0 if alone else 13.0
    most = max(1, min(2 if alone else 1, int((top - floor) / (size * 1.2))))
    below = draw_lines(
        canvas, left, top - size * 1.45, event.theme, size, width=width, most=most, leading=1.2, stroke=BOLD
    )
    if event.stop_word:
        canvas.setStrokeColor(BLACK)
        canvas.setLineWidth(1.2)
        drawn = min(width, text_width(printable(event.theme), size, BOLD))
        canvas.line(left, top - size * 1.1, left + drawn, top - size * 1.1)
    if alone and below > floor and not event.stop_word:
        draw_text(canvas, left, below + 1, event.place, 11.5, width=width)
    return below - 4


def _foot(canvas: Canvas, sheet: MonthSheet, draw_code: DrawCode) -> None:
    draw_code(canvas, sheet.page_address, WIDTH - MARGIN - QR_SIDE + 2 * MM, MARGIN - 4 * MM, QR_SIDE)
    room = INNER - QR_SIDE - 4 * MM
    empty = not any(day.events for week in sheet.weeks for day in week if day.in_month)
    first = sheet.nothing if empty else sheet.scan
    draw_text(canvas, MARGIN, MARGIN + 12 * MM, first, 18, stroke=BOLD, width=room)
    draw_text(canvas, MARGIN, MARGIN + 4 * MM, sheet.contact, 13, width=room)
