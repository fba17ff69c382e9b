"""What every page gets: preferences, navigation, CSRF field, static addresses that follow their content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_babel import LazyString, get_locale, lazy_gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from market import form_use
from market.access import Audience, policy_of
from market.config import settings
from market.people.access import community_or_none, user_or_none
from market.people.first_pages import FirstPage, own_pages

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
PREFERENCES = "preferences"


class NavItem(NamedTuple):
    """One line of a frame's navigation."""

    label: str
    href: str
    current: bool
    badge: int = 0


def _preferences() -> set[str]:
    return set(request.cookies.get(PREFERENCES, "").split("."))


def chosen_locale() -> str:
    """Chinese unless the reader chose English."""
    if not has_request_context():
        return CHINESE  # a command or a job has no reader to ask
    return ENGLISH if ENGLISH in _preferences() else CHINESE


def elder_mode() -> bool:
    """Whether the reader chose large type."""
    return "elder" in _preferences()


def preference_link(*, elder: bool | None = None, lang: str | None = None) -> str:
    """The address that changes one preference and comes back to this page."""
    query = {"next": _readable_address()}
    if elder is not None:
        query["elder"] = "1" if elder else "0"
    if lang is not None:
        query["lang"] = lang
    return f"{url_for('layout.preferences')}?{urlencode(query)}"


def _readable_address() -> str:
    """This page, or the one its form came from: the address of a POST cannot be opened again."""
    if request.method in ("GET", "HEAD"):
        return request.full_path.rstrip("?")
    return urlsplit(request.referrer or "").path or "/"


def csrf() -> Markup:
    """The hidden fields of every form that posts: that it is ours, and which one it is."""
    field = Markup('<input type="hidden" name="{}" value="{}">')
    return field.format("csrf_token", generate_csrf()) + field.format(form_use.FIELD, form_use.new_id())


def stylesheet(name: str, media: str | None = None) -> Markup:
    """The link to `static/css/<name>.css`, and the only way to one.

    A frame names what all its pages need (`parts`), a page adds its own in its `head` block, a macro or a
    partial that brings something of its own links it where it stands.
    """
    address = url_for("static", filename=f"css/{name}.css")
    only = Markup(' media="{}"').format(media) if media else ""
    return Markup('<link rel="stylesheet" href="{}"{}>').format(address, only)


@lru_cache(maxsize=256)
def _fingerprint(path: str, _changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def _stamp_static(endpoint: str, values: dict[str, Any]) -> None:
    """Gives static files an address that changes when they do, so that browsers may keep them for ever."""
    if endpoint == "static" and "v" not in values:
        path = Path(current_app.static_folder or "") / values["filename"]
        if path.is_file():
            values["v"] = _fingerprint(str(path), path.stat().st_mtime)


NAVIGATION: dict[Audience, tuple[tuple[str, LazyString], ...]] = {
    Audience.PUBLIC: (
        ("pages.community", _("集市")),
        ("pages.month", _("日历")),
        ("pages.wishes", _("想要")),
        ("fund.page", _("基金账本")),
        ("insight.page", _("成效")),
    ),
    Audience.VENDOR: (
        ("pages.vendor_home", _("我的摊位")),
        ("settlement.terms", _("我的反哺")),
        ("pages.vendor_profile", _("我的资料")),
    ),
    Audience.STAFF: (
        ("pages.desk", _("集市日程")),
        ("vendors.register", _("商户与证照")),
        ("pages.calls", _("打电话告诉")),
        ("places.venues", _("场地与摊位")),
        ("fund.desk", _("社区基金")),
        ("insight.desk", _("成效与报表")),
        ("people.team", _("人员")),
    ),
    Audience.COMMITTEE: (("spending.committee", _("表决")),),
    Audience.REGION: (
        ("insight.region", _("各社区")),
        ("reports.newest_of_region", _("月报、季报、年报")),
        ("feedback.passed_up", _("转来的投诉")),
    ),
    Audience.GATE: (("gate.days", _("门口")), ("pages.community", _("看集市"))),
}
"""What each frame leads to; the frame is the audience of the page."""


UNDER = {
    "/staff/<slug>/days": "pages.desk",
    "/staff/<slug>/allocation-weights": "pages.desk",
    "/staff/<slug>/vendors": "vendors.register",
    "/staff/<slug>/papers": "vendors.register",
    "/staff/<slug>/venues": "places.venues",
    "/staff/<slug>/suggested-terms": "fund.desk",
    "/staff/<slug>/stall-fee": "fund.desk",
    "/staff/<slug>/terms": "fund.desk",
    "/staff/<slug>/fund": "fund.desk",
    "/staff/<slug>/close-rule": "pages.desk",
    "/staff/<slug>/history": "pages.desk",
    "/staff/<slug>/paperwork": "pages.desk",
    "/staff/<slug>/wishes": "pages.desk",
    "/staff/<slug>/feedback": "pages.desk",
    "/staff/<slug>/reports": "insight.desk",
    "/staff/<slug>/data": "insight.desk",
    "/staff/<slug>/channels": "pages.calls",
    "/staff/<slug>/outbox": "pages.calls",
    "/staff/<slug>/letters": "pages.desk",
    "/staff/<slug>/group": "pages.desk",
    "/staff/<slug>/programs": "people.team",
    "/committee/<slug>/history": "spending.committee",
    "/committee/<slug>/days": "spending.committee",
    "/committee/<slug>/proofs": "spending.committee",
    "/committee/<slug>/proposals": "spending.committee",
    "/committee/<slug>/periods": "spending.committee",
    "/committee/<slug>/quarterly": "spending.committee",
    "/committee/<slug>/questions": "spending.committee",
    "/committee/<slug>/audit": "spending.committee",
    "/committee/<slug>/arrivals": "spending.committee",
    "/committee/<slug>/refunds": "spending.committee",
    "/vendor/<slug>/days": "pages.vendor_home",
    "/vendor/<slug>/notices": "pages.vendor_home",
    "/vendor/<slug>/ways": "pages.vendor_profile",
    "/vendor/<slug>/letters": "pages.vendor_home",
    "/vendor/<slug>/papers": "pages.vendor_home",
    "/vendor/<slug>/people": "pages.vendor_home",
    "/vendor/<slug>/feedback": "pages.vendor_home",
    "/c/<slug>/markets": "pages.community",
    "/c/<slug>/find": "pages.community",
    "/c/<slug>/allocation": "pages.community",
    "/c/<slug>/vendors": "pages.community",
    "/c/<slug>/feedback": "pages.community",
    "/c/<slug>/how": "pages.community",
    "/c/<slug>/follow": "pages.community",
    "/c/<slug>/share": "pages.community",
    "/c/<slug>/fund": "fund.page",
}
"""Pages that stand under the navigation line of another room, by how their address begins: whatever is about
one market stands under the line that lists the markets."""


def nav() -> list[NavItem]:
    """Navigation of the running page's frame; empty outside a community and a region."""
    view = current_app.view_functions.get(request.endpoint or "")
    policy = policy_of(view) if view is not None else None
    if policy is None or not _has_place(policy.audiences[0]):
        return []
    items, badges = NAVIGATION.get(policy.audiences[0], ()), current_app.extensions["badges"]
    rule = request.url_rule.rule if request.url_rule else ""
    here = nearest(request.endpoint or "", rule, [endpoint for endpoint, _label in items])
    return [
        NavItem(str(label), url_for(endpoint), endpoint == here, badges.get(endpoint, int)())
        for endpoint, label in items
    ]


def _has_place(audience: Audience) -> bool:
    """Whether the page is of a community, or of a region where that is what its frame is for."""
    place = g.get("region") if audience is Audience.REGION else community_or_none()
    return place is not None


def nearest(endpoint: str, rule: str, known: list[str]) -> str | None:
    """The navigation line a page stands under: itself, the one of its address, else the first of its room."""
    if endpoint in known:
        return endpoint
    named = next((line for start, line in UNDER.items() if rule.startswith(start)), None)
    if named in known:
        return named
    return next((line for line in known if line.split(".")[0] == endpoint.split(".")[0]), None)


def elsewhere() -> list[FirstPage]:
    """Where the person who is signed in may also work: other communities, other roles in this one."""
    path = request.path if has_request_context() else ""
    return [place for place in own_pages() if not path.startswith(place.href)]


def init_app(app: Flask, *, badges: Mapping[str, Callable[[], int]]) -> None:
    """Gives the templates their globals and names; `badges` say how much waits behind an endpoint."""
    app.extensions["badges"] = badges
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.add_template_global(csrf)
    app.add_template_global(stylesheet)
    app.url_defaults(_stamp_static)
    app.add_template_global(preference_link)

    @app.context_processor
    def names() -> dict[str, object]:
        return {
            "community": community_or_none(),
            "user": user_or_none() if g.get("user_session") is not None else None,
            "trouble": g.get("trouble", ""),
            "elder": elder_mode(),
            "locale": str(get_locale()),
            "demo_mode": settings().demo,
            "nav": nav(),
            "elsewhere": elsewhere() if g.get("user_session") is not None else [],
        }
