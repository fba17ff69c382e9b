"""Where a person begins, by what they may do."""

from __future__ import annotations

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from market import clock
from market.people import service
from market.people.models import Membership, User
from market.people.rules import Role

FIRST_PAGES = {
    Role.STAFF: "pages.desk",
    Role.GATE: "gate.days",
    Role.COMMITTEE: "fund.committee",
    Role.SUPERVISOR: "fund.committee",
    Role.VENDOR: "pages.vendor_home",
}
"""Where somebody with this role in a community begins; who has several begins with the first."""


def enter(user: User, target: str | None = None) -> ResponseReturnValue:
    """Signs a person in on this browser and leads on: to `target`, or where they begin."""
    secret = service.start_session(user, device=request.user_agent.string, at=clock.now())
    session.clear()
    session["key"] = secret
    session.permanent = True
    return redirect(target or _home(user))


def _home(user: User) -> str:
    """The first page of a person, by what they may do."""
    roles = {membership.role: membership for membership in user.memberships if membership.until is None}
    for role in (*FIRST_PAGES, Role.REGION_VIEWER, Role.PLATFORM):
        address = first_page(roles[role]) if role in roles else None
        if address is not None:
            return address
    return url_for("people.account")


def first_page(membership: Membership) -> str | None:
    if membership.role is Role.PLATFORM:
        return url_for("people.communities")
    if membership.region is not None:
        return url_for("insight.region", code=membership.region.code)
    if membership.community is None:
        return None
    return url_for(FIRST_PAGES[membership.role], slug=membership.community.slug)
