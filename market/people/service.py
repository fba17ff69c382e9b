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
from market.communities.models import Community, Region
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people.models import Membership, SetupToken, SignInFailure, SignInLink, User, UserSession
from market.people.rules import (
    ADDRESS_ALLOWANCE,
    FORGIVEN_AFTER,
    LINK_LIFE,
    SESSION_ABSOLUTE,
    SESSION_IDLE,
    Role,
    counted_failures,
    locked_until,
    network_of,
    password_fault,
    tidy_login,
)

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
    login = tidy_login(login)
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
    return db.session.scalar(sa.select(User).where(User.login == tidy_login(login)))


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
    long_lived = all(
        membership.role is Role.VENDOR for membership in session.user.memberships if membership.until is None
    )
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
    """Deletes the sessions that can never be used again, and forgiven failures; how many sessions."""
    db.session.execute(sa.delete(SignInFailure).where(SignInFailure.last_at < at - FORGIVEN_AFTER))
    oldest = at - max(SESSION_ABSOLUTE.values())
    gone = db.session.execute(sa.delete(UserSession).where(UserSession.created_at < oldest))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say


# ── one-time links ────────────────────────────────────────────────────────────────────────────────────────


def make_sign_in_link(user: User, *, by: User, at: datetime) -> str:
    """The secret of a link that signs a person in once, within three days; earlier links of theirs end.

    Refuses `people.not_yours`: whoever has a link acts as that person, so nobody makes one for an account
    that may do something where the maker may not.
    """
    if not may_make_link(user, by):
        raise Refusal(
            "people.not_yours",
            _("这个账号在别处也有身份，不能由您给登录链接。请本人用自己的密码登录，或找平台管理员。"),
            403,
        )
    db.session.execute(
        sa.delete(SignInLink).where(SignInLink.user_id == user.id, SignInLink.used_at.is_(None))
    )
    secret = secrets.token_urlsafe(24)
    db.session.add(
        SignInLink(secret_hash=hashed(secret), user=user, made_by=by.id, expires_at=at + LINK_LIFE)
    )
    audit.record("people.make_sign_in_link", user, by=by, at=at)
    return secret


def may_make_link(user: User, by: User) -> bool:
    """Whether `by` is staff wherever the account has a role, or runs the platform."""
    if user.id == by.id:
        return True
    own = _in_force(by)
    if any(membership.role is Role.PLATFORM for membership in own):
        return True
    where = {membership.community_id for membership in own if membership.role is Role.STAFF}
    return all(membership.community_id in where for membership in _in_force(user))


def _in_force(user: User) -> list[Membership]:
    return [membership for membership in user.memberships if membership.until is None]


def find_sign_in_link(secret: str, *, at: datetime) -> SignInLink:
    """The unused link. Looking at it changes nothing, because chat programs look at every link they see."""
    link = db.session.scalar(sa.select(SignInLink).where(SignInLink.secret_hash == hashed(secret)))
    if link is None or link.used_at is not None or at > link.expires_at or link.user.disabled_at is not None:
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
    if token is not None:
        lock_row(token)
    if token is None or token.used_at is not None or is_set_up():
        raise Refusal(
            "people.bad_setup_token", _("初始化口令不对，或者已经用过了。请看启动时打印的那一行。"), 403
        )
    token.used_at = at
    user = create_user(login, display_name, password, at=at)
    grant(user, Role.PLATFORM, at=at)
    return user
