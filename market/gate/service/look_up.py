"""What a code leads to, and all that a verdict asks about it, in one statement: people wait for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
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


class ShownCode(NamedTuple):
    """A code that a camera read or a person typed, for the scan of this number."""

    code: str
    client_id: str
    scanned_at: datetime


def look_up(day: MarketDay, code: str, client_id: str, scanned_at: datetime) -> Found:
    """What a code is on this day."""
    (found,) = look_up_all(day, [ShownCode(code, client_id, scanned_at)])
    return found


def look_up_all(day: MarketDay, shown: Sequence[ShownCode]) -> list[Found]:
    """What each of some codes is on this day, before any of them is kept."""
    return _asked(day, [_question_of(one) for one in shown])


def look_up_nothing(day: MarketDay, client_id: str, scanned_at: datetime) -> Found:
    """The same of what leads nowhere: whether a scan has this number already is asked all the same."""
    (found,) = _asked(day, [_Question(_by_nothing, client_id, scanned_at)])
    return found


def look_up_held(held: Assignment, client_id: str, scanned_at: datetime) -> Found:
    """The same of a vendor whom somebody at the gate knows: with the pass that counts, but in spite of it."""
    (found,) = _asked(held.day, [_Question(_by_assignment, client_id, scanned_at, (held.id,))])
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


class _Question(NamedTuple):
    """What is asked of a scan: how its pass is found, by what, and what it is where there is none."""

    start: _Start
    client_id: str
    scanned_at: datetime
    by: tuple[object, ...] = ()
    otherwise: ScanFacts = NOT_A_PASS


def _question_of(shown: ShownCode) -> _Question:
    number, scanned_at = shown.client_id, shown.scanned_at
    try:
        return _named(plain_code(shown.code), number, scanned_at)
    except BadToken as bad:
        facts = NOT_A_PASS if bad.reason in HARMLESS_FAULTS else FORGED
        return _Question(_by_nothing, number, scanned_at, otherwise=facts)
    except Refusal:
        return _Question(_by_nothing, number, scanned_at)


def _named(plain: str, client_id: str, scanned_at: datetime) -> _Question:
    if len(plain) < 30:
        return _Question(_by_short_code, client_id, scanned_at, (parse_code(plain),))
    claims: Claims = read(plain, believed_keys(community_of(plain)))
    by = (claims.serial, claims.market_day, claims.community)
    return _Question(_by_serial, client_id, scanned_at, by)


# ── the statement ─────────────────────────────────────────────────────────────────────────────────────────

_DAY, _KNOWN, _FIRST, _SECOND_STALL = MarketDay, aliased(Scan), aliased(Scan), aliased(Stall)

_Start = Callable[[sa.Subquery], sa.Join]
"""A way to find a pass by what was asked: the columns `by0`, `by1` … of a table with a row for each scan."""


def _begun(asked: sa.Subquery) -> sa.Join:
    """The day, and the scan that has this number already; whatever the code is, there is a row."""
    joined = sa.join(asked, _DAY, _DAY.id == sa.bindparam("day_id"))
    for known in (_KNOWN, HeldScan):
        number = sa.and_(known.day_id == _DAY.id, known.client_id == asked.c.client_id)
        joined = sa.outerjoin(joined, known, number)
    return joined


def _by_short_code(asked: sa.Subquery) -> sa.Join:
    pass_ = sa.outerjoin(_begun(asked), PassVersion, PassVersion.short_code == asked.c.by0)
    return sa.outerjoin(pass_, Assignment, Assignment.id == PassVersion.assignment_id)


def _by_serial(asked: sa.Subquery) -> sa.Join:
    """The pass must be of the day and the community that were signed with its number."""
    shown = sa.join(PassVersion, Assignment, Assignment.id == PassVersion.assignment_id)
    named = (
        PassVersion.id == asked.c.by0,
        PassVersion.day_id == asked.c.by1,
        Assignment.community_id == asked.c.by2,
    )
    return sa.outerjoin(_begun(asked), shown, sa.and_(*named))


def _by_assignment(asked: sa.Subquery) -> sa.Join:
    held = sa.outerjoin(_begun(asked), Assignment, Assignment.id == asked.c.by0)
    newest = sa.and_(PassVersion.assignment_id == Assignment.id, PassVersion.version == Assignment.version)
    return sa.outerjoin(held, PassVersion, newest)


def _by_nothing(asked: sa.Subquery) -> sa.Join:
    pass_ = sa.outerjoin(_begun(asked), PassVersion, sa.false())
    return sa.outerjoin(pass_, Assignment, sa.false())


AT_ONCE = 16
"""Scans in one statement; each number of them is another statement, which is put together once."""


def _asked_of(types: Sequence[type], rows: int) -> sa.Subquery:
    """A table of so many rows: a place, the number of a scan, and by what its pass is found."""
    sql: dict[type, Any] = {int: sa.Integer, str: sa.String}
    columns: list[tuple[str, Any]] = [("place", sa.Integer), ("client_id", sa.String)]
    columns += [(f"by{number}", sql[kind]) for number, kind in enumerate(types)]
    selects = [
        sa.select(*(sa.bindparam(f"{name}_{row}", type_=kind).label(name) for name, kind in columns))
        for row in range(rows)
    ]
    return sa.union_all(*selects).subquery("asked")


def _values_of(questions: Sequence[_Question]) -> dict[str, object]:
    values: dict[str, object] = {}
    for row, one in enumerate(questions):
        values |= {f"place_{row}": row, f"client_id_{row}": one.client_id}
        values |= {f"by{number}_{row}": by for number, by in enumerate(one.by)}
    return values


@cache
def _statement(start: _Start, types: tuple[type, ...], rows: int) -> sa.Select[Any]:
    """Put together once for each way to begin: putting together takes longer than asking."""
    asked = _asked_of(types, rows)
    joined: sa.FromClause = start(asked)
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
    return sa.select(
        asked.c.place,
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
    ).select_from(joined)


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


def _asked(day: MarketDay, questions: Sequence[_Question]) -> list[Found]:
    db.session.flush()
    places: dict[_Start, list[int]] = {}
    for place, one in enumerate(questions):
        places.setdefault(one.start, []).append(place)
    found: dict[int, Found] = {}
    for here in places.values():
        for first in range(0, len(here), AT_ONCE):
            some = here[first : first + AT_ONCE]
            found.update(zip(some, _answers(day, [questions[place] for place in some]), strict=True))
    return [found[place] for place in range(len(questions))]


def _answers(day: MarketDay, questions: Sequence[_Question]) -> Iterator[Found]:
    """Of scans whose passes are all found in the same way."""
    first, on = questions[0], local_date(day)
    statement = _statement(first.start, tuple(type(by) for by in first.by), len(questions))
    values = {"day_id": day.id, "on": on, **_values_of(questions)}
    rows: dict[int, list[Any]] = {}
    for row in db.session.connection().execute(statement, values):
        rows.setdefault(row.place, []).append(row)
    for place, one in enumerate(questions):
        yield _found(day, one, _of_one_pass(day, rows[place]))


def _found(day: MarketDay, asked: _Question, rows: Sequence[Any]) -> Found:
    row = rows[0]
    if row.assignment_id is None:
        return Found(asked.otherwise, known=row.known, held=row.held)
    ours, today = row.its_community == day.community_id, row.its_day in (day.id, None)
    facts = replace(GENUINE, same_community=ours, same_day=today, revoked=not row.counts)
    if not today:
        return Found(facts, row.pass_id, known=row.known, held=row.held)
    return Found(
        _of_today(facts, day, rows, asked.scanned_at),
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
