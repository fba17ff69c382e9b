"""Signing in and out; locked after too many failures."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.communities.models import Community, Region
from market.db import before_act, db
from market.errors import Refusal
from market.people.models import Membership, SignInFailure, SignInLink, User, UserSession
from market.people.rules import (
    ADDRESS_ALLOWANCE,
    FORGIVEN_AFTER,
    SESSION_ABSOLUTE,
    SESSION_IDLE,
    Role,
    counted_failures,
    locked_until,
    network_of,
    tidy_login,
)
from market.people.service.accounts import _password_matches, find_user, hashed


def sign_in(login: str, password: str, *, address: str, at: datetime) -> User | None:
    """The user, or None for any wrong pair: the answer never tells whether the account exists.

    Failures are counted for the login name and for the address in the database, so that several hosts count
    together. Refuses `people.locked` while the door is shut.
    """
    refuse_while_locked(login, address, at=at)
    return finish_sign_in(login, knows_password(login, password), address=address, at=at)


def knows_password(login: str, password: str) -> bool:
    """Whether this password opens this account; takes as long for an account that does not exist.

    It takes a tenth of a second and writes nothing, so it may be asked before anybody has to wait for us.
    """
    user = find_user(login)
    matches = _password_matches(user.password_hash if user else None, password)
    return user is not None and matches and user.disabled_at is None


def finish_sign_in(login: str, knows: bool, *, address: str, at: datetime) -> User | None:
    """Counts a failure, or forgets the failures of the login. Refuses `people.locked`."""
    keys = _failure_keys(login, address)
    failures = [db.session.get(SignInFailure, key, with_for_update=True) for key in keys]
    _refuse_while_locked(failures, at)
    if not knows:
        for key, failure in zip(keys, failures, strict=True):
            _count_failure(key, failure, at)
        return None
    if failures[0] is not None:
        db.session.delete(failures[0])
    return find_user(login)


def refuse_while_locked(login: str, address: str, *, at: datetime) -> None:
    """Refuses (`people.locked`) after too many failures, until some time has passed."""
    _refuse_while_locked([db.session.get(SignInFailure, key) for key in _failure_keys(login, address)], at)


def _failure_keys(login: str, address: str) -> list[str]:
    return [hashed(f"login {tidy_login(login)}"), hashed(f"address {network_of(address)}")]


def _refuse_while_locked(failures: Iterable[SignInFailure | None], at: datetime) -> None:
    for failure, allowance in zip(failures, (0, ADDRESS_ALLOWANCE), strict=True):
        if failure is None:
            continue
        counted = counted_failures(failure.failures, failure.last_at, at) - allowance
        until = locked_until(counted, failure.last_at)
        if at < until:
            seconds = int((until - at).total_seconds())
            raise Refusal("people.locked", _("试得太多了。请等 %(seconds)s 秒再试。", seconds=seconds), 429)


def _count_failure(key: str, failure: SignInFailure | None, at: datetime) -> None:
    if failure is None:
        db.session.add(SignInFailure(key=key, failures=1, last_at=at))
        return
    failure.failures = counted_failures(failure.failures, failure.last_at, at) + 1
    failure.last_at = at


def start_session(user: User, *, device: str, at: datetime, community_id: int | None = None) -> str:
    """A new signed-in browser; returns the secret that goes into its cookie and nowhere else.

    `community_id` is where alone the account may be used in it.
    """
    secret = secrets.token_urlsafe(32)
    db.session.add(
        UserSession(
            secret_hash=hashed(secret), user=user, created_at=at, seen_at=at, device=device[:200],
            community_id=community_id,
        )
    )  # fmt: skip
    audit.record("people.sign_in", user, by=user, at=at)
    return secret


def find_session(secret: str, *, at: datetime) -> UserSession | None:
    """The live session of a secret: not revoked, not idle too long, not too old, its account not disabled."""
    session = stored_session(secret)
    if session is None:
        return None
    roles = [membership.role for membership in session.user.memberships if membership.until is None]
    return session if _is_live(session.seen_at, session.created_at, roles, at) else None


def _is_live(seen_at: datetime, created_at: datetime, roles: Iterable[Role], at: datetime) -> bool:
    long_lived = all(role is Role.VENDOR for role in roles)
    return at - seen_at <= SESSION_IDLE[long_lived] and at - created_at <= SESSION_ABSOLUTE[long_lived]


class InForce(NamedTuple):
    """What somebody may do, and where; a part of a `Membership`."""

    role: Role
    community_id: int | None
    region_id: int | None


class SignedIn(NamedTuple):
    """Who uses a session, and where."""

    user_id: int
    seen_at: datetime
    community_id: int | None
    """In which community alone it may be used, as `UserSession.community_id`."""
    place_id: int
    """The community that was asked about."""
    memberships: list[InForce]
    """Those in force, as far as the session reaches."""


_WHO = (
    sa.select(
        UserSession.user_id, UserSession.seen_at, UserSession.created_at,
        UserSession.community_id.label("kept_to"), Community.id.label("place_id"), Membership.role,
        Membership.community_id.label("of_community"), Membership.region_id.label("of_region"),
    )
    .join(User, User.id == UserSession.user_id)
    .join(Community, Community.slug == sa.bindparam("slug"))
    .outerjoin(Membership, sa.and_(Membership.user_id == User.id, Membership.until.is_(None)))
    .where(UserSession.secret_hash == sa.bindparam("secret_hash"), User.disabled_at.is_(None))
)  # fmt: skip


def signed_in(secret: str, slug: str, *, at: datetime) -> SignedIn | None:
    """Who uses a session in a community, asked at once because an act waits for it; None where there is more
    to look at: nobody, a session that is over, no such community."""
    values = {"slug": slug, "secret_hash": hashed(secret)}
    rows = before_act().execute(_WHO, values).all()
    held = [row for row in rows if row.role is not None]
    if not rows or not _is_live(rows[0].seen_at, rows[0].created_at, [row.role for row in held], at):
        return None
    first = rows[0]
    within = [
        InForce(row.role, row.of_community, row.of_region)
        for row in held
        if first.kept_to in (None, row.of_community)
    ]
    return SignedIn(first.user_id, first.seen_at, first.kept_to, first.place_id, within)


def last_seen(user_id: int | None) -> sa.ScalarSelect[datetime]:
    """When one of the browsers was last in use that are signed in as somebody; part of another question."""
    newest = sa.select(sa.func.max(UserSession.seen_at)).where(UserSession.user_id == user_id)
    return newest.scalar_subquery()


def stored_session(secret: str) -> UserSession | None:
    """The session of a secret however long it lay idle; None when it was ended or its account disabled."""
    along = joinedload(UserSession.user).joinedload(User.memberships).joinedload(Membership.community)
    along = along.joinedload(Community.region).joinedload(Region.parent).joinedload(Region.parent)
    query = sa.select(UserSession).options(along).where(UserSession.secret_hash == hashed(secret))
    session = db.session.scalars(query).unique().one_or_none()
    return None if session is None or session.user.disabled_at is not None else session


def touch_session(session: UserSession, *, at: datetime) -> None:
    """Remembers that the browser is still in use."""
    session.seen_at = at


def end_session(secret: str) -> None:
    """Signs one browser out; without such a session nothing happens."""
    db.session.execute(sa.delete(UserSession).where(UserSession.secret_hash == hashed(secret)))


def sign_out_everywhere(user: User) -> None:
    """Ends every session of the account; its links open no browser any more."""
    db.session.execute(sa.delete(UserSession).where(UserSession.user_id == user.id))
    links = sa.update(SignInLink).where(SignInLink.user_id == user.id, SignInLink.used_at.is_not(None))
    db.session.execute(links.values(browser_hash=None))


def purge_sessions(*, at: datetime) -> int:
    """Deletes the sessions that can never be used again, and forgiven failures; how many sessions."""
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.last_at < at - FORGIVEN_AFTER))
    oldest = at - max(SESSION_ABSOLUTE.values())
    gone = db.session.execute(sa.delete(UserSession).where(UserSession.created_at < oldest))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
