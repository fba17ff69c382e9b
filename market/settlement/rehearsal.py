"""Trying a new suggestion on markets that are over: who would have given more, who less. Stores nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from market.settlement.rules import Terms, TermsKind, share, terms_for_category
from market.vendors.rules import Category

MARKETS = 12
"""So many past markets a suggestion is tried on."""


@dataclass(frozen=True)
class PastLine:
    """One vendor at one market that is settled."""

    vendor: int
    category: Category
    takings_fen: int
    terms: Terms
    chosen_fen: int | None
    contribution_fen: int
    gift_only: bool = False

    @property
    def gives_by_agreement(self) -> bool:
        """Whether other terms would have changed it; not where nothing is given or a sum was chosen."""
        agreed = self.terms.kind is not TermsKind.NONE or bool(self.terms.exempt)
        return agreed and self.chosen_fen is None and not self.gift_only


class Size(StrEnum):
    """Vendors by what they sell on a day, a third each."""

    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"


@dataclass(frozen=True)
class Effect:
    """What a new suggestion does to some vendors together; `group` is None for the small groups as one."""

    group: Category | Size | None
    vendors: int
    before_fen: int
    after_fen: int
    more: int = 0
    """So many of them would give more …"""
    less: int = 0
    """… and so many less."""

    @property
    def difference_fen(self) -> int:
        return self.after_fen - self.before_fen


@dataclass(frozen=True)
class Rehearsal:
    """What a new suggestion would have changed, together and by group; one vendor alone is never shown."""

    whole: Effect
    by_category: list[Effect]
    by_size: list[Effect]
    untouched: int
    """Vendors who gave nothing or always chose a sum themselves: no suggestion changes that."""


@dataclass
class _Sums:
    category: Category
    takings_fen: int = 0
    days: int = 0
    before_fen: int = 0
    after_fen: int = 0


def rehearse(lines: Sequence[PastLine], new: Terms, smallest: int) -> Rehearsal:
    """Counts again as if everybody who gives by agreement had signed the new terms.

    A group is shown when so many vendors are in it that none can be told from the sum.
    """
    vendors: dict[int, _Sums] = {}
    for line in lines:
        if line.gives_by_agreement:
            _add(vendors.setdefault(line.vendor, _Sums(line.category)), line, new)
    touched = list(vendors.values())
    return Rehearsal(
        whole=_effect(None, touched),
        by_category=_grouped(touched, lambda one: one.category, smallest),
        by_size=_by_size(touched, smallest),
        untouched=len({line.vendor for line in lines} - vendors.keys()),
    )


def _add(sums: _Sums, line: PastLine, new: Terms) -> None:
    sums.takings_fen += line.takings_fen
    sums.days += 1
    sums.before_fen += line.contribution_fen
    sums.after_fen += share(line.takings_fen, terms_for_category(new, line.category))


def _effect(group: Category | Size | None, vendors: Sequence[_Sums]) -> Effect:
    return Effect(
        group,
        len(vendors),
        sum(one.before_fen for one in vendors),
        sum(one.after_fen for one in vendors),
        sum(one.after_fen > one.before_fen for one in vendors),
        sum(one.after_fen < one.before_fen for one in vendors),
    )


def _grouped(vendors: Iterable[_Sums], key: Callable[[_Sums], Category], smallest: int) -> list[Effect]:
    """By category, the largest group first. Groups too small to hide one vendor are shown as one; where that
    is still too small, the smallest of the others joins it, else it could be had by subtraction."""
    groups: dict[Category, list[_Sums]] = defaultdict(list)
    for one in vendors:
        groups[key(one)].append(one)
    shown = sorted(groups, key=lambda group: (-len(groups[group]), group))
    rest = [group for group in shown if len(groups[group]) < smallest]
    shown = [group for group in shown if group not in rest]
    while rest and shown and sum(len(groups[group]) for group in rest) < smallest:
        rest.append(shown.pop())
    together = [one for group in rest for one in groups[group]]
    found = [_effect(group, groups[group]) for group in shown]
    return [*found, _effect(None, together)] if len(together) >= smallest else found


def _by_size(vendors: Sequence[_Sums], smallest: int) -> list[Effect]:
    """A third each by what a vendor sells on a day; nothing where a third is too small to hide one vendor."""
    third = len(vendors) // 3
    if third < smallest:
        return []
    ordered = sorted(vendors, key=lambda one: (one.takings_fen / one.days, one.before_fen))
    cuts = {
        Size.SMALL: ordered[:third],
        Size.MIDDLE: ordered[third:-third],
        Size.LARGE: ordered[-third:],
    }
    return [_effect(size, group) for size, group in cuts.items()]
