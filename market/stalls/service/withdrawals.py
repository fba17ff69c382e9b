"""A vendor gives the stall back, or does not come at all."""

from __future__ import annotations

from datetime import datetime

from market.db import db, lock_row
from market.people.models import User
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.stalls.service.facts import scene
from market.stalls.service.guards import refuse_wrong_state
from market.stalls.service.holds import take_back
from market.stalls.service.offers import decline_offer, offer_freed, offer_to
from market.stalls.service.telling import tell_lost
from market.vendors import service as vendors
from market.vendors.models import Application
from market.vendors.rules import ApplicationState

STATE_AFTER = {
    ReleaseReason.WITHDRAWN: ApplicationState.WITHDRAWN,
    ReleaseReason.REPLANNED: ApplicationState.WAITLISTED,
}
"""What a released vendor's application becomes; a no-show and a day called off leave it as it was."""


def release(assignment: Assignment, reason: ReleaseReason, *, by: User, at: datetime) -> None:
    """The vendor gives the stall back, or it is taken away; twice is once.

    `WITHDRAWN` withdraws the application, `REPLANNED` puts the vendor on the waiting list.
    """
    lock_row(assignment.day)
    db.session.refresh(assignment)
    if assignment.released_at is not None:
        return
    take_back(assignment, reason, by=by, at=at)
    application = assignment.application
    application.state = STATE_AFTER.get(reason, application.state)
    db.session.flush()
    tell_lost(assignment, reason, by=by, at=at)


def withdraw(application: Application, *, by: User, at: datetime) -> None:
    """The vendor does not come: what they were offered and, after publication, what they held goes to the
    next in line. Refuses as `vendors.withdraw` does."""
    day = application.day
    lock_row(day)
    db.session.refresh(application)
    held, asked = scene(day).live.get(application.id), offer_to(application)
    if held is None:
        _withdraw_waiting(application, by=by, at=at)
    else:
        refuse_wrong_state(day)
        release(held, ReleaseReason.WITHDRAWN, by=by, at=at)
    if asked is not None and at < asked.expires_at:
        decline_offer(asked, by=by, at=at)
    if held is not None:
        offer_freed(held, by=by, at=at)


def _withdraw_waiting(application: Application, *, by: User, at: datetime) -> None:
    """Who was placed and holds nothing any more lost the stall before: a no-show, or a day called off."""
    if application.state is ApplicationState.ALLOCATED:
        application.state = ApplicationState.WAITLISTED
    vendors.withdraw(application, by=by, at=at)
