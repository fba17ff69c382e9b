"""The printed stall pass: an A6 card, alone or four to an A4 sheet."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.gate.qr import draw_qr
from market.paper import (
    A4,
    A6,
    BLACK,
    BLACK_LETTERS,
    BOLD,
    CAP_HEIGHT,
    MM,
    WHITE,
    Align,
    draw_awning,
    draw_block,
    draw_text,
    fitted_size,
    in_groups,
    paper,
    printable,
    text_width,
)

MARGIN = 6.5 * MM
"""Printers leave 4 to 5 mm of the sheet blank; only the awning goes further out, and may lose its top."""
WIDTH, HEIGHT = A6
INNER = WIDTH - 2 * MARGIN
QR_SIDE = 45 * MM
QUIET = 3.5 * MM
"""About what the quiet zone of the QR code takes of its side: it may lie in the margin."""
STALL_NUMBER_SIZE = 114
"""Digits 30 mm high: legible from 6 m, as one needs about 5 mm for every metre."""


class Layout(StrEnum):
    """How passes lie on the paper."""

    A6 = "a6"
    """One card a page."""
    A4X4 = "a4x4"
    """Four cards on an A4 sheet with marks to cut along."""


class PassCard(NamedTuple):
    """One pass, in words ready to print; what is empty is left out."""

    community: str
    stall_no: str
    trading_name: str
    category: str
    size_text: str
    power_text: str
    market_title: str
    date_text: str
    weekday_text: str
    hours_text: str
    arrive_by_text: str
    qr_url: str
    short_code: str
    version: str
    phone: str
    rules: tuple[str, ...] = ()
    footnote: str = ""


class PassLabels(NamedTuple):
    """The words that every pass of a print carries, in the reader's language."""

    title: str
    """摊位证"""
    show: str
    """门口出示，一扫就进"""
    spell: str
    """扫不出？报短码"""
    call: str
    """有事打"""
    verify: str
    """任何人都可扫码查真伪"""


PLACES_ON_A4 = [(0.0, A4[1] / 2), (WIDTH, A4[1] / 2), (0.0, 0.0), (WIDTH, 0.0)]
"""Lower left corners, in reading order."""


def passes_pdf(
    cards: Iterable[PassCard], out: BinaryIO, *, labels: PassLabels, layout: Layout = Layout.A6
) -> None:
    """Writes the passes, in the order given, as one PDF. At least one: a blank sheet would puzzle people."""
    single = layout is Layout.A6
    places = [(0.0, 0.0)] if single else PLACES_ON_A4
    pages = in_groups(cards, len(places))
    if not pages:
        raise ValueError("no pass to print")
    with paper(out, A6 if single else A4, title=labels.title) as canvas:
        for page in pages:
            for card, corner in zip(page, places, strict=False):
                canvas.saveState()
                canvas.translate(*corner)
                _card(canvas, card, labels)
                canvas.restoreState()
            if not single:
                _cut_marks(canvas)
            canvas.showPage()


def _card(canvas: Canvas, card: PassCard, labels: PassLabels) -> None:
    """One card with its lower left corner at (0, 0). Baselines are measured from the top edge."""
    draw_awning(canvas, 0, HEIGHT, WIDTH, 8.5 * MM, scallop=WIDTH / 19)
    _head(canvas, card, labels)
    _stall(canvas, card)
    _time_band(canvas, card)
    _proof(canvas, card, labels)
    _foot(canvas, card, labels)


def _head(canvas: Canvas, card: PassCard, labels: PassLabels) -> None:
    """Which market this is for, and which version of the pass."""
    baseline = HEIGHT - 13.5 * MM
    right = f"{labels.title} {card.version}".strip()
    draw_text(canvas, WIDTH - MARGIN, baseline, right, 9.5, align=Align.RIGHT, stroke=BOLD)
    room = INNER - text_width(printable(right), 9.5, BOLD) - 8
    draw_text(canvas, MARGIN, baseline, _joined(card.community, card.market_title), 9.5, width=room)


def _stall(canvas: Canvas, card: PassCard) -> None:
    """The stall number as large as the card allows, the trading name, what and how much place."""
    number = printable(card.stall_no)
    size = fitted_size(number, STALL_NUMBER_SIZE, INNER - 6, smallest=40, stroke=BLACK_LETTERS)
    baseline = HEIGHT - 32.5 * MM - size * CAP_HEIGHT / 2
    draw_text(canvas, MARGIN + 2, baseline, number, size, stroke=BLACK_LETTERS, width=INNER)
    name_at = HEIGHT - 58 * MM
    draw_block(canvas, MARGIN, name_at, card.trading_name, 27, width=INNER, smallest=18, stroke=BOLD)
    detail = _joined(card.category, card.size_text, card.power_text)
    draw_text(canvas, MARGIN, HEIGHT - 70 * MM, detail, 10.5, width=INNER)


def _time_band(canvas: Canvas, card: PassCard) -> None:
    """The day, large enough to tell a pass of another day at a glance; when to arrive, white on black."""
    top, bottom = HEIGHT - 73.5 * MM, HEIGHT - 89 * MM
    canvas.setLineWidth(1.2)
    for y in (top, bottom):
        canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    badge = _badge(canvas, printable(card.arrive_by_text), bottom + 9)
    room = INNER - badge - 8
    draw_text(canvas, MARGIN, bottom + 21.5, card.date_text, 19, stroke=BOLD, width=room)
    hours = _joined(card.weekday_text, card.hours_text)
    draw_text(canvas, MARGIN, bottom + 6.5, hours, 11, width=room)


def _badge(canvas: Canvas, text: str, y: float) -> float:
    """White on black at the right end; tells how much room it took."""
    if not text:
        return 0
    width = min(text_width(text, 14, BOLD) + 16, INNER * 0.45)
    left = WIDTH - MARGIN - width
    canvas.setFillColor(BLACK)
    canvas.roundRect(left, y, width, 25, 5, stroke=0, fill=1)
    draw_text(canvas, left + 8, y + 7.5, text, 14, stroke=BOLD, width=width - 16, ink=WHITE)
    return width


def _proof(canvas: Canvas, card: PassCard, labels: PassLabels) -> None:
    """The QR code, and beside it what to do with it and how to behave."""
    bottom = HEIGHT - 90 * MM - QR_SIDE
    if card.qr_url:
        draw_qr(canvas, card.qr_url, MARGIN - QUIET, bottom, QR_SIDE)
    left = MARGIN + QR_SIDE - QUIET
    room = WIDTH - MARGIN - left
    lines = [(labels.show, 12.0, BOLD, 9.5), (labels.spell, 9.5, 0, 16), (card.short_code, 24.0, BOLD, 27)]
    lines += [(rule, 9.0, 0, 12.5 if number else 18) for number, rule in enumerate(card.rules[:4])]
    if card.phone:
        lines.append((f"{labels.call} {card.phone}".strip(), 9.5, BOLD, 15.5))
    baseline = bottom + QR_SIDE - QUIET
    for text, size, stroke, leading in lines:
        baseline -= leading
        draw_text(canvas, left, baseline, text, size, stroke=stroke, width=room)


def _foot(canvas: Canvas, card: PassCard, labels: PassLabels) -> None:
    """Who may check the pass, and whatever else the caller wants to say."""
    draw_text(canvas, MARGIN, 6 * MM, labels.verify, 8, width=INNER * 0.5 - 4)
    draw_text(canvas, WIDTH - MARGIN, 6 * MM, card.footnote, 8, align=Align.RIGHT, width=INNER * 0.5 - 4)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _cut_marks(canvas: Canvas) -> None:
    """Where to cut an A4 sheet into four: ticks inside what printers can print, and a cross in the middle."""
    width, height = A4
    x, y, near, far, arm = width / 2, height / 2, 5 * MM, 13 * MM, 4 * MM
    canvas.setLineWidth(0.4)
    canvas.lines(
        [
            (x, near, x, far),
            (x, height - far, x, height - near),
            (near, y, far, y),
            (width - far, y, width - near, y),
            (x - arm, y, x + arm, y),
            (x, y - arm, x, y + arm),
        ]
    )
