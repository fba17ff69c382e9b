"""Where somebody put on a stall comes to stand: alone, or with the stall beside for those who need two."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from market.allocation.rules import OF_STALL, Assignment, Conflict, Spot, StallFacts, State, check_move

WRONG_WITH_A_STALL = (*OF_STALL, "taken")


def standing(state: State, spots: Assignment) -> State:
    """The same ground with these applicants on these spots."""
    return replace(state, assignment={**state.assignment, **spots})


def asking(state: State, applicant_id: int, *, double: bool) -> State:
    """The same people, but this one asks for two stalls, or for one."""
    changed = (replace(a, double=double) if a.id == applicant_id else a for a in state.applicants)
    return replace(state, applicants=tuple(changed))


def objections(state: State, spots: Assignment) -> list[Conflict]:
    """Every hard rule that these applicants would break on these spots."""
    after = standing(state, spots)
    return [found for key, spot in spots.items() for found in check_move(after, key, spot)]


def find_spot(
    state: State, applicant_id: int, stall_id: int, beside: int | None = None
) -> tuple[Spot, list[Conflict]]:
    """The first spot on a stall that breaks no rule; if there is none, the first choice and what it breaks.

    `beside`: the second stall that is wanted most; otherwise the one with the higher number.
    """
    tried: list[tuple[Spot, list[Conflict]]] = []
    for spot in _spots_on(state, applicant_id, stall_id, beside):
        tried.append((spot, objections(state, {applicant_id: spot})))
        if not tried[-1][1]:
            return tried[-1]
    first_choice, broken = tried[0]
    return first_choice, _about(state, applicant_id, stall_id) or broken


def _about(state: State, applicant_id: int, stall_id: int) -> list[Conflict]:
    """What is wrong with the stall itself, whatever lies beside it, for who needs two."""
    if not state.applicant(applicant_id).double:
        return []
    alone = objections(asking(state, applicant_id, double=False), {applicant_id: Spot(stall_id)})
    return [conflict for conflict in alone if conflict.code in WRONG_WITH_A_STALL]


def exchange(
    state: State, one: int, other: int, beside: int | None = None
) -> tuple[dict[int, Spot], list[Conflict]]:
    """Where both stand after changing places; if nothing holds, the first choice and what it breaks.

    `beside`: as for `find_spot`. Who needs two chooses first.
    """
    movers = sorted((one, other), key=lambda key: not state.applicant(key).double)
    choices = product(
        _spots_instead(state, movers[0], movers[1], beside),
        _spots_instead(state, movers[1], movers[0], beside),
    )
    tried = []
    for spots in choices:
        after = dict(zip(movers, spots, strict=True))
        tried.append((after, objections(state, after)))
        if not tried[-1][1]:
            return tried[-1]
    return tried[0]


def free_stalls(state: State) -> list[StallFacts]:
    """Stalls that nobody holds, as the first or the second."""
    return [stall for stall in state.stalls if stall.id not in state.holders]


def neighbours(state: State, stall_id: int) -> list[int]:
    """The stalls beside one, the higher number first."""
    pairs = state.market_rules.neighbours
    return [right for left, right in pairs if left == stall_id] + [
        left for left, right in pairs if right == stall_id
    ]


def _spots_on(state: State, applicant_id: int, stall_id: int, beside: int | None) -> list[Spot]:
    if not state.applicant(applicant_id).double:
        return [Spot(stall_id)]
    others = sorted(neighbours(state, stall_id), key=lambda other: other != beside)
    spots = [spot for other in others for spot in _pair(state, stall_id, other)]
    return spots or [Spot(stall_id)]


def _pair(state: State, stall_id: int, other: int) -> tuple[Spot, Spot]:
    """Both ways round, in the order of the numbers first: needs may be met on one of the two only."""
    forwards = Spot(stall_id, other), Spot(other, stall_id)
    return forwards if (stall_id, other) in state.market_rules.neighbours else forwards[::-1]


def _spots_instead(state: State, mover: int, holder: int, beside: int | None) -> Iterator[Spot]:
    held = state.assignment[holder]
    for stall_id, partner in ((held.stall_id, held.second_id), (held.second_id, held.stall_id)):
        if stall_id is not None:
            yield from _spots_on(state, mover, stall_id, partner if beside is None else beside)
