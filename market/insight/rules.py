"""The counters and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Counters:
    """What one community's markets came to in a period; sums of settled markets, corrections included."""

    days: int = 0
    """场次: markets settled."""
    vendors: int = 0
    """家: different vendors that came at least once."""
    appearances: int = 0
    """家次: stalls filled, added up over the markets."""
    visits: int = 0
    """人次: visits counted at the entrances; one person may visit often."""
    takings_fen: int = 0
    contribution_fen: int = 0
    """元: contributed to the fund, as the book has it by the dates of its entries."""
    items: int = 0
    """件: goods given in kind, counted, never valued."""
    counted_days: int = 0
    """场次: those of them at which visits were counted at all."""

    def __add__(self, other: Counters) -> Counters:
        """The sum of two communities: their vendors are different people."""
        return Counters(
            self.days + other.days,
            self.vendors + other.vendors,
            self.appearances + other.appearances,
            self.visits + other.visits,
            self.takings_fen + other.takings_fen,
            self.contribution_fen + other.contribution_fen,
            self.items + other.items,
            self.counted_days + other.counted_days,
        )
