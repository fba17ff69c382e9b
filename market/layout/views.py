"""The reader's preferences, and whether we are alive and ready."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from market import doctor, heartbeat
from market.access import Audience, open_to
from market.addresses import safe_next
from market.config import settings
from market.layout.blueprint import bp
from market.layout.frame import ENGLISH, PREFERENCES, chosen_locale, elder_mode


@bp.get("/preferences")
@open_to(Audience.PUBLIC)
def preferences() -> ResponseReturnValue:
    """Keeps the reader's choice of large type and language in a cookie, and goes back."""
    elder = request.args.get("elder", "1" if elder_mode() else "0") == "1"
    english = request.args.get("lang", chosen_locale()) == ENGLISH
    chosen = ".".join(name for name, on in (("elder", elder), (ENGLISH, english)) if on)
    response = redirect(safe_next(request.args.get("next")) or url_for("pages.home"))
    if chosen:
        response.set_cookie(
            PREFERENCES,
            chosen,
            max_age=365 * 24 * 3600,
            httponly=True,
            samesite="Lax",
            secure=settings().secure,
        )
    else:
        response.delete_cookie(PREFERENCES)
    return response


@bp.get("/healthz")
@open_to(Audience.PUBLIC)
def alive() -> ResponseReturnValue:
    return {"status": "ok"}, 200, {"Cache-Control": "no-store"}


@bp.get("/readyz")
@open_to(Audience.PUBLIC)
def ready() -> ResponseReturnValue:
    """200 when the database answers, its schema is current, the disk has room and what is due is done; 503
    otherwise. `ticker` is null where another server runs us: nobody here knows then."""
    reachable = doctor.database_answers()
    found = {
        "database": reachable,
        "migrated": reachable and doctor.is_migrated(),
        "disk": doctor.has_room(settings()),
        "ticker": heartbeat.is_beating(),
    }
    well = False not in found.values()
    body = {"status": "ok" if well else "unavailable", **found}
    return body, 200 if well else 503, {"Cache-Control": "no-store"}
