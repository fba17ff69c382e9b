"""What a phone sends, read: nothing of it is believed to be of the right kind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import lazy_gettext

from market import clock
from market.errors import Refusal
from market.gate import service
from market.gate.rules import (
    FACTORS,
    MAX_VISITS_A_SLOT,
    MOST_A_TAP,
    MOST_FACTOR,
    SLOTS,
    Sample,
    Sampling,
    ScanMethod,
    Verdict,
    Way,
)

LONGEST_CLOCK_ERROR = timedelta(days=400)


def unreadable() -> Refusal:
    return Refusal("gate.unreadable", lazy_gettext("送来的内容看不懂。请刷新页面再试。"), 422)


class Upload(NamedTuple):
    """All that a phone brings at once."""

    key: str
    day: str
    """The market for which it says it scanned."""
    at: datetime
    scans: list[service.Told]
    counts: list[service.CountTold]
    waiting: int
    """How much it still keeps."""
    counting: bool
    """Whether it wants to know how many visitors were counted."""


def told_upload(body: dict[str, Any], key: str, *, at: datetime) -> Upload:
    """What was sent, read before anybody waits for a lock."""
    return Upload(
        key,
        str(body.get("day", "")),
        at,
        [told_scan(scan) for scan in listed(body.get("scans"))],
        [told_count(told) for told in listed(body.get("counts", []))],
        whole(body.get("waiting"), 100_000),
        bool(body.get("counting")),
    )


def listed(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or len(rows) > service.AT_ONCE:
        raise unreadable()
    if not all(isinstance(row, dict) for row in rows):
        raise unreadable()
    return rows


def told_scan(scan: dict[str, Any]) -> service.Told:
    code = scan.get("code")
    if not isinstance(code, str):
        raise unreadable()
    try:
        method = ScanMethod(str(scan.get("method")))
        told = Verdict(scan["told"]) if scan.get("told") else None
    except ValueError:
        raise unreadable() from None
    return service.Told(
        _number(scan), code[:400], method, _moment(scan.get("seen_at")), _moment(scan.get("phone_at")), told
    )


def told_count(told: dict[str, Any]) -> service.CountTold:
    """A press, or a sample."""
    number, entrance = told.get("number"), told.get("entrance", "")
    if not isinstance(number, int) or isinstance(number, bool) or not isinstance(entrance, str):
        raise unreadable()
    client_id, at = _number(told), _moment(told.get("seen_at"))
    if told.get("sampling"):
        return service.CountTold(client_id, at, entrance, slot=_slot(told), sample=_sample(told, number))
    if number == 0 or abs(number) > MOST_A_TAP:
        raise unreadable()
    try:
        way = Way(str(told.get("way")))
    except ValueError:
        raise unreadable() from None
    return service.CountTold(client_id, at, entrance, way, number)


def _slot(told: dict[str, Any]) -> int:
    slot = whole(told.get("slot"), SLOTS)
    if slot < 1:
        raise unreadable()
    return slot


def _sample(told: dict[str, Any], raw: int) -> Sample:
    try:
        sampling = Sampling(str(told.get("sampling")))
    except ValueError:
        raise unreadable() from None
    factor = FACTORS.get(sampling, whole(told.get("factor"), MOST_FACTOR))
    sample = Sample(raw, sampling, factor)
    if raw < 0 or factor < 100 or sample.estimate > MAX_VISITS_A_SLOT:
        raise unreadable()
    return sample


def _number(told: dict[str, Any]) -> str:
    """By which the phone names what it tells."""
    client_id = told.get("id")
    if not isinstance(client_id, str) or not 8 <= len(client_id) <= 40:
        raise unreadable()
    return client_id


def _moment(millis: Any) -> datetime:
    """A time as the phone tells it; what is out of every reason is brought near enough to be kept."""
    now = clock.now()
    if not isinstance(millis, int | float) or isinstance(millis, bool):
        raise unreadable()
    try:
        told = datetime.fromtimestamp(millis / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        raise unreadable() from None
    return min(max(told, now - LONGEST_CLOCK_ERROR), now + LONGEST_CLOCK_ERROR)


def whole(value: Any, most: int) -> int:
    """A whole number from nothing to `most`, whatever was sent."""
    return min(max(value, 0), most) if isinstance(value, int) and not isinstance(value, bool) else 0
