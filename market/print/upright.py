"""A form to fill in and sign, on A4 upright: fields, texts, boxes to tick, small tables, signatures.

Print and workbook are two ways to write the same form, as with a `Table`. What nobody knows stays empty, with
room for a pen. A part is cut into blocks, and blocks are put on pages one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from reportlab.pdfgen.canvas import Canvas

from market.print.columns import Column, Ruling, draw_whole_rows, head_height, row_height
from market.print.glyphs import BOLD, printable, text_width
from market.print.lines import wrap
from market.print.page import A4, BLACK, MM, PALE, draw_awning
from market.print.qr import draw_qr
from market.print.table import Cell, Foot, Heading, print_text
from market.print.text import Align, draw_block, draw_lines, draw_text

WIDTH, HEIGHT = A4
MARGIN = 17 * MM
FULL = WIDTH - 2 * MARGIN
RIGHT = WIDTH - MARGIN
TOP = HEIGHT - 36 * MM
BOTTOM = 20 * MM
CODE_SIDE = 19 * MM

LINE = 8 * MM
"""Of a line to write on."""
SIZE = 11
STEP = SIZE * 1.45
CELL = 4.5
"""Points left and right of a text in a cell."""
LABEL_SIZE = 10
LABEL = 0.17
"""How much of the width the name of a field takes."""


class Field(NamedTuple):
    """One thing that is asked; empty: to be written by hand."""

    label: str
    value: str = ""
    wide: bool = False
    """Whether it has the whole width for itself."""
    lines: int = 1
    """How many lines a pen has room for."""


class Fields(NamedTuple):
    """Fields in a ruled box, two beside each other."""

    fields: tuple[Field, ...]


class Prose(NamedTuple):
    """A text under its heading; without one it only follows."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    lines: int = 0
    """Empty lines to write on after it."""
    size: float = 11
    """Of its letters; larger where it is read before it is signed."""


class Ticks(NamedTuple):
    """A question, and boxes of which some are ticked by hand; none is ticked beforehand."""

    question: str
    choices: tuple[str, ...]


class Grid(NamedTuple):
    """A small table within the form."""

    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    lines: int = 0
    """Empty lines after the rows."""


class Signatures(NamedTuple):
    """Who signs, each with a line; nobody draws a seal."""

    labels: tuple[str, ...]
    date: str = ""


Part = Fields | Prose | Ticks | Grid | Signatures


@dataclass(frozen=True)
class Upright:
    """One form, ready to be written anywhere."""

    key: str
    title: str
    parts: tuple[Part, ...]
    subject: str = ""
    """Whose it is, where there is one for each vendor or proposal."""


class Block(NamedTuple):
    """What stays together on a page: how high it is, and how it is drawn from its top."""

    height: float
    draw: Callable[[Canvas, float], None]
    gap: float = 0
    """White above it, but not at the head of a page."""


def draw_upright(canvas: Canvas, form: Upright, heading: Heading, foot: Foot) -> None:
    """All pages of a form; each repeats its title and numbers itself."""
    pages = _pages([block for part in form.parts for block in blocks_of(part)])
    for number, blocks in enumerate(pages, 1):
        canvas.setPageSize(A4)
        _draw_head(canvas, heading._replace(title=form.title))
        top = TOP
        for place, block in enumerate(blocks):
            top -= block.gap if place else 0
            block.draw(canvas, top)
            top -= block.height
        told = foot.page % {"page": number, "pages": len(pages)}
        draw_text(canvas, RIGHT, 10 * MM, told, 10, align=Align.RIGHT)
        canvas.showPage()


def _pages(blocks: Iterable[Block]) -> list[list[Block]]:
    """The blocks page by page; one that is higher than a page stands alone."""
    pages: list[list[Block]] = [[]]
    left = TOP - BOTTOM
    for block in blocks:
        needed = block.height + (block.gap if pages[-1] else 0)
        if pages[-1] and needed > left:
            pages.append([])
            left, needed = TOP - BOTTOM, block.height
        pages[-1].append(block)
        left -= needed
    return pages


def _draw_head(canvas: Canvas, heading: Heading) -> None:
    """Awning, title, whose market; at the right the code of the newest print."""
    draw_awning(canvas, 0, HEIGHT, WIDTH, 9 * MM, scallop=WIDTH / 17)
    room = FULL - (CODE_SIDE + 4 * MM if heading.address else 0)
    if heading.address:
        draw_qr(canvas, heading.address, RIGHT - CODE_SIDE + 2 * MM, HEIGHT - 31 * MM, CODE_SIDE)
    draw_block(canvas, MARGIN, HEIGHT - 17 * MM, heading.title, 20, width=room, smallest=15, stroke=BOLD)
    draw_text(canvas, MARGIN, HEIGHT - 26.5 * MM, heading.market, 10.5, width=room)
    draw_text(canvas, MARGIN, HEIGHT - 31 * MM, heading.mark, 9, width=room)


def blocks_of(part: Part) -> Iterator[Block]:
    """What a part is made of."""
    if isinstance(part, Fields):
        yield from _field_blocks(part)
    elif isinstance(part, Prose):
        yield from _prose_blocks(part)
    elif isinstance(part, Ticks):
        yield from _tick_blocks(part)
    elif isinstance(part, Grid):
        yield from _grid_blocks(part)
    else:
        yield _signature_block(part)


# ── fields ────────────────────────────────────────────────────────────────────────────────────────────────


def lines_of_fields(fields: Iterable[Field]) -> list[tuple[Field, ...]]:
    """The fields line by line: two beside each other, a wide one alone."""
    lines: list[tuple[Field, ...]] = []
    for field in fields:
        if lines and not field.wide and len(lines[-1]) == 1 and not lines[-1][0].wide:
            lines[-1] = (*lines[-1], field)
        else:
            lines.append((field,))
    return lines


def _field_blocks(part: Fields) -> Iterator[Block]:
    for number, line in enumerate(lines_of_fields(part.fields)):
        height = max(_field_height(field, _field_room(line)) for field in line)
        yield Block(height, _field_drawer(line, height), gap=0 if number else 3 * MM)


def _field_room(line: Sequence[Field]) -> float:
    """How wide the answer may be."""
    return FULL / len(line) - FULL * LABEL - 2 * CELL


def _field_height(field: Field, room: float) -> float:
    """Room for a pen, for the answer and for what is asked."""
    answer = len(wrap(field.value, SIZE, room)) * STEP if field.value else 0
    asked = len(wrap(field.label, LABEL_SIZE, FULL * LABEL - 2 * CELL, BOLD)) * LABEL_SIZE * 1.32
    return max(field.lines * LINE, answer + 7, asked + 7)


def _field_drawer(line: tuple[Field, ...], height: float) -> Callable[[Canvas, float], None]:
    def draw(canvas: Canvas, top: float) -> None:
        for number, field in enumerate(line):
            _draw_field(canvas, field, MARGIN + FULL / len(line) * number, top, FULL / len(line), height)

    return draw


def _draw_field(canvas: Canvas, field: Field, left: float, top: float, width: float, height: float) -> None:
    label = FULL * LABEL
    canvas.setFillColor(PALE)
    canvas.rect(left, top - height, label, height, stroke=0, fill=1)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(0.5)
    canvas.rect(left, top - height, label, height)
    canvas.rect(left + label, top - height, width - label, height)
    _draw_middle(canvas, field.label, left + CELL, top - height / 2, label - 2 * CELL, LABEL_SIZE, BOLD)
    _draw_middle(canvas, field.value, left + label + CELL, top - height / 2, width - label - 2 * CELL, SIZE)


def _draw_middle(
    canvas: Canvas, text: str, x: float, middle: float, width: float, size: float, stroke: float = 0
) -> None:
    lines = wrap(text, size, width, stroke)
    baseline = middle + (len(lines) - 1) * size * 0.66 - size * 0.36
    for line in lines:
        draw_text(canvas, x, baseline, line, size, stroke=stroke, width=width)
        baseline -= size * 1.32


# ── texts, boxes, tables, signatures ──────────────────────────────────────────────────────────────────────

HEADING_SIZE = 13
HEADING_STEP = 7 * MM


def _with_heading(heading: str, block: Block) -> Block:
    """A heading and what it stands over are never torn apart."""
    if not heading:
        return block

    def draw(canvas: Canvas, top: float) -> None:
        draw_text(canvas, MARGIN, top - HEADING_SIZE, heading, HEADING_SIZE, stroke=BOLD, width=FULL)
        block.draw(canvas, top - HEADING_STEP)

    return Block(block.height + HEADING_STEP, draw, gap=4 * MM)


def _prose_blocks(part: Prose) -> Iterator[Block]:
    blocks = [_paragraph(text, part.size) for text in part.paragraphs if text.strip()]
    blocks += [_empty_line() for _number in range(part.lines)]
    first, *others = blocks or [Block(0, lambda _canvas, _top: None)]
    yield _with_heading(part.heading, first._replace(gap=3 * MM))
    yield from others


def _paragraph(text: str, size: float) -> Block:
    lines = len(wrap(text, size, FULL))

    def draw(canvas: Canvas, top: float) -> None:
        draw_lines(canvas, MARGIN, top - size, text, size, width=FULL, most=lines + 1, leading=1.45)

    return Block(lines * size * 1.45 + 2, draw, gap=size * 0.25)


def _empty_line() -> Block:
    def draw(canvas: Canvas, top: float) -> None:
        canvas.setStrokeColor(BLACK)
        canvas.setLineWidth(0.4)
        canvas.line(MARGIN, top - LINE + 2, RIGHT, top - LINE + 2)

    return Block(LINE, draw)


BOX = 4.4 * MM


def _tick_blocks(part: Ticks) -> Iterator[Block]:
    first, *others = (_tick(choice) for choice in part.choices)
    yield _with_heading(part.question, first)
    yield from others


def _tick(choice: str) -> Block:
    room = FULL - 8 * MM
    lines = len(wrap(choice, SIZE, room))

    def draw(canvas: Canvas, top: float) -> None:
        canvas.setStrokeColor(BLACK)
        canvas.setLineWidth(0.9)
        canvas.rect(MARGIN, top - BOX - 1 * MM, BOX, BOX)
        draw_lines(
            canvas, MARGIN + 8 * MM, top - SIZE - 1 * MM, choice, SIZE, width=room, most=lines, leading=1.45
        )

    return Block(max(lines * STEP, BOX) + 3 * MM, draw)


def _grid_blocks(part: Grid) -> Iterator[Block]:
    """A block a row; the headings stay with the first, and stand over what comes on another page too."""
    rules = Ruling(MARGIN, 0, FULL, 0, 8 * MM, 9.5)
    head = head_height(part.columns, rules)
    texts = [
        [print_text(cell, column.kind) for cell, column in zip(row, part.columns, strict=True)]
        for row in part.rows
    ]
    texts += [[""] * len(part.columns)] * part.lines
    heights = [row_height(part.columns, row, rules) for row in texts]
    for number, (rows, high) in enumerate(_in_pieces(texts, heights, TOP - BOTTOM - head - HEADING_STEP)):
        block = Block(head + sum(high), _grid_drawer(part.columns, rows, high, head, rules), gap=3 * MM)
        yield _with_heading(part.heading if number == 0 else "", block)


def _in_pieces(
    rows: Sequence[Sequence[str]], heights: Sequence[float], room: float
) -> Iterator[tuple[Sequence[Sequence[str]], Sequence[float]]]:
    """So many rows at a time as a page has room for."""
    begun = 0
    for number, used in enumerate(accumulate(heights)):
        before = sum(heights[:begun])
        if used - before > room and number > begun:
            yield rows[begun:number], heights[begun:number]
            begun = number
    yield rows[begun:], heights[begun:]


def _grid_drawer(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    heights: Sequence[float],
    head: float,
    rules: Ruling,
) -> Callable[[Canvas, float], None]:
    def draw(canvas: Canvas, top: float) -> None:
        draw_whole_rows(canvas, columns, rows, heights, rules._replace(top=top, head=head))

    return draw


def _signature_block(part: Signatures) -> Block:
    """Three fit on one line, four stand two by two."""
    labels = [*part.labels, *([part.date] if part.date else [])]
    across = 3 if len(labels) == 3 else 2
    room = FULL / across

    def draw(canvas: Canvas, top: float) -> None:
        canvas.setStrokeColor(BLACK)
        canvas.setLineWidth(0.6)
        for number, label in enumerate(labels):
            row, column = divmod(number, across)
            _signature(canvas, label, MARGIN + room * column, top - (10 + row * 14) * MM, room)

    return Block(-(-len(labels) // across) * 14 * MM, draw, gap=4 * MM)


def _signature(canvas: Canvas, label: str, left: float, baseline: float, room: float) -> None:
    draw_text(canvas, left, baseline, label, SIZE, width=room * 0.55)
    start = left + min(text_width(printable(label), SIZE), room * 0.55) + 5
    canvas.line(start, baseline - 2, left + room - 5 * MM, baseline - 2)
