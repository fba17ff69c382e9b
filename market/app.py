"""create_app: settings → database → rooms → filters → error pages."""

from __future__ import annotations

import importlib
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from market import access, clock, counted, db, error_pages, form_use, headers, log, photos, revisions
from market.communities.models import Community
from market.communities.profile_files import profiles
from market.config import PAGES, ROOT, Settings, read_settings
from market.feedback import service as feedback
from market.fund import service as fund
from market.gate import service as gate
from market.insight.facts import FACTS
from market.inspection import service as inspection
from market.journal import writing as journal
from market.journal.unchanged import count_while_unchanged
from market.layout import filters, frame as frames
from market.notices import service as notices
from market.outbox import service as outbox
from market.people import access as people_access
from market.public_pages import PublicPages
from market.settlement import agreement, service as settlement
from market.together import has_own_unit
from market.vendors import eligibility, forgetting

ROOMS = (
    "communities", "people", "places", "layout", "ledger", "calendar", "vendors", "demand", "stalls",
    "passes", "gate", "inspection", "feedback", "settlement", "fund", "spending", "notices", "outbox",
    "programs", "insight", "reports", "paperwork", "pages", "api",
)  # fmt: skip
"""Every room, from left to right; a file imports only what stands to its left."""

ROOMS_WITHOUT_VIEWS = frozenset({"communities", "ledger", "demand"})

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class MarketApp(Flask):
    """Flask, with every unsafe request in one write transaction, and every form used once."""

    def log_exception(self, exc_info: object) -> None:
        """Left to error_pages, which writes one structured line."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Runs the view; a POST runs in a unit of work, again when another writer was in the way."""
        if request.method in SAFE_METHODS or request.endpoint is None:
            return super().dispatch_request()
        if has_own_unit(self.view_functions[request.endpoint]):
            return super().dispatch_request()
        view = super().dispatch_request
        return db.do_in_unit_of_work(lambda: form_use.once(view))


def create_app(settings: Settings | None = None) -> Flask:
    """The application, ready to serve; reads the environment unless settings are given."""
    settings = settings or read_settings()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = MarketApp(
        "market",
        instance_path=str(settings.instance.resolve()),
        template_folder=str(PAGES / "templates"),
        static_folder=str(PAGES / "static"),
    )
    app.extensions["settings"] = settings
    _check_profiles()
    app.config.update(_flask_settings(settings))
    log.init_app(app, settings.log_level)
    db.init_app(app, settings.database_url)
    journal.init_app(app, FACTS)
    revisions.init_app(app)
    guard = CSRFProtect(app)
    counted.init_app(app, Babel(app, locale_selector=frames.chosen_locale))
    people_access.init_app(app, on_duty=gate.on_duty)
    forgetting.init_app(
        app, inspection.forget_texts, feedback.forget_texts, settlement.forget_texts, outbox.forget
    )
    agreement.init_app(app, recipient_of=fund.recipient_of)
    photos.init_app(app)
    headers.init_app(app)
    _add_rooms(app)
    filters.init_app(app)
    frames.init_app(app, badges={"pages.calls": _people_to_call, "feedback.passed_up": _passed_up})
    error_pages.init_app(app)
    access.refuse_undeclared(app)
    _exempt_from_tokens(app, guard)
    _wrap(app, settings)
    return app


def _check_profiles() -> None:
    """A region's file with a mistake stops the start, as a wrong setting does."""
    for profile in profiles().values():
        eligibility.refuse_unknown(profile)


def _flask_settings(settings: Settings) -> dict[str, Any]:
    return {
        "SECRET_KEY": settings.signing_secret(),
        "SESSION_COOKIE_NAME": "__Host-session" if settings.secure else "session",
        "SESSION_COOKIE_SECURE": settings.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": 90 * 24 * 3600,
        "MAX_CONTENT_LENGTH": 1_000_000,
        "MAX_FORM_MEMORY_SIZE": 500_000,
        "MAX_FORM_PARTS": 1_000,
        "TRUSTED_HOSTS": [urlsplit(settings.public_url).hostname, "127.0.0.1", "localhost", settings.host],
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "market" / "translations"),
        "WTF_CSRF_TIME_LIMIT": None,
        "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    }


def _add_rooms(app: Flask) -> None:
    shown = [room for room in ROOMS if room not in ROOMS_WITHOUT_VIEWS]
    for room in shown:  # all of them first: a page may hang on the routes of a room to its left
        importlib.import_module(f"market.{room}.views")
    for room in shown:
        app.register_blueprint(importlib.import_module(f"market.{room}.blueprint").bp)
    access.open_to(access.Audience.PUBLIC)(app.view_functions["static"])


def _exempt_from_tokens(app: Flask, guard: CSRFProtect) -> None:
    """Telephones and programs show a key with every request, which no other site's form can send; and what
    residents send without a cookie is known by the page that sent it."""
    for view in app.view_functions.values():
        policy = access.policy_of(view)
        if policy is not None and (policy.audiences in access.KEY_HOLDERS or policy.from_our_pages):
            guard.exempt(view)


def _people_to_call() -> int:
    """How many vendors the staff of this community must tell something by telephone; on all their pages, so
    it is not worked out for each that only reads."""
    at, community = clock.now(), people_access.current_community()
    if request.method not in SAFE_METHODS:
        return _count_calls(community, at)
    return count_while_unchanged("calls", community.id, at, lambda: _count_calls(community, at))


def _count_calls(community: Community, at: datetime) -> int:
    due = notices.due_messages(community, at=at)
    called = notices.to_call(due, at=at, carried=outbox.carried(community, due))
    return len(called) + len(outbox.letters_to_call(community, at))


def _passed_up() -> int:
    """How many complaints wait for the answer of this street, or of the streets of this district."""
    return feedback.waiting_for_street(people_access.current_region(), clock.now())


def _wrap(app: Flask, settings: Settings) -> None:
    with app.app_context():
        look = revisions.looker(db.db.engine)
    app.wsgi_app = PublicPages(app.wsgi_app, look)  # type: ignore[method-assign]  # Flask's own way to wrap
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # likewise
