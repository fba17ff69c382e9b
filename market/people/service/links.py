"""Links that sign somebody in once, and the first account of an installation."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from flask_babel import LazyString, lazy_gettext as _

from market import audit
from market.communities.models import Community
from market.db import db, lock_row
from market.errors import Refusal
from market.people.models import Membership, SetupToken, SignInLink, User
from market.people.rules import AT_THE_MARKET, BEYOND_COMMUNITIES, LINK_LIFE, OVER_THE_FUND, Role
from market.people.service.accounts import create_user, hashed
from market.people.service.membership import grant
from market.people.service.sessions import stored_session


def make_sign_in_link(user: User, *, by: User, at: datetime, community: Community | None = None) -> str:
    """The secret of a link that signs a person in once, within three days; earlier links of its maker's end.

    Whoever has a link acts as that person. So one for an account that may do something where the maker may
    not opens only `community`, of which the maker is staff. Refuses `people.not_yours` where not even that.
    """
    reach = reach_of_link(user, by, community)
    if reach is None:
        raise Refusal("people.not_yours", _not_yours(user), 403)
    kept_to = community.id if community is not None and reach is Reach.HERE else None
    return _new_link(user, kept_to, by=by, at=at)


def invite(user: User, community: Community, *, by: User, at: datetime) -> str | None:
    """The secret of a link for somebody whom `by` brought to a stall; opens this community only.

    None for an account that is more than a stall here: it has a password of its own.
    """
    roles = {(membership.role, membership.community_id) for membership in _in_force(user)}
    return _new_link(user, community.id, by=by, at=at) if roles <= {(Role.VENDOR, community.id)} else None


def _new_link(user: User, kept_to: int | None, *, by: User, at: datetime) -> str:
    db.session.execute(
        sa.delete(SignInLink).where(
            SignInLink.user_id == user.id, SignInLink.community_id == kept_to, SignInLink.used_at.is_(None)
        )
    )
    secret = secrets.token_urlsafe(24)
    db.session.add(
        SignInLink(
            secret_hash=hashed(secret), user=user, made_by=by.id, expires_at=at + LINK_LIFE,
            community_id=kept_to,
        )
    )  # fmt: skip
    audit.record("people.make_sign_in_link", user, by=by, at=at)
    return secret


class Reach(StrEnum):
    """What a link opens: the whole account, or what it may do in one community."""

    EVERYWHERE = "everywhere"
    HERE = "here"


def reach_of_link(user: User, by: User, community: Community | None = None) -> Reach | None:
    """How far a link would reach that `by` makes for an account; None when there may be none."""
    if may_make_link(user, by):
        return Reach.EVERYWHERE
    own, theirs = _in_force(by), _in_force(user)
    if community is None or any(m.role in BEYOND_COMMUNITIES for m in theirs):
        return None
    new, here = _is_new(user), [m for m in theirs if m.community_id == community.id]
    return Reach.HERE if here and all(_lets_in(own, m, new) for m in here) else None


def _not_yours(user: User) -> LazyString:
    if any(membership.role in OVER_THE_FUND for membership in _in_force(user)):
        return _("委员和监督员的登录链接由另一位委员来给，或找平台管理员。工作人员只能在他们第一次登录时给。")
    return _("这个账号在别处也有身份，不能由您给登录链接。请本人用自己的密码登录，或找平台管理员。")


def may_make_link(user: User, by: User) -> bool:
    """Whether `by` may let somebody in: staff wherever the account has a role, or who runs the platform.

    A committee decides on what staff spend, a supervisor watches. So staff let them in for the first time
    only; later links are made by another member.
    """
    if user.id == by.id:
        return True
    own = _in_force(by)
    if any(membership.role is Role.PLATFORM for membership in own):
        return True
    return all(_lets_in(own, membership, _is_new(user)) for membership in _in_force(user))


def _is_new(user: User) -> bool:
    """Whether somebody never signed in."""
    return user.password_hash is None and not _came_by_link(SignInLink.user_id == user.id)


def _lets_in(own: list[Membership], theirs: Membership, new: bool) -> bool:
    here = {mine.role for mine in own if mine.community_id == theirs.community_id}
    if theirs.role in OVER_THE_FUND and Role.COMMITTEE in here:
        return True
    return Role.STAFF in here and (new or theirs.role not in OVER_THE_FUND)


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


def find_sign_in_link(
    secret: str, *, at: datetime, session_secret: str = "", browser: str = ""
) -> SignInLink:
    """The unused link. Looking at it changes nothing, because chat programs look at every link they see.

    `browser` is the key of this browser (`market.people.browser_key`): where a vendor used its link first, it
    opens again for ever. A helper at the gate whose session ran out (`session_secret`) may use the link again
    on the same telephone while it is valid. Refuses `people.link_spent`.
    """
    link = db.session.scalar(sa.select(SignInLink).where(SignInLink.secret_hash == hashed(secret)))
    if link is None or link.user.disabled_at is not None:
        raise Refusal("people.link_spent", OVER["gone"], 410)
    if _opens_here(link, browser):
        return link
    if at > link.expires_at:
        raise Refusal("people.link_spent", OVER["elsewhere" if link.browser_hash else "late"], 410)
    if link.used_at is not None and not _is_renewed(link, session_secret):
        raise Refusal("people.link_spent", OVER["elsewhere" if link.browser_hash else "used"], 410)
    return link


def _opens_here(link: SignInLink, browser: str) -> bool:
    """Whether this browser used the link first, of somebody who has nothing but a stall."""
    known = bool(browser) and link.browser_hash == hashed(browser)
    return known and all(membership.role is Role.VENDOR for membership in _in_force(link.user))


OVER = {
    "gone": _(
        "这个登录链接不能用了：后来又给过一个新的，或者网址没有复制完整。"
        "请用最新的那个；没有的话，用密码登录，或请给您链接的人再给一个。"
    ),
    "late": _("这个登录链接过期了：给出以后三天内有效。请用密码登录，或请给您链接的人再给一个。"),
    "elsewhere": _(
        "这个登录链接只在第一次打开它的那部手机上有用。换了手机，就在原来的手机上点「我的账号」里的"
        "「再加一部手机」，或请社区工作人员再给一个链接。"
    ),
    "used": _("这个登录链接已经用过了：一个链接只能用一次。请用密码登录，或请给您链接的人再给一个。"),
}
"""Why a link opens nothing any more, and how to get in all the same."""


def use_sign_in_link(secret: str, *, at: datetime) -> User:
    """Signs in by a link, once."""
    return spend_sign_in_link(secret, at=at).user


def spend_sign_in_link(
    secret: str, *, at: datetime, session_secret: str = "", browser: str = ""
) -> SignInLink:
    """The link, used up but in this browser (`browser`, its key), as `find_sign_in_link` says."""
    link = find_sign_in_link(secret, at=at, session_secret=session_secret, browser=browser)
    lock_row(link)
    link = find_sign_in_link(secret, at=at, session_secret=session_secret, browser=browser)
    link.used_at = at
    link.browser_hash = hashed(browser) if browser else None
    return link


def own_link(user: User, browser: str, *, kept_to: int | None, at: datetime) -> str:
    """The secret of a link for oneself that opens this browser (its key) and no other.

    `kept_to` is the one community in which the session may be used that asks for it. Refuses
    `people.not_only_a_stall`: more than a stall is opened by a password.
    """
    if any(membership.role is not Role.VENDOR for membership in _in_force(user)):
        sentence = _("您的账号不只管一个摊位，要用密码登录。可以在「我的账号」里设密码。")
        raise Refusal("people.not_only_a_stall", sentence, 403)
    secret = _new_link(user, kept_to, by=user, at=at)
    spend_sign_in_link(secret, at=at, browser=browser)
    return secret


def _is_renewed(link: SignInLink, session_secret: str) -> bool:
    """Whether this browser was signed in by it, did not sign out, and opens nothing but a gate or a stall."""
    earlier = stored_session(session_secret) if session_secret else None
    return (
        earlier is not None
        and earlier.user_id == link.user_id
        and all(membership.role in AT_THE_MARKET for membership in _in_force(link.user))
    )


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
