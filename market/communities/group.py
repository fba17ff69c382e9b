"""The group of a community's residents: what its page shows of how to join, as staff last said."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.communities.models import Community, ResidentGroup
from market.db import db, lock_row
from market.errors import Refusal
from market.photos import Photo
from market.typed_text import names_a_person

if TYPE_CHECKING:
    from market.people.models import User

LONGEST = 200


def group_of(community: Community) -> ResidentGroup | None:
    """What was said last; None when nothing is shown."""
    found = _newest(community)
    return found if found is not None and (found.text or found.width) else None


def _newest(community: Community) -> ResidentGroup | None:
    query = sa.select(ResidentGroup).where(ResidentGroup.community_id == community.id)
    return db.session.scalar(query.order_by(ResidentGroup.id.desc()).limit(1))


def show_group(
    community: Community, text: str, photo: Photo | None, until: date | None, *, by: User, at: datetime
) -> ResidentGroup:
    """From now on the page says this; without a new picture the one before stays. The same again is nothing.

    Refuses `communities.group_text` and `communities.group_past`.
    """
    said = text.strip()
    if not said or len(said) > LONGEST or names_a_person(said):
        sentence = _("请写群叫什么、怎么进，最多 200 个字；会公开，请不要写手机号。")
        raise Refusal("communities.group_text", sentence, 422)
    if until is not None and until < clock.local(at, community.zone).date():
        raise Refusal("communities.group_past", _("二维码的日子已经过了，请换一张新的。"), 422)
    lock_row(community)
    known = _newest(community)
    if known is not None and photo is None and (known.text, known.valid_until) == (said, until):
        return known
    return _write(community, _drawn(said, photo, until, known), by, at)


def _drawn(said: str, photo: Photo | None, until: date | None, known: ResidentGroup | None) -> ResidentGroup:
    row = ResidentGroup(text=said, valid_until=until)
    if photo is not None:
        row.picture, row.width, row.height = photo.content, photo.width, photo.height
    elif known is not None:
        row.picture, row.width, row.height = known.picture, known.width, known.height
    return row


def hide_group(community: Community, *, by: User, at: datetime) -> None:
    """Takes the group off the page, and its picture with it; twice is once."""
    lock_row(community)
    if group_of(community) is not None:
        _write(community, ResidentGroup(text=""), by, at)


def _write(community: Community, row: ResidentGroup, by: User, at: datetime) -> ResidentGroup:
    """The words of before stay as they were said; of pictures only the newest is kept."""
    earlier = sa.update(ResidentGroup).where(ResidentGroup.community_id == community.id)
    db.session.execute(earlier.values(picture=None, width=0, height=0))
    row.community, row.shown_at, row.shown_by = community, at, by.id
    db.session.add(row)
    db.session.flush()
    audit.record("communities.show_group", row, by=by, at=at, community=community, shown=bool(row.text))
    return row
