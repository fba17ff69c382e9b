"""Where a person begins, by what they may do."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from market import clock
from market.people import service
from market.people.access import begin_browser_session, memberships_within
from market.people.first_pages import FIRST_PAGES, first_page
from market.people.models import User
from market.people.rules import Role


def enter(user: User, target: str | None = None, community_id: int | None = None) -> ResponseReturnValue:
    """Signs a person in on this browser and leads on: to `target`, or where they begin.

    `community_id` is where alone the account may be used, for links of that community's staff.
    """
    secret = service.start_session(
        user, device=request.user_agent.string, at=clock.now(), community_id=community_id
    )
    begin_browser_session(secret)
    return redirect(target or _home(user, community_id))


def _home(user: User, community_id: int | None) -> str:
    """The first page of a person, by what they may do."""
    roles = {membership.role: membership for membership in memberships_within(user, community_id)}
    for role in (*FIRST_PAGES, Role.REGION_VIEWER, Role.PLATFORM):
        address = first_page(roles[role]) if role in roles else None
        if address is not None:
            return address
    return url_for("people.account")
