"""The sign-in list on paper."""

from __future__ import annotations

from typing import BinaryIO

from market.calendar.models import MarketDay
from market.calendar.printed import foot_words, heading_of
from market.gate import words
from market.gate.service.admission import attendance
from market.gate.sign_in_sheet import SignInRow, sign_in_sheet, sign_in_sheet_pdf
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.rules import Conduct


def sign_in_rows(day: MarketDay) -> list[SignInRow]:
    """The lines of the list that lies at the gate, one a stall."""
    came = attendance(day)
    placed = stalls.assignments(day)
    stopped = vendors.barred(day, [held.vendor for held in placed])
    clean = vendors.who_earned(day, Conduct.LEFT_CLEAN)
    return [
        words.sheet_row(
            held,
            came.get(held.id),
            len(stopped.get(held.vendor_id, ())),
            clean=held.vendor_id in clean,
        )
        for held in placed
    ]


def write_sign_in_sheet(day: MarketDay, out: BinaryIO) -> int:
    """Writes that list; how many stalls are on it."""
    rows = sign_in_rows(day)
    heading = heading_of(day, sign_in_sheet(rows).title)
    sign_in_sheet_pdf(heading, rows, out, foot=foot_words())
    return len(rows)
