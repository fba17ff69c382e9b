"""By what one phone is one voice a week, without knowing whose it is.

A phone is known by a random token that it got when it first asked for something; a network by its address.
Of both only a mark is kept, made with a salt of that week and the installation's secret. The salt is deleted
when the week is over: from then on nobody, not even with the whole database and the secret, finds out which
address or phone it was, or that two weeks had the same.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from market.communities.models import Community
from market.config import settings
from market.db import db
from market.demand.models import WishSalt
from market.demand.rules import network_of

LETTERS = 24
"""Of a mark: 96 bits, so that no two phones meet."""


def mark(community: Community, week: date, what: str, salt: str) -> str:
    """The mark of a token or an address in one week and community."""
    key = hmac.digest(settings().signing_secret().encode(), salt.encode(), "sha256")
    text = f"{community.id}|{week.isoformat()}|{what}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:LETTERS]


def phone_mark(community: Community, week: date, token: str, salt: str) -> str:
    return mark(community, week, f"phone|{token}", salt)


def network_mark(community: Community, week: date, address: str, salt: str) -> str:
    return mark(community, week, f"network|{network_of(address)}", salt)


def salt_of(week: date) -> str | None:
    """The salt of a week, None when it has none, or no longer."""
    return db.session.scalar(sa.select(WishSalt.salt).where(WishSalt.week == week))


def salt_for(week: date) -> str:
    """The same, made when it is the first voice of the week."""
    known = salt_of(week)
    if known is None:
        known = secrets.token_hex(32)
        db.session.add(WishSalt(week=week, salt=known))
        db.session.flush()
    return known


def forget_marks(*, at: datetime) -> int:
    """Deletes the salts of weeks that are over everywhere; how many."""
    over = (at - timedelta(days=8)).date()
    gone = db.session.execute(sa.delete(WishSalt).where(WishSalt.week < over))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
