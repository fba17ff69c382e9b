"""After the close: the settlement as a filed sheet, and for each vendor a slip that is no receipt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, NamedTuple

from flask_babel import gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.calendar.models import MarketDay
from market.calendar.printed import clock_of, date_at, foot_words, heading_of
from market.money import yuan
from market.print import (
    A4,
    A4_LANDSCAPE,
    A6,
    BLACK_LETTERS,
    BOLD,
    MM,
    Align,
    draw_awning,
    draw_block,
    draw_cut_marks,
    draw_text,
    in_groups,
    paper,
    printable,
    text_width,
)
from market.print.columns import Column, Kind
from market.print.table import Cell, Table, draw_table
from market.settlement.models import InKindItem, ReceiptRequest, Settlement, SettlementLine
from market.settlement.paper_kit.slips import HEIGHT, INNER, MARGIN, PLACES, RIGHT, WIDTH
from market.settlement.words import terms_word

LABEL = 33 * MM
"""Where the figures of a slip begin."""


def how_word(line: SettlementLine) -> str:
    """What a line was counted by."""
    return _("这次另定") if line.chosen_fen is not None else terms_word(line.terms)


def lines_sheet(settled: Settlement, receipts: Iterable[ReceiptRequest]) -> Table:
    """One line a stall, as it is in the book."""
    numbers = {request.vendor_id: request.number or _("要，等开") for request in receipts}
    columns = (
        Column(_("摊位号"), 24, Kind.STALL), Column(_("商户"), 52), Column(_("营业额"), 32, Kind.MONEY),
        Column(_("怎么算"), 72), Column(_("捐赠"), 30, Kind.MONEY), Column(_("票据号"), 42),
        Column(_("备注"), 25),
    )  # fmt: skip
    if settled.stall_fee is not None:
        return _with_fees(settled, columns, numbers)
    rows = tuple(_row(line, numbers.get(line.assignment.vendor_id)) for line in settled.lines)
    return Table(
        "settlement", _("结算单"), columns, rows, unit=_("单位：元"), summed=(2, 4), to_read=True,
        note=_note(settled),
    )  # fmt: skip


def _with_fees(settled: Settlement, columns: tuple[Column, ...], numbers: dict[int, str]) -> Table:
    """The same with what each stall cost, in a column of its own: it is in no sum with the gift."""
    narrower = tuple(one._replace(width=45) if one.title == _("怎么算") else one for one in columns)
    rows = (_row(line, numbers.get(line.assignment.vendor_id)) for line in settled.lines)
    charged = tuple((*row[:5], line.fee_fen, *row[5:]) for row, line in zip(rows, settled.lines, strict=True))
    return Table(
        "settlement", _("结算单"), (*narrower[:5], Column(_("摊位费"), 27, Kind.MONEY), *narrower[5:]),
        charged, unit=_("单位：元"), summed=(2, 4, 5), to_read=True,
        note=f"{_note(settled)} {fee_sentence(settled)}",
    )  # fmt: skip


def fee_sentence(settled: Settlement) -> str:
    """To whom the fee is paid, where one is charged."""
    if settled.stall_fee is None:
        return ""
    return _("摊位费交给 %(payee)s，不是捐款，不进基金。", payee=settled.stall_fee.fee.payee)


def _row(line: SettlementLine, number: str | None) -> tuple[Cell, ...]:
    held = line.assignment
    takings = None if line.gift_only else line.takings_fen
    remark = _("没说卖了多少") if line.gift_only else None
    return (
        held.label,
        held.vendor.trading_name,
        takings,
        how_word(line),
        line.contribution_fen,
        number,
        remark,
    )


def _moment(settled: Settlement) -> str:
    """When it was settled, on the wall of the market's community."""
    return f"{date_at(settled.settled_at, settled.day)} {clock_of(settled.settled_at, settled.day)}"


def _note(settled: Settlement) -> str:
    """Who settled when, by which voucher, and how often it was corrected."""
    said = [
        _(
            "%(name)s于 %(when)s 结算",
            name=settled.person.display_name,
            when=_moment(settled),
        )
    ]
    if settled.entry is not None:
        said.append(_("凭证 %(voucher)s", voucher=settled.entry.voucher))
    if settled.revision > 1:
        said.append(_("第 %(n)s 次更正", n=settled.revision - 1))
    return " · ".join([*said, _("备查账，以慈善组织的账为准。")])


def goods_sheet(goods: Iterable[InKindItem]) -> Table:
    """What was given in kind, counted and never turned into yuan."""
    columns = (
        Column(_("商户"), 80),
        Column(_("捐的东西"), 110),
        Column(_("件"), 30, Kind.NUMBER),
        Column(_("备注"), 57),
    )
    rows = tuple((item.vendor.trading_name, item.goods, item.items, None) for item in goods)
    return Table("goods", _("捐的东西"), columns, rows, summed=(2,), to_read=True)


def report_sheets(
    settled: Settlement, goods: list[InKindItem], receipts: Iterable[ReceiptRequest]
) -> list[Table]:
    """The tables of the report; goods only where there are some."""
    return [lines_sheet(settled, receipts), *([goods_sheet(goods)] if goods else [])]


def write_report(day: MarketDay, sheets: Iterable[Table], out: BinaryIO) -> None:
    """The settlement on paper, to be signed and filed."""
    heading = heading_of(day, _("结算单"))
    with paper(out, A4_LANDSCAPE, title=f"{heading.title} {heading.market}") as canvas:
        for sheet in sheets:
            draw_table(canvas, sheet, heading._replace(title=sheet.title), foot_words())


# ── a slip for each vendor ────────────────────────────────────────────────────────────────────────────────


class VendorSlip(NamedTuple):
    """What one vendor takes home: its own figures, and that this is no receipt."""

    stall: str
    name: str
    lines: tuple[tuple[str, str], ...]
    foot: str


def vendor_slip(settled: Settlement, line: SettlementLine, receipt: ReceiptRequest | None) -> VendorSlip:
    """The figures of one line in words."""
    takings = _("没说") if line.gift_only else _("%(amount)s 元", amount=yuan(line.takings_fen))
    lines = [
        (_("卖了"), takings),
        (_("怎么算"), how_word(line)),
        (_("捐给社区基金"), _("%(amount)s 元", amount=yuan(line.contribution_fen))),
    ]
    if settled.entry is not None:
        lines.append((_("记账凭证"), settled.entry.voucher))
    if settled.stall_fee is not None:
        cost = _("%(amount)s 元", amount=yuan(line.fee_fen))
        lines.append((_("摊位费"), cost))
    if receipt is not None:
        lines.append((_("捐赠票据"), receipt.number or _("要了，等慈善组织开")))
    held = line.assignment
    when = _("%(when)s 结算", when=_moment(settled))
    return VendorSlip(held.label, held.vendor.trading_name, tuple(lines), when)


def write_slips(day: MarketDay, slips: list[VendorSlip], out: BinaryIO) -> None:
    """Four to a sheet, to be cut; one alone on a small page of its own."""
    heading = heading_of(day, _("登记回执"))
    alone = len(slips) == 1
    with paper(out, A6 if alone else A4, title=f"{heading.title} {heading.market}") as canvas:
        for page in in_groups(slips, 1 if alone else 4):
            canvas.setPageSize(A6 if alone else A4)
            for slip, corner in zip(page, [(0.0, 0.0)] if alone else PLACES, strict=False):
                canvas.saveState()
                canvas.translate(*corner)
                _draw_slip(canvas, slip, day)
                canvas.restoreState()
            if not alone:
                draw_cut_marks(canvas, A4)
            canvas.showPage()


def _draw_slip(canvas: Canvas, slip: VendorSlip, day: MarketDay) -> None:
    draw_awning(canvas, MARGIN, HEIGHT - 5 * MM, INNER, 6 * MM, scallop=WIDTH / 17)
    baseline = HEIGHT - 20 * MM
    draw_text(canvas, MARGIN, baseline, _("登记回执"), 17, stroke=BOLD, width=40 * MM)
    draw_text(canvas, RIGHT, baseline, _("不是捐赠票据"), 12, align=Align.RIGHT, stroke=BOLD, width=46 * MM)
    market = heading_of(day, "").market
    draw_block(canvas, MARGIN, baseline - 10 * MM, market, 9.5, width=INNER, smallest=8)
    _draw_whose(canvas, slip, HEIGHT - 45 * MM)
    middle = HEIGHT - 58.6 * MM
    for word, figure in slip.lines:
        draw_block(canvas, MARGIN, middle, word, 11, width=LABEL - 3 * MM, smallest=9)
        draw_block(
            canvas, MARGIN + LABEL, middle, figure, 12, width=INNER - LABEL, smallest=8, stroke=BOLD
        )  # fmt: skip
        middle -= 11.5 * MM
    draw_text(canvas, MARGIN, 17 * MM, slip.foot, 9.5, width=INNER)
    draw_block(
        canvas,
        MARGIN,
        11 * MM,
        _("自愿捐赠的登记，谢谢您。要捐赠票据，由慈善组织开。"),
        9.5,
        width=INNER,
        smallest=8,
    )


def _draw_whose(canvas: Canvas, slip: VendorSlip, middle: float) -> None:
    number = printable(slip.stall)
    draw_text(canvas, MARGIN, middle - 3 * MM, number, 24, stroke=BLACK_LETTERS, width=INNER * 0.5)
    left = MARGIN + min(text_width(number, 24, BLACK_LETTERS), INNER * 0.5) + 4 * MM
    draw_block(canvas, left, middle, slip.name, 15, width=RIGHT - left, smallest=10, stroke=BOLD)
