"""The roster, by stall and by pinyin: for the gate when phones are flat."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from market.print.columns import Column, Kind
from market.print.table import Cell, Table
from market.settlement.paper_kit.kit import Kit, TableKey, titles
from market.vendors.words import category_word


def by_stall(kit: Kit) -> Table:
    """In the order in which one walks along the stalls."""
    columns = (
        Column(_("摊位号"), 26, Kind.STALL), Column(_("商户"), 64), Column(_("经营者"), 32),
        Column(_("联系电话"), 36, Kind.PHONE), Column(_("经营品类"), 32), Column(_("短码"), 34, Kind.CODE),
        Column(_("备注"), 53),
    )  # fmt: skip
    rows = [
        (
            held.label, held.vendor.trading_name, held.vendor.holder, held.vendor.phone,
            str(category_word(held.vendor.category)), kit.code(held), None,
        )
        for held in kit.held
    ]  # fmt: skip
    return _table(TableKey.ROSTER, columns, rows)


def by_name(kit: Kit) -> Table:
    """As a dictionary has them: who says a name is found by its sound."""
    columns = (
        Column(_("拼音"), 58), Column(_("商户"), 56), Column(_("摊位号"), 26, Kind.STALL),
        Column(_("短码"), 34, Kind.CODE), Column(_("经营者"), 30), Column(_("联系电话"), 36, Kind.PHONE),
        Column(_("备注"), 37),
    )  # fmt: skip
    in_order = sorted(kit.held, key=lambda held: (held.vendor.pinyin, held.label))
    rows = [
        (
            held.vendor.pinyin, held.vendor.trading_name, held.label, kit.code(held), held.vendor.holder,
            held.vendor.phone, None,
        )
        for held in in_order
    ]  # fmt: skip
    return _table(TableKey.ROSTER_BY_NAME, columns, rows)


def _table(key: TableKey, columns: tuple[Column, ...], rows: Iterable[tuple[Cell, ...]]) -> Table:
    note = _("手机没电、扫不了码的时候用：让商户报短码，对得上就放行，再在签到表上签字。")
    return Table(key, titles()[key], columns, tuple(rows), note=note, to_read=True)
