"""Scans: what a code leads to, the verdict, the row that keeps it, and who is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased, lazyload

from market import audit, clock
from market.calendar.models import MarketDay, Waiver
from market.calendar.rules import Finding
from market.db import db, key_of, lock_row, race_point, spelt
from market.errors import NotFound, Refusal
from market.gate import rules
from market.gate.models import Scan
from market.gate.rules import ScanMethod, Verdict
from market.gate.service.look_up import First, Found, look_up, look_up_held
from market.passes.models import StallPass
from market.passes.rules import validity
from market.passes.service.passes import successor
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.models import Assignment, ShutStall
from market.stalls.rules import ReleaseReason
from market.vendors import service as vendors


def scan(
    day: MarketDay,
    code: str,
    *,
    client_id: str,
    method: ScanMethod,
    entrance: str = "",
    scanned_at: datetime,
    by: User,
    at: datetime,
) -> Scan:
    """Looks at a code and keeps the verdict, whatever it is: an expected no is an answer, not an exception.

    The same `client_id` again is the same scan. `scanned_at` is when the phone saw the code, `at` when we
    hear of it. Refuses only what is not a scan: `gate.no_client_id`.
    """
    _begin(day, client_id)
    found = look_up(day, code, client_id, scanned_at)
    return _judged(day, found, client_id, method, entrance, scanned_at, by=by, at=at)


def admit_from_list(
    assignment: Assignment,
    *,
    client_id: str,
    by: User,
    at: datetime,
    entrance: str = "",
    scanned_at: datetime | None = None,
) -> Scan:
    """Somebody at the gate knows the vendor and ticks them in: no phone, no paper, the same rules.

    `scanned_at` is when they came, where that was written on paper and is typed in later.
    """
    day, came_at = assignment.day, scanned_at or at
    _begin(day, client_id)
    db.session.refresh(assignment)
    found = look_up_held(assignment, client_id, came_at)
    return _judged(day, found, client_id, ScanMethod.LIST, entrance, came_at, by=by, at=at)


def _begin(day: MarketDay, client_id: str) -> None:
    """Takes the lock, before anything is looked up."""
    if not 8 <= len(client_id) <= 40:
        raise Refusal("gate.no_client_id", _("这次扫码没有编号，请刷新页面再扫一次。"), 422)
    lock_row(day)


def _judged(
    day: MarketDay,
    found: Found,
    client_id: str,
    method: ScanMethod,
    entrance: str,
    scanned_at: datetime,
    *,
    by: User,
    at: datetime,
) -> Scan:
    """The scan of this number: the one that is known already, or a new one with its verdict."""
    if found.known is not None:
        return find_scan(day, client_id)
    race_point("gate.scan")
    seen = Scan(
        community_id=day.community_id,
        day_id=day.id,
        client_id=client_id,
        pass_id=found.pass_id,
        assignment_id=found.assignment_id,
        verdict=rules.admit(found.facts, scanned_at),
        method=method,
        entrance=entrance if entrance in day.venue.entrance_names() else "",
        scanned_at=scanned_at,
        received_at=at,
        scanned_by=key_of(by),
    )
    db.session.add(seen)
    if seen.verdict is Verdict.ADMITTED and found.vendor_id is not None:
        vendors.note_arrival(found.vendor_id, day, scanned_at)
    db.session.flush()
    audit.record("gate.scan", seen, by=by, at=at, verdict=seen.verdict.value, method=method.value)
    return seen


# ── who is in ─────────────────────────────────────────────────────────────────────────────────────────────


def _admissions(day_id: int | sa.BindParameter[int]) -> sa.Select[Scan]:
    """The admissions that still count, in order: of stalls that are held, or were exchanged for another."""
    query = (
        sa.select(Scan)
        .join(Scan.assignment)
        .where(
            Scan.day_id == day_id,
            Scan.verdict == spelt(Verdict.ADMITTED),
            Scan.undo_id.is_(None),
            sa.or_(Assignment.released_at.is_(None), Assignment.release_reason == ReleaseReason.MOVED),
        )
    )
    return query.order_by(Scan.scanned_at, Scan.id)


def admission_of(day: MarketDay, vendor_id: int) -> Scan | None:
    """The first admission of a vendor on a day."""
    query = _admissions(day.id).where(Assignment.vendor_id == vendor_id)
    return db.session.scalars(query.limit(1)).first()


@dataclass(frozen=True)
class Turnout:
    """How full a market is, for the screen."""

    came: int
    expected: int
    place: int
    """Which number somebody was to come in; for who did not, how many are in."""


def turnout(day: MarketDay, seen: Scan | None = None) -> Turnout:
    """Counted by the database: the screen of a large market must not wait for all its rows."""
    values: dict[str, object] = {"day_id": key_of(day), "of_scan": None, "of_moment": None}
    if seen is not None:
        values |= {"of_scan": key_of(seen), "of_moment": seen.scanned_at}
    db.session.flush()
    row = db.session.connection().execute(_turnout(), values).one()
    return Turnout(row.came, row.expected, row.before if row.among else row.came)


@cache
def _turnout() -> sa.Select[Any]:
    """Put together once: who came, each vendor's first admission; how many of them came no later than a scan,
    and whether the scan is one of them."""
    day_id, scan_id = sa.bindparam("day_id", type_=sa.Integer), sa.bindparam("of_scan", type_=sa.BigInteger)
    moment = sa.bindparam("of_moment", type_=Scan.scanned_at.type)
    turn = sa.func.row_number().over(partition_by=Assignment.vendor_id, order_by=(Scan.scanned_at, Scan.id))
    columns = (Scan.id, Scan.scanned_at, Assignment.vendor_id, turn.label("turn"))
    came = _admissions(day_id).order_by(None).with_only_columns(*columns).subquery()
    holder = aliased(Assignment)
    held = sa.and_(holder.day_id == day_id, holder.released_at.is_(None))
    with_it = sa.and_(came.c.scanned_at == moment, came.c.id <= scan_id)
    until = sa.or_(came.c.scanned_at < moment, with_it)
    expected = sa.select(sa.func.count(Assignment.id)).where(
        Assignment.day_id == day_id, Assignment.released_at.is_(None)
    )
    return (
        sa.select(
            sa.func.count().label("came"),
            expected.scalar_subquery().label("expected"),
            sa.func.count().filter(until).label("before"),
            sa.func.count().filter(came.c.id == scan_id).label("among"),
        )
        .select_from(came)
        .join(holder, sa.and_(held, holder.vendor_id == came.c.vendor_id))
        .where(came.c.turn == 1)
    )


def attendance(day: MarketDay) -> dict[int, Scan]:
    """The first admission of everyone who holds a stall, by assignment; who was moved keeps theirs.

    The one source for the gate's list, the printed list and the settlement.
    """
    return _came(day, stalls.assignments(day))


def _came(day: MarketDay, holders: Sequence[Assignment]) -> dict[int, Scan]:
    held = {assignment.vendor_id: assignment.id for assignment in holders}
    came: dict[int, Scan] = {}
    for admitted in db.session.scalars(_admissions(day.id)):
        vendor_id = admitted.assignment.vendor_id if admitted.assignment is not None else None
        if vendor_id in held:
            came.setdefault(held[vendor_id], admitted)
    return came


def _of_client(day: MarketDay, client_id: str) -> Scan | None:
    query = sa.select(Scan).options(lazyload(Scan.assignment))
    return db.session.scalar(query.where(Scan.day_id == day.id, Scan.client_id == client_id))


def find_scan(day: MarketDay, client_id: str) -> Scan:
    """The scan that a phone made under this number."""
    found = _of_client(day, client_id)
    if found is None:
        raise NotFound("gate.no_scan", _("没有这次扫码的记录。"))
    return found


@dataclass(frozen=True)
class ScanView:
    """Everything the screen says about a scan."""

    scan: Scan
    day: MarketDay
    valid_from: datetime
    valid_to: datetime
    stall: str = ""
    name: str = ""
    place: int = 0
    """Which number this vendor was to come in; for a refusal, how many are in. 0: not asked."""
    came: int = 0
    expected: int = 0
    first: First | Scan | None = None
    """The admission that makes this one a second."""
    newest: StallPass | None = None
    holds: Assignment | None = None
    """The stall that the vendor holds now, perhaps another than the pass says."""
    lost: ReleaseReason | None = None
    """Why the vendor holds none any more."""
    lacks: tuple[Finding, ...] = ()
    """What stops the vendor."""
    shut: tuple[ShutStall, ...] = ()
    """The vendor's stalls that do not open."""
    answered: tuple[Waiver, ...] = ()
    """Who lets the vendor in although something speaks against it."""

    @classmethod
    def of(cls, seen: Scan, day: MarketDay) -> ScanView:
        """Before anything is looked up that the verdict tells."""
        held = seen.assignment
        named = (held.label, held.vendor.trading_name) if held is not None else ("", "")
        return cls(seen, day, *validity(day.open_at, day.close_at), *named)


def scan_view(seen: Scan, day: MarketDay) -> ScanView:
    """The facts behind a verdict, looked up for the screen, and how full the market is."""
    full = turnout(day, seen)
    view = ScanView.of(seen, day)
    return _explained(replace(view, place=full.place, came=full.came, expected=full.expected))


TOLD_BY_WHAT_WAS_FOUND = (
    Verdict.ADMITTED, Verdict.ALREADY_IN, Verdict.TOO_EARLY, Verdict.TOO_LATE, Verdict.GATE_CLOSED,
)  # fmt: skip
"""Nearly every scan: their answers need little that was not looked up for the verdict."""


def view_found(seen: Scan, found: Found, day: MarketDay) -> ScanView:
    """The same of a scan that was looked up a moment ago, without looking twice."""
    if seen.verdict not in TOLD_BY_WHAT_WAS_FOUND:
        return _explained(ScanView.of(seen, day))
    view = ScanView(seen, day, *validity(day.open_at, day.close_at), stall=found.stall, name=found.name)
    if seen.verdict is Verdict.ALREADY_IN:
        return replace(view, first=found.first)
    if seen.verdict is not Verdict.ADMITTED:
        return view
    full, held = turnout(day, seen), seen.assignment if found.answered else None
    answered = tuple(vendors.answered_on(day, held.vendor)) if held is not None else ()
    return replace(view, place=full.place, came=full.came, expected=full.expected, answered=answered)


def _explained(view: ScanView) -> ScanView:
    """With those facts that this verdict tells."""
    seen, day = view.scan, view.day
    held = seen.assignment
    if held is None:
        return view
    if seen.verdict is Verdict.ADMITTED:
        return replace(view, answered=tuple(vendors.answered_on(day, held.vendor)))
    if seen.verdict is Verdict.MAY_NOT_STAND:
        return replace(view, lacks=tuple(_lacks(day, held, seen.scanned_at)))
    if seen.verdict is Verdict.STALL_SHUT:
        return replace(view, shut=tuple(_shut(day, held)))
    if seen.verdict is Verdict.ALREADY_IN:
        return replace(view, first=admission_of(day, held.vendor_id))
    newest = successor(seen.stall_pass) if seen.stall_pass is not None else None
    last = stalls.last_assignment(held.application)
    lost = last.release_reason if last is not None else None
    return replace(view, newest=newest, holds=stalls.assignment_of(day, held.vendor), lost=lost)


def _shut(day: MarketDay, held: Assignment) -> list[ShutStall]:
    """Which of the stalls do not open, and why."""
    found = stalls.shut_stalls(day)
    return [found[stall_id] for stall_id in held.stall_ids if stall_id in found]


def _lacks(day: MarketDay, held: Assignment, moment: datetime) -> list[Finding]:
    """What stops a vendor at the gate; what comes with the goods is owed now."""
    asked_on = clock.local(moment, day.community.zone).date()
    return vendors.barred(day, [held.vendor], asked_on=asked_on).get(held.vendor_id, [])
