"""Where a person begins, by what they may do."""

from __future__ import annotations

from typing import NamedTuple

from flask import url_for

from market.people import words
from market.people.access import own_memberships
from market.people.models import Membership
from market.people.rules import Role

FIRST_PAGES = {
    Role.STAFF: "pages.desk",
    Role.GATE: "gate.days",
    Role.COMMITTEE: "spending.committee",
    Role.SUPERVISOR: "spending.committee",
    Role.VENDOR: "pages.vendor_home",
}
"""Where somebody with this role in a community begins; who has several begins with the first."""


class FirstPage(NamedTuple):
    """Somewhere a person may work, and as what."""

    name: str
    href: str


def first_page(membership: Membership) -> str | None:
    if membership.role is Role.PLATFORM:
        return url_for("people.communities")
    if membership.region is not None:
        return url_for("insight.region", code=membership.region.code)
    if membership.community is None:
        return None
    return url_for(FIRST_PAGES[membership.role], slug=membership.community.slug)


def own_pages() -> list[FirstPage]:
    """Where the person who is signed in may work; the communities in the order in which they came in."""
    found = []
    for membership in own_memberships():
        address = first_page(membership)
        if address is not None:
            where = membership.community or membership.region
            names = [where.name] if where is not None else []
            found.append(FirstPage(" · ".join([*names, str(words.ROLE_WORDS[membership.role])]), address))
    return found
