"""The fund on one sheet for the notice board: large sums, where they came from, where they went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import BinaryIO, NamedTuple

from flask_babel import gettext
from reportlab.pdfgen.canvas import Canvas

from market.communities.service import profile_of
from market.fund.disclosure import Disclosure
from market.money import yuan
from market.print import (
    A4,
    BLACK,
    BOLD,
    MM,
    PALE,
    Align,
    draw_awning,
    draw_lines,
    draw_text,
    paper,
    printable,
    text_width,
    wrap,
)
from market.print.qr import draw_qr

WIDTH, HEIGHT = A4
MARGIN = 14 * MM
INNER = WIDTH - 2 * MARGIN
RIGHT = WIDTH - MARGIN
QR_SIDE = 34 * MM
FOOT = MARGIN + 50 * MM
"""Where the lines of the list must end."""
MOST_TOLD = 3
"""Lines that the foot has room for at full size."""


class Line(NamedTuple):
    """One sum: what it is, and how much in yuan. The first line of a part is its heading and total."""

    what: str
    amount: str
    heading: bool = False


class FundNotice(NamedTuple):
    """What the sheet says, in words ready to print."""

    community: str
    title: str
    fund: str
    period: str
    """From when until when."""
    unit: str
    sums: tuple[Line, ...]
    """What it began with, what came in, what was spent, what is left; the last one is set off."""
    lines: Sequence[Line]
    more: str
    """Said with %(n)s when not every line fits."""
    custody: str
    fingerprint_label: str
    fingerprint: str
    check: str
    head: str
    """Where the journal stood, to be typed into the page later."""
    signs: tuple[str, ...]
    """编制 审核 公示期, each with a line to write on."""
    contact: str
    page_address: str


def notice_of(it: Disclosure, *, today: date, page_address: str) -> FundNotice:
    """What the public page says, in the columns of the 基金收支公示表 (domain §4.1 no. 11)."""
    fund, host = it.fund, it.fund.community
    shown_for = profile_of(host).disclosure.objection_days
    return FundNotice(
        community=host.name,
        title=gettext("基金收支公示"),
        fund=fund.name,
        period=gettext("%(since)s 至 %(until)s", since=fund.signed_on.isoformat(), until=today.isoformat()),
        unit=gettext("单位：元"),
        sums=(
            Line(gettext("期初结余"), yuan(0)),
            Line(gettext("一共进来"), yuan(it.came_in_fen)),
            Line(gettext("一共用掉"), yuan(abs(it.spent_fen))),
            *([Line(gettext("多收了，要退还"), yuan(it.owed_fen))] if it.owed_fen else []),
            Line(gettext("现在还有"), yuan(it.balance_fen)),
        ),
        lines=[*_income(it), *_spending(it)],
        more=gettext("还有 %(n)s 笔，扫右下角的码看全部。", n="%(n)s"),
        custody=gettext(
            "钱由%(charity)s保管，以它的账为准。协议编号：%(no)s。",
            charity=fund.charity,
            no=fund.agreement_no,
        ),
        fingerprint_label=gettext("账本指纹"),
        fingerprint=it.fingerprint,
        check=gettext("账本共 %(n)s 笔，只能往后记。扫码核对：指纹对不上，就是有人改过。", n=it.entries),
        head=gettext("账本校验码 %(head)s，以后可以在基金页面核对", head=it.head),
        signs=(gettext("编制"), gettext("审核"), gettext("公示期（%(days)s 天）", days=shown_for)),
        contact=gettext(
            "监督电话 %(phone)s（%(host)s）", phone=fund.community.phone, host=fund.community.host_org
        ),
        page_address=page_address,
    )


def _income(it: Disclosure) -> Iterable[Line]:
    yield Line(gettext("收入（按来源）"), yuan(it.came_in_fen), heading=True)
    for name, fen in it.income:
        yield Line(gettext(name), yuan(fen))
    if it.in_transit_fen > 0:
        yield Line(gettext("还在路上，等慈善组织确认"), yuan(it.in_transit_fen))


def _spending(it: Disclosure) -> Iterable[Line]:
    yield Line(gettext("支出（按类型）"), yuan(abs(it.spent_fen)), heading=True)
    for name, fen in it.spending:
        yield Line(gettext(name), yuan(fen))
    if it.payments:
        yield Line(gettext("用在这些事上（按项目）"), "", heading=True)
    for proposal in it.payments:
        paid = f" {proposal.payment.paid_on.isoformat()}" if proposal.payment is not None else ""
        yield Line(f"{proposal.purpose}{paid}", yuan(proposal.amount_fen))


def write_notice(notice: FundNotice, out: BinaryIO) -> None:
    """Writes the sheet as one page of A4."""
    with paper(out, A4, title=f"{notice.community} {notice.title}") as canvas:
        draw_awning(canvas, 0, HEIGHT, WIDTH, 14 * MM, scallop=WIDTH / 15)
        baseline = HEIGHT - 29 * MM
        title = f"{notice.community} {notice.title}"
        draw_text(canvas, WIDTH / 2, baseline, title, 30, align=Align.CENTRE, stroke=BOLD, width=INNER)
        baseline -= 8 * MM
        draw_text(canvas, MARGIN, baseline, f"{notice.fund} · {notice.period}", 13, width=INNER - 28 * MM)
        draw_text(canvas, RIGHT, baseline, notice.unit, 13, align=Align.RIGHT)
        below = _sums(canvas, notice.sums, baseline - 4 * MM)
        _lines(canvas, notice, below - 2 * MM)
        _foot(canvas, notice)
        canvas.showPage()


def _sums(canvas: Canvas, sums: Sequence[Line], top: float) -> float:
    """One line a sum; the last, what is left, larger in a frame."""
    step = 11.5 * MM
    baseline = top - 8 * MM
    for line in sums[:-1]:
        draw_text(canvas, MARGIN, baseline, line.what, 20, width=INNER * 0.5)
        draw_text(canvas, RIGHT, baseline, line.amount, 24, align=Align.RIGHT, width=INNER * 0.5)
        baseline -= step
    last = sums[-1]
    top = baseline + 8 * MM
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(2.4)
    canvas.rect(MARGIN, top - 17 * MM, INNER, 17 * MM, stroke=1, fill=0)
    middle = top - 12 * MM
    draw_text(canvas, MARGIN + 4 * MM, middle, last.what, 26, stroke=BOLD, width=INNER * 0.4)
    draw_text(
        canvas, RIGHT - 4 * MM, middle, last.amount, 36, stroke=BOLD, align=Align.RIGHT, width=INNER * 0.52
    )
    return top - 17 * MM


def _lines(canvas: Canvas, notice: FundNotice, top: float) -> None:
    """The parts by source and by project, as large as there is room; what does not fit is counted."""
    step = min(11 * MM, max(8 * MM, (top - FOOT) / max(1, len(notice.lines))))
    room = int((top - FOOT + 1) / step)
    shown = list(notice.lines) if len(notice.lines) <= room else list(notice.lines)[: room - 1]
    baseline = top
    for line in shown:
        baseline -= step
        _line(canvas, line, baseline, step)
    left = len(notice.lines) - len(shown)
    if left:
        draw_text(canvas, MARGIN, baseline - step, notice.more % {"n": left}, 13, width=INNER)


def _line(canvas: Canvas, line: Line, baseline: float, step: float) -> None:
    stroke, size = (BOLD, step * 0.68) if line.heading else (0, step * 0.62)
    if line.heading:
        canvas.setFillColor(PALE)
        canvas.rect(MARGIN, baseline - step * 0.28, INNER, step, stroke=0, fill=1)
    indent = MARGIN + (2 if line.heading else 6) * MM
    taken = text_width(printable(line.amount), size, stroke) + 6 * MM
    draw_text(canvas, indent, baseline, line.what, size, stroke=stroke, width=RIGHT - indent - taken)
    draw_text(canvas, RIGHT - 2 * MM, baseline, line.amount, size, stroke=stroke, align=Align.RIGHT)


def _foot(canvas: Canvas, notice: FundNotice) -> None:
    """The fingerprint of the book, who keeps the money, room for signatures, whom to call, and the code."""
    top = FOOT - 3 * MM
    canvas.setStrokeColor(BLACK)
    canvas.setLineWidth(1.2)
    canvas.line(MARGIN, top, RIGHT, top)
    room = INNER - QR_SIDE - 4 * MM
    draw_qr(canvas, notice.page_address, RIGHT - QR_SIDE + 3 * MM, top - QR_SIDE, QR_SIDE)
    label = f"{notice.fingerprint_label} "
    draw_text(canvas, MARGIN, top - 8 * MM, label, 15)
    left = MARGIN + text_width(printable(label + "x"), 15)
    draw_text(canvas, left, top - 8 * MM, notice.fingerprint, 18, stroke=BOLD, width=MARGIN + room - left)
    told = (notice.check, notice.custody)
    size = 11 if sum(len(wrap(words, 11, room)) for words in told) <= MOST_TOLD else 9.5
    baseline = top - 14 * MM
    for words in told:
        baseline = draw_lines(canvas, MARGIN, baseline, words, size, width=room, most=2) - 1 * MM
    draw_text(canvas, MARGIN, MARGIN + 15 * MM, notice.head, 9, width=room)
    draw_text(canvas, MARGIN, MARGIN + 9 * MM, notice.contact, 14, stroke=BOLD, width=INNER)
    step = INNER / len(notice.signs)
    for number, word in enumerate(notice.signs):
        start = MARGIN + step * number
        draw_text(canvas, start, MARGIN, word, 13)
        line_from = start + text_width(printable(word), 13) + 4
        canvas.setLineWidth(0.6)
        canvas.line(line_from, MARGIN - 2, start + step - 6 * MM, MARGIN - 2)
