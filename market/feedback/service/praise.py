"""Praise: one phone, one vendor, one market, one word; read by the vendor, by everybody when staff say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.feedback.marks import marks_of
from market.feedback.models import Praise, PraiseVerdict
from market.feedback.rules import LONGEST_SENTENCE, MOST_PRAISE, PraiseKind
from market.feedback.service.voices import refuse_unless_open
from market.people.models import User
from market.stalls import service as stalls
from market.typed_text import names_a_person, one_line
from market.vendors.models import Vendor

NEWEST = 20
MOST_WAITING = 200
"""Praise that staff are shown at once to look at."""


@dataclass(frozen=True)
class Praised:
    """A praise, and what staff said of it last."""

    praise: Praise
    fit: bool | None


def give_praise(
    day: MarketDay,
    vendor: Vendor,
    kind: PraiseKind,
    sentence: str,
    *,
    token: str,
    address: str,
    at: datetime,
) -> Praise:
    """A phone praises a vendor who stood there; twice is once, and the first word counts.

    Refuses `feedback.not_yet`, `feedback.over`, `feedback.not_there`, `feedback.names_a_person`,
    `feedback.long_sentence` and `feedback.too_often`.
    """
    refuse_unless_open(day, at)
    if stalls.assignment_of(day, vendor) is None:
        raise Refusal("feedback.not_there", _("这一家那天没有摊位。"), 422)
    text = _checked(sentence)
    marks = marks_of(day.community, calendar.local_date(day), token, address)
    given = sa.select(Praise).where(Praise.day_id == day.id)
    known = db.session.scalar(given.where(Praise.vendor_id == vendor.id, Praise.phone == marks.phone))
    if known is not None:
        return known
    heard = given.where(Praise.network == marks.network).subquery()
    if (db.session.scalar(sa.select(sa.func.count()).select_from(heard)) or 0) >= MOST_PRAISE:
        raise Refusal("feedback.too_often", _("这个网络夸得太多了，先不记了。当面夸一句也好。"), 429)
    row = Praise(
        day=day,
        vendor=vendor,
        kind=kind,
        sentence=text,
        phone=marks.phone,
        network=marks.network,
        given_at=at,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _checked(sentence: str) -> str:
    text = one_line(sentence)
    if names_a_person(text):
        raise Refusal("feedback.names_a_person", _("请不要写手机号或身份证号。"), 422)
    if len(text) > LONGEST_SENTENCE:
        raise Refusal("feedback.long_sentence", _("请写短一点，最多 %(n)s 个字。", n=LONGEST_SENTENCE), 422)
    return text


def find_praise(community: Community, ref: str) -> Praise:
    query = sa.select(Praise).join(Praise.vendor).where(Vendor.community_id == community.id)
    found = db.session.scalar(query.where(Praise.ref == ref))
    if found is None:
        raise NotFound("feedback.no_praise", _("没有这一句。"))
    return found


def say_of_praise(praise: Praise, *, fit: bool, by: User, at: datetime) -> None:
    """Everybody may read it, or nobody, the vendor neither; the last word counts, twice is once."""
    lock_row(praise)
    if _verdicts([praise]).get(praise.id) is fit:
        return
    db.session.add(PraiseVerdict(praise=praise, fit=fit, said_at=at, said_by=by.id))
    db.session.flush()
    audit.record("feedback.say_of_praise", praise.vendor, by=by, at=at, fit=fit)


def praise_of_vendor(vendor: Vendor, most: int | None = NEWEST) -> list[Praised]:
    """What the vendor reads: what staff did not find unfit, the newest first; None: all of it."""
    return _newest(Praise.vendor_id == vendor.id, sa.or_(_UNREAD, PraiseVerdict.fit), most=most)


def public_praise(community: Community) -> list[Praised]:
    """What everybody reads, the newest first."""
    return _newest(Vendor.community_id == community.id, PraiseVerdict.fit.is_(True))


def praise_waiting(community: Community) -> list[Praised]:
    """What nobody of the staff has looked at; older ones follow when these are looked at."""
    return _newest(Vendor.community_id == community.id, _UNREAD, most=MOST_WAITING)


_UNREAD = PraiseVerdict.id.is_(None)


def _newest(*which: sa.ColumnElement[bool], most: int | None = NEWEST) -> list[Praised]:
    """Praise beside the last verdict of it, if any."""
    last = sa.select(sa.func.max(PraiseVerdict.id)).group_by(PraiseVerdict.praise_id)
    newest = sa.and_(PraiseVerdict.praise_id == Praise.id, PraiseVerdict.id.in_(last))
    query = sa.select(Praise).join(Praise.vendor).outerjoin(PraiseVerdict, newest).where(*which)
    query = query.options(joinedload(Praise.vendor), joinedload(Praise.day))
    rows = list(db.session.scalars(query.order_by(Praise.id.desc()).limit(most)))
    said = _verdicts(rows)
    return [Praised(row, said.get(row.id)) for row in rows]


def _verdicts(rows: list[Praise]) -> dict[int, bool]:
    query = sa.select(PraiseVerdict).where(PraiseVerdict.praise_id.in_([row.id for row in rows]))
    return {row.praise_id: row.fit for row in db.session.scalars(query.order_by(PraiseVerdict.id))}
