"""What every page gets: preferences, navigation, CSRF field, static addresses that follow their content."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_babel import get_locale, gettext
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from market.config import settings
from market.people.access import community_or_none, user_or_none
from market.people.rules import Role

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
    query = {"next": request.full_path.rstrip("?")}
    if elder is not None:
        query["elder"] = "1" if elder else "0"
    if lang is not None:
        query["lang"] = lang
    return f"{url_for('people.preferences')}?{urlencode(query)}"


def safe_next(target: str | None) -> str | None:
    """A path of our own to go back to, None for anything that could lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    if any(ord(letter) <= 32 for letter in target):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


def csrf() -> Markup:
    """The hidden field of every form that posts."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


@lru_cache(maxsize=256)
def _fingerprint(path: str, _changed: float) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


def _stamp_static(endpoint: str, values: dict[str, Any]) -> None:
    """Gives static files an address that changes when they do, so that browsers may keep them for ever."""
    if endpoint == "static" and "v" not in values:
        path = Path(current_app.static_folder or "") / values["filename"]
        if path.is_file():
            values["v"] = _fingerprint(str(path), path.stat().st_mtime)


STAFF_NAV = (
    ("calendar.desk", "集市日程"),
    ("vendors.register", "商户与证照"),
    ("places.venues", "场地与摊位"),
    ("fund.desk", "社区基金"),
    ("insight.desk", "成效与报表"),
    ("people.team", "人员"),
)


def nav() -> list[NavItem]:
    """Navigation of the staff frame, for those who may use it."""
    user, community = user_or_none(), community_or_none()
    if user is None or community is None:
        return []
    if not any(
        m.role is Role.STAFF and m.community_id == community.id and m.until is None for m in user.memberships
    ):
        return []
    room = (request.endpoint or "").split(".")[0]
    return [NavItem(gettext(label), url_for(name), name.split(".")[0] == room) for name, label in STAFF_NAV]


def init_app(app: Flask) -> None:
    """Gives the templates their globals and names."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    app.add_template_global(csrf)
    app.url_defaults(_stamp_static)
    app.add_template_global(preference_link)

    @app.context_processor
    def names() -> dict[str, object]:
        return {
            "community": community_or_none(),
            "user": user_or_none() if g.get("user_session") is not None else None,
            "elder": elder_mode(),
            "locale": str(get_locale()),
            "demo_mode": settings().demo,
            "nav": nav(),
        }
