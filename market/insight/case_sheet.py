"""案例一页纸: what the markets of a community came to, on one sheet of A4 in black and white."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import BinaryIO, NamedTuple

from flask_babel import gettext
from reportlab.pdfgen.canvas import Canvas

from market.communities.models import Community
from market.insight import impact_words
from market.insight.charts import BOTTOM, HEIGHT as CHART_HEIGHT, WIDTH as CHART_WIDTH, Bar
from market.insight.impact import Impact
from market.insight.impact_words import Chart, Shown
from market.insight.period_words import period_word
from market.money import yuan
from market.print import (
    A4,
    BLACK,
    BOLD,
    MM,
    PALE,
    Align,
    draw_awning,
    draw_block,
    draw_lines,
    draw_text,
    paper,
)
from market.print.qr import draw_qr

WIDTH, HEIGHT = A4
MARGIN = 14 * MM
INNER = WIDTH - 2 * MARGIN
GAP = 8 * MM
HALF = (INNER - GAP) / 2
QR_SIDE = 28 * MM
QUADRANTS_TOP, QUADRANT_HEIGHT = HEIGHT - 52 * MM, 43 * MM
CHARTS_TOP = QUADRANTS_TOP - 2 * QUADRANT_HEIGHT - 4 * MM
STORY_TOP = CHARTS_TOP - 56 * MM
FOOT_TOP = MARGIN + 30 * MM


class Case(NamedTuple):
    """What the sheet says, in words ready to print."""

    host: str
    title: str
    period: str
    summary: str
    quadrants: Sequence[tuple[str, str, list[Shown]]]
    charts: Sequence[Chart]
    how: Sequence[str]
    done: Sequence[str]
    not_yet: Sequence[str]
    """Empty: left to a pen, since a case that tells only of success is believed by nobody."""
    foot: Sequence[str]
    address: str


def case_of(
    community: Community, impact: Impact, charts: Sequence[Chart], *, address: str, head: str, today: date
) -> Case:
    """Everything on it comes from the facts of the period."""
    period = period_word(impact.period) if impact.period is not None else gettext("从第一场到现在")
    return Case(
        host=gettext("%(host)s · 案例一页纸", host=community.host_org),
        title=gettext("把集市办到家门口"),
        period=period,
        summary=gettext("%(period)s，%(n)s 场", period=period, n=impact.days),
        quadrants=impact_words.quadrants(impact),
        charts=charts[:3],
        how=_how(),
        done=[_done(paid_on, purpose, fen) for paid_on, purpose, fen in impact.done[:2]],
        not_yet=impact_words.not_yet(impact),
        foot=_foot(community, head, today),
        address=address,
    )


def _how() -> list[str]:
    return [
        gettext("社区出场地，商户自愿反哺，捐不捐、捐多少，都不影响分摊位。"),
        gettext("钱存在慈善组织，每一笔由管委会表决。账本公开，谁都能从头算一遍。"),
    ]


def _done(paid_on: date, purpose: str, fen: int) -> str:
    said = {"date": paid_on.isoformat(), "purpose": purpose, "amount": yuan(fen)}
    return gettext("%(date)s，基金付 %(amount)s 元：%(purpose)s。", **said)


def _foot(community: Community, head: str, today: date) -> list[str]:
    said = {"host": community.host_org, "phone": community.phone}
    return [
        gettext("扫码看每个数是怎么来的。"),
        gettext("人次由门口按数；家、家次按签到；元按基金账本；件由工作人员清点。估的不算。"),
        gettext("%(date)s 打印，账本校验码 %(head)s", date=today.isoformat(), head=head),
        gettext("%(host)s，电话 %(phone)s", **said),
    ]


def write_case(case: Case, out: BinaryIO) -> None:
    """One page."""
    with paper(out, A4, title=case.host) as canvas:
        draw_awning(canvas, 0, HEIGHT, WIDTH, 12 * MM, scallop=WIDTH / 21)
        draw_text(canvas, MARGIN, HEIGHT - 20 * MM, case.host, 11, width=INNER)
        draw_text(canvas, MARGIN, HEIGHT - 33 * MM, case.title, 28, stroke=BOLD, width=INNER)
        draw_text(canvas, MARGIN, HEIGHT - 42 * MM, case.summary, 13, width=INNER)
        for n, quadrant in enumerate(case.quadrants):
            left, top = MARGIN + (n % 2) * (HALF + GAP), QUADRANTS_TOP - (n // 2) * QUADRANT_HEIGHT
            _draw_quadrant(canvas, quadrant, left, top)
        _draw_charts(canvas, case.charts)
        _draw_story(canvas, case)
        _draw_foot(canvas, case)


def _rule(canvas: Canvas, left: float, top: float, width: float, thick: float) -> None:
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(thick)
    canvas.line(left, top, left + width, top)


def _draw_quadrant(canvas: Canvas, quadrant: tuple[str, str, list[Shown]], left: float, top: float) -> None:
    heading, about, counters = quadrant
    _rule(canvas, left, top, HALF, 2)
    draw_text(canvas, left, top - 6 * MM, heading, 14, stroke=BOLD, width=HALF)
    draw_text(canvas, left, top - 11 * MM, about, 10, width=HALF)
    room = HALF / max(len(counters), 1)
    for n, counter in enumerate(counters):
        _draw_counter(canvas, counter, left + n * room, top - 21 * MM, room - 3 * MM)


def _draw_counter(canvas: Canvas, counter: Shown, left: float, baseline: float, room: float) -> None:
    said = f"{counter.figure} {counter.unit}"
    draw_text(canvas, left, baseline, said, 20, stroke=BOLD, width=room)
    draw_text(canvas, left, baseline - 5.5 * MM, str(counter.meaning.name), 11, stroke=BOLD, width=room)
    definition = str(counter.meaning.definition)
    draw_lines(canvas, left, baseline - 10 * MM, definition, 9, width=room, most=3, leading=1.2)


def _draw_charts(canvas: Canvas, charts: Sequence[Chart]) -> None:
    if not charts:
        return
    _rule(canvas, MARGIN, CHARTS_TOP, INNER, 0.7)
    room = (INNER - 2 * GAP) / 3
    for n, chart in enumerate(charts):
        left = MARGIN + n * (room + GAP)
        draw_text(canvas, left, CHARTS_TOP - 6 * MM, chart.title, 11, stroke=BOLD, width=room)
        canvas.saveState()
        canvas.translate(left, CHARTS_TOP - 10 * MM)
        _draw_bars(canvas, chart, room / CHART_WIDTH)
        canvas.restoreState()


def _draw_bars(canvas: Canvas, chart: Chart, scale: float) -> None:
    """The bars of the page, in points: SVG counts from the top, paper from the bottom."""
    for bar in chart.bars:
        canvas.setFillColor(BLACK)
        canvas.rect(bar.x * scale, -(bar.y + bar.height) * scale, bar.width * scale, bar.height * scale, 0, 1)
        if chart.lying:
            _label_row(canvas, bar, scale)
        else:
            _label_column(canvas, bar, scale)
    if not chart.lying:
        _rule(canvas, 0, -BOTTOM * scale, CHART_WIDTH * scale, 0.7)


def _label_row(canvas: Canvas, bar: Bar, scale: float) -> None:
    middle = -(bar.y + bar.height - 4) * scale
    centre = -(bar.y + bar.height / 2) * scale
    draw_block(canvas, 0, centre, bar.label, 9, width=(bar.x - 4) * scale, smallest=7)
    draw_text(canvas, bar.at * scale, middle, bar.figure, 9)


def _label_column(canvas: Canvas, bar: Bar, scale: float) -> None:
    aligns = {"start": Align.LEFT, "middle": Align.CENTRE, "end": Align.RIGHT}
    middle = (bar.x + bar.width / 2) * scale
    draw_text(canvas, middle, -(CHART_HEIGHT - 8) * scale, bar.label, 9, align=Align.CENTRE)
    if bar.said:
        draw_text(canvas, bar.at * scale, -(bar.y - 5) * scale, bar.figure, 9, align=aligns[bar.anchor])


def _draw_story(canvas: Canvas, case: Case) -> None:
    _rule(canvas, MARGIN, STORY_TOP, INNER, 0.7)
    _draw_part(canvas, gettext("怎么办的"), case.how, MARGIN, STORY_TOP)
    right = MARGIN + HALF + GAP
    below = _draw_part(canvas, gettext("做成的事"), case.done, right, STORY_TOP)
    _draw_part(canvas, gettext("还没做好的"), case.not_yet, right, below + 2 * MM)


def _draw_part(canvas: Canvas, heading: str, said: Sequence[str], left: float, top: float) -> float:
    """A heading and its sentences, or two lines for a pen; the place below."""
    draw_text(canvas, left, top - 6 * MM, heading, 13, stroke=BOLD, width=HALF)
    baseline = top - 12 * MM
    for sentence in said:
        baseline = draw_lines(canvas, left, baseline, sentence, 10.5, width=HALF, most=3)
    for _line in range(0 if said else 2):
        canvas.setStrokeColor(PALE)
        _rule(canvas, left, baseline - 1 * MM, HALF, 0.5)
        baseline -= 8 * MM
    return baseline


def _draw_foot(canvas: Canvas, case: Case) -> None:
    _rule(canvas, MARGIN, FOOT_TOP, INNER, 0.7)
    draw_qr(canvas, case.address, MARGIN - 2 * MM, FOOT_TOP - QR_SIDE - 1 * MM, QR_SIDE)
    left, baseline = MARGIN + QR_SIDE + 2 * MM, FOOT_TOP - 6 * MM
    for sentence in case.foot:
        draw_text(canvas, left, baseline, sentence, 10, width=INNER - QR_SIDE - 2 * MM)
        baseline -= 5.5 * MM
