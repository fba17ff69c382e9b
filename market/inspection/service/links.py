"""The link by which an authority sees for one day who sells what where, without an account.

Looking at the address spends nothing: programs that preview messages look too. Pressing the button opens the
page, is counted, and lasts an hour. The page says for whom it was made and when it was opened, and has no
numbers, neither of telephones nor of papers.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from flask_babel import LazyString, lazy_gettext as _

from market import audit, clock
from market.calendar.models import MarketDay
from market.calendar.rules import Finding as Lack
from market.calendar.service import local_date
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.inspection import rules
from market.inspection.models import InspectorLink, LinkOpening
from market.inspection.rules import LinkState
from market.inspection.service.rounds import INSPECTING_STATES
from market.people.models import User
from market.people.service.accounts import hashed
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.vendors.rules import DocumentState, document_state
from market.vendors.service import stand_findings

MOST_LINKS = 12
"""Of one market; whoever needs more has lost sight of who has them."""


def make_link(day: MarketDay, name: str, *, by: User, at: datetime) -> str:
    """The secret of a new link for `name`, until the end of the market's date.

    Refuses `inspection.not_now`, `inspection.day_over` and `inspection.enough_links`.
    """
    lock_row(day)
    expires_at = clock.at_local(local_date(day) + timedelta(days=1), time(), day.community.zone)
    if day.state not in INSPECTING_STATES:
        raise Refusal("inspection.not_now", _("发布以后才能给检查人员链接：之前还没有定下谁在哪里。"))
    if at >= expires_at:
        raise Refusal("inspection.day_over", _("这一场的日子过了，链接只管当天。"))
    if sum(state_of(link, at) is LinkState.OPEN for link in links_of(day)) >= MOST_LINKS:
        raise Refusal("inspection.enough_links", _("这一场的链接够多了。先收回不用的，再给新的。"))
    secret = secrets.token_urlsafe(24)
    link = InspectorLink(
        day=day, name=name, secret_hash=hashed(secret), expires_at=expires_at, made_at=at, made_by=by.id
    )
    db.session.add(link)
    db.session.flush()
    audit.record("inspection.make_link", link, by=by, at=at, community=day.community)
    return secret


def links_of(day: MarketDay) -> list[InspectorLink]:
    """The newest first."""
    query = sa.select(InspectorLink).where(InspectorLink.day_id == day.id).order_by(InspectorLink.id.desc())
    return list(db.session.scalars(query))


def find_link(day: MarketDay, ref: str) -> InspectorLink:
    query = sa.select(InspectorLink).where(InspectorLink.day_id == day.id, InspectorLink.ref == ref)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("inspection.no_link", _("没有这个链接。请刷新页面看看。"))
    return found


def state_of(link: InspectorLink, at: datetime) -> LinkState:
    uses, revoked = len(link.openings), link.revoked_at is not None
    return rules.link_state(revoked=revoked, expires_at=link.expires_at, uses=uses, at=at)


def revoke_link(link: InspectorLink, *, by: User, at: datetime) -> None:
    """Takes a link back; what it opened is shut too. Twice is once."""
    lock_row(link)
    if link.revoked_at is not None:
        return
    link.revoked_at, link.revoked_by = at, by.id
    db.session.flush()
    audit.record("inspection.revoke_link", link, by=by, at=at, community=link.day.community)


# ── on the other side ─────────────────────────────────────────────────────────────────────────────────────

_CLOSED: dict[LinkState, LazyString] = {
    LinkState.REVOKED: _("这个链接收回了。需要的话，请向社区工作人员再要一个。"),
    LinkState.OVER: _("这个链接只管集市当天，已经过期了。"),
    LinkState.SPENT: _("这个链接打开的次数用完了。需要的话，请向社区工作人员再要一个。"),
}


def linked_day(secret: str, *, at: datetime) -> InspectorLink:
    """The link that a secret names, while it opens. Changes nothing.

    Refuses `inspection.link_wrong`, `inspection.link_revoked`, `inspection.link_over`,
    `inspection.link_spent`.
    """
    link = _link(secret)
    state = state_of(link, at)
    if state is not LinkState.OPEN:
        raise Refusal(f"inspection.link_{state.value}", str(_CLOSED[state]), 410)
    return link


def _link(secret: str) -> InspectorLink:
    found = db.session.scalar(sa.select(InspectorLink).where(InspectorLink.secret_hash == hashed(secret)))
    if found is None:
        raise NotFound("inspection.link_wrong", _("这个链接不对，可能没有复制全。请再复制一次。"))
    return found


def open_link(secret: str, *, at: datetime) -> LinkOpening:
    """Opens the page, which is counted. Refuses as `linked_day` does."""
    link = _link(secret)
    lock_row(link)
    linked_day(secret, at=at)
    race_point("inspection.open_link")
    opening = LinkOpening(link=link, opened_at=at)
    db.session.add(opening)
    db.session.flush()
    audit.record("inspection.open_link", link, by=None, at=at, community=link.day.community)
    return opening


def opened_page(secret: str, ref: str, *, at: datetime) -> LinkOpening:
    """An opening whose page can still be read.

    Refuses `inspection.link_wrong`, `inspection.link_revoked`, `inspection.link_over`, and
    `inspection.opening_over` after an hour.
    """
    link = _link(secret)
    state = state_of(link, at)
    if state in (LinkState.REVOKED, LinkState.OVER):
        raise Refusal(f"inspection.link_{state.value}", str(_CLOSED[state]), 410)
    opening = next((one for one in link.openings if one.ref == ref), None)
    if opening is None:
        raise NotFound("inspection.link_wrong", _("这个链接不对，可能没有复制全。请再复制一次。"))
    if at >= opening.opened_at + rules.OPENED_FOR:
        raise Refusal(
            "inspection.opening_over", _("这一页开了一个小时，已经关上了。请点原来的链接再打开。"), 410
        )
    return opening


@dataclass(frozen=True)
class InspectedStall:
    """One line of the page: who sells what where, and what of the papers is missing."""

    held: Assignment
    papers: DocumentState
    lacks: Sequence[Lack]


def inspected_stalls(day: MarketDay, *, at: datetime) -> list[InspectedStall]:
    """The stalls in walking order with the state of their papers at this moment."""
    held = stalls.assignments(day)
    today = clock.local(at, day.community.zone).date()
    found = stand_findings(day, [one.vendor for one in held], asked_on=today)
    return [
        InspectedStall(
            one, document_state(found[one.vendor_id]), [f for f in found[one.vendor_id] if f.blocks]
        )
        for one in held
    ]
