"""The whole kit as one PDF, in the order in which it is laid out on the table at the gate."""

from __future__ import annotations

from typing import BinaryIO

from flask_babel import gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.gate.sign_in_sheet import SheetHeading, draw_sign_in_sheet
from market.gate.words import hours_of, sheet_heading, sheet_labels, weekday_of
from market.paper import A4_LANDSCAPE, paper
from market.settlement.closing import CloseRow
from market.settlement.paper_kit.ground import draw_ground
from market.settlement.paper_kit.ruled import draw_sheet
from market.settlement.paper_kit.sheets import Kit, SheetKey, sheet_of
from market.settlement.paper_kit.slips import Slip, SlipLabels, draw_slips
from market.settlement.rules import TermsKind
from market.settlement.words import terms_word
from market.stalls import service as stalls

BEFORE = (SheetKey.STALLS, SheetKey.ROSTER, SheetKey.ROSTER_BY_NAME)
AFTER = (SheetKey.INSPECTION_1, SheetKey.INSPECTION_2, SheetKey.FOOTFALL, SheetKey.TAKINGS)
"""The sheets before and after the sign-in list. Applications, no work of the day, are in the workbook."""


def write_paper_kit(kit: Kit, out: BinaryIO, *, takings_address: str) -> None:
    """Plan, stall list, rosters, sign-in list, two inspections, footfall, takings list, slips."""
    day, labels = kit.day, sheet_labels()
    heading = dated_heading(day)
    title = _("纸质材料")
    with paper(out, A4_LANDSCAPE, title=f"{title} {heading.date_text}") as canvas:
        draw_ground(
            canvas, stalls.plan_view(day), stalls.lanes_view(day), heading._replace(title=_("摊位图")),
            _("实线框：有人 · 虚线框：空 · 灰色：消防通道，不放东西"),
        )  # fmt: skip
        for key in BEFORE:
            _draw(canvas, kit, key, heading)
        draw_sign_in_sheet(canvas, heading, kit.signing, labels)
        for key in AFTER:
            _draw(canvas, kit, key, heading)
        slips = [slip_of(kit, row) for row in kit.view.rows if row.facts().sells]
        draw_slips(canvas, slips, slip_labels(day, takings_address))


def dated_heading(day: MarketDay) -> SheetHeading:
    """The head of every sheet; with the year, because these papers are filed."""
    date_text = f"{local_date(day).isoformat()} {weekday_of(day)} {hours_of(day)}"
    return sheet_heading(day)._replace(date_text=date_text)


def _draw(canvas: Canvas, kit: Kit, key: SheetKey, heading: SheetHeading) -> None:
    sheet = sheet_of(kit, key)
    draw_sheet(canvas, sheet, heading._replace(title=sheet.title), sheet_labels())


def slip_of(kit: Kit, row: CloseRow) -> Slip:
    """The slip of one stall, with what its vendor agreed to."""
    held = row.assignment
    agreed = "" if row.terms.kind is TermsKind.NONE else _("约定：%(terms)s", terms=terms_word(row.terms))
    return Slip(held.stall.label, held.vendor.trading_name, agreed, kit.code(held))


def slip_labels(day: MarketDay, takings_address: str) -> SlipLabels:
    """The words of a slip."""
    return SlipLabels(
        title=_("营业额单"),
        market=f"{day.community.name} · {day.theme} · {local_date(day).isoformat()}",
        stall=_("摊位"),
        name=_("商户"),
        takings=_("今天卖了"),
        zero=_("没卖写 0。空着就是没报。"),
        gift=_("这次想捐"),
        free=_("捐不捐、捐多少都由您，不填按约定"),
        paid_by=_("怎么交：□ 现金　□ 转账"),
        receipt=_("要票据吗：□ 要　□ 不要"),
        signed=_("签字"),
        yuan=_("元"),
        phone=_("手机上也能报：扫右边的码"),
        code=_("短码"),
        takings_address=takings_address,
    )
