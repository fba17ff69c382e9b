"""What was read of a table: its rows with their numbers, and what is odd about a cell."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_ROWS = 2_000
"""More than any market or register; a longer table is another one."""


@dataclass(frozen=True)
class TableRow:
    """One row, numbered as the spreadsheet shows it."""

    number: int
    cells: list[str]
    hidden: bool = False
    merged: frozenset[int] = frozenset()
    """Columns whose cell is part of one that begins further up; its text is repeated here."""
    uncounted: frozenset[int] = frozenset()
    """Columns with a formula of which no result was kept."""
    dates: frozenset[int] = frozenset()
    """Columns in which the spreadsheet keeps a date, whatever was typed."""


@dataclass
class ReadTable:
    """A whole table."""

    rows: list[TableRow] = field(default_factory=list)
    cut: bool = False
    """Whether there was more than is read."""
    more_sheets: int = 0
    """Sheets with something in them that were not read."""

    @property
    def cells(self) -> list[list[str]]:
        """Only what is written, row by row; a merged cell counts once, for it may be an amount."""
        return [
            ["" if column in row.merged else cell for column, cell in enumerate(row.cells)]
            for row in self.rows
        ]
