"""Who has which role in a community."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community, Region
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import Membership, User
from market.people.rules import (
    Role,
)
from market.people.service.accounts import check_password, create_user, find_user, hash_password
from market.people.service.sessions import InForce, sign_out_everywhere


def grant(
    user: User, role: Role, *, community: Community | None = None, region: Region | None = None, at: datetime
) -> Membership:
    """Gives a role; giving it twice is giving it once."""
    for membership in user.memberships:
        scope = (membership.community_id, membership.region_id)
        wanted = (community.id if community else None, region.id if region else None)
        if membership.role is role and scope == wanted and membership.until is None:
            return membership
    membership = Membership(user=user, role=role, community=community, region=region, since=at)
    db.session.add(membership)
    db.session.flush()
    audit.record("people.grant", user, by=None, at=at, community=community, role=role.value)
    return membership


def members(community: Community, role: Role) -> list[User]:
    """Who holds a role in a community now, by name."""
    query = (
        sa.select(User)
        .join(Membership)
        .where(Membership.community_id == community.id, Membership.role == role, Membership.until.is_(None))
        .where(User.disabled_at.is_(None))
        .order_by(User.display_name, User.id)
    )
    return list(db.session.scalars(query))


def staffed_communities(community_ids: Iterable[int]) -> set[int]:
    """Those of these communities that have somebody of their own."""
    query = sa.select(Membership.community_id).where(
        Membership.role == Role.STAFF, Membership.until.is_(None), Membership.community_id.in_(community_ids)
    )
    return {found for found in db.session.scalars(query.distinct()) if found is not None}


def appoint(
    community: Community, display_name: str, login: str, role: Role, *, by: User | None, at: datetime
) -> User:
    """Gives somebody a role in a community, with a new account unless the login has one."""
    user = find_user(login) or create_user(login, display_name, None, at=at)
    grant(user, role, community=community, at=at)
    audit.record("people.appoint", user, by=by, at=at, community=community, role=role.value)
    return user


def team(community: Community) -> list[Membership]:
    """The memberships in force in a community except the vendors', by role and name."""
    query = (
        sa.select(Membership)
        .join(User)
        .where(
            Membership.community_id == community.id,
            Membership.until.is_(None),
            Membership.role != Role.VENDOR,
        )
        .order_by(Membership.role, User.display_name, Membership.id)
    )
    return list(db.session.scalars(query))


def find_membership(community: Community, user_ref: str, role: Role) -> Membership:
    """Somebody's role in force in this community."""
    for membership in team(community):
        if membership.user.ref == user_ref and membership.role is role:
            return membership
    raise NotFound("people.no_member", _("名单里没有这个人。"))


def revoke(membership: Membership, *, by: User, at: datetime) -> None:
    """Takes a role away; it counts from the next request on. Nobody takes away the last staff member's."""
    community = membership.community
    if community is not None:
        lock_row(community)  # two who remove each other at the same moment would leave nobody
        db.session.refresh(membership)
    if membership.until is not None:
        return
    if membership.role is Role.STAFF and community is not None:
        others = [user for user in members(community, Role.STAFF) if user.id != membership.user_id]
        if not others:
            raise Refusal("people.last_staff", _("这是最后一位工作人员，先添加另一位才能移除。"))
    membership.until = at
    role = membership.role.value
    audit.record("people.revoke", membership.user, by=by, at=at, community=community, role=role)


def end_role(user: User, role: Role, community: Community, *, at: datetime) -> None:
    """A role that belonged to something which is over, such as helping at a stall."""
    for membership in user.memberships:
        scope = (membership.role, membership.community_id)
        if scope == (role, community.id) and membership.until is None:
            membership.until = at


def set_password(user: User, password: str, *, by: User, at: datetime) -> None:
    """A new password; every other session of the account ends."""
    check_password(password, user.login)
    user.password_hash = hash_password(password)
    sign_out_everywhere(user)
    audit.record("people.set_password", user, by=by, at=at)


def sees_region(membership: Membership | InForce, place: Region) -> bool:
    """Whether a membership is that of a viewer of this region: of a district also for its streets."""
    region: Region | None = place
    while region is not None:
        if membership.role is Role.REGION_VIEWER and membership.region_id == region.id:
            return True
        region = region.parent
    return False
