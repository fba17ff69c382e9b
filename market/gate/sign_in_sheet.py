"""The sign-in list that lies at the gate: one line a stall, to be filled in by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

from flask_babel import gettext as _

from market.print import A4_LANDSCAPE, paper
from market.print.columns import Column, Kind
from market.print.table import Foot, Heading, Table, draw_table


class SignInRow(NamedTuple):
    """One stall's line; what is empty is written by hand. The signature is always left blank."""

    stall_no: str
    trading_name: str
    person: str = ""
    papers: str = ""
    came_at: str = ""
    left_at: str = ""
    cleaned: str = ""


def sign_in_sheet(rows: Sequence[SignInRow]) -> Table:
    """The list as a table, the last page filled up with empty lines for late comers."""
    columns = (
        Column(_("摊位号"), 26, Kind.STALL), Column(_("商户"), 60), Column(_("到场人"), 32),
        Column(_("证件核对"), 30), Column(_("签到时间"), 25), Column(_("签退时间"), 25),
        Column(_("保洁验收"), 25), Column(_("签字"), 54),
    )  # fmt: skip
    return Table("sign-in", _("商户签到表"), columns, tuple((*row, "") for row in rows))


def sign_in_sheet_pdf(heading: Heading, rows: Sequence[SignInRow], out: BinaryIO, *, foot: Foot) -> None:
    """Writes the sign-in list on A4 across."""
    with paper(out, A4_LANDSCAPE, title=f"{heading.title} {heading.market}") as canvas:
        draw_table(canvas, sign_in_sheet(rows), heading, foot)
