"""Accounts and their passwords."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import lazy_gettext as _

from market import audit
from market.db import db
from market.errors import Refusal
from market.people.models import User
from market.people.rules import (
    password_fault,
    tidy_login,
)

_hasher = PasswordHasher(memory_cost=47_104, time_cost=1, parallelism=1)


_hashing = threading.BoundedSemaphore(2)
"""At most two hashes at once: each takes 46 MiB, and a flood of sign-ins must not take all memory."""


_NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$OFUWS+IOkK5O0+ULzwjoPA$tPfT5s1HpPYExEvgBQBd3yTC5nLrh4GT1rysGAUyrhA"
"""Checked when a login does not exist, so that its answer takes as long as a wrong password. Of a random text
that nobody knows; made once, because making it takes as long as a start should not."""


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


def demo_users() -> list[User]:
    """The invented people of the demo year, in the order in which it made them."""
    return list(db.session.scalars(sa.select(User).where(User.login.like("demo-%")).order_by(User.id)))
