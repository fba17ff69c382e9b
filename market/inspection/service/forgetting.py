"""What is not kept: photos after a while, the words of incidents after years, whatever names a vendor."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from market.db import db
from market.inspection import rules
from market.inspection.models import Finding, FindingPhoto, FollowUp, Incident, SpotCheck
from market.inspection.rules import Result
from market.stalls.models import Assignment
from market.vendors.models import Vendor

_NO_WORDS = {"what": "", "place": "", "told": "", "done": ""}


def forget_old(*, at: datetime) -> int:
    """Deletes photos that nobody needs any more and erases the words of old incidents; how many rows."""
    photos = sa.delete(FindingPhoto).where(
        sa.or_(
            FindingPhoto.added_at < at - rules.PHOTO_AT_MOST,
            FindingPhoto.finding_id.in_(_settled_before(at - rules.PHOTO_AFTER_CLOSING)),
        )
    )
    old = sa.and_(Incident.noted_at < at - rules.INCIDENT_KEPT, Incident.what != "")
    texts = sa.update(Incident).where(old)
    gone = [db.session.execute(photos), db.session.execute(texts.values(_NO_WORDS))]
    return sum(result.rowcount for result in gone)  # type: ignore[attr-defined]  # CursorResult


def _settled_before(moment: datetime) -> sa.Select[int]:
    """Findings that were settled before a moment: closed, or mended on the spot."""
    closed = sa.select(FollowUp.finding_id).where(FollowUp.closes, FollowUp.noted_at < moment)
    mended = sa.and_(Finding.result == Result.MENDED, SpotCheck.checked_at < moment)
    return sa.select(Finding.id).join(Finding.check).where(sa.or_(Finding.id.in_(closed), mended))


def forget_texts(vendor: Vendor) -> None:
    """Deletes the words and photos about a vendor's stalls; what was found stays, and names nobody."""
    checks = sa.select(SpotCheck.id).join(Assignment).where(Assignment.vendor_id == vendor.id)
    found = sa.select(Finding.id).where(Finding.check_id.in_(checks))
    db.session.execute(sa.delete(FindingPhoto).where(FindingPhoto.finding_id.in_(found)))
    db.session.execute(sa.update(FollowUp).where(FollowUp.finding_id.in_(found)).values(note=""))
    db.session.execute(sa.update(Finding).where(Finding.check_id.in_(checks)).values(note=""))
    db.session.execute(sa.update(SpotCheck).where(SpotCheck.id.in_(checks)).values(inspector=""))
