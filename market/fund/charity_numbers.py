"""The charity's numbers of entries, and of what an entry undoes: its statement is compared by them.

Rooms to the right have papers of the charity too; they declare the tables in which somebody types its number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from market.calendar.models import MarketDay
from market.db import Model, db
from market.fund.models import CharityNotice, Payment, Proposal, Refund, Remittance
from market.ledger.models import Entry
from market.ledger.rules import EntryKind

_NUMBERED: dict[type[Model], str] = {
    Remittance: "reference",
    Refund: "reference",
    Payment: "reference",
    CharityNotice: "reference",
}


def has_number_in(column: str) -> Any:
    """Declares a table with an entry, and the column in which the charity's number of it stands."""

    def declare(model: type[Model]) -> type[Model]:
        _NUMBERED[model] = column
        return model

    return declare


def numbers_of(entries: Iterable[Entry]) -> dict[int, str]:
    """The charity's numbers of entries, by their ids, as far as somebody typed one."""
    ids = [entry.id for entry in entries]
    tables = [(model.__table__, column) for model, column in _NUMBERED.items()]
    asked = (
        sa.select(one.c.entry_id, one.c[column]).where(one.c.entry_id.in_(ids)) for one, column in tables
    )
    rows = db.session.execute(sa.union_all(*asked))
    return {entry_id: number for entry_id, number in rows}  # noqa: C416 - a row is no pair to mypy


def numbers_undone(entries: Sequence[Entry]) -> dict[int, tuple[str, ...]]:
    """Of what went back, the numbers of what it undoes: of the payment, or of a market's arrivals; by id."""
    of_payments = _by_subject(entries, EntryKind.UNSPENT)
    of_markets = _by_subject(entries, EntryKind.REFUND)
    paid = sa.select(Proposal.ref, Payment.reference).join(Payment, Payment.proposal_id == Proposal.id)
    arrived = sa.select(MarketDay.ref, Remittance.reference).join(
        Remittance, Remittance.day_id == MarketDay.id
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for subjects, query, ref in (
        (of_payments, paid, Proposal.ref),
        (of_markets, arrived, MarketDay.ref),
    ):
        rows = db.session.execute(query.where(ref.in_(list(subjects)))) if subjects else ()
        for subject, number in rows:
            for entry_id in subjects[subject]:
                found[entry_id].append(number)
    return {entry_id: tuple(numbers) for entry_id, numbers in found.items()}


def _by_subject(entries: Iterable[Entry], kind: EntryKind) -> dict[str, list[int]]:
    """Entries of a kind by what their source is about (`refund:<market>:1`)."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for entry in entries:
        if entry.kind is kind:
            found[entry.source.split(":")[1]].append(entry.id)
    return found
