"""The faces of a stall pass, each with its lower left corner at (0, 0): card, small card, stall sign, label.

A face has two layers. What all passes of a market have in common is drawn once a document, as a form that
every page refers to; only the stall, the name and the code are drawn for each.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.gate.cards import PassCard, PassLabels
from market.paper import (
    A6,
    BLACK,
    BLACK_LETTERS,
    BOLD,
    MM,
    WHITE,
    Align,
    draw_awning,
    draw_block,
    draw_lines,
    draw_narrowed,
    draw_text,
    printable,
    text_width,
)

DrawCode = Callable[[Canvas, str, float, float, float], None]
"""Draws the symbol of a text with its quiet zone: canvas, text, left, bottom, size."""


class Face(NamedTuple):
    """One side of a pass: its size and its two layers."""

    width: float
    height: float
    shared: Callable[[Canvas, PassCard, PassLabels, bool], None]
    """Sees no stall, no name and no code; the last argument tells a spare."""
    own: Callable[[Canvas, PassCard, PassLabels, DrawCode], None]


def draw_face(canvas: Canvas, face: Face, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
    """Both layers of a face."""
    common = card._replace(
        stall_no="",
        trading_name="",
        category="",
        size_text="",
        power_text="",
        qr_url="",
        short_code="",
        stalls=(),
    )
    name = form_name(face.shared.__name__, common, labels, card.is_spare)
    draw_once(
        canvas, name, face.width, face.height, lambda: face.shared(canvas, common, labels, card.is_spare)
    )
    face.own(canvas, card, labels, draw_code)


@lru_cache(maxsize=256)
def form_name(*what: object) -> str:
    """The same name for the same drawing, so that the same passes give the same file."""
    return "shared-" + blake2b(repr(what).encode(), digest_size=8).hexdigest()


def draw_once(canvas: Canvas, name: str, width: float, height: float, draw: Callable[[], None]) -> None:
    """Draws what `draw` draws; the document holds it once, however often it is asked for."""
    if not canvas.hasForm(name):
        canvas.beginForm(name, 0, 0, width, height)
        draw()
        canvas.endForm()
    canvas.doForm(name)


def joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _write_here(canvas: Canvas, x: float, y: float, width: float, label: str = "") -> None:
    """A line to write on, with a small word before it."""
    draw_text(canvas, x, y, label, 9)
    start = x + (text_width(printable(label), 9) + 5 if label else 0)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.6)
    canvas.line(start, y - 2, x + width, y - 2)


def _instead_of_code(canvas: Canvas, labels: PassLabels, x: float, y: float, size: float) -> None:
    """What a spare has in the place of its code: where the gate finds its bearer."""
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.8)
    canvas.setDash(4, 3)
    canvas.rect(x, y, size, size)
    canvas.setDash()
    width = size - 12
    draw_text(canvas, x + 6, y + size * 0.62, labels.spare, size / 8, stroke=BOLD, width=width)
    draw_lines(canvas, x + 6, y + size * 0.45, labels.spare_note, size / 12, width=width, most=3)


def _badge(canvas: Canvas, text: str, right: float, y: float, size: float, most: float) -> float:
    """White on black at the right end; tells how much room it took."""
    if not text:
        return 0
    width = min(text_width(text, size, BOLD) + size * 1.14, most)
    canvas.setFillColor(BLACK)
    canvas.roundRect(right - width, y, width, size * 1.8, size * 0.36, stroke=0, fill=1)
    inner = width - size * 1.14
    left = right - width + size * 0.57
    draw_text(canvas, left, y + size * 0.54, text, size, stroke=BOLD, width=inner, ink=WHITE)
    return width


# ── the card: A6, and larger by scale ─────────────────────────────────────────────────────────────────────

MARGIN = 6.5 * MM
"""Printers leave 4 to 5 mm of the sheet blank; only the awning goes further out, and may lose its top."""
WIDTH, HEIGHT = A6
INNER = WIDTH - 2 * MARGIN
QR_SIDE = 45 * MM
QUIET = 3.5 * MM
"""About what the quiet zone of the QR code takes of its side: it may lie in the margin."""
PROOF = HEIGHT - 90 * MM - QR_SIDE
"""Where the QR code stands."""
BESIDE = MARGIN + QR_SIDE - QUIET
"""Where the words beside it begin."""
CODE_LINE = PROOF + QR_SIDE - QUIET - 52.5
STALL_NUMBER_SIZE = 114
"""Digits 30 mm high: legible from 6 m, as one needs about 5 mm for every metre."""
DOUBLE_NUMBER_SIZE = 97
"""Digits 25 mm high, for 5 m: before the number of two stalls gets smaller, its letters get narrower."""


def _card_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    draw_awning(canvas, 0, HEIGHT, WIDTH, 8.5 * MM, scallop=WIDTH / 19)
    _head(canvas, card, labels, spare)
    _time_band(canvas, card)
    _beside_the_code(canvas, card, labels, spare)
    if spare:
        _instead_of_code(canvas, labels, MARGIN, PROOF + QUIET, QR_SIDE - 2 * QUIET)
    draw_text(canvas, MARGIN, 6 * MM, "" if spare else labels.verify, 8, width=INNER * 0.5 - 4)
    draw_text(canvas, WIDTH - MARGIN, 6 * MM, card.footnote, 8, align=Align.RIGHT, width=INNER * 0.5 - 4)


def _head(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    """Which market this is for, and which version of the pass."""
    baseline = HEIGHT - 13.5 * MM
    right = labels.spare if spare else f"{labels.title} {card.version}".strip()
    draw_text(canvas, WIDTH - MARGIN, baseline, right, 9.5, align=Align.RIGHT, stroke=BOLD)
    room = INNER - text_width(printable(right), 9.5, BOLD) - 8
    draw_text(canvas, MARGIN, baseline, joined(card.community, card.market_title), 9.5, width=room)


def _time_band(canvas: Canvas, card: PassCard) -> None:
    """The day, large enough to tell a pass of another day at a glance; when to arrive, white on black."""
    top, bottom = HEIGHT - 73.5 * MM, HEIGHT - 89 * MM
    canvas.setLineWidth(1.2)
    for y in (top, bottom):
        canvas.line(MARGIN, y, WIDTH - MARGIN, y)
    badge = _badge(canvas, printable(card.arrive_by_text), WIDTH - MARGIN, bottom + 9, 14, INNER * 0.45)
    room = INNER - badge - 8
    draw_text(canvas, MARGIN, bottom + 21.5, card.date_text, 19, stroke=BOLD, width=room)
    hours = joined(card.weekday_text, card.hours_text)
    draw_text(canvas, MARGIN, bottom + 6.5, hours, 11, width=room)


def _beside_the_code(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    """What to do with the code, how to behave, whom to call."""
    room = WIDTH - MARGIN - BESIDE
    if not spare:
        draw_text(canvas, BESIDE, CODE_LINE + 43, labels.show, 12, stroke=BOLD, width=room)
        draw_text(canvas, BESIDE, CODE_LINE + 27, labels.spell, 9.5, width=room)
    baseline = CODE_LINE - 18
    for rule in card.rules[:4]:
        draw_text(canvas, BESIDE, baseline, rule, 9, width=room)
        baseline -= 12.5
    if card.phone:
        call = f"{labels.call} {card.phone}".strip()
        draw_text(canvas, BESIDE, baseline - 3, call, 9.5, stroke=BOLD, width=room)


def _card_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
    """The stall number as large as the card allows, the trading name, what and how much place, the code."""
    draw_narrowed(
        canvas, MARGIN + 2, HEIGHT - 32.5 * MM, card.stall_no, STALL_NUMBER_SIZE, width=INNER - 6,
        least=DOUBLE_NUMBER_SIZE, stroke=BLACK_LETTERS,
    )  # fmt: skip
    if not card.stall_no:
        _write_here(canvas, MARGIN, HEIGHT - 46 * MM, INNER)
    if card.is_spare:
        _write_here(canvas, MARGIN, HEIGHT - 62 * MM, INNER, labels.name_here)
        return
    draw_block(canvas, MARGIN, HEIGHT - 58 * MM, card.trading_name, 27, width=INNER, smallest=18, stroke=BOLD)
    detail = joined(card.category, card.size_text, card.power_text)
    draw_text(canvas, MARGIN, HEIGHT - 70 * MM, detail, 10.5, width=INNER)
    room = WIDTH - MARGIN - BESIDE
    draw_text(canvas, BESIDE, CODE_LINE, card.short_code, 24, stroke=BOLD, width=room)
    if card.qr_url:
        draw_code(canvas, card.qr_url, MARGIN - QUIET, PROOF, QR_SIDE)


CARD = Face(WIDTH, HEIGHT, _card_shared, _card_own)

# ── the small card: A7, with fewer words rather than smaller ones ─────────────────────────────────────────

S_WIDTH, S_HEIGHT = 297 / 4 * MM, 105 * MM
S_MARGIN = 5.5 * MM
S_INNER = S_WIDTH - 2 * S_MARGIN
S_QR = 37 * MM
S_QUIET = 3 * MM
S_PROOF = 4 * MM
S_BESIDE = S_MARGIN + S_QR - S_QUIET
S_CODE_LINE = S_PROOF + S_QR - S_QUIET - 35


def _small_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    draw_awning(canvas, 0, S_HEIGHT, S_WIDTH, 6.5 * MM, scallop=S_WIDTH / 15)
    right = labels.spare if spare else f"{labels.title} {card.version}".strip()
    baseline = S_HEIGHT - 10.5 * MM
    draw_text(canvas, S_WIDTH - S_MARGIN, baseline, right, 8, align=Align.RIGHT, stroke=BOLD)
    room = S_INNER - text_width(printable(right), 8, BOLD) - 6
    draw_text(canvas, S_MARGIN, baseline, card.community, 8, width=room)
    _small_time(canvas, card)
    room = S_WIDTH - S_MARGIN - S_BESIDE
    if spare:
        _instead_of_code(canvas, labels, S_MARGIN, S_PROOF + S_QUIET, S_QR - 2 * S_QUIET)
    else:
        draw_text(canvas, S_BESIDE, S_CODE_LINE + 27, labels.show, 8.5, stroke=BOLD, width=room)
        draw_text(canvas, S_BESIDE, S_CODE_LINE + 16.5, labels.spell, 7.5, width=room)
    baseline = S_CODE_LINE - 12
    for rule in card.rules[:4]:
        draw_text(canvas, S_BESIDE, baseline, rule, 7.5, width=room)
        baseline -= 10
    if card.phone:
        call = f"{labels.call} {card.phone}".strip()
        draw_text(canvas, S_BESIDE, baseline - 2, call, 7.5, stroke=BOLD, width=room)


def _small_time(canvas: Canvas, card: PassCard) -> None:
    top, bottom = S_HEIGHT - 51.5 * MM, S_HEIGHT - 63 * MM
    canvas.setLineWidth(0.9)
    for y in (top, bottom):
        canvas.line(S_MARGIN, y, S_WIDTH - S_MARGIN, y)
    right = S_WIDTH - S_MARGIN
    badge = _badge(canvas, printable(card.arrive_by_text), right, bottom + 7, 10.5, S_INNER * 0.45)
    room = S_INNER - badge - 6
    draw_text(canvas, S_MARGIN, bottom + 16.5, card.date_text, 14, stroke=BOLD, width=room)
    draw_text(canvas, S_MARGIN, bottom + 5, joined(card.weekday_text, card.hours_text), 8.5, width=room)


def _small_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
    draw_narrowed(
        canvas, S_MARGIN + 1, S_HEIGHT - 23.5 * MM, card.stall_no, 82, width=S_INNER - 4, least=62,
        stroke=BLACK_LETTERS,
    )  # fmt: skip
    if not card.stall_no:
        _write_here(canvas, S_MARGIN, S_HEIGHT - 32 * MM, S_INNER)
    if card.is_spare:
        _write_here(canvas, S_MARGIN, S_HEIGHT - 45 * MM, S_INNER, labels.name_here)
        return
    draw_block(
        canvas, S_MARGIN, S_HEIGHT - 40.5 * MM, card.trading_name, 18, width=S_INNER, smallest=12, stroke=BOLD
    )
    detail = joined(card.category, card.size_text, card.power_text)
    draw_text(canvas, S_MARGIN, S_HEIGHT - 49.5 * MM, detail, 8, width=S_INNER)
    room = S_WIDTH - S_MARGIN - S_BESIDE
    draw_text(canvas, S_BESIDE, S_CODE_LINE, card.short_code, 15, stroke=BOLD, width=room)
    if card.qr_url:
        draw_code(canvas, card.qr_url, S_MARGIN - S_QUIET, S_PROOF, S_QR)


SMALL_CARD = Face(S_WIDTH, S_HEIGHT, _small_shared, _small_own)

# ── the stall sign: A5 across, for those who walk by ──────────────────────────────────────────────────────

SIGN_WIDTH, SIGN_HEIGHT = 210 * MM, 148 * MM
SIGN_MARGIN = 10 * MM
SIGN_INNER = SIGN_WIDTH - 2 * SIGN_MARGIN
SIGN_QR = 46 * MM
SIGN_LEFT = SIGN_INNER - SIGN_QR
"""Room for the name, left of the code."""


def _sign_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
    draw_awning(canvas, 0, SIGN_HEIGHT, SIGN_WIDTH, 12 * MM, scallop=SIGN_WIDTH / 23)
    baseline = SIGN_HEIGHT - 20 * MM
    when = joined(f"{card.date_text} {card.weekday_text}".strip(), card.hours_text)
    right = SIGN_WIDTH - SIGN_MARGIN
    draw_text(canvas, right, baseline, when, 14, stroke=BOLD, align=Align.RIGHT, width=SIGN_INNER * 0.5)
    market = joined(card.community, card.market_title)
    draw_text(canvas, SIGN_MARGIN, baseline, market, 14, width=SIGN_INNER * 0.48)
    canvas.setLineWidth(1.2)
    canvas.line(SIGN_MARGIN, 62 * MM, right, 62 * MM)
    if spare:
        _instead_of_code(canvas, labels, right - SIGN_QR + 4 * MM, 17 * MM, SIGN_QR - 4 * MM)
    else:
        middle = right - SIGN_QR / 2 + 3.7 * MM
        draw_text(canvas, middle, 10.5 * MM, labels.verify, 9, align=Align.CENTRE, width=SIGN_QR)


def _sign_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
    draw_narrowed(
        canvas, SIGN_WIDTH / 2, 93.5 * MM, card.stall_no, 198, width=SIGN_INNER - 8, least=150,
        stroke=BLACK_LETTERS, align=Align.CENTRE,
    )  # fmt: skip
    if card.is_spare:
        _write_here(canvas, SIGN_MARGIN, 36 * MM, SIGN_LEFT - 10, labels.name_here)
        return
    width = SIGN_LEFT - 6
    draw_block(canvas, SIGN_MARGIN, 43 * MM, card.trading_name, 44, width=width, smallest=28, stroke=BOLD)
    draw_text(canvas, SIGN_MARGIN, 21 * MM, card.category, 18, width=width)
    proof = joined(f"{labels.title} {card.version}".strip(), card.short_code)
    draw_text(canvas, SIGN_MARGIN, 10.5 * MM, proof, 11, width=width)
    if card.qr_url:
        draw_code(canvas, card.qr_url, SIGN_WIDTH - SIGN_MARGIN - SIGN_QR + 3.7 * MM, 14 * MM, SIGN_QR)


SIGN = Face(SIGN_WIDTH, SIGN_HEIGHT, _sign_shared, _sign_own)

# ── the label: a sticker on whatever the vendor brings ────────────────────────────────────────────────────


def label(width: float, height: float) -> Face:
    """The face of a sticker: number, name and code."""
    pad, code = 4.6 * MM, height - 4 * MM
    room = width - code - pad

    def label_shared(canvas: Canvas, card: PassCard, labels: PassLabels, spare: bool) -> None:
        when = joined(card.date_text, card.hours_text)
        draw_text(canvas, pad, 7.6 * MM, when, 7.5, width=room, smallest=6)
        if spare:
            side = code - 5 * MM
            _instead_of_code(canvas, labels, width - side - 3.5 * MM, 4.5 * MM, side)

    def label_own(canvas: Canvas, card: PassCard, labels: PassLabels, draw_code: DrawCode) -> None:
        draw_narrowed(
            canvas, pad, height - 8.4 * MM, card.stall_no, 36, width=room - 4, least=28, stroke=BLACK_LETTERS
        )
        if card.is_spare:
            _write_here(canvas, pad, height - 21 * MM, room, labels.name_here)
            return
        draw_block(
            canvas,
            pad,
            height - 18.3 * MM,
            card.trading_name,
            room / 8,
            width=room,
            smallest=9.5,
            stroke=BOLD,
        )
        draw_text(canvas, pad, 11.2 * MM, card.category, 7.5, width=room)
        draw_text(canvas, pad, 3.6 * MM, card.short_code, 10, stroke=BOLD, width=room)
        if card.qr_url:
            draw_code(canvas, card.qr_url, width - code - 1 * MM, 2 * MM, code)

    return Face(width, height, label_shared, label_own)
