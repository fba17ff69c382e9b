"""What a phone at the gate asks for: to be let in, its page, the day's package, to bring what it scanned.

The page itself holds nothing of anybody and is the same for every phone, so that a browser can keep it; what
a phone asks after that carries its key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale, gettext as _

from market import clock
from market.access import Audience, open_to
from market.calendar.lookup import day_at
from market.calendar.models import MarketDay
from market.errors import Refusal
from market.gate import service, words
from market.gate.blueprint import bp
from market.gate.door_files import door_files, worker_script
from market.gate.forms import OwnPhoneForm
from market.gate.models import GatePhone, HeldScan
from market.gate.rules import FACTORS, Sampling
from market.gate.service import ScanView
from market.gate.views.door_told import Upload, told_upload, unreadable
from market.headers import needs_camera
from market.people.access import current_user, stand_in
from market.stalls import service as stalls
from market.together import Together, begins_own_unit
from market.vendors.search import finds

SCHEME = "Phone "
FOUND_AT_MOST = 8


@bp.get("/door/")
@open_to(Audience.PUBLIC)
def door() -> str:
    """The one page that a phone at the gate needs; it is kept by the phone."""
    needs_camera()
    return _door_page()


def _door_page() -> str:
    samplings = [(one, FACTORS[one] / 100 if one in FACTORS else "") for one in Sampling]
    return render_template("gate/door.html", static_addresses=_addresses(), samplings=samplings, words=words)


def _addresses() -> list[str]:
    return [url_for("static", filename=name) for name in door_files()]


@bp.get("/door/worker.js")
@open_to(Audience.PUBLIC)
def door_worker() -> Response:
    """The service worker of the page, with the list of what it keeps; another content is another worker."""
    files = [url_for("gate.door"), *_addresses()]
    return Response(worker_script(files, _door_page()), mimetype="text/javascript")


@bp.get("/door/join/<token>")
@open_to(Audience.PUBLIC)
def join(token: str) -> ResponseReturnValue:
    """What the code on the staff's screen leads to. Looking takes nothing: previews may."""
    phone = service.invited(token)
    stand_in(phone.day.community)
    refusal = service.why_not(phone, clock.now())
    page = render_template(
        "gate/join.html",
        phone=phone,
        token=token,
        day=phone.day,
        until=service.until(phone.day),
        refusal=refusal,
    )
    return page, 410 if refusal is not None else 200


@bp.post("/door/join/<token>")
@open_to(Audience.PHONE)
def enrol(token: str) -> ResponseReturnValue:
    """The phone in hand takes the place with a key that it made; the same phone may press again."""
    phone = service.invited(token)
    service.enrol(phone, request.form.get("name", ""), request.form.get("key", ""), at=clock.now())
    return _private(jsonify(day=phone.day.ref))


@bp.post("/gate/<slug>/days/<ref>/own-phone")
@open_to(Audience.GATE)
def enrol_own(ref: str) -> ResponseReturnValue:
    """Somebody who is signed in minds a gate with the phone in hand, by the same page as everybody."""
    day, form = day_at(ref), OwnPhoneForm()
    if not form.validate_on_submit():
        raise unreadable()
    entrance, key = form.entrance.data or "", form.key.data or ""
    service.enrol_own(day, entrance, key, by=current_user(), at=clock.now())
    return _private(jsonify(day=day.ref))


@bp.get("/door/package")
@open_to(Audience.PHONE)
def door_package() -> ResponseReturnValue:
    phone, at = _phone_on_duty(), clock.now()
    package = service.day_package(phone, at)
    etag = hashlib.sha256(json.dumps(package, sort_keys=True).encode()).hexdigest()[:20]
    if request.headers.get("If-None-Match") == f'"{etag}"':
        answer = Response(status=304)
    else:
        answer = jsonify({**package, "version": etag})
    answer.headers["ETag"] = f'"{etag}"'
    answer.headers["X-Now"] = str(service.millis(at))
    return _private(answer)


@bp.post("/door/scans")
@open_to(Audience.PHONE)
@begins_own_unit
def bring_scans() -> ResponseReturnValue:
    """Takes what a phone brings, known or not, in time or not: what cannot be believed waits for a person."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise unreadable()
    brought = told_upload(body, _key(), at=clock.now())
    return _private(jsonify(uploads.do(brought.day, (brought, str(get_locale())))))


def _taken(waiting: list[tuple[Upload, str]]) -> list[dict[str, Any]]:
    """What becomes of some uploads for one market, each told in the language of whoever brought it."""
    brought = [upload for upload, _locale in waiting]
    phones = service.phones_at_work([one.key for one in brought], brought[0].day)
    handed = [_handed(one, phones.get(one.key)) for one in brought]
    kept = service.receive_all(handed)
    return [
        _in_language(locale, partial(_told, upload, what, became))
        for (upload, locale), what, became in zip(waiting, handed, kept, strict=True)
    ]


uploads = Together(_taken, service.wait_for_market)
"""Phones at one gate wait for the same market; what they bring is taken together."""


def _handed(brought: Upload, phone: GatePhone | None) -> service.Handed:
    day = phone.day if phone is not None else service.day_of_phone(brought.day)
    return service.Handed(day, phone, brought.scans, brought.at)


def _in_language(locale: str, tell: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    if str(get_locale()) == locale:
        return tell()
    with force_locale(locale):
        return tell()


def _told(brought: Upload, handed: service.Handed, kept: Sequence[ScanView | HeldScan]) -> dict[str, Any]:
    day, phone, _scans, at = handed
    counted = service.receive_counts(day, phone, brought.counts, at=at)
    if phone is not None:
        service.note_seen(phone, brought.waiting, at=at)
    return {
        "now": service.millis(at),
        "stopped": _why_stopped(phone, at),
        "scans": [_answer(one) for one in kept],
        "counts": [{"id": number, "held": not counts} for number, counts in counted.items()],
        "visits": _visits(day, phone) if phone is not None and brought.counting else None,
    }


@bp.post("/door/search")
@open_to(Audience.PHONE)
def door_search() -> ResponseReturnValue:
    """Vendors by stall, name or pinyin; only while there is a network, so that no phone holds their names."""
    phone = _phone_on_duty()
    query = str((request.get_json(silent=True) or {}).get("query", ""))[:40].strip()
    held = stalls.assignments(phone.day) if query else []
    found = [
        {"ref": one.ref, "stall": one.label, "name": one.vendor.trading_name}
        for one in held
        if finds(query, (one.label, one.vendor.trading_name))
    ]
    return _private(jsonify(found=found[:FOUND_AT_MOST], more=max(0, len(found) - FOUND_AT_MOST)))


@bp.post("/door/leave")
@open_to(Audience.PHONE)
def leave_door() -> ResponseReturnValue:
    phone = _phone()
    if phone is not None:
        service.leave(phone, at=clock.now())
    return _private(jsonify(left=True))


# ── who asks ──────────────────────────────────────────────────────────────────────────────────────────────


def _key() -> str:
    """The key that is shown; empty where there is none."""
    shown = request.headers.get("Authorization", "")
    return shown.removeprefix(SCHEME) if shown.startswith(SCHEME) else ""


def _phone() -> GatePhone | None:
    return service.phone_of(_key())


def _phone_on_duty() -> GatePhone:
    """The phone that asks. Refuses `gate.no_phone` (401) and `gate.phone_done` (410): it then forgets all."""
    phone = _phone()
    if phone is None:
        raise Refusal("gate.no_phone", _("这部手机没有登记，或者已经停用。请工作人员再出一个码。"), 401)
    stopped = _why_stopped(phone, clock.now())
    if stopped:
        raise Refusal("gate.phone_done", _("这部手机在这一场的工作结束了。"), 410)
    stand_in(phone.day.community)
    return phone


def _why_stopped(phone: GatePhone | None, at: datetime) -> str:
    """`unknown`, `revoked`, `over` or nothing: whether the phone is to forget what it holds."""
    if phone is None:
        return "unknown"
    if phone.revoked_at is not None:
        return "revoked"
    return "" if service.minds_gate(phone, at) else "over"


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


# ── what it says ──────────────────────────────────────────────────────────────────────────────────────────


def _visits(day: MarketDay, phone: GatePhone) -> dict[str, Any]:
    """What is known of the gate at which the phone counts, part by part, and of the whole market."""
    counted = service.footfall(day)
    numbers = range(1, len(counted.slots) + 1)
    return {
        "slots": [counted.visits(phone.entrance, number) for number in numbers],
        "total": counted.visits(),
        "left": service.left(day, phone.entrance),
    }


def _answer(one: ScanView | HeldScan) -> dict[str, Any]:
    if isinstance(one, HeldScan):
        detail = words.HELD_WORDS[one.reason]
        return {"id": one.client_id, "verdict": "held", "kind": "wait", "detail": str(detail)}
    return {"id": one.scan.client_id, "verdict": one.scan.verdict.value, **vars(words.answer(one))}
