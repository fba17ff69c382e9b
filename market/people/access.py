"""Who asks, and whether they may: what views declare (market.access) is enforced here, in one place."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import Flask, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from market import clock
from market.access import KEY_HOLDERS, Audience, Policy, policy_of
from market.communities.models import Community, Region
from market.db import db, do_in_unit_of_work, key_of, unread
from market.errors import NotFound, Refusal
from market.kept_forms import came_from_here
from market.log import log
from market.people import service
from market.people.models import Membership, User, UserSession
from market.people.rules import AT_THE_MARKET, ROLE_AUDIENCES, Role
from market.people.service.sessions import InForce, SignedIn
from market.revisions import kept_while_seen, state_seen

OnDuty = Callable[[UserSession, datetime], bool]


def never_on_duty(_session: UserSession, _at: datetime) -> bool:
    """For an application without a gate."""
    return False


# ── a browser is signed in ────────────────────────────────────────────────────────────────────────────────


def begin_browser_session(secret: str) -> None:
    """What the cookie of a browser holds from now on: its session, and what its forms are known by.

    Were the latter left to the first page with a form, two tabs opened at once would each make their own, and
    the cookie that comes last would make the other tab's forms invalid.
    """
    session.clear()
    session["key"], session["csrf_token"] = secret, secrets.token_hex(20)
    session.permanent = True


# ── the person and the place of the running request ───────────────────────────────────────────────────────


def current_user() -> User:
    """Who is signed in; only for views that are not public."""
    user = user_or_none()
    if user is None:
        raise Refusal("access.sign_in", _("请先登录。"), 401)
    return user


def who_acts() -> User:
    """The same person, known by number: for acts that note who did them and ask nothing else of them."""
    user = cast("User | None", g.get("user"))
    return user if user is not None else current_user()


def user_or_none() -> User | None:
    """Who is signed in, if anybody; read again after a lock, or an act would do so amid its own writing."""
    user = cast("User | None", g.get("user"))
    if user is not None and sa.inspect(user).expired:
        db.session.refresh(user)
    return user


def kept_to() -> int | None:
    """The one community in which this session may be used, where a link of its staff opened it."""
    live = cast("UserSession | SignedIn | None", g.get("user_session"))
    return live.community_id if live is not None else None


def own_memberships() -> list[Membership]:
    """What the person who is signed in may do, as far as this session reaches."""
    user = user_or_none()
    return memberships_within(user, kept_to()) if user is not None else []


def memberships_within(user: User, community_id: int | None) -> list[Membership]:
    """The memberships in force; those in one community where a session keeps to it."""
    live = [membership for membership in user.memberships if membership.until is None]
    return [m for m in live if community_id in (None, m.community_id)]


def current_community() -> Community:
    """The community named in the address."""
    community = community_or_none()
    if community is None:
        raise NotFound("places.no_community", _("没有这个社区。请检查网址。"))
    return community


def stand_in(community: Community) -> None:
    """For the page without a community in its address that shows the only one there is."""
    g.slug, g.community = community.slug, community


def community_or_none() -> Community | None:
    return cast("Community | None", g.get("community"))


def current_region() -> Region:
    """The region named in the address."""
    return cast("Region", g.region)


# ── enforcement ───────────────────────────────────────────────────────────────────────────────────────────


def init_app(app: Flask, *, on_duty: OnDuty = never_on_duty) -> None:
    """Loads the person and the place before every request and enforces the declared policy.

    `on_duty` says whether a session was made for a market that is not over yet.
    """
    app.extensions["on_duty"] = on_duty
    app.url_value_preprocessor(_take_place_from_address)
    app.url_defaults(_put_place_into_address)
    app.before_request(enforce)


def _take_place_from_address(endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.slug = values.pop("slug", None) if values else None
    g.region_code = values.pop("code", None) if values else None
    words = (g.slug, g.region_code, *(values or {}).values(), *request.args.values())
    if any(isinstance(word, str) and "\0" in word for word in words):
        raise NotFound("http.not_found", _("没有这一页。可能是网址抄错了，或者它已经搬走。"))


def _put_place_into_address(endpoint: str, values: dict[str, Any]) -> None:
    for name, key in (("slug", "slug"), ("region_code", "code")):
        given = g.get(name)
        if given and key not in values and _current_app().url_map.is_endpoint_expecting(endpoint, key):
            values[key] = given


def _current_app() -> Flask:
    from flask import current_app

    return cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # the proxy's own method


def enforce() -> ResponseReturnValue | None:
    """Answers for the view when the policy says no: sign in (401), not yours (403), no such place."""
    policy = policy_of(_current_app().view_functions[request.endpoint]) if request.endpoint else None
    if policy is None:
        return None  # no such page; the 404 answers
    if policy.audiences not in KEY_HOLDERS:
        return _enforced(policy)
    _leave_to_view(policy)
    return None


def _leave_to_view(policy: Policy) -> None:
    """Whoever shows a key of its own, which the view looks at; a cookie counts for nothing there."""
    if policy.audiences == (Audience.PROGRAM,):
        _load_place()


def _enforced(policy: Policy) -> ResponseReturnValue | None:
    if policy.from_our_pages and request.method == "POST":
        _refuse_other_sites()
    public = policy.audiences == (Audience.PUBLIC,)
    if request.endpoint == "layout.alive":
        return None  # says that we are alive even while the database is not
    acting = _acting() if not public else None
    if acting is None:
        if not public or _current_app().config["SESSION_COOKIE_NAME"] in request.cookies:
            _load_session(policy)
        _load_place()
    if public:
        return None
    if g.get("user") is None:
        return _ask_to_sign_in()
    live = own_memberships() if acting is None else acting.memberships
    if not any(_belongs(audience, live) for audience in policy.audiences):
        raise Refusal("access.not_yours", _("您的账号不能打开这一页。需要的话，请社区管理员给您开通。"), 403)
    _refuse_onlookers(policy, live)
    return None


ONLOOKERS = frozenset({Role.SUPERVISOR})
"""Roles that read what their audience reads and do nothing of what it does."""


def _refuse_onlookers(policy: Policy, live: Sequence[Membership | InForce]) -> None:
    """Whoever has another role that opens the view may do it by that one."""
    if policy.onlookers_may or request.method in ("GET", "HEAD", "OPTIONS"):
        return
    active = [one for one in live if one.role not in ONLOOKERS]
    if not any(_belongs(audience, active) for audience in policy.audiences):
        sentence = _("监督员只看、只问，不改。这一步由工作人员或管委会委员来办。")
        raise Refusal("access.onlooker", sentence, 403)


def _refuse_other_sites() -> None:
    """What guards forms that have no token; switched off with the tokens."""
    if _current_app().config.get("WTF_CSRF_ENABLED", True) and not came_from_here():
        raise Refusal("http.form_expired", _("这一步要在社区的页面上按。请打开页面，再按一次。"), 400)


def _acting() -> SignedIn | None:
    """Who does something in a community, where all that the policy asks can be asked at once. The rows are
    read when somebody asks them something: the act begins with reading anew."""
    secret = session.get("key")
    if request.method in ("GET", "HEAD") or not secret or g.slug is None or g.region_code is not None:
        return None
    at = clock.now()
    found = service.signed_in(secret, g.slug, at=at)
    if found is None or at - found.seen_at > SEEN_EVERY:
        return None
    g.user_session, g.user_id = found, found.user_id
    g.user, g.community = unread(User, found.user_id), unread(Community, found.place_id)
    return found


def _load_session(policy: Policy) -> None:
    secret = session.get("key")
    if not secret:
        return
    at = clock.now()
    used = service.find_session(secret, at=at)
    live = used or _session_on_duty(secret, policy, at)
    g.user_session, g.user = live, live.user if live is not None else None
    g.user_id = live.user_id if live is not None else None
    if used is not None and at - used.seen_at > SEEN_EVERY:
        try:
            do_in_unit_of_work(lambda: service.touch_session(used, at=at))
        except Refusal as refusal:  # whoever only reads can do so while nothing can be written
            log.warning("touch_session", refusal=refusal.code)


SIGN_OUT = "people.delete_session"
SEEN_EVERY = timedelta(minutes=5)
"""When somebody was last seen is written no more often than this."""


def _session_on_duty(secret: str, policy: Policy, at: datetime) -> UserSession | None:
    """A session that lay idle too long, but was made for a market that still goes on: it opens the gate, and
    everything to whoever has nothing but a gate or a stall."""
    found = service.stored_session(secret)
    if found is None or not _current_app().extensions["on_duty"](found, at):
        return None
    roles = {m.role for m in memberships_within(found.user, found.community_id)}
    is_gate = Audience.GATE in policy.audiences or request.endpoint == SIGN_OUT
    return found if is_gate or roles <= AT_THE_MARKET else None


def _place_of(slug: str) -> Community | None:
    """The community; where a page may be made of what is known already, it is read when that is needed."""
    if state_seen() is None:
        return _place_of_members(slug) or db.session.scalar(_BY_SLUG, {"slug": slug})
    return unread(Community, kept_while_seen(("people.place", slug), lambda: _number_of(slug)))


def _place_of_members(slug: str) -> Community | None:
    """The community, where it was read along with who signed in."""
    memberships = g.user.memberships if g.get("user") is not None else []
    return next((m.community for m in memberships if m.community and m.community.slug == slug), None)


def _number_of(slug: str) -> int:
    g.community = db.session.scalar(_BY_SLUG, {"slug": slug})
    return key_of(current_community())


_BY_SLUG = sa.select(Community).where(Community.slug == sa.bindparam("slug"))
"""Put together once: every page begins with it."""


def _load_place() -> None:
    if g.slug is not None:
        g.community = _place_of(g.slug)
        current_community()
    if g.region_code is not None:
        g.region = db.session.scalar(sa.select(Region).where(Region.code == g.region_code))
        if g.region is None:
            raise NotFound("places.no_region", _("没有这个区划代码。请检查网址。"))


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
    raise Refusal("access.sign_in", _("登录已经过期。请重新登录，再试一次。"), 401)


def _belongs(audience: Audience, live: Sequence[Membership | InForce]) -> bool:
    if audience in (Audience.PUBLIC, Audience.SIGNED_IN):
        return True
    if audience is Audience.PLATFORM:
        return any(membership.role is Role.PLATFORM for membership in live)
    if audience is Audience.REGION:
        return any(service.sees_region(membership, current_region()) for membership in live)
    roles = ROLE_AUDIENCES[audience]
    return any(m.role in roles and m.community_id == key_of(current_community()) for m in live)
