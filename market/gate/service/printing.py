"""What is printed for a market: passes and the sign-in list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from flask_babel import lazy_gettext as _

from market.calendar.models import MarketDay
from market.calendar.service import local_date
from market.errors import Refusal
from market.gate import words
from market.gate.models import StallPass
from market.gate.pdf import Layout, passes_pdf
from market.gate.service.admission import attendance
from market.gate.service.passes import live_passes, pass_url
from market.gate.sign_in_sheet import sign_in_sheet_pdf
from market.stalls import service as stalls
from market.vendors import service as vendors


def write_passes(
    day: MarketDay, out: BinaryIO, *, layout: Layout = Layout.A6, only: Sequence[StallPass] | None = None
) -> int:
    """Writes the live passes of a day, or those given, as one PDF; how many.

    Refuses `gate.no_passes` and `gate.key_lost`.
    """
    passes = live_passes(day) if only is None else only
    if not passes:
        raise Refusal("gate.no_passes", _("这一场还没有摊位证可以打印。发布以后就有了。"))
    cards = [words.pass_card(stall_pass, pass_url(stall_pass)) for stall_pass in passes]
    passes_pdf(cards, out, labels=words.pass_labels(), layout=layout)
    return len(cards)


def write_sign_in_sheet(day: MarketDay, out: BinaryIO) -> int:
    """Writes the list that lies at the gate, one line a stall; how many."""
    came = attendance(day)
    placed = stalls.assignments(day)
    lacks = vendors.findings_by_vendor([held.vendor for held in placed], local_date(day))
    rows = [
        words.sheet_row(held, came.get(held.id), sum(f.blocks for f in lacks[held.vendor_id]))
        for held in placed
    ]
    sign_in_sheet_pdf(words.sheet_heading(day), rows, out, labels=words.sheet_labels())
    return len(rows)
