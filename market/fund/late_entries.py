"""Corrections that undo nothing: what was found after its quarter was closed.

They have numbers of their own (`2026-补1`), beside those of vouchers that were undone: a number that stands
on a published notice never changes. What is only named anew (重新归类) is part of a correction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa

from market.db import db
from market.fund import quarter_facts as told
from market.fund.disclosure import effect_of
from market.fund.models import CharityNotice, Fund, Payment
from market.fund.published import PublicBook
from market.ledger.chart import N_
from market.ledger.models import Entry
from market.ledger.spans import Span, quarter_of
from market.typed_text import without_persons

LATE = N_("%(date)s 的事，那个季度已经结账，补记在这里")


class Late(NamedTuple):
    """An entry, and the day on which what it tells of happened."""

    entry: Entry
    happened_on: date

    @property
    def is_of_earlier_quarter(self) -> bool:
        return quarter_of(self.happened_on) < quarter_of(self.entry.happened_on)


def late_entries(fund: Fund) -> list[Late]:
    """What was booked in a later quarter than it happened in, in the order of the book."""
    days = ((CharityNotice, CharityNotice.received_on), (Payment, Payment.paid_on))
    found: list[Late] = []
    for model, day in days:
        query = sa.select(Entry, day).join(model, model.entry_id == Entry.id)
        behind = query.where(Entry.book_id == fund.book_id, day < Entry.happened_on)
        found += [Late(entry, on) for entry, on in db.session.execute(behind)]
    late = [one for one in found if one.is_of_earlier_quarter]
    return sorted(late, key=lambda one: one.entry.sequence)


def remarks(fund: Fund, seen: PublicBook, span: Span | None = None) -> Iterator[told.Correction]:
    """A remark for each, with its number within the year."""
    numbers: Counter[int] = Counter()
    for one in late_entries(fund):
        year = one.entry.fiscal_year
        numbers[year] += 1
        if span is None or span.holds(one.entry.happened_on):
            yield _remark(one, f"{year}-补{numbers[year]}", seen)


def _remark(one: Late, number: str, seen: PublicBook) -> told.Correction:
    entry, shown = one.entry, one.entry.id not in seen.hidden
    quarter = quarter_of(one.happened_on)
    return told.Correction(
        number=number,
        voucher=entry.voucher,
        entry=entry.ref if shown else None,
        what=without_persons(entry.memo),
        reason=LATE % {"date": one.happened_on.isoformat()},
        made_on=entry.happened_on,
        before_fen=None,
        after_fen=effect_of(entry) if shown else None,
        earlier=f"{quarter.last.year}-{quarter.quarter}",
        undoes=False,
    )
