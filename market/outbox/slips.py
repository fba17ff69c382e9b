"""Paper slips for those whom no channel reaches: what there is to say to each, four to a sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import BinaryIO, NamedTuple

from flask_babel import gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.calendar.models import MarketDay
from market.calendar.printed import heading_of
from market.calendar.rules import GATE_STATES
from market.notices import service as notices
from market.notices.words import letter_of
from market.outbox.matters.letter import untold
from market.outbox.matters.reminder import reminder_text
from market.outbox.service import Recipient, recipients
from market.outbox.words import letter_text
from market.print import (
    A4,
    A6,
    BLACK_LETTERS,
    BOLD,
    MM,
    draw_awning,
    draw_block,
    draw_cut_marks,
    draw_narrowed,
    draw_text,
    in_groups,
    paper,
    printable,
    text_width,
    wrap,
)

WIDTH, HEIGHT = A6
MARGIN = 8 * MM
INNER = WIDTH - 2 * MARGIN
PLACES = ((0.0, A4[1] / 2), (WIDTH, A4[1] / 2), (0.0, 0.0), (WIDTH, 0.0))
"""Lower left corners, in reading order."""
SIZES = (14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0)


class MessageSlip(NamedTuple):
    """What one person is handed."""

    stall: str
    name: str
    texts: tuple[str, ...]


def slips_of(day: MarketDay, *, at: datetime) -> list[MessageSlip]:
    """Of everybody without account and channel: what is to be told, else where to be when."""
    texts = _texts(day, at)
    found = []
    for one in recipients(day):
        said = tuple(texts[one.application.id]) or _reminder(one, day)
        if one.must_be_called and said:
            found.append(MessageSlip(one.label, one.application.vendor.trading_name, said))
    return found


def _texts(day: MarketDay, at: datetime) -> dict[int, list[str]]:
    """By application, news first, then what staff wrote."""
    found: dict[int, list[str]] = defaultdict(list)
    for message in notices.messages([day], at=at):
        row = message.person.row
        found[row.id].append(letter_of(message, row.vendor, day.community))
    for copy in untold(day.community, at):
        if copy.letter.day_id == day.id:
            name = copy.application.vendor.trading_name
            found[copy.application_id].append(letter_text(copy.letter.text, name, day.community))
    return found


def _reminder(one: Recipient, day: MarketDay) -> tuple[str, ...]:
    if not one.label or day.state not in GATE_STATES:
        return ()
    return (reminder_text(one.application.vendor, day, one.label),)


def write_slips(day: MarketDay, slips: Iterable[MessageSlip], out: BinaryIO) -> None:
    """Four to a sheet, to be cut; a page that says so where there are none."""
    heading = heading_of(day, _("给您的通知"))
    with paper(out, A4, title=f"{heading.title} {heading.market}") as canvas:
        pages = list(in_groups(list(slips), 4))
        for page in pages:
            for slip, corner in zip(page, PLACES, strict=False):
                canvas.saveState()
                canvas.translate(*corner)
                _draw(canvas, slip, heading.market)
                canvas.restoreState()
            draw_cut_marks(canvas, A4)
            canvas.showPage()
        if not pages:
            draw_text(canvas, MARGIN, A4[1] - 30 * MM, _("现在没有要发纸条的人。"), 14)
            canvas.showPage()


def _draw(canvas: Canvas, slip: MessageSlip, market: str) -> None:
    draw_awning(canvas, MARGIN, HEIGHT - 5 * MM, INNER, 6 * MM, scallop=WIDTH / 17)
    draw_text(canvas, MARGIN, HEIGHT - 20 * MM, _("给您的通知"), 17, stroke=BOLD, width=INNER)
    draw_block(canvas, MARGIN, HEIGHT - 27 * MM, market, 9.5, width=INNER, smallest=8)
    _draw_whose(canvas, slip, HEIGHT - 38 * MM)
    _draw_texts(canvas, slip.texts, HEIGHT - 48 * MM)


def _draw_whose(canvas: Canvas, slip: MessageSlip, middle: float) -> None:
    number, most = printable(slip.stall), INNER * 0.5
    left = MARGIN
    if number:
        draw_narrowed(canvas, MARGIN, middle, number, 26, width=most, least=18, stroke=BLACK_LETTERS)
        left += min(text_width(number, 26, BLACK_LETTERS), most) + 4 * MM
    draw_block(canvas, left, middle, slip.name, 16, width=WIDTH - MARGIN - left, smallest=11, stroke=BOLD)


def _draw_texts(canvas: Canvas, texts: Iterable[str], top: float) -> None:
    """As large as fits above the foot."""
    text = "\n".join(texts)
    for size in SIZES:
        lines = [line for part in text.split("\n") for line in wrap(printable(part), size, INNER)]
        if len(lines) * size * 1.45 <= top - 10 * MM:
            break
    baseline = top - size
    for line in lines:
        if baseline < 6 * MM:
            break
        draw_text(canvas, MARGIN, baseline, line, size, width=INNER + 1)
        baseline -= size * 1.45
