"""What a community decides beyond needs and wishes: quotas, who is next to whom and may not be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from types import MappingProxyType
from typing import Protocol

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Quota:
    """How many vendors of a category a market has."""

    minimum: int = 0
    maximum: int | None = None
    target: int = 0  # what residents asked for; each vendor up to here is worth the weight `target`


@dataclass(frozen=True, slots=True)
class Apart:
    """Two categories that may not stand side by side; `downwind`: only `other` in the smoke of `one`."""

    one: str
    other: str
    downwind: bool = False


@dataclass(frozen=True)
class MarketRules:
    """The rules of one market as data; empty, they ask for nothing."""

    quotas: Mapping[str, Quota] = field(default_factory=lambda: MappingProxyType({}))
    apart: tuple[Apart, ...] = ()
    neighbours: tuple[Pair, ...] = ()  # stall ids, each pair once, the lower walking order first
    downwind: tuple[Pair, ...] = ()  # (stall, the stall its smoke reaches)

    def pairs_apart(self, rule: Apart) -> tuple[Pair, ...]:
        """The ordered pairs of stalls on which `rule.one` and then `rule.other` may not stand."""
        if rule.downwind:
            return self.downwind
        return self.neighbours + tuple((right, left) for left, right in self.neighbours)

    @cached_property
    def apart_at(self) -> Mapping[int, list[tuple[str, int, str]]]:
        """By stall: which category may not stand here while another stands at a given stall."""
        found: dict[int, list[tuple[str, int, str]]] = {}
        for rule in self.apart:
            for here, there in self.pairs_apart(rule):
                found.setdefault(here, []).append((rule.one, there, rule.other))
                found.setdefault(there, []).append((rule.other, here, rule.one))
        return found


class Numbered(Protocol):
    """Anything that lies in a row of a zone."""

    @property
    def id(self) -> int: ...
    @property
    def zone(self) -> str: ...
    @property
    def row(self) -> int: ...
    @property
    def column(self) -> int: ...


def side_by_side(stalls: Iterable[Numbered]) -> tuple[Pair, ...]:
    """Stalls of the same zone and row whose columns follow one another."""
    at = {(stall.zone, stall.row, stall.column): stall.id for stall in stalls}
    return tuple(
        (here, at[zone, row, column + 1])
        for (zone, row, column), here in sorted(at.items())
        if (zone, row, column + 1) in at
    )


def in_a_row(ids: Sequence[int]) -> tuple[Pair, ...]:
    """Stalls that stand in one line, as pairs of neighbours."""
    return tuple(pairwise(ids))


# Kitchen smell and noise (domain rules): data, so that a community may say otherwise.
USUAL_APART = (
    Apart("cooked_food", "produce", downwind=True),
    Apart("kids_play", "health_outreach"),
    Apart("repair_service", "health_outreach"),
    Apart("cooked_food", "kids_play"),
)
