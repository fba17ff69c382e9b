"""Bringing the books of older versions in order: every market of a community at once, by entries."""

from __future__ import annotations

from datetime import datetime

from market import audit
from market.communities.models import Community
from market.db import db, lock_row
from market.ledger.models import Entry
from market.ledger.queries import find_book
from market.people.models import User
from market.settlement.service.postings import restate
from market.settlement.service.queries import settlements


def restate_community(community: Community, *, by: User | None, at: datetime) -> list[Entry]:
    """Restates every settled market that needs it; again changes nothing. The entries that were posted.

    Without a person it is done in the name of whoever opened the book.
    """
    book = find_book(community)
    if book is None:
        return []
    lock_row(book)
    keeper = by or db.session.get_one(User, book.opened_by)
    posted = [restate(closed.day, by=keeper, at=at) for closed in settlements(community)]
    entries = [entry for entry in posted if entry is not None]
    if entries:
        audit.record(
            "settlement.restate_community", book, by=by, at=at, community=community, entries=len(entries)
        )
    return entries
