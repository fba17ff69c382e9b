"""Whether the store and the book tell the same of valued goods; everything is worked out once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from flask_babel import gettext as _

from market.fund.goods_book import CAME, entries_of, source_of, worth_in
from market.fund.goods_rows import GoodsLot, GoodsValuation
from market.fund.models import Fund
from market.fund.rules import goods_came, goods_went
from market.fund.service import lots
from market.ledger import service as ledger
from market.ledger.models import Entry
from market.ledger.rules import IN_KIND, EntryKind
from market.money import yuan


def goods_faults(fund: Fund) -> Iterator[str]:
    """A sentence for each lot whose worth the book tells otherwise, and for entries of no lot."""
    found = lots(fund.community)
    posted = entries_of(fund.book, found)
    for lot in found:
        for one in lot.valuations:
            yield from _wrong_valuation(fund, one, posted)
    yield from _of_nothing(fund, found)
    yield from _mixed(fund)


def _wrong_valuation(fund: Fund, one: GoodsValuation, posted: Mapping[str, Entry]) -> Iterator[str]:
    """What is posted is what the paper says, and of each that left its share."""
    entry = one.entry
    if entry is None:
        return
    said = entry.lines == tuple(goods_came(one.worth_fen)) and entry.source == source_of(one, CAME)
    if not said or (entry.reversed_by is not None) is not (one.undone_at is not None):
        yield _fault(fund, one, one.worth_fen, worth_in(entry))
    elif one.undone_at is None:
        yield from _wrong_parts(fund, one, posted)


def _wrong_parts(fund: Fund, one: GoodsValuation, posted: Mapping[str, Entry]) -> Iterator[str]:
    """Each has its share rounded down; whoever emptied the store took what rounding had left."""
    lot, left_fen = one.lot, one.worth_fen
    for out in lot.outs:
        entry = posted.get(source_of(one, out.ref))
        fen = -worth_in(entry) if entry is not None else 0
        left_fen -= fen
        share = one.worth_fen * out.items // lot.count if lot.count else 0
        as_said = entry is None or entry.lines == tuple(goods_went(out.way, fen))
        fits = fen == 0 if out.voided_at is not None else share <= fen < share + len(lot.outs)
        if not (as_said and fits):
            yield _fault(fund, one, share, fen)
    if left_fen < 0 or (lot.left == 0) is not (left_fen == 0):
        yield _fault(fund, one, 0, left_fen)


def _fault(fund: Fund, one: GoodsValuation, said: int, booked: int) -> str:
    return _(
        "%(fund)s：物资“%(goods)s”应是 %(said)s 元，账上 %(posted)s 元",
        fund=fund.name,
        goods=one.lot.name,
        said=yuan(said),
        posted=yuan(booked),
    )


def _of_nothing(fund: Fund, found: list[GoodsLot]) -> Iterator[str]:
    """Entries of goods that no act of the store stands behind."""
    known = set()
    for lot in found:
        names = [CAME, *(out.ref for out in lot.outs)]
        known |= {source_of(one, name) for one in lot.valuations for name in names}
    for entry in ledger.entries(fund.book, kind=EntryKind.GOODS):
        if entry.source not in known:
            yield _("%(fund)s：凭证 %(no)s 没有对应的物资登记", fund=fund.name, no=entry.voucher)


def _mixed(fund: Fund) -> Iterator[str]:
    """Goods are never mixed with money: an entry moves the one or the other."""
    moved = (ledger.moved(fund.book, code, date.min, date.max) for code in sorted(IN_KIND))
    of_goods = {entry.id: entry for entries in moved for entry, _fen in entries}
    for entry in of_goods.values():
        if not {line.account for line in entry.lines} <= IN_KIND:
            yield _("%(fund)s：凭证 %(no)s 把物资和钱记在了一起", fund=fund.name, no=entry.voucher)
