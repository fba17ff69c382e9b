"""Accounts, memberships, sign-in, sessions, one-time links and the first set-up."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import Membership, SetupToken, SignInFailure, SignInLink, User, UserSession
from market.people.rules import LINK_LIFE, SESSION_ABSOLUTE, SESSION_IDLE, Role, locked_until, password_fault
from market.places.models import Community, Region

_hasher = PasswordHasher(memory_cost=47_104, time_cost=1, parallelism=1)
_hashing = threading.BoundedSemaphore(2)
"""At most two hashes at once: each takes 46 MiB, and a flood of sign-ins must not take all memory."""

_NOBODY = _hasher.hash(secrets.token_urlsafe(16))
"""Checked when a login does not exist, so that its answer takes as long as a wrong password."""

PASSWORD_SENTENCES = {
    "too_short": _("密码至少 8 位。"),
    "too_long": _("密码太长了，最多 200 位。"),
    "common": _("这个密码太常见，别人一猜就中。请换一个，比如四个不相关的词。"),
    "contains_login": _("密码里不要包含登录名或手机号。"),
}


def hashed(secret: str) -> str:
    """What is stored of a random secret (session, link, token), which is long enough for a plain hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_password(password: str) -> str:
    """Argon2id, 46 MiB, one pass (OWASP)."""
    with _hashing:
        return _hasher.hash(password)


def _password_matches(stored: str | None, password: str) -> bool:
    try:
        with _hashing:
            _hasher.verify(stored or _NOBODY, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


# ── accounts ──────────────────────────────────────────────────────────────────────────────────────────────


def create_user(login: str, display_name: str, password: str | None, *, at: datetime) -> User:
    """A new account. Without a password it can only be entered by a one-time link.

    Refuses `people.login_taken` and `people.weak_password`.
    """
    login = login.strip().lower()
    if find_user(login) is not None:
        raise Refusal("people.login_taken", _("这个登录名（或手机号）已经有账号了，请直接登录。"))
    if password is not None:
        check_password(password, login)
    user = User(
        login=login,
        display_name=display_name.strip(),
        password_hash=hash_password(password) if password is not None else None,
        created_at=at,
    )
    db.session.add(user)
    db.session.flush()
    audit.record("people.create_user", user, by=None, at=at)
    return user


def check_password(password: str, login: str) -> None:
    """Refuses (`people.weak_password`) a password that would be guessed."""
    fault = password_fault(password, login)
    if fault is not None:
        raise Refusal("people.weak_password", PASSWORD_SENTENCES[fault], 422)


def find_user(login: str) -> User | None:
    """The account of a login name or phone number."""
    return db.session.scalar(sa.select(User).where(User.login == login.strip().lower()))


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


def demo_users() -> list[User]:
    """The invented people of the demo year, in the order in which it made them."""
    return list(db.session.scalars(sa.select(User).where(User.login.like("demo-%")).order_by(User.id)))


def revoke(membership: Membership, *, by: User, at: datetime) -> None:
    """Takes a role away; it counts from the next request on. Nobody takes away the last staff member's."""
    community = membership.community
    if membership.role is Role.STAFF and community is not None and len(members(community, Role.STAFF)) == 1:
        raise Refusal("people.last_staff", _("这是最后一位工作人员，先添加另一位才能移除。"))
    membership.until = at
    audit.record("people.revoke", membership.user, by=by, at=at, community=membership.community)


def set_password(user: User, password: str, *, by: User, at: datetime) -> None:
    """A new password; every other session of the account ends."""
    check_password(password, user.login)
    user.password_hash = hash_password(password)
    sign_out_everywhere(user)
    audit.record("people.set_password", user, by=by, at=at)


# ── signing in and out ────────────────────────────────────────────────────────────────────────────────────


def sign_in(login: str, password: str, *, address: str, at: datetime) -> User | None:
    """The user, or None for any wrong pair: the answer never tells whether the account exists.

    Failures are counted for the login name and for the address in the database, so that several hosts count
    together. Refuses `people.locked` while the door is shut.
    """
    keys = [hashed(f"login {login.strip().lower()}"), hashed(f"address {address}")]
    _refuse_while_locked(keys[0], at)
    _refuse_while_locked(keys[1], at, allowance=20)
    user = find_user(login)
    matches = _password_matches(user.password_hash if user else None, password)
    if user is None or not matches or user.disabled_at is not None:
        _count_failure(keys, at)
        return None
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.key == keys[0]))
    return user


def _refuse_while_locked(key: str, at: datetime, allowance: int = 0) -> None:
    """`allowance` more tries are free: behind one address there may be a whole office."""
    failure = db.session.get(SignInFailure, key)
    if failure is None:
        return
    until = locked_until(failure.failures - allowance, failure.last_at)
    if at < until:
        seconds = int((until - at).total_seconds())
        raise Refusal("people.locked", _("试得太多了。请等 %(seconds)s 秒再试。", seconds=seconds), 429)


def _count_failure(keys: Iterable[str], at: datetime) -> None:
    for key in keys:
        failure = db.session.get(SignInFailure, key)
        if failure is None:
            failure = SignInFailure(key=key, failures=0, last_at=at)
            db.session.add(failure)
        failure.failures += 1
        failure.last_at = at


def start_session(user: User, *, device: str, at: datetime) -> str:
    """A new signed-in browser; returns the secret that goes into its cookie and nowhere else."""
    secret = secrets.token_urlsafe(32)
    db.session.add(
        UserSession(secret_hash=hashed(secret), user=user, created_at=at, seen_at=at, device=device[:200])
    )
    audit.record("people.sign_in", user, by=user, at=at)
    return secret


def find_session(secret: str, *, at: datetime) -> UserSession | None:
    """The live session of a secret: not revoked, not idle too long, not too old, its account not disabled."""
    session = db.session.scalar(sa.select(UserSession).where(UserSession.secret_hash == hashed(secret)))
    if session is None or session.user.disabled_at is not None:
        return None
    long_lived = all(membership.role is Role.VENDOR for membership in session.user.memberships)
    if (
        at - session.seen_at > SESSION_IDLE[long_lived]
        or at - session.created_at > SESSION_ABSOLUTE[long_lived]
    ):
        return None
    return session


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
    """Deletes the sessions that can never be used again; how many."""
    oldest = at - max(SESSION_ABSOLUTE.values())
    gone = db.session.execute(sa.delete(UserSession).where(UserSession.created_at < oldest))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say


# ── one-time links ────────────────────────────────────────────────────────────────────────────────────────


def make_sign_in_link(user: User, *, by: User, at: datetime) -> str:
    """The secret of a link that signs a person in once, within three days; earlier links of theirs end."""
    db.session.execute(
        sa.delete(SignInLink).where(SignInLink.user_id == user.id, SignInLink.used_at.is_(None))
    )
    secret = secrets.token_urlsafe(24)
    db.session.add(
        SignInLink(secret_hash=hashed(secret), user=user, made_by=by.id, expires_at=at + LINK_LIFE)
    )
    audit.record("people.make_sign_in_link", user, by=by, at=at)
    return secret


def find_sign_in_link(secret: str, *, at: datetime) -> SignInLink:
    """The unused link. Looking at it changes nothing, because chat programs look at every link they see."""
    link = db.session.scalar(sa.select(SignInLink).where(SignInLink.secret_hash == hashed(secret)))
    if link is None or link.used_at is not None or at > link.expires_at:
        raise Refusal("people.link_spent", _("这个登录链接已经用过或过期了。请找社区工作人员再要一个。"), 410)
    return link


def use_sign_in_link(secret: str, *, at: datetime) -> User:
    """Signs in by a link, once."""
    link = find_sign_in_link(secret, at=at)
    lock_row(link)
    link = find_sign_in_link(secret, at=at)
    link.used_at = at
    return link.user


# ── first set-up ──────────────────────────────────────────────────────────────────────────────────────────


def is_set_up() -> bool:
    """Whether anybody has an account yet."""
    return db.session.scalar(sa.select(sa.exists().where(User.id.is_not(None)))) or False


def make_setup_token(*, at: datetime) -> str:
    """A fresh one-time token for an installation without accounts; earlier ones end."""
    if is_set_up():
        raise Refusal("people.already_set_up", _("这里已经有账号了，不能再次初始化。"))
    db.session.execute(sa.delete(SetupToken))
    secret = secrets.token_urlsafe(18)
    db.session.add(SetupToken(secret_hash=hashed(secret), made_at=at))
    return secret


def use_setup_token(secret: str, login: str, display_name: str, password: str, *, at: datetime) -> User:
    """Makes the first account, a platform administrator, and burns the token."""
    token = db.session.scalar(sa.select(SetupToken).where(SetupToken.secret_hash == hashed(secret.strip())))
    if token is None or token.used_at is not None or is_set_up():
        raise Refusal(
            "people.bad_setup_token", _("初始化口令不对，或者已经用过了。请看启动时打印的那一行。"), 403
        )
    token.used_at = at
    user = create_user(login, display_name, password, at=at)
    grant(user, Role.PLATFORM, at=at)
    return user
