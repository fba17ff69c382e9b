"""What every face of a stall pass is made of: its two layers, and pieces that several faces have."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.passes.cards import PassCard, PassLabels
from market.print import BLACK, BOLD, WHITE, Align, draw_lines, draw_text, printable, text_width

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


def write_here(canvas: Canvas, x: float, y: float, width: float, label: str = "") -> None:
    """A line to write on, with a small word before it."""
    draw_text(canvas, x, y, label, 9)
    start = x + (text_width(printable(label), 9) + 5 if label else 0)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.6)
    canvas.line(start, y - 2, x + width, y - 2)


def instead_of_code(canvas: Canvas, labels: PassLabels, x: float, y: float, size: float) -> None:
    """What a spare has in the place of its code: where the gate finds its bearer."""
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.8)
    canvas.setDash(4, 3)
    canvas.rect(x, y, size, size)
    canvas.setDash()
    width = size - 12
    draw_text(canvas, x + 6, y + size * 0.62, labels.spare, size / 8, stroke=BOLD, width=width)
    draw_lines(canvas, x + 6, y + size * 0.45, labels.spare_note, size / 12, width=width, most=3)


def badge(canvas: Canvas, text: str, right: float, y: float, size: float, most: float) -> float:
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


def head_line(
    canvas: Canvas, what: str, card: PassCard, labels: PassLabels, spare: bool, *,
    left: float, right: float, baseline: float, size: float, gap: float,
) -> None:  # fmt: skip
    """Which market this is for on the left, which version of the pass on the right."""
    proof = labels.spare if spare else f"{labels.title} {card.version}".strip()
    draw_text(canvas, right, baseline, proof, size, align=Align.RIGHT, stroke=BOLD)
    room = right - left - text_width(printable(proof), size, BOLD) - gap
    draw_text(canvas, left, baseline, what, size, width=room)


def rules_and_phone(
    canvas: Canvas, card: PassCard, labels: PassLabels, x: float, baseline: float, *,
    sizes: tuple[float, float], step: float, before: float, width: float,
) -> None:  # fmt: skip
    """How to behave in four lines, and `before` under them whom to call; `sizes` of both."""
    for rule in card.rules[:4]:
        draw_text(canvas, x, baseline, rule, sizes[0], width=width)
        baseline -= step
    if card.phone:
        call = f"{labels.call} {card.phone}".strip()
        draw_text(canvas, x, baseline - before, call, sizes[1], stroke=BOLD, width=width)
