"""The paper kit: everything to print before a market, and its tables for a spreadsheet."""

from __future__ import annotations

from io import BytesIO

from flask import Response, url_for
from flask_babel import gettext as _

from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.config import settings
from market.errors import NotFound
from market.layout.answers import XLSX, send_file, send_pdf
from market.settlement.blueprint import bp
from market.settlement.paper_kit.pdf import write_paper_kit
from market.settlement.paper_kit.plain import write_csv
from market.settlement.paper_kit.tables import TableKey, kit_of, table_of, tables_of
from market.settlement.paper_kit.workbook import file_name, write_workbook


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
