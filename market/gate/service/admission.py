"""Scans: what a code leads to, the verdict, the row that keeps it, and who is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import aliased, lazyload

from market import audit, clock
from market.calendar.models import DayStep, MarketDay, Waiver
from market.calendar.rules import GATE_STATES, Finding
from market.db import db, key_of, lock_row, race_point
from market.errors import NotFound, Refusal
from market.gate import rules
from market.gate.models import Scan
from market.gate.rules import ScanFacts, ScanMethod, Verdict
from market.passes.models import StallPass
from market.passes.rules import validity
from market.passes.service.passes import claimed_pass, pass_by_short_code, pass_of, successor
from market.passes.token import BadToken, TokenFault
from market.passes.validity import counts
from market.people.models import User
from market.stalls import service as stalls
from market.stalls.models import Assignment, ShutStall
from market.stalls.rules import ReleaseReason
from market.stalls.short_code import parse_code
from market.vendors import service as vendors

NOT_A_PASS = ScanFacts(known=False, signed=True)
FORGED = ScanFacts(known=False, signed=False)
GENUINE = ScanFacts(known=True, signed=True)

HARMLESS_FAULTS = (TokenFault.MALFORMED, TokenFault.WRONG_VERSION, TokenFault.WRONG_PURPOSE)
"""Faults of things that are simply not passes; the others mean that somebody tried."""


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
    known = _begin(day, client_id)
    if known is not None:
        return known
    stall_pass, facts = _read(code, day)
    if stall_pass is not None and facts.same_day:
        facts = _with_holder(facts, stall_pass.assignment, day, scanned_at)
    race_point("gate.scan")
    seen = Scan(
        shown=stall_pass.shown if stall_pass is not None else None,
        assignment=stall_pass.assignment if stall_pass is not None and facts.same_day else None,
        verdict=rules.admit(facts, scanned_at),
        method=method,
        scanned_at=scanned_at,
    )
    return _keep(seen, day, client_id, entrance, by=by, at=at)


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
    known = _begin(day, client_id)
    if known is not None:
        return known
    db.session.refresh(assignment)
    facts = _with_holder(GENUINE, assignment, day, came_at)
    race_point("gate.scan")
    stall_pass = pass_of(assignment)
    seen = Scan(
        shown=stall_pass.shown if stall_pass is not None else None,
        assignment=assignment,
        verdict=rules.admit(facts, came_at),
        method=ScanMethod.LIST,
        scanned_at=came_at,
    )
    return _keep(seen, day, client_id, entrance, by=by, at=at)


def _begin(day: MarketDay, client_id: str) -> Scan | None:
    """Takes the lock; returns the scan of this number if it is known already."""
    if not 8 <= len(client_id) <= 40:
        raise Refusal("gate.no_client_id", _("这次扫码没有编号，请刷新页面再扫一次。"), 422)
    lock_row(day)
    return _of_client(day, client_id)


def _keep(seen: Scan, day: MarketDay, client_id: str, entrance: str, *, by: User, at: datetime) -> Scan:
    seen.community_id, seen.day_id, seen.client_id = day.community_id, day.id, client_id
    seen.entrance = entrance if entrance in day.venue.entrance_names() else ""
    seen.received_at, seen.scanned_by = at, key_of(by)
    db.session.add(seen)
    db.session.flush()
    audit.record("gate.scan", seen, by=by, at=at, verdict=seen.verdict.value, method=seen.method.value)
    if seen.verdict is Verdict.ADMITTED and seen.assignment is not None:
        vendors.note_arrival(seen.assignment.vendor, day, seen.scanned_at)
    return seen


# ── what a code leads to ──────────────────────────────────────────────────────────────────────────────────


def plain_code(text: str) -> str:
    """The token or short code in what a camera read or a person pasted: an address of any host and case."""
    text = "".join(text.split())
    lower = text.lower()
    if "/p/" in lower:
        rest = text[lower.rindex("/p/") + 3 :]
        text = unquote(rest.partition("?")[0].partition("#")[0])
    return text.upper()


def _read(code: str, day: MarketDay) -> tuple[StallPass | None, ScanFacts]:
    plain = plain_code(code)
    try:
        stall_pass = pass_by_short_code(parse_code(plain), day) if len(plain) < 30 else claimed_pass(plain)
    except BadToken as bad:
        return None, NOT_A_PASS if bad.reason in HARMLESS_FAULTS else FORGED
    except Refusal:
        return None, NOT_A_PASS
    if stall_pass is None:
        return None, NOT_A_PASS
    ours = stall_pass.day.community_id == day.community_id
    today = stall_pass.day.id == day.id
    facts = replace(GENUINE, same_community=ours, same_day=today, revoked=not counts(stall_pass.shown))
    return stall_pass, facts


def _with_holder(facts: ScanFacts, held: Assignment, day: MarketDay, scanned_at: datetime) -> ScanFacts:
    """What day, stall and earlier scans add. The hours are the market's own, which may have changed since the
    pass was printed."""
    first = _admitted_at(day, held.vendor_id)
    left = held.released_at is not None
    valid_from, valid_to = validity(day.open_at, day.close_at)
    return replace(
        facts,
        gate_open=_gate_was_open(day, scanned_at),
        released=left and stalls.assignment_of(day, held.vendor) is None,
        revoked=facts.revoked or left,
        stall_shut=bool(_shut(day, held)),
        valid_from=valid_from,
        valid_to=valid_to,
        admitted_at=first,
        barred=bool(_lacks(day, held, scanned_at)),
    )


def _shut(day: MarketDay, held: Assignment) -> list[ShutStall]:
    """Which of the stalls do not open, and why."""
    found = stalls.shut_stalls(day)
    return [found[stall_id] for stall_id in held.stall_ids if stall_id in found]


def _gate_was_open(day: MarketDay, moment: datetime) -> bool:
    """Whether the gate admitted then: a scan that waited for a network is judged by its own hour."""
    if day.state in GATE_STATES:
        return True
    query = sa.select(DayStep.to_state).where(DayStep.day_id == day.id, DayStep.taken_at <= moment)
    state = db.session.scalars(query.order_by(DayStep.id.desc()).limit(1)).first()
    return state in GATE_STATES


# ── who is in ─────────────────────────────────────────────────────────────────────────────────────────────


def _admissions(day: MarketDay) -> sa.Select[Scan]:
    """The admissions that still count, in order: of stalls that are held, or were exchanged for another."""
    query = (
        sa.select(Scan)
        .join(Scan.assignment)
        .where(
            Scan.day_id == day.id,
            Scan.verdict == Verdict.ADMITTED,
            Scan.undo_id.is_(None),
            sa.or_(Assignment.released_at.is_(None), Assignment.release_reason == ReleaseReason.MOVED),
        )
    )
    return query.order_by(Scan.scanned_at, Scan.id)


def admission_of(day: MarketDay, vendor_id: int) -> Scan | None:
    """The first admission of a vendor on a day."""
    query = _admissions(day).where(Assignment.vendor_id == vendor_id)
    return db.session.scalars(query.limit(1)).first()


def _admitted_at(day: MarketDay, vendor_id: int) -> datetime | None:
    query = _admissions(day).where(Assignment.vendor_id == vendor_id)
    return db.session.scalar(query.with_only_columns(Scan.scanned_at).limit(1))


@dataclass(frozen=True)
class Turnout:
    """How full a market is, for the screen."""

    came: int
    expected: int
    place: int
    """Which number somebody was to come in; for who did not, how many are in."""


def turnout(day: MarketDay, seen: Scan | None = None) -> Turnout:
    """Counted by the database: the screen of a large market must not wait for all its rows."""
    turn = sa.func.row_number().over(partition_by=Assignment.vendor_id, order_by=(Scan.scanned_at, Scan.id))
    columns = (Scan.id, Scan.scanned_at, Assignment.vendor_id, turn.label("turn"))
    came = _admissions(day).order_by(None).with_only_columns(*columns).subquery()
    holder = aliased(Assignment)
    held = sa.and_(holder.day_id == day.id, holder.released_at.is_(None))
    until, is_this = _until(came, seen)
    query = (
        sa.select(
            sa.func.count(),
            sa.select(sa.func.count(Assignment.id)).where(*_held(day)).scalar_subquery(),
            sa.func.count().filter(until),
            sa.func.count().filter(is_this),
        )
        .select_from(came)
        .join(holder, sa.and_(held, holder.vendor_id == came.c.vendor_id))
        .where(came.c.turn == 1)
    )
    number, expected, before, among = db.session.execute(query).one()
    return Turnout(number, expected, before if among else number)


def _held(day: MarketDay) -> tuple[sa.ColumnElement[bool], ...]:
    return Assignment.day_id == day.id, Assignment.released_at.is_(None)


def _until(came: sa.Subquery, seen: Scan | None) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    """Who came no later than this scan, and this scan itself."""
    if seen is None:
        return sa.false(), sa.false()
    earlier = came.c.scanned_at < seen.scanned_at
    with_it = sa.and_(came.c.scanned_at == seen.scanned_at, came.c.id <= seen.id)
    return sa.or_(earlier, with_it), came.c.id == seen.id


def attendance(day: MarketDay) -> dict[int, Scan]:
    """The first admission of everyone who holds a stall, by assignment; who was moved keeps theirs.

    The one source for the gate's list, the printed list and the settlement.
    """
    return _came(day, stalls.assignments(day))


def _came(day: MarketDay, holders: Sequence[Assignment]) -> dict[int, Scan]:
    held = {assignment.vendor_id: assignment.id for assignment in holders}
    came: dict[int, Scan] = {}
    for admitted in db.session.scalars(_admissions(day)):
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
    place: int
    """Which number this vendor was to come in; for a refusal, how many are in."""
    came: int
    expected: int
    valid_from: datetime
    valid_to: datetime
    first: Scan | None = None
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


def scan_view(seen: Scan, day: MarketDay) -> ScanView:
    """The facts behind a verdict, looked up for the screen: only those that this verdict tells."""
    full, hours = turnout(day, seen), validity(day.open_at, day.close_at)
    view = ScanView(seen, day, full.place, full.came, full.expected, *hours)
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


def _lacks(day: MarketDay, held: Assignment, moment: datetime) -> list[Finding]:
    """What stops a vendor at the gate; what comes with the goods is owed now."""
    asked_on = clock.local(moment, day.community.zone).date()
    return vendors.barred(day, [held.vendor], asked_on=asked_on).get(held.vendor_id, [])
