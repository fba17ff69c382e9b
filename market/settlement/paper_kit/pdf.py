"""The whole kit as one PDF, in the order in which it is laid out on the table at the gate."""

from __future__ import annotations

from typing import BinaryIO

from flask_babel import gettext as _
from reportlab.pdfgen.canvas import Canvas

from market.calendar.models import MarketDay
from market.calendar.printed import foot_words, heading_of
from market.calendar.service import local_date
from market.print import A4_LANDSCAPE, paper
from market.print.table import draw_table
from market.settlement.paper_kit.kit import Kit, TableKey
from market.settlement.paper_kit.slips import Slip, SlipLabels, draw_slips
from market.settlement.paper_kit.tables import table_of
from market.settlement.rules import TermsKind
from market.settlement.service.comparison import CloseRow
from market.settlement.words import terms_word
from market.stalls import service as stalls
from market.stalls.plan_pdf import draw_map_page
from market.stalls.stall_list import map_legend, pairs

PRINTED = tuple(key for key in TableKey if key is not TableKey.APPLICATIONS)
"""Applications, no work of the day, are in the workbook."""


def write_paper_kit(kit: Kit, out: BinaryIO, *, takings_address: str) -> None:
    """Plan, stall list, rosters, sign-in list, two inspections, incidents, footfall, takings list, slips."""
    heading = heading_of(kit.day, _("纸质材料"))
    with paper(out, A4_LANDSCAPE, title=f"{heading.title} {heading.market}") as canvas:
        _draw_map(canvas, kit)
        for key in PRINTED:
            table = table_of(kit, key)
            draw_table(canvas, table, heading._replace(title=table.title), foot_words())
        slips = [slip_of(kit, row) for row in kit.view.rows if row.facts().sells]
        draw_slips(canvas, slips, slip_labels(kit.day, takings_address))


def _draw_map(canvas: Canvas, kit: Kit) -> None:
    day = kit.day
    plots, strips = stalls.plan_view(day), stalls.lanes_view(day)
    draw_map_page(canvas, plots, strips, pairs(kit.held), heading_of(day, _("摊位图")), map_legend())


def slip_of(kit: Kit, row: CloseRow) -> Slip:
    """The slip of one stall, with what its vendor agreed to."""
    held = row.assignment
    nothing = row.terms.kind is TermsKind.NONE
    agreed = (
        _("没有约定捐多少。")
        if nothing
        else _("约定：%(terms)s，不填就按约定。", terms=terms_word(row.terms))
    )
    return Slip(held.label, held.vendor.trading_name, agreed, kit.code(held), kit.links.get(held.id, ""))


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
        free=_("捐不捐、捐多少，都由您。"),
        agreed=_("不填就按约定。"),
        paid_by=_("怎么交：□ 现金　□ 转账"),
        receipt=_("要票据吗：□ 要　□ 不要"),
        signed=_("签字"),
        yuan=_("元"),
        phone=_("扫码用手机报数，要登录。"),
        phone_by_link=_("扫码就能报数，不用登录。"),
        give=_("收市时交给社区工作人员。"),
        code=_("短码"),
        takings_address=takings_address,
    )
