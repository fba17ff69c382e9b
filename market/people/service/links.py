"""Links that sign somebody in once, and the first account of an installation."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask_babel import LazyString, lazy_gettext as _

from market import audit
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import Membership, SetupToken, SignInLink, User
from market.people.rules import (
    LINK_LIFE,
    Role,
)
from market.people.service.accounts import create_user, hashed
from market.people.service.membership import grant


def make_sign_in_link(user: User, *, by: User, at: datetime) -> str:
    """The secret of a link that signs a person in once, within three days; earlier links of theirs end.

    Refuses `people.not_yours`: whoever has a link acts as that person, so nobody makes one for an account
    that may do something where the maker may not.
    """
    if not may_make_link(user, by):
        raise Refusal("people.not_yours", _not_yours(user), 403)
    db.session.execute(
        sa.delete(SignInLink).where(SignInLink.user_id == user.id, SignInLink.used_at.is_(None))
    )
    secret = secrets.token_urlsafe(24)
    db.session.add(
        SignInLink(secret_hash=hashed(secret), user=user, made_by=by.id, expires_at=at + LINK_LIFE)
    )
    audit.record("people.make_sign_in_link", user, by=by, at=at)
    return secret


def _not_yours(user: User) -> LazyString:
    if any(membership.role is Role.COMMITTEE for membership in _in_force(user)):
        return _("委员的登录链接由另一位委员来给，或找平台管理员。工作人员只能在委员第一次登录时给。")
    return _("这个账号在别处也有身份，不能由您给登录链接。请本人用自己的密码登录，或找平台管理员。")


def may_make_link(user: User, by: User) -> bool:
    """Whether `by` may let somebody in: staff wherever the account has a role, or who runs the platform.

    A committee decides on what staff spend. So staff let its members in for the first time only; later links
    are made by another member.
    """
    if user.id == by.id:
        return True
    own = _in_force(by)
    if any(membership.role is Role.PLATFORM for membership in own):
        return True
    new = user.password_hash is None and not _came_by_link(SignInLink.user_id == user.id)
    return all(_lets_in(own, membership, new) for membership in _in_force(user))


def _lets_in(own: list[Membership], theirs: Membership, new: bool) -> bool:
    here = {mine.role for mine in own if mine.community_id == theirs.community_id}
    if theirs.role is Role.COMMITTEE and Role.COMMITTEE in here:
        return True
    return Role.STAFF in here and (new or theirs.role is not Role.COMMITTEE)


def _came_by_link(*whose: sa.ColumnElement[bool]) -> bool:
    query = sa.select(SignInLink.id).where(*whose, SignInLink.used_at.is_not(None)).limit(1)
    return db.session.scalar(query) is not None


def made_links(by: User, user_ids: Collection[int]) -> bool:
    """Whether any of these people ever came in by a link that `by`, who is not one of them, made."""
    return _came_by_link(
        SignInLink.made_by == by.id, SignInLink.user_id != by.id, SignInLink.user_id.in_(user_ids)
    )


def links_for(user: User, most: int = 5) -> list[SignInLink]:
    """Who made links for a person, the newest first, so that the person can see it."""
    query = sa.select(SignInLink).where(SignInLink.user_id == user.id).order_by(SignInLink.id.desc())
    return list(db.session.scalars(query.limit(most)))


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
