"""The tables of the kit as data: columns as offices use them (domain §4.1), rows as the system knows them."""

from __future__ import annotations

from collections.abc import Callable

from market.gate.sign_in_sheet import sign_in_sheet
from market.print.sheet import Sheet
from market.settlement.paper_kit.applying import applications
from market.settlement.paper_kit.kit import Kit, SheetKey, kit_of, titles
from market.settlement.paper_kit.on_the_day import footfall, inspection, takings
from market.settlement.paper_kit.rosters import by_name, by_stall
from market.stalls.stall_list import stall_list

__all__ = ["Kit", "SheetKey", "kit_of", "sheet_of", "sheets_of", "titles"]

_MAKERS: dict[SheetKey, Callable[[Kit], Sheet]] = {
    SheetKey.APPLICATIONS: applications,
    SheetKey.STALLS: lambda kit: stall_list(kit.day, kit.held, kit.duties),
    SheetKey.ROSTER: by_stall,
    SheetKey.ROSTER_BY_NAME: by_name,
    SheetKey.SIGN_IN: lambda kit: sign_in_sheet(kit.signing),
    SheetKey.INSPECTION_1: lambda kit: inspection(kit, SheetKey.INSPECTION_1),
    SheetKey.INSPECTION_2: lambda kit: inspection(kit, SheetKey.INSPECTION_2),
    SheetKey.FOOTFALL: footfall,
    SheetKey.TAKINGS: takings,
}


def sheet_of(kit: Kit, key: SheetKey) -> Sheet:
    """One table."""
    return _MAKERS[key](kit)


def sheets_of(kit: Kit) -> list[Sheet]:
    """Every table, in the order of the workbook."""
    return [sheet_of(kit, key) for key in SheetKey]
