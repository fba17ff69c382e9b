"""By what one phone is one voice for a market, without knowing whose it is: as wishes do it, with a salt of a
date. The salt goes when nothing can be said of that date any more."""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from market.communities.models import Community
from market.db import db
from market.demand.marks import network_mark, phone_mark
from market.feedback.models import FeedbackSalt

KEPT = timedelta(days=17)
"""Longer than any profile lets a market be spoken of, and the day of each zone."""


class Marks(NamedTuple):
    """A phone and its network."""

    phone: str
    network: str


def marks_of(community: Community, on: date, token: str, address: str) -> Marks:
    """The marks under a date; makes its salt when it is the first."""
    salt = _salt_of(on)
    if salt is None:
        salt = secrets.token_hex(32)
        db.session.add(FeedbackSalt(on=on, salt=salt))
        db.session.flush()
    return Marks(phone_mark(community, on, token, salt), network_mark(community, on, address, salt))


def phone_of(community: Community, on: date, token: str) -> str | None:
    """The mark of a phone that may have spoken; None where nothing can be known."""
    salt = _salt_of(on) if token else None
    return phone_mark(community, on, token, salt) if salt is not None else None


def _salt_of(on: date) -> str | None:
    return db.session.scalar(sa.select(FeedbackSalt.salt).where(FeedbackSalt.on == on))


def forget_marks(*, at: datetime) -> int:
    """Deletes the salts of dates that are over everywhere; how many."""
    gone = db.session.execute(sa.delete(FeedbackSalt).where(FeedbackSalt.on < (at - KEPT).date()))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
