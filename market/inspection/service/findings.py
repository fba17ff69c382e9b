"""What was found, and looking again until it is settled."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import contains_eager, selectinload

from market import audit
from market.calendar.models import MarketDay
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.inspection.models import Finding, FindingPhoto, FollowUp, SpotCheck
from market.people.models import User
from market.photos import Photo

MOST_PHOTOS = 4


def findings_of(day: MarketDay) -> list[Finding]:
    """Everything that was found on a day, the open ones first, the longest awaited at their head."""
    query = (
        sa.select(Finding)
        .join(Finding.check)
        .where(SpotCheck.day_id == day.id)
        .order_by(Finding.id)
        .options(
            contains_eager(Finding.check), selectinload(Finding.follow_ups), selectinload(Finding.photos)
        )
    )
    return sorted(db.session.scalars(query), key=lambda found: (not found.is_open, _due(found)))


def _due(finding: Finding) -> datetime:
    return finding.mend_by or finding.check.checked_at


def open_findings(day: MarketDay) -> list[Finding]:
    """What is not settled yet."""
    return [finding for finding in findings_of(day) if finding.is_open]


def find_finding(day: MarketDay, ref: str) -> Finding:
    query = sa.select(Finding).join(Finding.check).where(SpotCheck.day_id == day.id, Finding.ref == ref)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("inspection.no_finding", _("没有这一条。请回到巡查页面再点一次。"))
    return found


def follow_up(finding: Finding, note: str, *, closes: bool, by: User, at: datetime) -> FollowUp:
    """Somebody looked again; `closes`: it is settled. Closing twice is closing once.

    Refuses `inspection.settled` where there is nothing more to say.
    """
    lock_row(finding.check.day)
    db.session.refresh(finding)
    closing = finding.closing
    if closing is not None and closes:
        return closing
    if not finding.is_open:
        raise Refusal("inspection.settled", _("这一条已经改好了，不用再跟。又有问题，请在下一轮巡查里记。"))
    row = FollowUp(finding=finding, closes=closes, note=note, noted_at=at, noted_by=by.id)
    db.session.add(row)
    db.session.flush()
    day = finding.check.day
    audit.record("inspection.follow_up", finding, by=by, at=at, community=day.community, closes=closes)
    return row


def add_photo(finding: Finding, photo: Photo, *, by: User, at: datetime) -> FindingPhoto:
    """One more picture of what was found. Refuses `inspection.enough_photos`."""
    lock_row(finding.check.day)
    if len(finding.photos) >= MOST_PHOTOS:
        raise Refusal("inspection.enough_photos", _("这一条已经有 4 张照片了，够用了。"))
    row = FindingPhoto(
        finding=finding,
        content=photo.content,
        width=photo.width,
        height=photo.height,
        added_at=at,
        added_by=by.id,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("inspection.add_photo", finding, by=by, at=at, community=finding.check.day.community)
    return row


def photo_of(finding: Finding, ref: str) -> FindingPhoto:
    found = next((photo for photo in finding.photos if photo.ref == ref), None)
    if found is None:
        raise NotFound("inspection.no_photo", _("没有这张照片，可能已经到期删掉了。"))
    return found
