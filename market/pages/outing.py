"""One market as a vendor sees it: am I in, where, when, and what is there to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market.calendar.models import MarketDay
from market.calendar.rules import PUBLIC_STATES, DayState
from market.pages.rules import OutingFacts, Todo, todo_of
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.stalls.advice import change_sentence, lost_sentence
from market.stalls.models import Assignment, StallOffer
from market.stalls.rules import Standing
from market.stalls.service import Stand
from market.stalls.words import assignment_sentence, reason_sentence
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState, may_withdraw, told_state

A, S = ApplicationState, DayState
DONE = (S.SETTLED, S.ARCHIVED)


@dataclass(frozen=True)
class Outing:
    """A market, the vendor's application to it, and the stall once it is public."""

    day: MarketDay
    application: Application | None
    assignment: Assignment | None
    todo: Todo
    waiting: str = ""
    """Which place in the waiting list, why, and what would change it; or why there is no stall any more."""
    why: str = ""
    """Why the vendor stands where it stands."""
    offer: StallOffer | None = None
    """A stall kept for the vendor for a while."""
    offered: str = ""
    """Its number, or both of two."""
    standing: Standing | None = None
    """How it is by the public plan."""
    shut: str = ""
    """Why the vendor's stall does not open."""

    @property
    def state(self) -> ApplicationState | None:
        """What the vendor is told of its application."""
        if self.application is None:
            return None
        told = told_state(self.application.state, self.day.state)
        return A.WAITLISTED if self.standing is Standing.WAITING else told

    @property
    def absent(self) -> bool:
        """Whether staff marked the vendor as not come."""
        return self.standing is Standing.ABSENT

    @property
    def called_off(self) -> bool:
        return self.day.state in (S.POSTPONED, S.CANCELLED)

    @property
    def may_withdraw(self) -> bool:
        return self.application is not None and may_withdraw(self.application.state, self.day.state)


def outing(day: MarketDay, vendor: Vendor, application: Application | None, at: datetime) -> Outing:
    """Everything the vendor's page says about one market."""
    public = day.state in PUBLIC_STATES and application is not None
    assignment = stalls.assignment_of(day, vendor) if public else None
    todo = _todo(day, application, assignment, at)
    stand = stalls.stands(day, [application]).get(application.id) if public and application else None
    why = assignment_sentence(assignment.reason_code, assignment.reason_params) if assignment else ""
    waiting = _without_stall(day, application, stand) if public and application and not assignment else ""
    offer = _open_offer(day, application, at) if application is not None else None
    offered = stalls.offered_label(offer) if offer is not None else ""
    shut = _shut(day, assignment) if assignment else ""
    return Outing(
        day, application, assignment, todo, waiting, why, offer, offered, stand and stand.standing, shut
    )


def _shut(day: MarketDay, assignment: Assignment) -> str:
    found = stalls.shut_stalls(day)
    return next((found[key].reason for key in assignment.stall_ids if key in found), "")


def _open_offer(day: MarketDay, application: Application, at: datetime) -> StallOffer | None:
    offer = stalls.offer_to(application)
    return offer if offer is not None and stalls.is_open(offer, at) else None


def _without_stall(day: MarketDay, application: Application, stand: Stand | None) -> str:
    """Which rule took a stall away, if one did, and which place in the waiting list it is now."""
    place = None
    if stand is not None and stand.standing is Standing.WAITING:
        place = stalls.waiting_of(day, application.vendor)
    if place is None or place.reason is None:
        return _lost(application)
    said = reason_sentence(place.reason) + change_sentence(place.reason)
    return said if place.reason.code == "taken_out" else _lost(application) + said


def _lost(application: Application) -> str:
    """Which rule took the stall away, if there was one."""
    held = stalls.last_assignment(application)
    if held is None or held.release_reason is None:
        return ""
    return lost_sentence(held.release_reason.value, {"stall": held.label})


def _todo(
    day: MarketDay, application: Application | None, assignment: Assignment | None, at: datetime
) -> Todo:
    state = application.state if application is not None else None
    facts = OutingFacts(day.state, day.apply_until, day.close_at, state, assignment is not None)
    todo = todo_of(facts, at)
    has_reported = todo is Todo.REPORT and assignment and settlement.latest_report(assignment)
    return Todo.WAIT if has_reported else todo


def mine_now(vendor: Vendor, history: list[Application], at: datetime) -> list[Outing]:
    """The markets the vendor is in that are not over for it, the next first."""
    current = [a for a in reversed(history) if a.day.state not in DONE and a.state is not A.WITHDRAWN]
    found = [outing(application.day, vendor, application, at) for application in current]
    return [one for one in found if _still_matters(one, at)]


def _still_matters(one: Outing, at: datetime) -> bool:
    return at < one.day.close_at or one.todo is Todo.REPORT


def stall_labels(history: list[Application], vendor: Vendor) -> dict[int, str]:
    """Where the vendor stood at the markets whose plan is public, by the market's id."""
    return stalls.labels_by_day(vendor, [a.day_id for a in history if a.day.state in PUBLIC_STATES])


def most_urgent(outings: list[Outing]) -> Outing | None:
    """What the page opens with: takings to report, else the next market that is not called off."""
    for one in outings:
        if one.todo is Todo.REPORT:
            return one
    return next((one for one in outings if not one.called_off and one.state is not A.REJECTED), None)
