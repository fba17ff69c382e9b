"""A paper that runs out: thirty and seven days before its end, to the vendor who has to renew it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from market import clock
from market.communities.models import Community
from market.db import db
from market.outbox.matters.matter import Said, Want
from market.outbox.models import Outgoing
from market.outbox.rules import digest
from market.outbox.words import PAPER_TITLE, letter_text
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.papers import Due
from market.vendors.service import VendorPaperDue
from market.vendors.words import due_sentence

COMES = timedelta(days=365)
"""Whoever applied for no market for so long is not written to about papers."""

AHEAD = (Due.MONTH, Due.WEEK)


def wants(community: Community, at: datetime) -> Iterator[Want]:
    """What runs out soon, of the vendors who come."""
    lately = sa.select(Application.vendor_id).where(Application.submitted_at > at - COMES)
    here = sa.select(Vendor).where(Vendor.community_id == community.id, Vendor.id.in_(lately))
    for due in _ahead(list(db.session.scalars(here)), at):
        key = due.paper.key
        needed_by = _midnight(due.paper.ends, community)
        yield Want(key, digest([key]), at, needed_by, vendor_id=due.vendor.id, in_all=1)


def say(rows: Sequence[Outgoing], at: datetime) -> dict[int, Said]:
    """The reminder, unless another paper is there by now, or the next one is due."""
    by_community: dict[int, list[Vendor]] = defaultdict(list)
    for row in rows:
        if row.vendor is not None:
            by_community[row.community_id].append(row.vendor)
    due = {one.paper.key: one for some in by_community.values() for one in _ahead(some, at)}
    return {row.id: _said(row, due[row.subject], at) for row in rows if row.subject in due}


def _said(row: Outgoing, due: VendorPaperDue, at: datetime) -> Said:
    sentence = due_sentence(due.paper, clock.local(at, row.community.zone).date())
    text = letter_text(sentence, due.vendor.trading_name, row.community)
    title = _("【%(name)s】%(what)s", name=row.community.name, what=PAPER_TITLE)
    params = {"text": sentence, "vendor": due.vendor.trading_name}
    needed_by = _midnight(due.paper.ends, row.community)
    return Said(row.mark, title, text, needed_by, template="letter", params=params)


def _ahead(some: list[Vendor], at: datetime) -> list[VendorPaperDue]:
    if not some:
        return []
    today = clock.local(at, some[0].community.zone).date()
    return [due for due in vendors.due_papers(some, today) if due.paper.due in AHEAD]


def _midnight(day: date, community: Community) -> datetime:
    return clock.at_local(day + timedelta(days=1), time(0, 0), community.zone)
