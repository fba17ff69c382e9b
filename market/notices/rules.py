"""When a notice waits for its reader, and when somebody of the staff has to telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

KEPT = timedelta(days=365)
"""So long a notice is kept; then it is deleted (PIPL 19)."""

PATIENCE = (
    (timedelta(hours=6), timedelta()),
    (timedelta(days=1), timedelta(hours=1)),
    (timedelta(days=3), timedelta(hours=6)),
)
"""So near to the moment at which it must be known → so long people with an account have to read it."""


def must_call(*, can_read: bool, made_at: datetime, needed_by: datetime, at: datetime) -> bool:
    """Whether to telephone now: always where there is no account, else when time is short; never too late."""
    if made_at < needed_by <= at:
        return False
    if not can_read:
        return True
    return any(at >= needed_by - near and at >= made_at + patience for near, patience in PATIENCE)
