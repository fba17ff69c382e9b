"""The plan on paper, and the words of what this room prints."""

from __future__ import annotations

from io import BytesIO

from flask import Response, request
from flask_babel import gettext as _

from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.calendar.printed import foot_words, heading_of, page_words
from market.calendar.service import local_date
from market.errors import Refusal
from market.layout.answers import send_pdf
from market.print.table import Heading
from market.stalls import service
from market.stalls.blueprint import bp
from market.stalls.lottery_record import RecordLabels
from market.stalls.plan_pdf import SIZES, plan_pdf
from market.stalls.service.market_rules import duties
from market.stalls.stall_list import map_legend, pairs, stall_list


@bp.get("/staff/<slug>/days/<ref>/plan.pdf")
@open_to(Audience.STAFF)
def plan_paper(ref: str) -> Response:
    """The map and the list, `?size=a4` or `a3`."""
    day, size, out = day_at(ref), request.args.get("size", "a4"), BytesIO()
    if size not in SIZES:
        raise Refusal("stalls.no_size", _("没有这种纸。请选 A4 或 A3。"), 422)
    held = service.assignments(day)
    listed = stall_list(day, held, duties(day))
    plan_pdf(
        service.plan_view(day), service.lanes_view(day), pairs(held), listed, out, size=size,
        heading=heading_of(day, _("摊位图")), legend=map_legend(), foot=foot_words(),
    )  # fmt: skip
    name = f"{day.community.name}_{listed.title}_{local_date(day)}.pdf"
    return send_pdf(out, name)


def heading(day: MarketDay, title: str) -> Heading:
    """Community, market and date, at the head of every page."""
    return Heading(title, f"{day.community.name} · {day.theme} · {local_date(day)}")


def record_labels() -> RecordLabels:
    """The words of the record of a draw."""
    columns = _("次序"), _("序号"), _("商户"), _("品类"), _("结果")
    signatures = _("主持人"), _("见证人一"), _("见证人二"), _("见证人三"), _("日期")
    return RecordLabels(columns, signatures, page_words())
