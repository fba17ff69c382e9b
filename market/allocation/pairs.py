"""Where somebody put on a stall comes to stand: alone, or with the stall beside for those who need two."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from market.allocation.rules import Conflict, Layout, StallFacts, check_move


@dataclass(frozen=True, slots=True)
class Place:
    """A stall, and the one beside where two are given as one; needs are met on the first."""

    stall_id: int
    second_id: int | None = None

    @property
    def stall_ids(self) -> tuple[int, ...]:
        return (self.stall_id,) if self.second_id is None else (self.stall_id, self.second_id)


WRONG_WITH_A_STALL = ("closed", "kept_free", "reserved", "taken")

Landing = tuple[Place, list[Conflict]]
"""A place, and what speaks against it."""


def place_of(layout: Layout, applicant_id: int) -> Place:
    """Where somebody stands."""
    return Place(layout.assignment[applicant_id], layout.doubles.get(applicant_id))


def standing(layout: Layout, places: Mapping[int, Place]) -> Layout:
    """The same ground with these applicants on these places."""
    firsts = {key: place.stall_id for key, place in places.items()}
    seconds = {key: place.second_id for key, place in places.items() if place.second_id is not None}
    others = {key: stall for key, stall in layout.doubles.items() if key not in places}
    return replace(layout, assignment={**layout.assignment, **firsts}, doubles={**others, **seconds})


def asking(layout: Layout, applicant_id: int, *, double: bool) -> Layout:
    """The same people, but this one asks for two stalls, or for one."""
    changed = (replace(a, double=double) if a.id == applicant_id else a for a in layout.applicants)
    return replace(layout, applicants=tuple(changed))


def objections(layout: Layout, places: Mapping[int, Place]) -> list[Conflict]:
    """Every hard rule that these applicants would break on these places."""
    after = standing(layout, places)
    return [found for key, place in places.items() for found in check_move(after, key, place.stall_id)]


def land(layout: Layout, applicant_id: int, stall_id: int, beside: int | None = None) -> Landing:
    """The first place on a stall that breaks no rule; if there is none, the first choice and what it breaks.

    `beside`: the second stall that is wanted most; otherwise the one with the higher number.
    """
    tried: list[Landing] = []
    for place in _places_on(layout, applicant_id, stall_id, beside):
        tried.append((place, objections(layout, {applicant_id: place})))
        if not tried[-1][1]:
            return tried[-1]
    first_choice, broken = tried[0]
    return first_choice, _about(layout, applicant_id, stall_id) or broken


def _about(layout: Layout, applicant_id: int, stall_id: int) -> list[Conflict]:
    """What is wrong with the stall itself, whatever lies beside it, for who needs two."""
    if not layout.applicant(applicant_id).double:
        return []
    alone = objections(asking(layout, applicant_id, double=False), {applicant_id: Place(stall_id)})
    return [conflict for conflict in alone if conflict.code in WRONG_WITH_A_STALL]


def exchange(
    layout: Layout, one: int, other: int, beside: int | None = None
) -> tuple[dict[int, Place], list[Conflict]]:
    """Where both stand after changing places; if nothing holds, the first choice and what it breaks.

    `beside`: as for `land`. Who needs two chooses first.
    """
    movers = sorted((one, other), key=lambda key: not layout.applicant(key).double)
    choices = product(
        _places_instead(layout, movers[0], movers[1], beside),
        _places_instead(layout, movers[1], movers[0], beside),
    )
    tried = []
    for places in choices:
        after = dict(zip(movers, places, strict=True))
        tried.append((after, objections(layout, after)))
        if not tried[-1][1]:
            return tried[-1]
    return tried[0]


def free_stalls(layout: Layout) -> list[StallFacts]:
    """Stalls that nobody holds, as the first or the second."""
    held = {*layout.assignment.values(), *layout.doubles.values()}
    return [stall for stall in layout.stalls if stall.id not in held]


def neighbours(layout: Layout, stall_id: int) -> list[int]:
    """The stalls beside one, the higher number first."""
    pairs = layout.house.neighbours
    return [right for left, right in pairs if left == stall_id] + [
        left for left, right in pairs if right == stall_id
    ]


def _places_on(layout: Layout, applicant_id: int, stall_id: int, beside: int | None) -> list[Place]:
    if not layout.applicant(applicant_id).double:
        return [Place(stall_id)]
    others = sorted(neighbours(layout, stall_id), key=lambda other: other != beside)
    places = [place for other in others for place in _pair(layout, stall_id, other)]
    return places or [Place(stall_id)]


def _pair(layout: Layout, stall_id: int, other: int) -> tuple[Place, Place]:
    """Both ways round, in the order of the numbers first: needs may be met on one of the two only."""
    forwards = Place(stall_id, other), Place(other, stall_id)
    return forwards if (stall_id, other) in layout.house.neighbours else forwards[::-1]


def _places_instead(layout: Layout, mover: int, holder: int, beside: int | None) -> Iterator[Place]:
    held = place_of(layout, holder)
    for stall_id, partner in ((held.stall_id, held.second_id), (held.second_id, held.stall_id)):
        if stall_id is not None:
            yield from _places_on(layout, mover, stall_id, partner if beside is None else beside)
