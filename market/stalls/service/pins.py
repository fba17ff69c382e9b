"""Staff fix where a vendor stands."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from market import audit
from market.db import db, lock_row
from market.people.models import User
from market.stalls.models import Assignment, PlanPin
from market.stalls.service.guards import refuse_released, refuse_wrong_state
from market.vendors.models import Application


def pin(assignment: Assignment, *, by: User, at: datetime) -> None:
    """Laying the plan anew leaves this vendor here, and nobody moves it; twice is once."""
    refuse_released(assignment)
    refuse_wrong_state(assignment.day)
    if _pin_of(assignment.application) is None:
        known = PlanPin(
            day_id=assignment.day_id, application_id=assignment.application_id,
            stall_id=assignment.stall_id, pinned_by=by.id, pinned_at=at,
        )  # fmt: skip
        db.session.add(known)
        db.session.flush()
        audit.record("stalls.pin", assignment, by=by, at=at, stall=assignment.label)


def unpin(application: Application, *, by: User, at: datetime) -> None:
    """The vendor may be moved again; twice is once."""
    lock_row(application.day)
    known = _pin_of(application)
    if known is not None:
        db.session.delete(known)
        db.session.flush()
        audit.record("stalls.unpin", application, by=by, at=at)


def _pin_of(application: Application) -> PlanPin | None:
    return db.session.scalar(sa.select(PlanPin).where(PlanPin.application_id == application.id))
