"""Passes: issued, replaced, revoked, and what their codes say. A token is computed whenever it is shown."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.config import settings
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.passes import keys, rules
from market.passes.address import pass_address
from market.passes.models import PassKey, StallPass
from market.passes.rules import RevokeReason, Standing
from market.passes.short_code import CODES, code_of
from market.passes.token import BadToken, Claims, Purpose, community_of, mint, read
from market.people.models import User
from market.places.models import Stall
from market.stalls import service as stalls
from market.stalls.models import Assignment

# ── issuing ───────────────────────────────────────────────────────────────────────────────────────────────


def issue_passes(day: MarketDay, *, by: User, at: datetime) -> list[StallPass]:
    """A pass for everyone who holds a stall and never had one; those who have one keep it. Twice is once.

    A revoked pass comes back only by `reissue`. Refuses `gate.not_published`.
    """
    lock_row(day)
    _refuse_unpublished(day)
    query = sa.select(StallPass.assignment_id).where(StallPass.day_id == day.id)
    had_one = set(db.session.scalars(query))
    new = [assignment for assignment in stalls.assignments(day) if assignment.id not in had_one]
    if not new:
        return []
    key = keys.ensure_key(day.community, by=by, at=at)
    issued = [_issue(assignment, key, by=by, at=at) for assignment in new]
    audit.record("gate.issue_passes", day, by=by, at=at, passes=len(issued))
    return issued


def reissue(subject: StallPass | Assignment, reason: RevokeReason, *, by: User, at: datetime) -> StallPass:
    """A new version of a pass; the old one stops counting.

    Refuses `gate.released` and `gate.not_published`.
    """
    assignment = subject.assignment if isinstance(subject, StallPass) else subject
    day = assignment.day
    lock_row(day)
    db.session.refresh(assignment)
    _refuse_unpublished(day)
    if assignment.released_at is not None:
        raise Refusal("gate.released", _("这个摊位已经让出来了，不能再发证。"))
    old = pass_of(assignment)
    if old is not None:
        revoke(old, reason, by=by, at=at)
    key = keys.ensure_key(day.community, by=by, at=at)
    return _issue(assignment, key, by=by, at=at)


def reissue_all(day: MarketDay, reason: RevokeReason, *, by: User, at: datetime) -> list[StallPass]:
    """New versions of every live pass of a day: other hours, or another key."""
    return [reissue(old, reason, by=by, at=at) for old in live_passes(day)]


def revoke(stall_pass: StallPass, reason: RevokeReason, *, by: User, at: datetime) -> None:
    """The pass admits nobody any more; twice is once."""
    lock_row(stall_pass.day)
    db.session.refresh(stall_pass)
    if stall_pass.revoked_at is not None:
        return
    stall_pass.revoked_at, stall_pass.revoke_reason = at, reason
    db.session.flush()
    audit.record(
        "gate.revoke_pass", stall_pass, by=by, at=at, reason=reason.value, version=stall_pass.version
    )


def _refuse_unpublished(day: MarketDay) -> None:
    if day.state not in GATE_STATES:
        raise Refusal("gate.not_published", _("摊位证在发布以后、收市以前才能发。请先发布这一场。"))


def _issue(assignment: Assignment, key: PassKey, *, by: User, at: datetime) -> StallPass:
    day = assignment.day
    valid_from, valid_to = rules.validity(day.open_at, day.close_at)
    stall_pass = StallPass(
        community_id=day.community_id,
        day=day,
        assignment=assignment,
        key=key,
        short_code=_free_code(day),
        version=_next_version(assignment),
        valid_from=valid_from,
        valid_to=valid_to,
        issued_at=at,
        issued_by=by.id,
    )
    db.session.add(stall_pass)
    db.session.flush()
    audit.record("gate.issue_pass", stall_pass, by=by, at=at, version=stall_pass.version)
    return stall_pass


def _free_code(day: MarketDay) -> str:
    """A code that no pass of the day has had, not even a revoked one: each names one pass for ever."""
    taken = set(db.session.scalars(sa.select(StallPass.short_code).where(StallPass.day_id == day.id)))
    while (code := code_of(secrets.randbelow(CODES))) in taken:
        pass
    return code


def _next_version(assignment: Assignment) -> int:
    query = (
        sa.select(sa.func.count(StallPass.id))
        .join(StallPass.assignment)
        .where(StallPass.day_id == assignment.day_id, Assignment.vendor_id == assignment.vendor_id)
    )
    return (db.session.scalar(query) or 0) + 1


# ── what a code says ──────────────────────────────────────────────────────────────────────────────────────


def pass_token(stall_pass: StallPass) -> str:
    """The signed text of a pass: the same every time, so it need not be kept. Refuses `gate.key_lost`."""
    claims = Claims(
        Purpose.PASS,
        stall_pass.key.key_id,
        stall_pass.community_id,
        stall_pass.day_id,
        stall_pass.id,
        stall_pass.valid_from,
        stall_pass.valid_to,
    )
    return mint(claims, keys.private_key(stall_pass.key))


def pass_url(stall_pass: StallPass) -> str:
    """What the QR code of a pass holds."""
    return pass_address(settings().public_url, pass_token(stall_pass))


def claimed_pass(token: str) -> StallPass | None:
    """The pass that a genuine token names, None for one that names nothing. Raises `BadToken`."""
    community_id = community_of(token)
    claims = read(token, keys.believed_keys(community_id))
    query = sa.select(StallPass).where(
        StallPass.id == claims.serial,
        StallPass.community_id == claims.community,
        StallPass.day_id == claims.market_day,
    )
    return db.session.scalar(query)


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
    newest = successor(stall_pass)
    valid_from, valid_to = rules.validity(stall_pass.day.open_at, stall_pass.day.close_at)
    found = rules.standing(
        revoked=stall_pass.revoked_at is not None or stall_pass.assignment.released_at is not None,
        replaced=newest is not None,
        valid_from=valid_from,
        valid_to=valid_to,
        at=at,
    )
    return Verification(found, stall_pass, newest)


def successor(stall_pass: StallPass) -> StallPass | None:
    """The pass of the same vendor on the same day that counts instead of this one."""
    query = (
        sa.select(StallPass)
        .join(StallPass.assignment)
        .where(
            StallPass.day_id == stall_pass.day_id,
            StallPass.id != stall_pass.id,
            StallPass.revoked_at.is_(None),
            Assignment.released_at.is_(None),
            Assignment.vendor_id == stall_pass.assignment.vendor_id,
        )
    )
    return db.session.scalar(query)


def gate_opens_at(day: MarketDay) -> datetime:
    """From when the gate admits vendors."""
    return rules.validity(day.open_at, day.close_at)[0]


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def live_passes(day: MarketDay) -> list[StallPass]:
    """The passes that count, by stall."""
    return list(db.session.scalars(_live(day)))


def live_pass_ids(day: MarketDay) -> tuple[int, ...]:
    """The same by number, for a day that has too many to look at at once."""
    return tuple(db.session.scalars(_live(day).with_only_columns(StallPass.id)))


def _live(day: MarketDay) -> sa.Select[StallPass]:
    query = sa.select(StallPass).join(StallPass.assignment).join(Assignment.stall)
    query = query.where(
        StallPass.day_id == day.id, StallPass.revoked_at.is_(None), Assignment.released_at.is_(None)
    )
    return query.order_by(Stall.label)


def pass_of(assignment: Assignment) -> StallPass | None:
    """The pass that counts for an assignment."""
    query = sa.select(StallPass).where(
        StallPass.assignment_id == assignment.id, StallPass.revoked_at.is_(None)
    )
    return db.session.scalar(query)


class PassVersion(NamedTuple):
    """Which pass counts for an assignment."""

    version: int
    """0: it had one, and none counts."""
    first: int
    """What its vendor got when the stall was given."""
    since: datetime


def pass_versions(days: Collection[int]) -> dict[int, PassVersion]:
    """Which version of the pass counts for each assignment of these days, by its id, in one query."""
    query = sa.select(
        StallPass.assignment_id, StallPass.version, StallPass.issued_at, StallPass.revoked_at
    ).where(StallPass.day_id.in_(days))
    found: dict[int, PassVersion] = {}
    for assignment_id, version, issued_at, revoked_at in db.session.execute(query.order_by(StallPass.id)):
        first = found[assignment_id].first if assignment_id in found else version
        counts = revoked_at is None
        found[assignment_id] = PassVersion(version if counts else 0, first, revoked_at or issued_at)
    return found


def find_pass(day: MarketDay, ref: str) -> StallPass:
    """A pass of this day."""
    stall_pass = db.session.scalar(
        sa.select(StallPass).where(StallPass.day_id == day.id, StallPass.ref == ref)
    )
    if stall_pass is None:
        raise NotFound("gate.no_pass", _("没有这张摊位证。"))
    return stall_pass


def outdated(day: MarketDay) -> list[StallPass]:
    """Live passes that say other hours than the market has now, that can no longer be printed, or that no
    gate believes since their key was revoked."""
    hours = rules.validity(day.open_at, day.close_at)
    return [p for p in live_passes(day) if (p.valid_from, p.valid_to) != hours or not _counts(p.key)]


def _counts(key: PassKey) -> bool:
    return key.revoked_at is None and keys.can_sign(key)
