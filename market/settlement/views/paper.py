"""The paper kit: everything to print before a market, and its tables for a spreadsheet."""

from __future__ import annotations

from io import BytesIO

from flask import Response, url_for
from flask_babel import gettext as _

from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.config import settings
from market.errors import NotFound, Refusal
from market.layout.answers import XLSX, send_file, send_pdf
from market.people.access import current_community, current_user
from market.print.table import Table
from market.settlement import service
from market.settlement.blueprint import bp
from market.settlement.models import Settlement
from market.settlement.paper_kit.pdf import write_paper_kit
from market.settlement.paper_kit.plain import write_csv
from market.settlement.paper_kit.statement import report_sheets, vendor_slip, write_report, write_slips
from market.settlement.paper_kit.tables import TableKey, kit_of, table_of, tables_of
from market.settlement.paper_kit.workbook import file_name, write_workbook
from market.vendors import service as vendors


@bp.get("/staff/<slug>/days/<ref>/paper-kit.pdf")
@open_to(Audience.STAFF)
def paper_kit(ref: str) -> Response:
    """Plan, lists, sheets and slips in one file."""
    day, out = day_at(ref), BytesIO()
    address = settings().public_url + url_for("settlement.takings", ref=ref)
    write_paper_kit(kit_of(day), out, takings_address=address)
    return send_pdf(out, file_name(day, _("纸质材料"), "pdf"))


@bp.get("/staff/<slug>/days/<ref>/paper-kit.xlsx")
@open_to(Audience.STAFF)
def paper_workbook(ref: str) -> Response:
    """The same tables as one workbook, with the list of applications."""
    day, out = day_at(ref), BytesIO()
    write_workbook(day, tables_of(kit_of(day)), out)
    return send_file(out.getvalue(), XLSX, file_name(day, _("纸质材料"), "xlsx"), attached=False)


@bp.get("/staff/<slug>/days/<ref>/settlement.pdf")
@open_to(Audience.STAFF)
def settlement_paper(ref: str) -> Response:
    """The settlement as a sheet to sign and file."""
    day, out = day_at(ref), BytesIO()
    write_report(day, _report_sheets(day), out)
    return send_pdf(out, file_name(day, _("结算单"), "pdf"))


@bp.get("/staff/<slug>/days/<ref>/settlement.xlsx")
@open_to(Audience.STAFF)
def settlement_workbook(ref: str) -> Response:
    """The same as a workbook."""
    day, out = day_at(ref), BytesIO()
    write_workbook(day, _report_sheets(day), out)
    return send_file(out.getvalue(), XLSX, file_name(day, _("结算单"), "xlsx"), attached=False)


@bp.get("/staff/<slug>/days/<ref>/slips.pdf")
@open_to(Audience.STAFF)
def vendor_slips(ref: str) -> Response:
    """A slip for each vendor, four to a sheet: what is registered, and that it is no receipt."""
    day, out = day_at(ref), BytesIO()
    settled = _settled(day)
    asked = {request.vendor_id: request for request in service.receipt_requests(day)}
    slips = [vendor_slip(settled, line, asked.get(line.assignment.vendor_id)) for line in settled.lines]
    write_slips(day, slips, out)
    return send_pdf(out, file_name(day, _("登记回执"), "pdf"))


@bp.get("/vendor/<slug>/days/<ref>/slip.pdf")
@open_to(Audience.VENDOR)
def own_slip(ref: str) -> Response:
    """The vendor's own."""
    day, out = day_at(ref), BytesIO()
    settled, vendor = _settled(day), vendors.vendor_of(current_user(), current_community())
    lines = [line for line in settled.lines if line.assignment.vendor_id == vendor.id]
    if not lines:
        raise NotFound("settlement.no_stall_of_mine", _("您这一场没有摊位，不用报数。"))
    write_slips(day, [vendor_slip(settled, lines[0], service.receipt_of(day, vendor))], out)
    return send_pdf(out, file_name(day, _("登记回执"), "pdf"))


def _report_sheets(day: MarketDay) -> list[Table]:
    told = report_sheets(_settled(day), service.goods(day), service.receipt_requests(day))
    return [*told, table_of(kit_of(day), TableKey.FOOTFALL)]


def _settled(day: MarketDay) -> Settlement:
    settled = service.settlement_of(day)
    if settled is None:
        raise Refusal("settlement.not_settled", _("这一场还没有结算。"))
    return settled


@bp.get("/staff/<slug>/days/<ref>/tables/<name>.csv")
@open_to(Audience.STAFF)
def table(ref: str, name: str) -> Response:
    """One table for programs that read no workbooks."""
    if name not in list(TableKey):
        raise NotFound("settlement.no_table", _("没有这张表。"))
    day, out = day_at(ref), BytesIO()
    chosen = table_of(kit_of(day), TableKey(name))
    write_csv(chosen, out)
    return send_file(out.getvalue(), "text/csv", file_name(day, chosen.title, "csv"))
