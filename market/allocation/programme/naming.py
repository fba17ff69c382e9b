"""Back from numbers to names: of those alike, the earlier applicant and the earlier stall first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from market.allocation.plan import Placing
from market.allocation.programme.seats import Class, Place, Seats, grouped
from market.allocation.rules import Applicant, wish_score


def name_persons(seats: Seats, values: Sequence[int]) -> Placing:
    """Who stands where; of two alike with the same wish the earlier has the stall."""
    standing = {column: lot for column, lot in seats.lots.items() if values[column]}
    places = {lot.person.id: lot.places[0] for lot in standing.values() if lot.person}
    spoken_for = {stall for place in places.values() for stall in place}
    free_places: dict[Class, list[Place]] = defaultdict(list)
    for column, lot in standing.items():
        if lot.person is None:
            free = [place for place in lot.places if not spoken_for.intersection(place)][: values[column]]
            spoken_for.update(stall for place in free for stall in place)
            free_places[lot.of] += free
    for key, people in _chosen(seats, values, places).items():
        ordered = _in_order(seats, free_places[key])
        places |= {a.id: place for a, place in zip(people, ordered, strict=True)}
    if seats.task.scores is None and not seats.only_hard:
        _earlier_wishes_first(seats, places)
    return Placing(
        {key: place[0] for key, place in places.items()},
        {key: place[1] for key, place in places.items() if len(place) > 1},
    )


def _in_order(seats: Seats, places: Iterable[Place]) -> list[Place]:
    order = {stall.id: number for number, stall in enumerate(seats.task.ground)}
    return sorted(places, key=lambda place: [order[stall] for stall in place])


def _chosen(seats: Seats, values: Sequence[int], placed: Collection[int]) -> dict[Class, list[Applicant]]:
    """Who of each class stands where anybody of it may."""
    counts: dict[tuple[Class, int], int] = defaultdict(int)
    for column, of in seats.taken.items():
        counts[of] += values[column]
    found: dict[Class, list[Applicant]] = defaultdict(list)
    for applicant in seats.task.queue:
        if applicant.id not in placed and not seats.stands_alone(applicant):
            of = seats.class_of(applicant), seats.worth(applicant)
            if counts[of]:
                counts[of] -= 1
                found[of[0]].append(applicant)
    return found


def _earlier_wishes_first(seats: Seats, places: dict[int, Place]) -> None:
    weights, stalls = seats.task.weights, seats.task.stall_by_id

    def wish(applicant: Applicant, place: Place) -> int:
        return wish_score(applicant, stalls[place[0]], weights)

    people = [a for a in seats.task.queue if not seats.stands_alone(a)]
    groups = grouped([a for a in people if a.id in places], lambda a: (seats.class_of(a), a.for_reserved))
    for alike in groups.values():
        for early, later in ((early, later) for n, early in enumerate(alike) for later in alike[n + 1 :]):
            mine, theirs = places[early.id], places[later.id]
            gain = wish(early, theirs) - wish(early, mine)
            if gain > 0 and gain >= wish(later, theirs) - wish(later, mine):
                places[early.id], places[later.id] = theirs, mine
