"""The tables of the kit as data: columns as offices use them (domain §4.1), rows as the system knows them."""

from __future__ import annotations

from collections.abc import Callable

from market.gate.sign_in_sheet import sign_in_sheet
from market.print.table import Table
from market.settlement.paper_kit.applications import applications
from market.settlement.paper_kit.kit import Kit, TableKey, kit_of, titles
from market.settlement.paper_kit.on_the_day import footfall, incidents, inspection, takings
from market.settlement.paper_kit.rosters import by_name, by_stall
from market.stalls.stall_list import stall_list

__all__ = ["Kit", "TableKey", "kit_of", "table_of", "tables_of", "titles"]

_MAKERS: dict[TableKey, Callable[[Kit], Table]] = {
    TableKey.APPLICATIONS: applications,
    TableKey.STALLS: lambda kit: stall_list(kit.day, kit.held, kit.duties),
    TableKey.ROSTER: by_stall,
    TableKey.ROSTER_BY_NAME: by_name,
    TableKey.SIGN_IN: lambda kit: sign_in_sheet(kit.signing),
    TableKey.INSPECTION_1: lambda kit: inspection(kit, TableKey.INSPECTION_1),
    TableKey.INSPECTION_2: lambda kit: inspection(kit, TableKey.INSPECTION_2),
    TableKey.INCIDENTS: incidents,
    TableKey.FOOTFALL: footfall,
    TableKey.TAKINGS: takings,
}


def table_of(kit: Kit, key: TableKey) -> Table:
    """One table."""
    return _MAKERS[key](kit)


def tables_of(kit: Kit) -> list[Table]:
    """Every table, in the order of the workbook."""
    return [table_of(kit, key) for key in TableKey]
