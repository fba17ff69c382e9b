"""The stall plan on paper: the map of the plaza, and the list of who stands where; A4 or A3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO

from reportlab.pdfgen.canvas import Canvas

from market.print import A3, A4_LANDSCAPE, draw_text, paper
from market.print.table import (
    BOTTOM,
    FULL,
    MARGIN,
    TOP,
    Foot,
    Heading,
    Table,
    draw_page_head,
    draw_table,
    page_across,
)
from market.stalls.map_pdf import Plot, Strip, draw_map

SIZES = {"a4": A4_LANDSCAPE, "a3": (A3[1], A3[0])}
"""Both lie across."""


def plan_pdf(
    plots: Iterable[Plot],
    strips: Sequence[Strip],
    pairs: Mapping[str, str],
    listed: Table,
    out: BinaryIO,
    *,
    size: str,
    heading: Heading,
    legend: str,
    foot: Foot,
) -> None:
    """The map on the first page, the list on the others."""
    with paper(out, SIZES[size], title=f"{heading.title} {heading.market}") as canvas:
        draw_map_page(canvas, plots, strips, pairs, heading, legend, size=SIZES[size])
        draw_table(canvas, listed, heading._replace(title=listed.title), foot, size=SIZES[size])


def draw_map_page(
    canvas: Canvas,
    plots: Iterable[Plot],
    strips: Sequence[Strip],
    pairs: Mapping[str, str],
    heading: Heading,
    legend: str,
    *,
    size: tuple[float, float] = A4_LANDSCAPE,
) -> None:
    """The map alone, with what its lines mean under it."""
    with page_across(canvas, size):
        draw_page_head(canvas, heading)
        draw_map(canvas, plots, strips, (MARGIN, BOTTOM, FULL, TOP - BOTTOM), pairs)
        draw_text(canvas, MARGIN, MARGIN + 2, legend, 11, width=FULL)
