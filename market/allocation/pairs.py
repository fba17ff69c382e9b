"""Where somebody put on a stall comes to stand: alone, or with the stall beside for those who need two."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from market.allocation.rules import OF_STALL, Assignment, Conflict, Layout, Spot, StallFacts, check_move

WRONG_WITH_A_STALL = (*OF_STALL, "taken")


def standing(layout: Layout, spots: Assignment) -> Layout:
    """The same ground with these applicants on these spots."""
    return replace(layout, assignment={**layout.assignment, **spots})


def asking(layout: Layout, applicant_id: int, *, double: bool) -> Layout:
    """The same people, but this one asks for two stalls, or for one."""
    changed = (replace(a, double=double) if a.id == applicant_id else a for a in layout.applicants)
    return replace(layout, applicants=tuple(changed))


def objections(layout: Layout, spots: Assignment) -> list[Conflict]:
    """Every hard rule that these applicants would break on these spots."""
    after = standing(layout, spots)
    return [found for key, spot in spots.items() for found in check_move(after, key, spot)]


def land(
    layout: Layout, applicant_id: int, stall_id: int, beside: int | None = None
) -> tuple[Spot, list[Conflict]]:
    """The first spot on a stall that breaks no rule; if there is none, the first choice and what it breaks.

    `beside`: the second stall that is wanted most; otherwise the one with the higher number.
    """
    tried: list[tuple[Spot, list[Conflict]]] = []
    for spot in _spots_on(layout, applicant_id, stall_id, beside):
        tried.append((spot, objections(layout, {applicant_id: spot})))
        if not tried[-1][1]:
            return tried[-1]
    first_choice, broken = tried[0]
    return first_choice, _about(layout, applicant_id, stall_id) or broken


def _about(layout: Layout, applicant_id: int, stall_id: int) -> list[Conflict]:
    """What is wrong with the stall itself, whatever lies beside it, for who needs two."""
    if not layout.applicant(applicant_id).double:
        return []
    alone = objections(asking(layout, applicant_id, double=False), {applicant_id: Spot(stall_id)})
    return [conflict for conflict in alone if conflict.code in WRONG_WITH_A_STALL]


def exchange(
    layout: Layout, one: int, other: int, beside: int | None = None
) -> tuple[dict[int, Spot], list[Conflict]]:
    """Where both stand after changing places; if nothing holds, the first choice and what it breaks.

    `beside`: as for `land`. Who needs two chooses first.
    """
    movers = sorted((one, other), key=lambda key: not layout.applicant(key).double)
    choices = product(
        _spots_instead(layout, movers[0], movers[1], beside),
        _spots_instead(layout, movers[1], movers[0], beside),
    )
    tried = []
    for spots in choices:
        after = dict(zip(movers, spots, strict=True))
        tried.append((after, objections(layout, after)))
        if not tried[-1][1]:
            return tried[-1]
    return tried[0]


def free_stalls(layout: Layout) -> list[StallFacts]:
    """Stalls that nobody holds, as the first or the second."""
    return [stall for stall in layout.stalls if stall.id not in layout.holders]


def neighbours(layout: Layout, stall_id: int) -> list[int]:
    """The stalls beside one, the higher number first."""
    pairs = layout.market_rules.neighbours
    return [right for left, right in pairs if left == stall_id] + [
        left for left, right in pairs if right == stall_id
    ]


def _spots_on(layout: Layout, applicant_id: int, stall_id: int, beside: int | None) -> list[Spot]:
    if not layout.applicant(applicant_id).double:
        return [Spot(stall_id)]
    others = sorted(neighbours(layout, stall_id), key=lambda other: other != beside)
    spots = [spot for other in others for spot in _pair(layout, stall_id, other)]
    return spots or [Spot(stall_id)]


def _pair(layout: Layout, stall_id: int, other: int) -> tuple[Spot, Spot]:
    """Both ways round, in the order of the numbers first: needs may be met on one of the two only."""
    forwards = Spot(stall_id, other), Spot(other, stall_id)
    return forwards if (stall_id, other) in layout.market_rules.neighbours else forwards[::-1]


def _spots_instead(layout: Layout, mover: int, holder: int, beside: int | None) -> Iterator[Spot]:
    held = layout.assignment[holder]
    for stall_id, partner in ((held.stall_id, held.second_id), (held.second_id, held.stall_id)):
        if stall_id is not None:
            yield from _spots_on(layout, mover, stall_id, partner if beside is None else beside)
