"""How applications stand, in a word: what the plan says counts, not what was noted when it was laid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _

from market.calendar.rules import DayState, has_reached
from market.pages.rules import PlanFacts, shown_state
from market.stalls import service as stalls
from market.stalls.rules import ReleaseReason
from market.vendors.models import Application
from market.vendors.rules import OVER, ApplicationState, told_state
from market.vendors.words import state_word

DID_NOT_COME: tuple[str, Any] = ("stop", _("没来"))

AFTERWARDS: dict[ApplicationState, tuple[str, Any]] = {
    ApplicationState.ALLOCATED: ("go", _("出过摊")),
    ApplicationState.APPROVED: ("", _("没排上")),
    ApplicationState.WAITLISTED: ("", _("没排上")),
}
"""What is said of a market that is over: nobody has a stall any more, and nobody waits."""


def look_of(state: ApplicationState, day: DayState) -> tuple[str, Any]:
    """Look and word of a state, as it is on a day in this state."""
    took_place = day in OVER and day is not DayState.CANCELLED
    return AFTERWARDS.get(state, state_word(state)) if took_place else state_word(state)


def state_words(
    applications: Sequence[Application], *, to_vendor: bool = False
) -> dict[int, tuple[str, Any]]:
    """Look and word of each, by its id; a vendor is told of no plan that may still change."""
    lost_by = stalls.last_releases(applications)
    planned = {a.day_id for a in applications if lost_by.get(a.id, ReleaseReason.MOVED) is None}
    return {a.id: _word(a, lost_by, a.day_id in planned, to_vendor=to_vendor) for a in applications}


def _word(
    application: Application, lost_by: dict[int, ReleaseReason | None], planned: bool, *, to_vendor: bool
) -> tuple[str, Any]:
    day, found = application.day, lost_by.get(application.id, ReleaseReason.MOVED)
    state = told_state(application.state, day.state) if to_vendor else application.state
    facts = PlanFacts(
        planned=planned or has_reached(day.state, DayState.ALLOCATED),
        holds=found is None,
        missed=found is ReleaseReason.NO_SHOW,
    )
    shown = shown_state(state, facts)
    return DID_NOT_COME if shown is None else look_of(shown, day.state)
