"""What may be published of markets, so that nobody can work out what one vendor sold or gave. Pure.

Everything public is a sum, and sums can be subtracted: a correction of one vendor is the difference of two
totals, whether they stand on one page or on the same page a week apart. So what concerns too few vendors is
published together with what comes next, as one sum. Each sum then brings the figures of at least `smallest`
vendors that no earlier one knew; whatever is added and subtracted, the newest of them stays in the result
with all of those vendors. Figures of 0 count as known. What people know of their own figures is not counted
against this: who is one of three knows the sum of the other two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Figures = Mapping[int, int]
"""What each vendor gives (or sold) at a market, in fen, by the vendor's number."""


class Told(NamedTuple):
    """One revision of one market, in the order in which they were settled."""

    market: int
    figures: Figures


@dataclass
class Pool:
    """Revisions that are published as one sum."""

    members: list[int] = field(default_factory=list)
    """Their numbers in the order of settling."""
    joint: bool = True
    """Whether only the sum is published; else the market's own figure, and each of its vouchers."""
    complete: bool = False
    """Whether enough vendors are in it; until then nothing of it is published."""


@dataclass
class _Known:
    """What was published of each vendor at each market."""

    smallest: int
    seen: defaultdict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))

    def says_enough(self, latest: Mapping[int, Figures]) -> bool:
        """Whether figures of enough vendors are new."""
        new = {
            vendor
            for market, figures in latest.items()
            for vendor, fen in figures.items()
            if fen and fen not in self.seen[market, vendor]
        }
        return len(new) >= self.smallest

    def learn(self, latest: Mapping[int, Figures]) -> None:
        for market, figures in latest.items():
            for vendor, fen in figures.items():
                self.seen[market, vendor].add(fen)


def pools(told: Sequence[Told], smallest: int) -> list[Pool]:
    """The sums in which the revisions of a community's markets are published, in order.

    A market that was ever part of a joint sum is never published by itself again: its next total would say
    what its part was.
    """
    known, mixed, found, pool = _Known(smallest), set[int](), list[Pool](), Pool()
    for number, _revision in enumerate(told):
        pool.members.append(number)
        latest = {told[member].market: told[member].figures for member in pool.members}
        if known.says_enough(latest):
            known.learn(latest)
            pool.complete, pool.joint = True, len(pool.members) > 1 or bool(mixed & latest.keys())
            mixed |= latest.keys() if pool.joint else set()
            found.append(pool)
            pool = Pool()
    return [*found, pool] if pool.members else found


def shown_alone(revisions: Sequence[Figures], smallest: int) -> int | None:
    """Which revision's total may be shown of a market that is published by itself; None: no one's yet."""
    known, shown = _Known(smallest), None
    for number, figures in enumerate(revisions):
        if known.says_enough({0: figures}):
            known.learn({0: figures})
            shown = number
    return shown


@dataclass(frozen=True)
class GroupTotal:
    """The published total of a category; `name` is empty for all the small ones together."""

    name: str
    stalls: int
    contribution_fen: int


def group_totals(lines: Iterable[tuple[str, int]], smallest: int) -> list[GroupTotal]:
    """Totals by category from (category, contribution) pairs, largest first, the rest together.

    Only who gives counts: among two that give nothing the third one's gift would stand by itself. When the
    rest is too small, the smallest category joins it: else it could be had by subtraction. An empty list: the
    market is too small to publish more than its total.
    """
    sums: dict[str, tuple[int, int, int]] = {}
    for name, fen in lines:
        stalls, givers, total = sums.get(name, (0, 0, 0))
        sums[name] = (stalls + 1, givers + (fen > 0), total + fen)
    order = sorted(sums, key=lambda name: (-sums[name][2], name))
    shown = [name for name in order if sums[name][1] >= smallest]
    rest = [name for name in order if sums[name][1] < smallest]
    while rest and shown and sum(sums[name][1] for name in rest) < smallest:
        rest.append(shown.pop(shown.index(min(shown, key=lambda name: (sums[name][1], name)))))
    together = GroupTotal("", sum(sums[name][0] for name in rest), sum(sums[name][2] for name in rest))
    if rest and sum(sums[name][1] for name in rest) < smallest:
        return []
    totals = [GroupTotal(name, sums[name][0], sums[name][2]) for name in shown]
    return [*totals, together] if rest else totals
