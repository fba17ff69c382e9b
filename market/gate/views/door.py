"""What a phone at the gate asks for: to be let in, its page, the day's package, to bring what it scanned.

The page itself holds nothing of anybody and is the same for every phone, so that a browser can keep it; what
a phone asks after that carries its key.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext

from market import clock
from market.access import Audience, open_to
from market.calendar.models import MarketDay
from market.errors import Refusal
from market.gate import service, words
from market.gate.blueprint import bp
from market.gate.door_files import door_files, worker_script
from market.gate.models import GatePhone, HeldScan, Scan
from market.gate.rules import ScanMethod, Verdict
from market.headers import needs_camera
from market.people.access import stand_in
from market.stalls import service as stalls
from market.vendors.search import finds

SCHEME = "Phone "
FOUND_AT_MOST = 8
LONGEST_CLOCK_ERROR = timedelta(days=400)


@bp.get("/door/")
@open_to(Audience.PUBLIC)
def door() -> str:
    """The one page that a phone at the gate needs; it is kept by the phone."""
    needs_camera()
    return _door_page()


def _door_page() -> str:
    return render_template("gate/door.html", static_addresses=_addresses())


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
    """The phone in hand takes the place. The key is said once, to the script that keeps it."""
    phone = service.invited(token)
    key = service.enrol(phone, request.form.get("name", ""), at=clock.now())
    return _private(jsonify(key=key, day=phone.day.ref))


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
def bring_scans() -> ResponseReturnValue:
    """Takes what a phone brings, known or not, in time or not: what cannot be believed waits for a person."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise _unreadable()
    phone, at = _phone(), clock.now()
    day = phone.day if phone is not None else service.day_of_phone(str(body.get("day", "")))
    stand_in(day.community)
    brought = [_told(scan) for scan in _listed(body.get("scans"))]
    kept = service.receive(day, phone, brought, at=at)
    if phone is not None:
        service.note_seen(phone, _whole(body.get("waiting"), 100_000), at=at)
    return _private(
        jsonify(
            now=service.millis(at),
            stopped=_why_stopped(phone, at),
            scans=[_answer(seen, day) for seen in kept],
        )
    )


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


def _phone() -> GatePhone | None:
    shown = request.headers.get("Authorization", "")
    return service.phone_of(shown.removeprefix(SCHEME)) if shown.startswith(SCHEME) else None


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


def _unreadable() -> Refusal:
    return Refusal("gate.unreadable", lazy_gettext("送来的内容看不懂。请刷新页面再试。"), 422)


def _listed(scans: Any) -> list[dict[str, Any]]:
    if not isinstance(scans, list) or len(scans) > service.AT_ONCE:
        raise _unreadable()
    if not all(isinstance(scan, dict) for scan in scans):
        raise _unreadable()
    return scans


def _told(scan: dict[str, Any]) -> service.Told:
    client_id, code = scan.get("id"), scan.get("code")
    if not (isinstance(client_id, str) and 8 <= len(client_id) <= 40 and isinstance(code, str)):
        raise _unreadable()
    try:
        method = ScanMethod(str(scan.get("method")))
        told = Verdict(scan["told"]) if scan.get("told") else None
    except ValueError:
        raise _unreadable() from None
    return service.Told(
        client_id, code[:400], method, _moment(scan.get("seen_at")), _moment(scan.get("phone_at")), told
    )


def _moment(millis: Any) -> datetime:
    """A time as the phone tells it; what is out of every reason is brought near enough to be kept."""
    now = clock.now()
    if not isinstance(millis, int | float) or isinstance(millis, bool):
        raise _unreadable()
    try:
        told = datetime.fromtimestamp(millis / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        raise _unreadable() from None
    return min(max(told, now - LONGEST_CLOCK_ERROR), now + LONGEST_CLOCK_ERROR)


def _whole(value: Any, most: int) -> int:
    return min(max(value, 0), most) if isinstance(value, int) and not isinstance(value, bool) else 0


def _answer(seen: Scan | HeldScan, day: MarketDay) -> dict[str, Any]:
    if isinstance(seen, HeldScan):
        detail = words.HELD_WORDS[seen.reason]
        return {"id": seen.client_id, "verdict": "held", "kind": "wait", "detail": str(detail)}
    view = service.scan_view(seen, day)
    return {"id": seen.client_id, "verdict": seen.verdict.value, **vars(words.answer(view))}
