"""Back from numbers to names: of those alike, the earlier applicant and the earlier stall first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from market.allocation.optimum.variables import Class, Variables, grouped
from market.allocation.rules import Applicant, Spot, wish_score


def name_persons(variables: Variables, values: Sequence[int]) -> dict[int, Spot]:
    """Who stands where; of two alike with the same wish, the one who applied earlier gets the stall."""
    standing = {column: one for column, one in variables.by_column.items() if values[column]}
    spots = {one.person.id: one.spots[0] for one in standing.values() if one.person}
    spoken_for = {stall_id for spot in spots.values() for stall_id in spot.stall_ids}
    free_spots: dict[Class, list[Spot]] = defaultdict(list)
    for column, one in standing.items():
        if one.person is None:
            free = [spot for spot in one.spots if not spoken_for.intersection(spot.stall_ids)]
            free = free[: values[column]]
            spoken_for.update(stall_id for spot in free for stall_id in spot.stall_ids)
            free_spots[one.of] += free
    for key, people in _chosen(variables, values, spots).items():
        ordered = _in_order(variables, free_spots[key])
        spots |= {a.id: spot for a, spot in zip(people, ordered, strict=True)}
    if not variables.only_hard:
        _earlier_wishes_first(variables, spots)
    return spots


def _in_order(variables: Variables, spots: Iterable[Spot]) -> list[Spot]:
    order = {stall.id: number for number, stall in enumerate(variables.problem.ground)}
    return sorted(spots, key=lambda spot: [order[stall_id] for stall_id in spot.stall_ids])


def _chosen(
    variables: Variables, values: Sequence[int], placed: Collection[int]
) -> dict[Class, list[Applicant]]:
    """Picks the people of each class who take its spots."""
    counts: dict[tuple[Class, int], int] = defaultdict(int)
    for column, of in variables.taken.items():
        counts[of] += values[column]
    found: dict[Class, list[Applicant]] = defaultdict(list)
    for applicant in variables.problem.queue:
        if applicant.id not in placed and not variables.stands_alone(applicant):
            of = variables.class_of(applicant), variables.worth(applicant)
            if counts[of]:
                counts[of] -= 1
                found[of[0]].append(applicant)
    return found


def _earlier_wishes_first(variables: Variables, spots: dict[int, Spot]) -> None:
    weights, stalls = variables.problem.weights, variables.problem.stall_by_id

    def wish(applicant: Applicant, spot: Spot) -> int:
        return wish_score(applicant, stalls[spot.stall_id], weights)

    def fits(applicant: Applicant, spot: Spot) -> bool:
        # A class is alike on the open stalls only; one set aside may be too narrow for some of it.
        return not variables.problem.obstacles(applicant, spot)

    people = [a for a in variables.problem.queue if not variables.stands_alone(a)]
    groups = grouped([a for a in people if a.id in spots], lambda a: (variables.class_of(a), a.for_reserved))
    for alike in groups.values():
        for early, later in ((early, later) for n, early in enumerate(alike) for later in alike[n + 1 :]):
            mine, theirs = spots[early.id], spots[later.id]
            gain = wish(early, theirs) - wish(early, mine)
            wins = gain > 0 and gain >= wish(later, theirs) - wish(later, mine)
            if wins and fits(early, theirs) and fits(later, mine):
                spots[early.id], spots[later.id] = theirs, mine
