"""What of a whole register ran out or soon does: the database chooses whose papers are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from market import clock
from market.communities.models import Community
from market.communities.profile import Profile
from market.communities.service import profile_of
from market.db import db
from market.vendors.models import Document, Vendor
from market.vendors.papers import MONTH_DAYS
from market.vendors.rules import OF_A_BATCH, SIGNED
from market.vendors.service.papers import VendorPaperDue, due_papers

Condition = sa.ColumnElement[bool]


def due_in_register(community: Community, today: date) -> list[VendorPaperDue]:
    """`due_papers` of everybody, the nearest end first, without reading those who can have none."""
    last = today + timedelta(days=MONTH_DAYS)
    ending = sa.or_(Document.valid_to <= last, *_without_a_day(community, last))
    some = sa.select(Document.vendor_id).where(
        ending, Document.kind.not_in([*SIGNED, *OF_A_BATCH]), ~_is_renewed(today)
    )
    query = sa.select(Vendor).where(Vendor.community_id == community.id, Vendor.id.in_(some))
    return due_papers(list(db.session.scalars(query.order_by(Vendor.id))), today)


def _without_a_day(community: Community, last: date) -> Iterator[Condition]:
    """Documents that count for so long since somebody saw them, and may have ended by then."""
    for kind, days in shortest_terms(profile_of(community)).items():
        seen_before = clock.at_local(last - timedelta(days=days - 1), time(), community.zone)
        yield sa.and_(Document.valid_to.is_(None), Document.kind == kind, Document.checked_at < seen_before)


def shortest_terms(profile: Profile) -> dict[str, int]:
    """For how many days a document without a day counts at least, by its kind."""
    found: dict[str, int] = {}
    for duty in profile.duties:
        for kind in duty.kinds if duty.term_days is not None else ():
            found[kind] = min(duty.term_days or 0, found.get(kind, duty.term_days or 0))
    return found


def _is_renewed(today: date) -> Condition:
    """Whether the same person, or the same stall, has a later document of the same kind that is valid."""
    later = aliased(Document)
    same = sa.and_(
        later.vendor_id == Document.vendor_id,
        later.kind == Document.kind,
        sa.func.coalesce(later.person_id, 0) == sa.func.coalesce(Document.person_id, 0),
    )
    return sa.exists().where(same, later.valid_to >= today, later.valid_to > Document.valid_to)
