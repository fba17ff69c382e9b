"""What phones bring, late, in any order, twice: each scan is kept once, and the earliest lets in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.db import db, key_of, lock_row, race_point
from market.errors import NotFound, Refusal
from market.gate import rules
from market.gate.models import GatePhone, HeldScan, Scan, ScanUndo
from market.gate.rules import ENTERING, Brought, Entry, HeldReason, Outcome, ScanMethod, Verdict
from market.gate.service.admission import ScanView, _of_client, scan_view, view_found
from market.gate.service.look_up import (
    Found,
    ShownCode,
    look_up,
    look_up_all,
    look_up_held,
    look_up_nothing,
)
from market.journal.writing import add_at_once
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.vendors import service as vendors

AT_ONCE = 200
"""So many scans in one upload; a phone that has more sends several."""
HELD_AT_MOST = 2_000
"""Of one day: what nobody could look through is not kept either."""
ALONE_AFTER = timedelta(seconds=10)
"""A scan that comes later was answered by the phone itself; until then our answer is on its screen."""


@dataclass(frozen=True)
class Told:
    """One scan as a phone tells it. `scanned_at` is its time by our clock, `phone_at` by its own."""

    client_id: str
    code: str
    """What was read or typed; of a vendor who was found by name, the reference of the stall."""
    method: ScanMethod
    scanned_at: datetime
    phone_at: datetime
    told: Verdict | None = None


def day_of_phone(ref: str) -> MarketDay:
    """The day that a phone without a valid key says it scanned for."""
    found = db.session.scalar(sa.select(MarketDay).where(MarketDay.ref == ref))
    if found is None:
        raise NotFound("gate.no_day", _("没有这一场。"))
    return found


class Handed(NamedTuple):
    """Scans that a phone brings. `phone` is None where nobody knows it."""

    day: MarketDay
    phone: GatePhone | None
    told: Sequence[Told]
    at: datetime
    """When they came here."""


class _One(NamedTuple):
    """One of them."""

    day: MarketDay
    phone: GatePhone | None
    told: Told
    at: datetime


class _Kept(NamedTuple):
    """The row that was made of a scan; of a new one what its code led to, and the verdict that follows."""

    row: Scan | HeldScan
    found: Found | None = None
    verdict: Verdict | None = None


def receive(
    day: MarketDay, phone: GatePhone | None, told: Sequence[Told], *, at: datetime
) -> list[ScanView | HeldScan]:
    """Keeps each scan once and says what became of it. Refuses `gate.too_many_held`."""
    (kept,) = receive_all([Handed(day, phone, told, at)])
    return kept


def receive_all(handed: Sequence[Handed]) -> list[list[ScanView | HeldScan]]:
    """The same of what several phones bring at once, told when all of it is kept."""
    for day in {one.day for one in handed}:
        lock_row(day)
    ones = [_One(day, phone, told, at) for day, phone, some, at in handed for told in some]
    at_once = _kept_at_once(ones)
    kept = iter([at_once.get(place) or _receive(one) for place, one in enumerate(ones)])
    return [[_view(next(kept), one.day) for _told in one.told] for one in handed]


def _view(kept: _Kept, day: MarketDay) -> ScanView | HeldScan:
    row, found, verdict = kept
    if isinstance(row, HeldScan):
        return row
    if found is None or verdict is not row.verdict:
        return scan_view(row, day)  # another one that came along was earlier
    return view_found(row, found, day)


def _kept_at_once(ones: Sequence[_One]) -> dict[int, _Kept]:
    """Those scans, by their place, that leave every other one as it is: looked up with one statement, written
    with another. The second scan of a vendor or number is none: it is looked up when these are kept."""
    kept: dict[int, _Kept] = {}
    for day, places in _ahead(ones).items():
        found = look_up_all(day, [_shown(ones[place].told) for place in places])
        alone = list(_alone(ones, places, found))
        rows = _keep([(ones[place], one, verdict) for place, one, verdict in alone])
        for (place, one, verdict), row in zip(alone, rows, strict=True):
            kept[place] = _Kept(row, one, verdict)
    return kept


def _ahead(ones: Sequence[_One]) -> dict[MarketDay, list[int]]:
    """What can be looked up ahead, market by market: codes that come in time from a phone that is known."""
    places: dict[MarketDay, list[int]] = {}
    for place, one in enumerate(ones):
        if one.told.method is not ScanMethod.LIST and _held_reason(one) is None:
            places.setdefault(one.day, []).append(place)
    return places


def _alone(
    ones: Sequence[_One], places: Iterable[int], found: Iterable[Found]
) -> Iterator[tuple[int, Found, Verdict]]:
    met: set[object] = set()
    for place, one in zip(places, found, strict=True):
        named = {ones[place].told.client_id, one.vendor_id} - {None}
        verdict = _plainly(one, ones[place].told)
        if verdict is not None and one.known is None and one.held is None and not named & met:
            yield place, one, verdict
        met |= named


def _shown(told: Told) -> ShownCode:
    return ShownCode(told.code, told.client_id, told.scanned_at)


def _receive(one: _One) -> _Kept:
    day, phone, told, at = one
    reason = _held_reason(one)
    if phone is None or reason is not None:
        held = _again(day, told, at) or _hold(day, phone, told, reason or HeldReason.UNKNOWN_PHONE, at)
        return _Kept(held)
    found = _looked_up(day, told)
    known = _again(day, told, at) if found.known is not None or found.held is not None else None
    return _Kept(known) if known is not None else _Kept(_decided(one, found), found, _plainly(found, told))


def _again(day: MarketDay, told: Told, at: datetime) -> Scan | HeldScan | None:
    """What was made of a scan that was brought before."""
    known = _of_client(day, told.client_id) or _held_of_client(day, told.client_id)
    if known is not None:
        _note_told(known, told, at)
    return known


def _held_reason(one: _One) -> HeldReason | None:
    phone = one.phone
    return rules.held_reason(
        Brought(
            scanned_at=one.told.scanned_at,
            received_at=one.at,
            open_at=one.day.open_at,
            close_at=one.day.close_at,
            enrolled_at=phone.enrolled_at if phone is not None else None,
            revoked_at=stopped_at(phone),
        )
    )


def _note_told(known: Scan | HeldScan, told: Told, at: datetime) -> None:
    """The phone did not hear the first answer and decided alone: then what it said is worth knowing."""
    if known.told is None and _was_alone(told, at):
        known.told = told.told


def _was_alone(told: Told, at: datetime) -> bool:
    return at - told.scanned_at > ALONE_AFTER


def stopped_at(phone: GatePhone | None) -> datetime | None:
    """When a phone was told to stop, or its holder was done."""
    ends = [end for end in (phone.revoked_at, phone.left_at) if end is not None] if phone is not None else []
    return min(ends, default=None)


def _decided(one: _One, found: Found, by: User | None = None) -> Scan:
    """The scan with its verdict; where that depends on who came first, this is worked out anew."""
    verdict = _plainly(found, one.told)
    (seen,) = _keep([(one, found, verdict)], by)
    return seen


def _keep(decided: Sequence[tuple[_One, Found, Verdict | None]], by: User | None = None) -> Iterator[Scan]:
    """Writes scans, each with its verdict; None where that depends on who came first. `by` is whoever decided
    it, else the phones did."""
    if not decided:
        return
    race_point("gate.scan")
    rows = [_row(one, found, verdict, by or _minding(one)) for one, found, verdict in decided]
    added = add_at_once(Scan, rows, by="client_id")
    for (one, found, verdict), seen in zip(decided, added, strict=True):
        if verdict is None and found.vendor_id is not None:
            settle_entries(one.day, found.vendor_id)
        if seen.verdict is Verdict.ADMITTED and found.vendor_id is not None:
            vendors.note_arrival(found.vendor_id, one.day, seen.scanned_at)
        audit.record(
            "gate.scan", seen, by=by or _minding(one), at=one.at, verdict=seen.verdict.value,
            method=seen.method.value, phone=one.phone.name if one.phone is not None else "",
        )  # fmt: skip
        yield seen


def _minding(one: _One) -> User:
    """Who answers for what the phone brings."""
    if one.phone is None:
        raise ValueError("a scan of a phone that nobody knows waits for a person")
    return one.phone.maker


def _row(one: _One, found: Found, verdict: Verdict | None, by: User) -> dict[str, Any]:
    day, phone, told, at = one
    return {
        "community_id": day.community_id,
        "day_id": day.id,
        "client_id": told.client_id,
        "pass_id": found.pass_id,
        "assignment_id": found.assignment_id,
        "verdict": verdict or Verdict.ALREADY_IN,
        "method": told.method,
        "entrance": phone.entrance if phone is not None else "",
        "scanned_at": told.scanned_at,
        "received_at": at,
        "scanned_by": key_of(by),
        "phone_id": phone.id if phone is not None else None,
        "phone_at": told.phone_at,
        "told": told.told if _was_alone(told, at) else None,
    }


def _plainly(found: Found, told: Told) -> Verdict | None:
    """The verdict where it leaves every other scan as it is; None where who came first must be worked out."""
    verdict = rules.admit(replace(found.facts, admitted_at=None), told.scanned_at)
    if verdict is not Verdict.ADMITTED or not (found.entered or found.undone):
        return verdict
    first = found.first
    if first is None or found.undone:
        return None
    is_later = (first.scanned_at, first.client_id) < (told.scanned_at, told.client_id)
    return Verdict.ALREADY_IN if is_later else None


def _looked_up(day: MarketDay, told: Told) -> Found:
    """What the code leads to."""
    if told.method is not ScanMethod.LIST:
        return look_up(day, *_shown(told))
    held = _assignment(day, told.code)
    if held is None:
        return look_up_nothing(day, told.client_id, told.scanned_at)
    return look_up_held(held, told.client_id, told.scanned_at)


def _assignment(day: MarketDay, ref: str) -> Assignment | None:
    """The stall that was found by name; where its vendor was moved to, if it was moved."""
    found = db.session.scalar(sa.select(Assignment).where(Assignment.day_id == day.id, Assignment.ref == ref))
    return (stalls.assignment_of(day, found.vendor) or found) if found is not None else None


# ── who came first ────────────────────────────────────────────────────────────────────────────────────────


def settle_entries(day: MarketDay, vendor_id: int) -> None:
    """Works out anew which scan let a vendor in: the earliest by its time, whatever came here first."""
    scans = {seen.client_id: seen for seen in _entries(day, vendor_id)}
    undos = {undo.undone_at: undo.id for undo in _undos(day, vendor_id)}
    entries = (Entry(seen.scanned_at, seen.client_id) for seen in scans.values())
    told = rules.merged(entries, undos)
    standing = {key for key, one in told.items() if one == Outcome(Verdict.ADMITTED)}
    for client_id in [*(told.keys() - standing), *standing]:
        if client_id in standing:
            db.session.flush()  # nobody may be let in by two rows even for a moment
        verdict, undone_at = told[client_id]
        scans[client_id].verdict = verdict
        scans[client_id].undo_id = undos[undone_at] if undone_at else None
    db.session.flush()


def _entries(day: MarketDay, vendor_id: int) -> Sequence[Scan]:
    query = (
        sa.select(Scan)
        .join(Scan.assignment)
        .where(
            Scan.day_id == day.id,
            Scan.verdict.in_(ENTERING),
            Assignment.vendor_id == vendor_id,
            sa.or_(Assignment.released_at.is_(None), Assignment.release_reason == ReleaseReason.MOVED),
        )
    )
    return db.session.scalars(query).all()


def _undos(day: MarketDay, vendor_id: int) -> Sequence[ScanUndo]:
    query = sa.select(ScanUndo).where(ScanUndo.day_id == day.id, ScanUndo.vendor_id == vendor_id)
    return db.session.scalars(query).all()


def undo_admission(assignment: Assignment, reason: str, *, by: User, at: datetime) -> ScanUndo:
    """The lead takes an admission back; the scan stays, and the next one lets in again.

    Refuses `gate.not_in`.
    """
    day = assignment.day
    lock_row(day)
    inside = [seen for seen in _entries(day, assignment.vendor_id) if _lets_in(seen)]
    if not inside:
        raise Refusal("gate.not_in", _("这家现在没有记成进场，不用撤回。"))
    undo = ScanUndo(
        community_id=day.community_id,
        day_id=day.id,
        vendor_id=assignment.vendor_id,
        reason=reason[:200],
        undone_by=by.id,
        undone_at=max(at, inside[0].scanned_at),
    )
    db.session.add(undo)
    db.session.flush()
    settle_entries(day, assignment.vendor_id)
    audit.record("gate.undo_admission", assignment, by=by, at=at, reason=undo.reason)
    return undo


def _lets_in(seen: Scan) -> bool:
    return seen.verdict is Verdict.ADMITTED and seen.undo_id is None


# ── what waits for a person ───────────────────────────────────────────────────────────────────────────────


def _held_of_client(day: MarketDay, client_id: str) -> HeldScan | None:
    query = sa.select(HeldScan).where(HeldScan.day_id == day.id, HeldScan.client_id == client_id)
    return db.session.scalar(query)


def _hold(day: MarketDay, phone: GatePhone | None, told: Told, reason: HeldReason, at: datetime) -> HeldScan:
    query = sa.select(sa.func.count()).select_from(HeldScan).where(HeldScan.day_id == day.id)
    if (db.session.scalar(query) or 0) >= HELD_AT_MOST:
        raise Refusal("gate.too_many_held", _("等人看的扫码太多了，先请工作人员处理。"), 429)
    held = HeldScan(
        community_id=day.community_id,
        day_id=day.id,
        phone=phone,
        client_id=told.client_id,
        code=told.code[:400],
        method=told.method,
        scanned_at=told.scanned_at,
        phone_at=told.phone_at,
        received_at=at,
        told=told.told,
        reason=reason,
    )
    db.session.add(held)
    db.session.flush()
    return held


def held_scans(day: MarketDay) -> Sequence[HeldScan]:
    """What still waits for a person, oldest first."""
    query = sa.select(HeldScan).where(HeldScan.day_id == day.id, HeldScan.decided_at.is_(None))
    return db.session.scalars(query.order_by(HeldScan.scanned_at, HeldScan.id)).all()


def decide_held(day: MarketDay, client_id: str, *, take: bool, by: User, at: datetime) -> Scan | None:
    """Somebody looked at it: it counts after all, or it does not. Twice is once; the first word stands."""
    lock_row(day)
    held = _held_of_client(day, client_id)
    if held is None:
        raise NotFound("gate.no_scan", _("没有这次扫码的记录。"))
    if held.decided_at is not None:
        return _of_client(day, client_id)
    held.decided_at, held.decided_by, held.taken = at, by.id, take
    audit.record("gate.decide_held", day, by=by, at=at, taken=take, reason=held.reason.value)
    if not take:
        return None
    told = Told(client_id, held.code, held.method, held.scanned_at, held.phone_at, held.told)
    return _decided(_One(day, held.phone, told, at), _looked_up(day, told), by)


# ── what phones said and the book does not say ────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Conflict:
    """A phone that was alone let somebody in (or not), and together it turned out otherwise."""

    scan: Scan
    first: Scan | None
    """The admission that stands, where there is one."""


def conflicts(day: MarketDay) -> list[Conflict]:
    """Every scan where a phone that was alone said something else than holds, in the order of their times."""
    query = sa.select(Scan).where(
        Scan.day_id == day.id, Scan.told == Verdict.ADMITTED, Scan.verdict != Verdict.ADMITTED
    )
    found = db.session.scalars(query.order_by(Scan.scanned_at, Scan.id)).all()
    return [Conflict(seen, _standing_entry(day, seen)) for seen in found]


def _standing_entry(day: MarketDay, seen: Scan) -> Scan | None:
    if seen.assignment is None:
        return None
    entries = _entries(day, seen.assignment.vendor_id)
    return next((entry for entry in entries if _lets_in(entry)), None)
