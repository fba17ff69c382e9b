"""Which sentences say the difference between what holds and what somebody knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from market.notices.rules import PLANNED, Held, Known, Standing, changes
from market.stalls.rules import OfferAnswer

S = Standing


@dataclass(frozen=True)
class Around:
    """What explains a difference, and is nothing to know by itself."""

    came_from: str = ""
    """The stall given up in the act that gave the present one."""
    other: str = ""
    """With whom it was exchanged."""
    answers: Mapping[str, OfferAnswer] = field(default_factory=dict)
    """What became of offers."""
    late: bool = False
    """Whether the hour of arrival is over."""


@dataclass(frozen=True)
class Case:
    """A person as the table of sentences sees them."""

    known: Known
    now: Known
    around: Around
    changed: frozenset[str]
    left: frozenset[str]
    """What of it is not said yet."""


class Saying(NamedTuple):
    """A sentence: for which differences it is there, when it fits, and what else it says."""

    kind: str
    about: tuple[str, ...]
    fits: Callable[[Case], bool]
    says: tuple[str, ...] = ()


def _standing(*standings: Standing) -> Callable[[Case], bool]:
    return lambda case: case.now.standing in standings


def _back_from_plan(case: Case) -> bool:
    return case.now.standing is S.APPROVED and case.known.standing in PLANNED


def _same_stall(case: Case) -> bool:
    return case.now.standing is S.PLACED and not case.left & {"standing", "stalls"} and not case.around.late


def _placed_late(case: Case) -> bool:
    return case.now.standing is S.PLACED and case.around.late


def _came_up(case: Case) -> bool:
    return case.now.standing is S.PLACED and case.known.standing in (*PLANNED, S.REJECTED, S.WITHDRAWN)


def _offered(case: Case) -> bool:
    return case.now.standing is S.WAITING and bool(case.now.offer)


def _taken_back(case: Case) -> bool:
    return case.now.standing is S.WAITING and case.known.standing is S.PLACED


def _offer_over(case: Case) -> bool:
    return bool(case.now.lapsed) and case.now.lapsed != case.known.lapsed


def _offer_gone(case: Case) -> bool:
    """Also one that staff took for somebody who has lost the stall since and never heard of it."""
    gone = (OfferAnswer.WITHDRAWN, OfferAnswer.ACCEPTED)
    return case.now.standing is S.WAITING and case.around.answers.get(case.known.offer or "") in gone


def _swapped(case: Case) -> bool:
    return bool(case.around.other) and case.around.came_from == case.known.stalls


def _punctual(case: Case) -> bool:
    return case.now.standing is S.PLACED and not case.around.late


def _still_placed(case: Case) -> bool:
    """A vendor who is told of a stall is told the arrival time with it."""
    return _punctual(case) and "standing" not in case.changed


def _no_pass(case: Case) -> bool:
    return case.now.pass_version == 0


def _shut(case: Case) -> bool:
    return bool(case.now.shut)


def _open_again(case: Case) -> bool:
    """Whoever came to another stall was told of that one."""
    return not case.now.shut and not case.changed & {"standing", "stalls"}


def _any(_case: Case) -> bool:
    return True


_TO_STAND = ("stalls", "arrive", "place", "pass_version")
_WHEN = ("held", "on", "hours", "place")

SAYINGS = (
    Saying("calendar.postponed", ("held",), lambda case: case.now.held is Held.POSTPONED),
    Saying("calendar.cancelled", ("held",), lambda case: case.now.held is Held.CANCELLED),
    Saying("calendar.rescheduled", ("held", "on"), _back_from_plan, (*_WHEN, "standing")),
    Saying("calendar.rescheduled", ("held", "on"), _standing(S.SUBMITTED, S.NEEDS_MORE, S.APPROVED), _WHEN),
    Saying("notices.date_placed", ("held", "on"), _same_stall, (*_WHEN, "arrive")),
    Saying("notices.date", ("held", "on"), _any, _WHEN),
    Saying("notices.replanned", ("standing",), _back_from_plan),
    Saying("vendors.approved", ("standing",), _standing(S.APPROVED)),
    Saying("vendors.needs_more", ("standing", "note"), _standing(S.NEEDS_MORE)),
    Saying("vendors.rejected", ("standing", "note"), _standing(S.REJECTED)),
    Saying("vendors.withdrawn", ("standing",), _standing(S.WITHDRAWN)),
    Saying("gate.no_show", ("standing",), _standing(S.ABSENT)),
    Saying("stalls.placed_now", ("standing",), _placed_late, _TO_STAND),
    Saying("stalls.placed", ("standing",), _came_up, _TO_STAND),
    Saying("gate.placed", ("standing",), _standing(S.PLACED), _TO_STAND),
    Saying("stalls.offered", ("standing", "offer", "until"), _offered, ("lapsed",)),
    Saying("stalls.taken_back", ("standing",), _taken_back, ("offer", "until", "lapsed")),
    Saying("gate.waiting", ("standing",), _standing(S.WAITING), ("offer", "until", "lapsed")),
    Saying("stalls.offer_over", ("offer", "lapsed"), _offer_over, ("until",)),
    Saying("stalls.offer_gone", ("offer",), _offer_gone, ("until", "lapsed")),
    Saying("stalls.shut", ("shut",), _shut),
    Saying("stalls.swapped", ("stalls",), _swapped, ("pass_version", "shut")),
    Saying("stalls.moved", ("stalls",), _any, ("pass_version", "shut")),
    Saying("stalls.open_again", ("shut",), _open_again),
    Saying("notices.hours_placed", ("hours",), _still_placed, ("arrive",)),
    Saying("notices.hours", ("hours",), _any, ("arrive",)),
    Saying("notices.arrive", ("arrive",), _punctual),
    Saying("notices.place", ("place",), _any, ("address",)),
    Saying("notices.address", ("address",), _any),
    Saying("notices.entrance", ("entrance",), lambda case: bool(case.now.entrance)),
    Saying("notices.theme", ("theme",), _any),
    Saying("notices.method", ("method",), _any),
    Saying("gate.pass_withdrawn", ("pass_version",), _no_pass),
    Saying("notices.new_pass", ("pass_version",), _any),
)
"""Every sentence, in the order in which they are said; what none of them says is no news."""


def sayings(known: Known, now: Known, around: Around) -> tuple[str, ...]:
    """The kinds of sentences that say the difference; none: there is nothing to tell."""
    changed = changes(known, now)
    case, kinds = Case(known, now, around, changed, changed), []
    for saying in SAYINGS:
        if case.left.intersection(saying.about) and saying.fits(case):
            kinds.append(saying.kind)
            case = replace(case, left=case.left.difference(saying.about, saying.says))
    return tuple(kinds)
