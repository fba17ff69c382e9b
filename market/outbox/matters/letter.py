"""What staff wrote in their own words, to each of those it is for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from market.communities.models import Community
from market.db import db
from market.notices.rules import is_past
from market.outbox.matters.matter import Said, Told, Want
from market.outbox.models import Letter, LetterCopy, Outgoing
from market.outbox.words import letter_text


def untold(community: Community, at: datetime) -> list[LetterCopy]:
    """The copies of a community that still have to be brought to somebody."""
    query = (
        sa.select(LetterCopy)
        .join(LetterCopy.letter)
        .where(
            Letter.community_id == community.id,
            Letter.taken_back_at.is_(None),
            LetterCopy.told_at.is_(None),
        )
        .order_by(LetterCopy.id)
    )
    return [copy for copy in db.session.scalars(query) if holds(copy, at)]


def holds(copy: LetterCopy, at: datetime) -> bool:
    """Whether it is still to be said: not taken back, not told, not over, nobody who was forgotten."""
    letter, day = copy.letter, copy.letter.day
    open_ = letter.taken_back_at is None and copy.told_at is None
    return open_ and not is_past(day.state, day.close_at, at) and not copy.application.vendor.forgotten


def wants(community: Community, at: datetime) -> Iterator[Want]:
    """Every copy that has not reached anybody, once the letter cannot be taken back any more."""
    for copy in untold(community, at):
        yield Want(
            copy.ref,
            copy.letter.ref,
            copy.letter.leaves_at,
            copy.letter.day.arrive_by,
            vendor_id=copy.application.vendor_id,
            day_id=copy.letter.day_id,
        )


def say(rows: Sequence[Outgoing], at: datetime) -> dict[int, Said]:
    """The letter, unless it was taken back or read meanwhile."""
    copies = _copies(rows)
    found = {row.id: copies[row.subject] for row in rows if row.subject in copies}
    return {row_id: _said(copy) for row_id, copy in found.items() if holds(copy, at)}


def _said(copy: LetterCopy) -> Said:
    letter, vendor = copy.letter, copy.application.vendor
    community = letter.day.community
    text = letter_text(letter.text, vendor.trading_name, community)
    params = {"text": letter.text, "vendor": vendor.trading_name}
    title = _("【%(name)s】%(what)s", name=letter.day.theme, what=community.name)
    return Said(letter.ref, title, text, letter.day.arrive_by, template="letter", params=params)


def note(told: Sequence[Told], at: datetime) -> None:
    """It reached these people."""
    copies = _copies([one.row for one in told])
    for one in told:
        copy = copies.get(one.row.subject)
        if copy is not None and copy.told_at is None:
            copy.told_at, copy.channel = at, one.channel


def _copies(rows: Sequence[Outgoing]) -> dict[str, LetterCopy]:
    """The copies that rows are about, by address."""
    query = sa.select(LetterCopy).where(LetterCopy.ref.in_([row.subject for row in rows]))
    return {copy.ref: copy for copy in db.session.scalars(query)}
