"""Takings slips, four to a sheet: what the stall-holder fills in by hand, or on a phone by the code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print import (
    A4,
    A6,
    BLACK,
    BLACK_LETTERS,
    BOLD,
    MM,
    Align,
    draw_awning,
    draw_block,
    draw_cut_marks,
    draw_narrowed,
    draw_text,
    in_groups,
    printable,
    text_width,
)
from market.print.qr import draw_qr

WIDTH, HEIGHT = A6
MARGIN = 8 * MM
INNER = WIDTH - 2 * MARGIN
RIGHT = WIDTH - MARGIN
QR_SIDE = 36 * MM
PLACES = ((0.0, A4[1] / 2), (WIDTH, A4[1] / 2), (0.0, 0.0), (WIDTH, 0.0))
"""Lower left corners, in reading order."""


class Slip(NamedTuple):
    """One slip; a spare one has neither stall nor name nor code."""

    stall_no: str = ""
    trading_name: str = ""
    agreed: str = ""
    """What was agreed to be given."""
    short_code: str = ""
    address: str = ""
    """What its code holds: the link of this vendor and day; empty where there can be none yet."""


class SlipLabels(NamedTuple):
    """The words of every slip of a print."""

    title: str
    market: str
    stall: str
    name: str
    takings: str
    """今天卖了"""
    zero: str
    """没卖写 0"""
    gift: str
    """这次想捐"""
    free: str
    """捐不捐、捐多少都由您"""
    agreed: str
    """What a spare slip says of the agreement, which nobody knows yet."""
    paid_by: str
    receipt: str
    signed: str
    yuan: str
    phone: str
    """扫码用手机报数，要登录"""
    phone_by_link: str
    """扫码就能报数，不用登录"""
    give: str
    """Whom to give it to."""
    code: str
    """短码"""
    takings_address: str
    """What the code of a spare slip holds."""


def draw_slips(canvas: Canvas, slips: Iterable[Slip], labels: SlipLabels) -> None:
    """The slips in the order given; places left on the last sheet become spares, at least two."""
    filled = list(slips)
    spares = -len(filled) % 4 or 4
    if spares == 1:
        spares = 5
    for page in in_groups([*filled, *[Slip()] * spares], 4):
        canvas.setPageSize(A4)
        for slip, corner in zip(page, PLACES, strict=True):
            canvas.saveState()
            canvas.translate(*corner)
            _slip(canvas, slip, labels)
            canvas.restoreState()
        draw_cut_marks(canvas, A4)
        canvas.showPage()


def _slip(canvas: Canvas, slip: Slip, labels: SlipLabels) -> None:
    draw_awning(canvas, MARGIN, HEIGHT - 5 * MM, INNER, 6 * MM, scallop=WIDTH / 17)
    baseline = HEIGHT - 19 * MM
    draw_text(canvas, MARGIN, baseline, labels.title, 15, stroke=BOLD, width=30 * MM)
    draw_text(canvas, RIGHT, baseline, labels.market, 9.5, align=Align.RIGHT, width=INNER - 32 * MM)
    _whose(canvas, slip, labels, HEIGHT - 31 * MM)
    _sums(canvas, slip, labels, HEIGHT - 52 * MM)
    _choices(canvas, labels, HEIGHT - 92 * MM)
    _code(canvas, slip, labels)


def _whose(canvas: Canvas, slip: Slip, labels: SlipLabels, middle: float) -> None:
    """Stall number and name large; lines to write them on where the slip is a spare."""
    if not slip.stall_no:
        _blank(canvas, labels.stall, MARGIN, middle - 5, 32 * MM)
        _blank(canvas, labels.name, MARGIN + 36 * MM, middle - 5, INNER - 36 * MM)
        return
    number, most = printable(slip.stall_no), INNER * 0.5
    draw_narrowed(canvas, MARGIN, middle, number, 34, width=most, least=26, stroke=BLACK_LETTERS)
    left = MARGIN + min(text_width(number, 34, BLACK_LETTERS), most) + 4 * MM
    draw_block(canvas, left, middle, slip.trading_name, 17, width=RIGHT - left, smallest=12, stroke=BOLD)


def _sums(canvas: Canvas, slip: Slip, labels: SlipLabels, baseline: float) -> None:
    """What was sold and what is given, each on a line long enough for a thick pen."""
    _blank(canvas, labels.takings, MARGIN, baseline, INNER, size=16, unit=labels.yuan)
    draw_text(canvas, MARGIN, baseline - 6.5 * MM, labels.zero, 10.5, width=INNER)
    baseline -= 20 * MM
    _blank(canvas, labels.gift, MARGIN, baseline, INNER, size=16, unit=labels.yuan)
    draw_text(canvas, MARGIN, baseline - 6.5 * MM, labels.free, 10.5, width=INNER)
    draw_text(canvas, MARGIN, baseline - 11.5 * MM, slip.agreed or labels.agreed, 10.5, width=INNER)


def _choices(canvas: Canvas, labels: SlipLabels, baseline: float) -> None:
    draw_text(canvas, MARGIN, baseline, labels.paid_by, 12, width=INNER)
    draw_text(canvas, MARGIN, baseline - 7 * MM, labels.receipt, 12, width=INNER)


def _code(canvas: Canvas, slip: Slip, labels: SlipLabels) -> None:
    """The signature on the left, on the right the code and the short code of the pass."""
    draw_qr(canvas, slip.address or labels.takings_address, RIGHT - QR_SIDE + 3 * MM, 7 * MM, QR_SIDE)
    room = INNER - QR_SIDE + 1 * MM
    if slip.short_code:
        draw_text(canvas, MARGIN, 39 * MM, f"{labels.code} {slip.short_code}", 14, stroke=BOLD, width=room)
    phone = labels.phone_by_link if slip.address else labels.phone
    draw_text(canvas, MARGIN, 31 * MM, phone, 10.5, width=room)
    draw_text(canvas, MARGIN, 25 * MM, labels.give, 10.5, width=room)
    _blank(canvas, labels.signed, MARGIN, 11 * MM, room)


def _blank(
    canvas: Canvas, word: str, x: float, baseline: float, width: float, *, size: float = 12, unit: str = ""
) -> None:
    """A word, a line to write on, and perhaps a unit at its end."""
    draw_text(canvas, x, baseline, word, size, stroke=BOLD)
    start = x + text_width(printable(word), size, BOLD) + 4
    end = x + width - (text_width(printable(unit), size) + 4 if unit else 0)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.8)
    canvas.line(start, baseline - 2.5, end, baseline - 2.5)
    if unit:
        draw_text(canvas, end + 4, baseline, unit, size)
