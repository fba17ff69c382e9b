"""Signing in and out; locked after too many failures."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from market import audit
from market.db import db
from market.errors import Refusal
from market.people.models import SignInFailure, User, UserSession
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
    long_lived = all(
        membership.role is Role.VENDOR for membership in session.user.memberships if membership.until is None
    )
    if (
        at - session.seen_at > SESSION_IDLE[long_lived]
        or at - session.created_at > SESSION_ABSOLUTE[long_lived]
    ):
        return None
    return session


def stored_session(secret: str) -> UserSession | None:
    """The session of a secret however long it lay idle; None when it was ended or its account disabled."""
    query = sa.select(UserSession).options(joinedload(UserSession.user))
    session = db.session.scalar(query.where(UserSession.secret_hash == hashed(secret)))
    return None if session is None or session.user.disabled_at is not None else session


def touch_session(session: UserSession, *, at: datetime) -> None:
    """Remembers that the browser is still in use."""
    session.seen_at = at


def end_session(secret: str) -> None:
    """Signs one browser out; without such a session nothing happens."""
    db.session.execute(sa.delete(UserSession).where(UserSession.secret_hash == hashed(secret)))


def sign_out_everywhere(user: User) -> None:
    """Ends every session of the account."""
    db.session.execute(sa.delete(UserSession).where(UserSession.user_id == user.id))


def purge_sessions(*, at: datetime) -> int:
    """Deletes the sessions that can never be used again, and forgiven failures; how many sessions."""
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.last_at < at - FORGIVEN_AFTER))
    oldest = at - max(SESSION_ABSOLUTE.values())
    gone = db.session.execute(sa.delete(UserSession).where(UserSession.created_at < oldest))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say
