"""What staff write in their own words: to whom, how it reaches each, taken back while it has not left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.notices.rules import Channel, is_past, must_call
from market.outbox.matters.letter import holds, untold
from market.outbox.models import Letter, LetterCopy, Outgoing
from market.outbox.rules import LETTER_LENGTH, UNDO, Errand, SendState, Way
from market.outbox.service.settings import rule_of
from market.outbox.service.ways import addresses
from market.people.models import User
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import LIVE


class Recipient(NamedTuple):
    """Somebody a letter can go to, and how it would."""

    application: Application
    label: str
    """The stall; empty for who has none."""
    way: Way | None
    in_app: bool

    @property
    def must_be_called(self) -> bool:
        return self.way is None and not self.in_app


def recipients(day: MarketDay) -> list[Recipient]:
    """Everybody who counts on this day, in the order of their arrival."""
    labels = {held.application_id: held.label for held in stalls.assignments(day)}
    live = [one for one in vendors.applications(day) if one.state in LIVE and not one.vendor.forgotten]
    where = addresses(rule_of(day.community), {one.vendor_id for one in live})
    with_help = vendors.helped([one.vendor for one in live])
    found = []
    for one in live:
        ways = where[one.vendor_id].ways if one.vendor_id in where else ()
        in_app = one.vendor.user_id is not None or one.vendor_id in with_help
        found.append(Recipient(one, labels.get(one.id, ""), ways[0] if ways else None, in_app))
    return found


def write_letter(day: MarketDay, text: str, refs: Collection[str], *, by: User, at: datetime) -> Letter:
    """A text to these applicants of a day; it leaves in a few minutes.

    Refuses a text to nobody, of nothing or too much, and of a market that is over."""
    if not text.strip() or len(text) > LETTER_LENGTH:
        raise Refusal("outbox.letter_length", _("请写 1 到 %(n)s 个字。", n=LETTER_LENGTH))
    lock_row(day)
    if is_past(day.state, day.close_at, at):
        raise Refusal("outbox.letter_late", _("这一场已经结束了，不能再群发。"))
    chosen = [one.application for one in recipients(day) if one.application.ref in refs]
    if not chosen:
        raise Refusal("outbox.letter_to_nobody", _("还没有选发给谁。"))
    race_point("outbox.write_letter")
    letter = Letter(
        community_id=day.community_id,
        day_id=day.id,
        text=text,
        written_by=by.id,
        written_at=at,
        leaves_at=at + UNDO,
        copies=[LetterCopy(application_id=one.id) for one in chosen],
    )
    db.session.add(letter)
    audit.record("outbox.write_letter", letter, by=by, at=at, copies=len(chosen))
    return letter


def take_back_letter(letter: Letter, *, by: User, at: datetime) -> None:
    """It does not leave after all. Refuses once it may have left. Twice is once."""
    lock_row(letter)
    if letter.taken_back_at is not None:
        return
    if at >= letter.leaves_at:
        raise Refusal("outbox.letter_left", _("已经发出去了，收不回来。要更正，请再写一条。"))
    letter.taken_back_at, letter.taken_back_by = at, by.id
    audit.record("outbox.take_back_letter", letter, by=by, at=at)


def tell_copy(copy: LetterCopy, *, channel: Channel, by: User, at: datetime) -> None:
    """Somebody read it, or was told it by staff. Twice is once."""
    lock_row(copy)
    if holds(copy, at):
        copy.told_at, copy.channel, copy.told_by = at, channel, by.id
        audit.record("outbox.tell_letter", copy, by=by, at=at, channel=channel.value, community=_of(copy))


def _of(copy: LetterCopy) -> Community:
    return copy.letter.day.community


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def find_letter(community: Community, ref: str) -> Letter:
    query = sa.select(Letter).where(Letter.community_id == community.id, Letter.ref == ref)
    found = db.session.scalar(query)
    if found is None:
        raise _no_letter()
    return found


def find_copy(community: Community, ref: str) -> LetterCopy:
    query = sa.select(LetterCopy).join(LetterCopy.letter)
    found = db.session.scalar(query.where(Letter.community_id == community.id, LetterCopy.ref == ref))
    if found is None:
        raise _no_letter()
    return found


def _no_letter() -> NotFound:
    return NotFound("outbox.no_letter", _("没有这条消息。"))


def letters_of(day: MarketDay) -> list[Letter]:
    """What was written about a day, the newest first."""
    return list(
        db.session.scalars(sa.select(Letter).where(Letter.day_id == day.id).order_by(Letter.id.desc()))
    )


def unread_letters(vendor: Vendor, at: datetime) -> list[LetterCopy]:
    """What a vendor was written and does not know yet, once it cannot be taken back any more."""
    query = (
        sa.select(LetterCopy)
        .join(LetterCopy.application)
        .join(LetterCopy.letter)
        .where(
            Application.vendor_id == vendor.id,
            LetterCopy.told_at.is_(None),
            Letter.taken_back_at.is_(None),
            Letter.leaves_at <= at,
        )
        .order_by(LetterCopy.id)
    )
    return [copy for copy in db.session.scalars(query) if holds(copy, at)]


def letters_to_call(community: Community, at: datetime) -> list[LetterCopy]:
    """What staff have to say by telephone: to who has neither account nor channel, has not read while time
    is short, or was not reached."""
    copies = [copy for copy in untold(community, at) if copy.letter.leaves_at <= at]
    if not copies:
        return []
    where = addresses(rule_of(community), {copy.application.vendor_id for copy in copies})
    reached = {vendor_id for vendor_id, found in where.items() if found.ways}
    reached |= vendors.helped([copy.application.vendor for copy in copies])
    failed = _failed([copy.ref for copy in copies])
    return [
        copy
        for copy in copies
        if _must_call(copy, copy.ref in failed, copy.application.vendor_id in reached, at)
    ]


def _failed(refs: Sequence[str]) -> set[str]:
    """Which copies nothing could bring: something failed, and nothing is under way."""
    query = sa.select(Outgoing.subject, Outgoing.state).where(Outgoing.errand == Errand.LETTER)
    rows = db.session.execute(query.where(Outgoing.subject.in_(refs))).all()
    lost = {subject for subject, state in rows if state is SendState.FAILED}
    return lost - {subject for subject, state in rows if state is not SendState.FAILED}


def _must_call(copy: LetterCopy, failed: bool, reached: bool, at: datetime) -> bool:
    letter = copy.letter
    can_read = copy.application.vendor.user_id is not None or reached
    return must_call(
        can_read=can_read and not failed, made_at=letter.leaves_at, needed_by=letter.day.arrive_by, at=at
    )
