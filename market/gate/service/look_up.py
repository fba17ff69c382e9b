"""What a code leads to, and all that a verdict asks about it, in one statement: people wait for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, cast
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from market import clock
from market.calendar.models import DayStep, MarketDay, Waiver
from market.calendar.rules import GATE_STATES
from market.calendar.service import local_date
from market.communities.service import profile_among, profile_codes
from market.db import db, spelt
from market.errors import Refusal
from market.gate.models import HeldScan, Scan, ScanUndo
from market.gate.rules import ENTERING, ScanFacts, Verdict
from market.passes.keys import believed_keys
from market.passes.models import PassRevocation
from market.passes.rules import validity
from market.passes.token import BadToken, Claims, TokenFault, community_of, read
from market.places.models import Stall
from market.stalls.models import Assignment, PassVersion, ShutStall
from market.stalls.rules import ReleaseReason
from market.stalls.short_code import parse_code
from market.vendors.models import Vendor
from market.vendors.service import SAID, WRITTEN, barred_by, read_facts, with_written

NOT_A_PASS = ScanFacts(known=False, signed=True)
FORGED = ScanFacts(known=False, signed=False)
GENUINE = ScanFacts(known=True, signed=True)

HARMLESS_FAULTS = (TokenFault.MALFORMED, TokenFault.WRONG_VERSION, TokenFault.WRONG_PURPOSE)
"""Faults of things that are simply not passes; the others mean that somebody tried."""


@dataclass(frozen=True)
class First:
    """The admission that makes a later scan a second one."""

    scanned_at: datetime
    entrance: str
    client_id: str


@dataclass(frozen=True)
class Found:
    """What a code led to, as it was when it was looked up."""

    facts: ScanFacts
    pass_id: int | None = None
    assignment_id: int | None = None
    """None where the pass is of another day."""
    vendor_id: int | None = None
    stall: str = ""
    name: str = ""
    first: First | None = None
    answered: bool = False
    """Whether somebody answers for the vendor today, with the reason where it is kept."""
    known: int | None = None
    """The scan that has this number already."""
    held: int | None = None
    """The one that has it and waits for a person."""
    entered: bool = False
    """Whether any scan of the vendor that stands would let in, were there no earlier one."""
    undone: bool = False
    """Whether an admission of the vendor was taken back."""


def look_up(day: MarketDay, code: str, client_id: str, scanned_at: datetime) -> Found:
    """What a code that a camera read or a person typed is on this day."""
    try:
        kind, named = _named(plain_code(code))
    except BadToken as bad:
        found = look_up_nothing(day, client_id, scanned_at)
        return replace(found, facts=NOT_A_PASS if bad.reason in HARMLESS_FAULTS else FORGED)
    except Refusal:
        return look_up_nothing(day, client_id, scanned_at)
    return _asked(kind, day, client_id, scanned_at, named)


def look_up_nothing(day: MarketDay, client_id: str, scanned_at: datetime) -> Found:
    """The same of what leads nowhere: whether a scan has this number already is asked all the same."""
    return _asked(_by_nothing, day, client_id, scanned_at, {})


def look_up_held(held: Assignment, client_id: str, scanned_at: datetime) -> Found:
    """The same of a vendor whom somebody at the gate knows: with the pass that counts, but in spite of it."""
    found = _asked(_by_assignment, held.day, client_id, scanned_at, {"assignment_id": held.id})
    if found.facts.revoked:
        found = replace(found, pass_id=None)
    left = held.released_at is not None
    return replace(found, facts=replace(found.facts, revoked=left))


def plain_code(text: str) -> str:
    """The token or short code in what a camera read or a person pasted: an address of any host and case."""
    text = "".join(text.split())
    lower = text.lower()
    if "/p/" in lower:
        rest = text[lower.rindex("/p/") + 3 :]
        text = unquote(rest.partition("?")[0].partition("#")[0])
    return text.upper()


Start = Callable[[], sa.Join]


def _named(plain: str) -> tuple[Start, dict[str, Any]]:
    if len(plain) < 30:
        return _by_short_code, {"code": parse_code(plain)}
    claims: Claims = read(plain, believed_keys(community_of(plain)))
    return _by_serial, {
        "serial": claims.serial,
        "its_day": claims.market_day,
        "its_community": claims.community,
    }


# ── the statement ─────────────────────────────────────────────────────────────────────────────────────────

_DAY, _KNOWN, _FIRST, _SECOND_STALL = MarketDay, aliased(Scan), aliased(Scan), aliased(Stall)


def _begun() -> sa.Join:
    """The day, and the scan that has this number already; whatever the code is, there is a row."""
    joined: sa.FromClause = cast("sa.FromClause", _DAY)
    for known in (_KNOWN, HeldScan):
        number = sa.and_(known.day_id == _DAY.id, known.client_id == sa.bindparam("client_id"))
        joined = sa.outerjoin(joined, known, number)
    return cast("sa.Join", joined)


def _by_short_code() -> sa.Join:
    pass_ = sa.outerjoin(_begun(), PassVersion, PassVersion.short_code == sa.bindparam("code"))
    return sa.outerjoin(pass_, Assignment, Assignment.id == PassVersion.assignment_id)


def _by_serial() -> sa.Join:
    """The pass must be of the day and the community that were signed with its number."""
    shown = sa.join(PassVersion, Assignment, Assignment.id == PassVersion.assignment_id)
    named = (
        PassVersion.id == sa.bindparam("serial"),
        PassVersion.day_id == sa.bindparam("its_day"),
        Assignment.community_id == sa.bindparam("its_community"),
    )
    return sa.outerjoin(_begun(), shown, sa.and_(*named))


def _by_assignment() -> sa.Join:
    held = sa.outerjoin(_begun(), Assignment, Assignment.id == sa.bindparam("assignment_id"))
    newest = sa.and_(PassVersion.assignment_id == Assignment.id, PassVersion.version == Assignment.version)
    return sa.outerjoin(held, PassVersion, newest)


def _by_nothing() -> sa.Join:
    pass_ = sa.outerjoin(_begun(), PassVersion, sa.false())
    return sa.outerjoin(pass_, Assignment, sa.false())


@cache
def _question(start: Start) -> sa.Select[Any]:
    """Put together once for each way to begin: putting together takes longer than asking."""
    joined: sa.FromClause = start()
    joined = sa.outerjoin(joined, PassRevocation, PassRevocation.pass_id == PassVersion.id)
    joined = sa.outerjoin(joined, Vendor, Vendor.id == Assignment.vendor_id)
    joined = sa.outerjoin(joined, Stall, Stall.id == Assignment.stall_id)
    joined = sa.outerjoin(joined, _SECOND_STALL, _SECOND_STALL.id == Assignment.second_stall_id)
    joined = sa.outerjoin(joined, _FIRST, _FIRST.id == _first_admission())
    joined = with_written(joined, sa.bindparam("on"))
    counts = sa.and_(
        PassVersion.version == Assignment.version,
        Assignment.released_at.is_(None),
        PassRevocation.id.is_(None),
    )
    return (
        sa.select(
            _KNOWN.id.label("known"),
            HeldScan.id.label("held"),
            PassVersion.id.label("pass_id"),
            PassVersion.day_id.label("its_day"),
            Assignment.id.label("assignment_id"),
            Assignment.community_id.label("its_community"),
            Assignment.vendor_id.label("vendor_id"),
            Assignment.released_at.label("released_at"),
            sa.case((counts, 1), else_=0).label("counts"),
            Stall.label.label("stall"),
            _SECOND_STALL.label.label("second_stall"),
            _FIRST.scanned_at.label("first_at"),
            _FIRST.entrance.label("first_entrance"),
            _FIRST.client_id.label("first_client_id"),
            _entered().label("entered"),
            _undone().label("undone"),
            _holds().label("holds"),
            _shut().label("shut"),
            _answered().label("answered"),
            profile_codes(_DAY.community_id).label("profiles"),
            *SAID,
            *WRITTEN,
        )
        .select_from(joined)
        .where(_DAY.id == sa.bindparam("day_id"))
    )


def _first_admission() -> sa.ScalarSelect[int]:
    """The first admission of the vendor that still counts. The day is asked of the stall alone, because only
    then is the index of admissions of use."""
    other, seen = aliased(Assignment), aliased(Scan)
    return (
        sa.select(seen.id)
        .join(other, other.id == seen.assignment_id)
        .where(
            other.day_id == _DAY.id,
            other.vendor_id == Assignment.vendor_id,
            sa.or_(other.released_at.is_(None), other.release_reason == ReleaseReason.MOVED),
            seen.verdict == spelt(Verdict.ADMITTED),
            seen.undo_id.is_(None),
        )
        .order_by(seen.scanned_at, seen.id)
        .limit(1)
        .correlate(_DAY, Assignment)
        .scalar_subquery()
    )


def _entered() -> sa.Exists:
    """Whether any scan of the vendor that stands would let in: who came first is then worked out."""
    other, seen = aliased(Assignment), aliased(Scan)
    return (
        sa.select(seen.id)
        .join(other, other.id == seen.assignment_id)
        .where(
            other.day_id == _DAY.id,
            other.vendor_id == Assignment.vendor_id,
            sa.or_(other.released_at.is_(None), other.release_reason == ReleaseReason.MOVED),
            seen.verdict.in_(ENTERING),
        )
        .correlate(_DAY, Assignment)
        .exists()
    )


def _undone() -> sa.Exists:
    """Whether an admission of the vendor was taken back."""
    mine = ScanUndo.day_id == _DAY.id, ScanUndo.vendor_id == Assignment.vendor_id
    return sa.select(ScanUndo.id).where(*mine).correlate(_DAY, Assignment).exists()


def _holds() -> sa.ScalarSelect[int]:
    """How many stalls the vendor holds on the day, which may be others than the code says."""
    other = aliased(Assignment)
    mine = (other.day_id == _DAY.id, other.vendor_id == Assignment.vendor_id, other.released_at.is_(None))
    return (
        sa.select(sa.func.count())
        .select_from(other)
        .where(*mine)
        .correlate(_DAY, Assignment)
        .scalar_subquery()
    )


def _shut() -> sa.ScalarSelect[int]:
    """How many of the stalls do not open."""
    return (
        sa.select(sa.func.count())
        .select_from(ShutStall)
        .where(
            ShutStall.day_id == _DAY.id,
            ShutStall.shut_for == sa.bindparam("on"),
            ShutStall.reopened_at.is_(None),
            sa.or_(
                ShutStall.stall_id == Assignment.stall_id, ShutStall.stall_id == Assignment.second_stall_id
            ),
        )
        .correlate(_DAY, Assignment)
        .scalar_subquery()
    )


def _answered() -> sa.ScalarSelect[int]:
    """How often somebody answered for the vendor; for which date and place is asked where it was."""
    return (
        sa.select(sa.func.count())
        .select_from(Waiver)
        .where(Waiver.day_id == _DAY.id, Waiver.subject.startswith(Vendor.ref + ":"))
        .correlate(_DAY, Vendor)
        .scalar_subquery()
    )


# ── the answer ────────────────────────────────────────────────────────────────────────────────────────────


def _asked(
    start: Start, day: MarketDay, client_id: str, scanned_at: datetime, named: dict[str, Any]
) -> Found:
    db.session.flush()
    values = {"day_id": day.id, "on": local_date(day), "client_id": client_id, **named}
    rows = _of_one_pass(day, db.session.connection().execute(_question(start), values).all())
    row = rows[0]
    if row.assignment_id is None:
        return Found(NOT_A_PASS, known=row.known, held=row.held)
    ours, today = row.its_community == day.community_id, row.its_day in (day.id, None)
    facts = replace(GENUINE, same_community=ours, same_day=today, revoked=not row.counts)
    if not today:
        return Found(facts, row.pass_id, known=row.known, held=row.held)
    return Found(
        _of_today(facts, day, rows, scanned_at),
        row.pass_id,
        row.assignment_id,
        row.vendor_id,
        row.stall + (f"+{row.second_stall}" if row.second_stall else ""),
        row.trading_name,
        First(row.first_at, row.first_entrance, row.first_client_id) if row.first_at is not None else None,
        bool(row.answered),
        row.known,
        row.held,
        bool(row.entered),
        bool(row.undone),
    )


def _of_one_pass(day: MarketDay, rows: Sequence[Any]) -> list[Any]:
    """A short code is unique on its day only: this day's pass first, then the community's, then anybody's."""
    ours = day.community_id
    best = max(rows, key=lambda r: (r.its_day == day.id, r.its_community == ours, r.pass_id or 0))
    return [row for row in rows if row.pass_id == best.pass_id]


def _of_today(facts: ScanFacts, day: MarketDay, rows: Sequence[Any], scanned_at: datetime) -> ScanFacts:
    """What day, stall and earlier scans add. The hours are the market's own, which may have changed since the
    pass was printed."""
    row, zone = rows[0], day.community.zone
    valid_from, valid_to = validity(day.open_at, day.close_at)
    vendor = read_facts(rows, zone)
    asked_on = clock.local(scanned_at, zone).date()
    return replace(
        facts,
        gate_open=_gate_was_open(day, scanned_at),
        released=row.released_at is not None and not row.holds,
        stall_shut=bool(row.shut),
        valid_from=valid_from,
        valid_to=valid_to,
        admitted_at=row.first_at,
        barred=bool(barred_by(day, vendor, profile_among(row.profiles), asked_on=asked_on)),
    )


def _gate_was_open(day: MarketDay, moment: datetime) -> bool:
    """Whether the gate admitted then: a scan that waited for a network is judged by its own hour."""
    if day.state in GATE_STATES:
        return True
    query = sa.select(DayStep.to_state).where(DayStep.day_id == day.id, DayStep.taken_at <= moment)
    state = db.session.scalars(query.order_by(DayStep.id.desc()).limit(1)).first()
    return state in GATE_STATES
