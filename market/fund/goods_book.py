"""Valued goods in the book: what each act of the store posts, and what the book has of a lot.

A source names the valuation and what happened (`goods:<valuation>:in`, `goods:<valuation>:<out>`): the
entries of an act are found by it, and nothing else has to be stored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from market.fund.goods_rows import GoodsLot, GoodsOut, GoodsValuation
from market.fund.rules import GoodsWay, goods_came, goods_went, worth_of_part
from market.ledger import service as ledger
from market.ledger.chart import N_
from market.ledger.models import Book, Entry
from market.ledger.rules import Code, EntryKind, Line
from market.people.models import User

SOURCE = "goods"
CAME = "in"

MEMOS = {
    GoodsWay.GIVEN: N_("物资发放：%(goods)s"),
    GoodsWay.SPOILED: N_("物资损耗：%(goods)s"),
    GoodsWay.RETURNED: N_("物资退回：%(goods)s"),
}


def source_of(valuation: GoodsValuation, what: str) -> str:
    """Under which source something of a lot is posted."""
    return f"{SOURCE}:{valuation.ref}:{what}"


def post_lot(valuation: GoodsValuation, *, by: User, at: datetime) -> Entry:
    """The lot comes into the book, and what has left the store before leaves it."""
    lot = valuation.lot
    memo = N_("受赠物资：%(goods)s") % {"goods": lot.name}
    came = _Act(valuation, CAME, lot.received_on, memo, tuple(goods_came(valuation.worth_fen)))
    entry = _post(came, by, at)
    left, left_fen = lot.count, valuation.worth_fen
    for out in lot.outs:
        if out.voided_at is None:
            left_fen -= _post_part(valuation, out, left, left_fen, by, at)
            left -= out.items
    return entry


def post_out(out: GoodsOut, left: int, *, by: User, at: datetime) -> None:
    """What leaves the store leaves the book, where the lot is valued there; `left` is with what leaves."""
    lot, booked = out.lot, out.lot.booked
    if booked is not None:
        left_fen = held_of(ledger.book_of(lot.community), [lot])[lot.id]
        _post_part(booked, out, left, left_fen, by, at)


def unpost_out(out: GoodsOut, *, by: User, at: datetime) -> None:
    """What was booked of it is undone."""
    booked = out.lot.booked
    entry = posted_part(booked, out) if booked is not None else None
    if entry is not None:
        ledger.reverse(entry, reason=N_("登记错了，东西还在库里"), by=by, at=at)


def posted_part(valuation: GoodsValuation, out: GoodsOut) -> Entry | None:
    """What was posted of goods that left; None of what is worth less than a fen."""
    book = ledger.book_of(valuation.lot.community)
    return ledger.entry_by_source(book, source_of(valuation, out.ref))


def _post_part(
    valuation: GoodsValuation, out: GoodsOut, left: int, left_fen: int, by: User, at: datetime
) -> int:
    """Posts the share of what leaves, and says how much it is."""
    lot = valuation.lot
    fen = worth_of_part(out.items, left, lot.count, valuation.worth_fen, left_fen)
    if fen:
        memo = MEMOS[out.way] % {"goods": lot.name}
        _post(_Act(valuation, out.ref, out.happened_on, memo, tuple(goods_went(out.way, fen))), by, at)
    return fen


class _Act(NamedTuple):
    """What happened to goods, as it is posted."""

    valuation: GoodsValuation
    what: str
    on: date
    memo: str
    lines: tuple[Line, ...]


def _post(act: _Act, by: User, at: datetime) -> Entry:
    book = ledger.book_of(act.valuation.lot.community)
    return ledger.post(
        book,
        source_of(act.valuation, act.what),
        EntryKind.GOODS,
        act.lines,
        happened_on=ledger.booking_date(book, act.on, at),
        memo=act.memo,
        by=by,
        at=at,
    )


def entries_of(book: Book, lots: Sequence[GoodsLot]) -> dict[str, Entry]:
    """Everything that was posted of some lots and not undone, by source."""
    refs = [one.ref for lot in lots for one in lot.valuations if one.entry_id is not None]
    found = ledger.entries_about_any(book, refs, [SOURCE]) if refs else []
    undone = {entry.reverses_id for entry in found}
    posted = (entry for entry in found if entry.kind is EntryKind.GOODS and entry.id not in undone)
    return {entry.source: entry for entry in posted}


def held_of(book: Book, lots: Sequence[GoodsLot]) -> Counter[int]:
    """What the book has of each lot that is in store, in fen, by its id."""
    owner = {one.ref: lot.id for lot in lots for one in lot.valuations}
    held: Counter[int] = Counter()
    for source, entry in entries_of(book, lots).items():
        held[owner[source.split(":")[1]]] += worth_in(entry)
    return held


def worth_in(entry: Entry) -> int:
    """What an entry brings into store, in fen; what it takes out is negative."""
    return sum(line.amount_fen for line in entry.lines if line.account == Code.GOODS)
