"""Telling a vendor that nobody came."""

from __future__ import annotations

from datetime import datetime

from market.people.models import User
from market.stalls.models import Assignment
from market.vendors.service.telling import tell


def tell_no_show(held: Assignment, *, by: User, at: datetime) -> None:
    """The vendor has not come, and the stall is somebody else's now."""
    tell(held.application, "gate.no_show", f"no-show:{held.ref}", by=by, at=at, stall=held.label)
