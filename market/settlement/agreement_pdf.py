"""The agreement on paper, to be signed with a pen and typed in afterwards; a page for each vendor."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from flask_babel import gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.communities.models import Community
from market.print import A4, BLACK, BOLD, MM, Align, draw_awning, draw_lines, draw_text, paper
from market.settlement.agreement import agreement_lines, lines_between
from market.settlement.rules import WORDING
from market.vendors.models import Vendor

WIDTH, HEIGHT = A4
MARGIN = 20 * MM
INNER = WIDTH - 2 * MARGIN
RIGHT = WIDTH - MARGIN
BOX = 5 * MM


class Page(NamedTuple):
    """What one vendor's page says."""

    community: str
    lines: list[str]
    stall: str = ""


def page_of(vendor: Vendor, stall: str = "") -> Page:
    """The page of a vendor, with the stall when it is printed for a market."""
    return Page(vendor.community.name, agreement_lines(vendor, None), stall)


def blank_page(community: Community) -> Page:
    """A page on which the giver is written by hand."""
    return Page(community.name, lines_between("_" * 24, community, None))


def write_agreements(pages: Iterable[Page], out: BinaryIO) -> None:
    """Writes one page each."""
    with paper(out, A4, title=_("捐赠协议")) as canvas:
        for page in pages:
            _draw(canvas, page)
            canvas.showPage()


def _draw(canvas: Canvas, page: Page) -> None:
    draw_awning(canvas, 0, HEIGHT, WIDTH, 12 * MM, scallop=WIDTH / 15)
    draw_text(canvas, WIDTH / 2, HEIGHT - 32 * MM, _("捐赠协议"), 28, stroke=BOLD, align=Align.CENTRE)
    draw_text(canvas, MARGIN, HEIGHT - 42 * MM, f"{page.community} {page.stall}".strip(), 13)
    version = _("%(version)s 版", version=WORDING)
    draw_text(canvas, RIGHT, HEIGHT - 42 * MM, version, 13, align=Align.RIGHT)
    baseline = HEIGHT - 54 * MM
    for number, line in enumerate(page.lines, 1):
        below = draw_lines(canvas, MARGIN, baseline, f"{number}. {line}", 14, width=INNER, most=3)
        baseline = below - 2.5 * MM
    _choices(canvas, baseline - 3 * MM)
    _signatures(canvas)


def _choices(canvas: Canvas, baseline: float) -> None:
    """Three boxes to tick; none is ticked beforehand, and not to give is one of them."""
    words = (
        _("按营业额的 ＿＿＿＿＿（百分之几）"),
        _("每场 ＿＿＿＿＿ 元（没卖东西的那一场不捐）"),
        _("不捐"),
    )
    draw_text(canvas, MARGIN, baseline, _("我选（打勾）："), 16, stroke=BOLD)
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(1)
    for number, word in enumerate(words, 1):
        line = baseline - number * 11 * MM
        canvas.rect(MARGIN, line - 1 * MM, BOX, BOX, stroke=1, fill=0)
        draw_text(canvas, MARGIN + 9 * MM, line, word, 16, width=INNER - 9 * MM)


def _signatures(canvas: Canvas) -> None:
    """Room for both parties; nobody draws a seal."""
    baseline, half = 44 * MM, INNER / 2
    for start, word in ((MARGIN, _("捐赠人签字")), (MARGIN + half, _("受赠人（盖章）"))):
        draw_text(canvas, start, baseline, word, 13)
        canvas.line(start, baseline - 14 * MM, start + half - 10 * MM, baseline - 14 * MM)
    draw_text(
        canvas, MARGIN, baseline - 22 * MM, _("日期：＿＿＿＿年＿＿月＿＿日＿＿时＿＿分（要在开市前）"), 13
    )
