"""Passes: replaced, taken back, and what their codes say. A pass is worked out from its assignment and signed
whenever it is shown, so it follows whatever is done to the plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit, clock
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.config import settings
from market.db import db, lock_row, race_point
from market.errors import NotFound, Refusal
from market.passes import keys, rules
from market.passes.address import pass_address
from market.passes.models import PassKey, PassRevocation, StallPass
from market.passes.rules import RevokeReason, Standing
from market.passes.token import BadToken, Claims, Purpose, community_of, mint, read
from market.passes.validity import counting, counts, revocation_of
from market.people.models import User
from market.places.models import Stall
from market.stalls import service as stalls
from market.stalls.models import Assignment, PassVersion
from market.vendors.service import barred, refuse_barred

# ── by hand ───────────────────────────────────────────────────────────────────────────────────────────────


def reissue(subject: StallPass | Assignment, reason: RevokeReason, *, by: User, at: datetime) -> StallPass:
    """A new version of a pass; the old one stops counting.

    Refuses `gate.released`, `gate.not_published`, and `vendors.may_not_stand` where the gate would say no
    all the same.
    """
    assignment = subject.assignment if isinstance(subject, StallPass) else subject
    day = assignment.day
    lock_row(day)
    db.session.refresh(assignment)
    _refuse_unpublished(day)
    if assignment.released_at is not None:
        raise Refusal("gate.released", _("这个摊位已经让出来了，不能再发证。"))
    refuse_barred(day, [assignment.vendor], asked_on=_date(day, at))
    return _replace(assignment, reason, by=by, at=at)


def _replace(assignment: Assignment, reason: RevokeReason, *, by: User, at: datetime) -> StallPass:
    day, old = assignment.day, pass_of(assignment)
    if old is not None:
        revoke(old, reason, by=by, at=at)
    keys.ensure_key(day.community, by=by, at=at)
    stalls.raise_version(assignment, at=at)
    issued = find_pass(day, assignment.ref)
    audit.record("gate.issue_pass", assignment, by=by, at=at, version=issued.version)
    return issued


def reissue_all(day: MarketDay, reason: RevokeReason, *, by: User, at: datetime) -> list[StallPass]:
    """New versions of every live pass of a day: other hours, or another key. Who may not stand keeps the old
    one, which the gate refuses; nobody left is refused as `reissue` does."""
    lock_row(day)
    _refuse_unpublished(day)
    live, today = live_passes(day), _date(day, at)
    holders = [old.assignment.vendor for old in live]
    stopped = barred(day, holders, asked_on=today)
    if len(stopped) == len(holders):
        refuse_barred(day, holders, asked_on=today)
    held = [old.assignment for old in live if old.assignment.vendor_id not in stopped]
    return [_replace(one, reason, by=by, at=at) for one in held]


def _date(day: MarketDay, at: datetime) -> date:
    return clock.local(at, day.community.zone).date()


def revoke(stall_pass: StallPass, reason: RevokeReason, *, by: User, at: datetime) -> None:
    """The pass admits nobody any more; twice is once."""
    lock_row(stall_pass.day)
    if revocation_of(stall_pass.shown) is not None:
        return
    race_point("passes.revoke")
    row = PassRevocation(pass_id=stall_pass.shown.id, reason=reason, revoked_at=at, revoked_by=by.id)
    db.session.add(row)
    db.session.flush()
    audit.record(
        "gate.revoke_pass", stall_pass.assignment, by=by, at=at,
        reason=reason.value, version=stall_pass.version,
    )  # fmt: skip


def _refuse_unpublished(day: MarketDay) -> None:
    if day.state not in GATE_STATES:
        raise Refusal("gate.not_published", _("摊位证在发布以后、收市以前才能发。请先发布这一场。"))


# ── what a code says ──────────────────────────────────────────────────────────────────────────────────────


def pass_token(stall_pass: StallPass, key: PassKey | None = None) -> str:
    """The signed text of a pass: the same every time, so it need not be kept. Whoever makes many looks up the
    signing key once. Refuses `gate.key_lost`."""
    key = key or keys.signing_key(stall_pass.day.community)
    shown = stall_pass.shown
    valid_from, valid_to = rules.validity(*stall_pass.hours)
    claims = Claims(
        Purpose.PASS, key.key_id, key.community_id, shown.day_id, shown.id, valid_from, valid_to
    )  # fmt: skip
    return mint(claims, keys.private_key(key))


def pass_url(stall_pass: StallPass, key: PassKey | None = None) -> str:
    """What the QR code of a pass holds."""
    return pass_address(settings().public_url, pass_token(stall_pass, key))


def claimed_pass(token: str) -> StallPass | None:
    """The pass that a genuine token names, None for one that names nothing. Raises `BadToken`."""
    community_id = community_of(token)
    claims = read(token, keys.believed_keys(community_id))
    query = (
        sa.select(PassVersion)
        .join(PassVersion.assignment)
        .where(
            PassVersion.id == claims.serial,
            PassVersion.day_id == claims.market_day,
            Assignment.community_id == claims.community,
        )
    )
    return _pass(db.session.scalar(query))


@dataclass(frozen=True)
class Verification:
    """What anybody may know of a pass that somebody shows."""

    standing: Standing
    stall_pass: StallPass | None = None
    newest: StallPass | None = None
    """The version that counts instead."""


def verify_token(token: str, at: datetime) -> Verification:
    """Whether a pass is genuine, and whether it counts now. Never raises."""
    try:
        stall_pass = claimed_pass(token)
    except BadToken:
        stall_pass = None
    if stall_pass is None:
        return Verification(Standing.NOT_OURS)
    live = counts(stall_pass.shown)
    newest = None if live else successor(stall_pass)
    valid_from, valid_to = rules.validity(stall_pass.day.open_at, stall_pass.day.close_at)
    found = rules.standing(
        revoked=not live,
        replaced=newest is not None,
        valid_from=valid_from,
        valid_to=valid_to,
        at=at,
    )
    return Verification(found, stall_pass, newest)


def successor(stall_pass: StallPass) -> StallPass | None:
    """The pass of the same vendor on the same day that counts instead of this one."""
    shown = stall_pass.shown
    query = counting().where(
        PassVersion.day_id == shown.day_id,
        PassVersion.id != shown.id,
        Assignment.vendor_id == stall_pass.assignment.vendor_id,
    )
    return _pass(db.session.scalar(query))


def gate_opens_at(day: MarketDay) -> datetime:
    """From when the gate admits vendors."""
    return rules.validity(day.open_at, day.close_at)[0]


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def live_passes(day: MarketDay) -> list[StallPass]:
    """The passes that count, by stall."""
    return [StallPass(shown) for shown in db.session.scalars(_live(day))]


def live_pass_ids(day: MarketDay, left_out: Collection[int] = ()) -> tuple[int, ...]:
    """The same by number, for a day that has too many to look at at once; without those of assignments."""
    query = _live(day).where(PassVersion.assignment_id.not_in(left_out)).with_only_columns(PassVersion.id)
    return tuple(db.session.scalars(query))


def passes_by_id(ids: Iterable[int]) -> dict[int, StallPass]:
    """Passes looked up by those numbers."""
    found = db.session.scalars(sa.select(PassVersion).where(PassVersion.id.in_(ids)))
    return {shown.id: StallPass(shown) for shown in found}


def _live(day: MarketDay) -> sa.Select[PassVersion]:
    return counting().join(Assignment.stall).where(PassVersion.day_id == day.id).order_by(Stall.label)


def pass_of(assignment: Assignment) -> StallPass | None:
    """The pass that counts for an assignment."""
    return _pass(db.session.scalar(counting().where(PassVersion.assignment_id == assignment.id)))


class CountingPass(NamedTuple):
    """Which pass counts for an assignment."""

    version: int
    """0: it had one, and none counts."""
    first: int
    """What its vendor got when the stall was given."""
    since: datetime


def counting_passes(days: Collection[int], only: Collection[int] | None = None) -> dict[int, CountingPass]:
    """Which version of the pass counts for each assignment of these days (of these applications, where they
    are named), by its id, in one query."""
    query = (
        sa.select(
            PassVersion.assignment_id,
            PassVersion.version,
            PassVersion.given_at,
            PassRevocation.revoked_at,
            Assignment.version.label("newest"),
        )
        .join(PassVersion.assignment)
        .outerjoin(PassRevocation, PassRevocation.pass_id == PassVersion.id)
        .where(PassVersion.day_id.in_(days))
        .order_by(PassVersion.id)
    )
    if only is not None:
        query = query.where(Assignment.application_id.in_(only))
    found: dict[int, CountingPass] = {}
    for row in db.session.execute(query):
        before = found.get(row.assignment_id)
        first = before.first if before else row.version
        number = row.version if row.revoked_at is None and row.version == row.newest else 0
        found[row.assignment_id] = CountingPass(number, first, row.revoked_at or row.given_at)
    return found


def find_pass(day: MarketDay, ref: str) -> StallPass:
    """The newest pass of an assignment of this day, whether it counts or was taken back."""
    query = (
        sa.select(PassVersion)
        .join(PassVersion.assignment)
        .where(PassVersion.day_id == day.id, PassVersion.version == Assignment.version, Assignment.ref == ref)
    )
    found = _pass(db.session.scalar(query))
    if found is None:
        raise NotFound("gate.no_pass", _("没有这张摊位证。"))
    return found


def outdated(day: MarketDay, live: Sequence[StallPass] | None = None) -> list[StallPass]:
    """Live passes that say other hours than the market has now, that can no longer be printed, or that no
    gate may believe since their key was revoked. `live`: those passes, where they are known already."""
    passes = live_passes(day) if live is None else live
    trust, hours = keys.trust_of(day.community), (day.open_at, day.close_at)
    return [
        one
        for one in passes
        if one.hours != hours
        or not trust.can_print
        or (trust.doubted_until is not None and one.shown.given_at < trust.doubted_until)
    ]


def _pass(shown: PassVersion | None) -> StallPass | None:
    return StallPass(shown) if shown is not None else None
