"""The plan on paper, and the words of what this room prints."""

from __future__ import annotations

from io import BytesIO

from flask import Response, request, send_file
from flask_babel import gettext as _

from market import clock
from market.calendar.models import MarketDay
from market.calendar.service import find_day, local_date
from market.errors import Refusal
from market.people.access import Audience, current_community, open_to
from market.stalls import service
from market.stalls.models import Assignment
from market.stalls.plan_pdf import SIZES, PlanLabels, plan_pdf
from market.stalls.protocol import Heading, ProtocolLabels
from market.stalls.views import bp
from market.vendors.words import category_word


@bp.get("/staff/<slug>/days/<ref>/plan.pdf")
@open_to(Audience.STAFF)
def plan_paper(ref: str) -> Response:
    """The map and the list, `?size=a4` or `a3`."""
    day, size, out = find_day(current_community(), ref), request.args.get("size", "a4"), BytesIO()
    if size not in SIZES:
        raise Refusal("stalls.no_size", _("没有这种纸。请选 A4 或 A3。"), 422)
    head = heading(day, _("摊位安排表"))
    rows = [_row(day, held) for held in service.assignments(day)]
    labels = PlanLabels(head.title, head.market, _columns(), page_words())
    plan_pdf(service.plan_view(day), service.lanes_view(day), rows, out, size=size, labels=labels)
    out.seek(0)
    name = f"{day.community.name}_{head.title}_{local_date(day)}.pdf"
    return send_file(out, mimetype="application/pdf", download_name=name)


def _row(day: MarketDay, held: Assignment) -> tuple[str, ...]:
    watts = held.application.power_w
    arrive = clock.local(day.arrive_by, day.community.zone).strftime("%H:%M")
    power = _("%(w)s 瓦", w=watts) if watts else "—"
    category = str(category_word(held.vendor.category))
    name = held.vendor.trading_name
    return held.stall.label, held.stall.zone, name, category, power, arrive, "", "", ""


def _columns() -> tuple[str, ...]:
    return (
        _("摊位号"), _("区域"), _("商户"), _("品类"), _("用电"), _("到场时间"), _("相邻要求"),
        _("负责网格员"), _("备注"),
    )  # fmt: skip


def heading(day: MarketDay, title: str) -> Heading:
    """Community, market and date, at the head of every page."""
    return Heading(title, f"{day.community.name} · {day.theme} · {local_date(day)}")


def page_words() -> str:
    """With its places still open: the paper fills them in."""
    return _("第 %(page)s 页，共 %(pages)s 页", page="%(page)s", pages="%(pages)s")


def protocol_labels() -> ProtocolLabels:
    """The words of the record of a draw."""
    columns = _("次序"), _("序号"), _("商户"), _("品类"), _("结果")
    signatures = _("主持人"), _("见证人一"), _("见证人二"), _("见证人三"), _("日期")
    return ProtocolLabels(columns, signatures, page_words())
