"""The contact list of a community as a workbook: whole telephone numbers, so who took it is on record."""

from __future__ import annotations

from io import BytesIO

from flask import Response
from flask_babel import gettext as _

from market import clock
from market.access import Audience, open_to
from market.communities.models import Community
from market.layout.answers import XLSX, send_file
from market.pages.blueprint import bp
from market.people.access import current_community, current_user
from market.print.columns import Column, Kind
from market.print.table import Table
from market.settlement.paper_kit.workbook import write_tables
from market.vendors import service
from market.vendors.models import Vendor
from market.vendors.words import category_word


@bp.post("/staff/<slug>/vendors/contacts")
@open_to(Audience.STAFF)
def contacts() -> Response:
    """A file that leaves the house: asked for by a form, noted, and the same every time."""
    community, at, out = current_community(), clock.now(), BytesIO()
    people = service.take_contacts(community, by=current_user(), at=at)
    today = clock.local(at, community.zone).date()
    write_tables(f"{community.name} {today.isoformat()}", at, [contact_table(people)], out)
    return send_file(out.getvalue(), XLSX, _file_name(community, today.isoformat()))


def _file_name(community: Community, on: str) -> str:
    return f"{community.name}_{_('商户通讯录')}_{on}.xlsx"


def contact_table(people: list[Vendor]) -> Table:
    """Everybody of the register, headed as a list that is brought: it can come back corrected."""
    columns = (
        Column(_("序号"), 14, Kind.NUMBER), Column(_("商户"), 48), Column(_("经营者"), 30),
        Column(_("联系电话"), 36, Kind.PHONE), Column(_("经营品类"), 30), Column(_("主要商品"), 52),
        Column(_("用电"), 22, Kind.KILOWATTS), Column(_("车牌"), 24), Column(_("备注"), 21),
    )  # fmt: skip
    rows = tuple(
        (
            number, vendor.trading_name, vendor.holder, vendor.phone, str(category_word(vendor.category)),
            vendor.goods, vendor.power_w, vendor.plate, None,
        )
        for number, vendor in enumerate(people, 1)
    )  # fmt: skip
    note = _("有完整的手机号，只在社区里用，用完收好。谁导出的都有记录。")
    return Table("contacts", _("商户通讯录"), columns, rows, note=note, to_read=True)
