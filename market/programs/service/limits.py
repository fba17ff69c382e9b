"""How much of a minute's allowance is left: counted by all hosts together, share by share."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market.config import settings
from market.db import db, do_in_unit_of_work, guards, race_point
from market.errors import Refusal
from market.people.rules import network_of
from market.programs.models import CallShare, ProgramKey
from market.programs.rules import SHARE, WINDOW_S, Allowance, seconds_left, window_of
from market.programs.service.keys import note_use
from market.programs.shares import shares_here

FORGOTTEN_AFTER = timedelta(hours=1)


def spend(key: ProgramKey | None, address: str, *, at: datetime) -> Allowance:
    """One call of a key, or of an address that shows none. Refuses `programs.too_fast` (429)."""
    most, minute = settings().api_calls, window_of(at)
    key_id = key.id if key is not None else None
    who = f"key {key_id}" if key_id is not None else mark_of(address)
    left = shares_here().spend(who, minute)
    while left is None:
        _take(who, minute, most, key_id, at)
        left = shares_here().spend(who, minute)
    if left < 0:
        raise too_fast(at)
    return Allowance("key" if key_id is not None else "address", most, left, seconds_left(at))


def too_fast(at: datetime) -> Refusal:
    """What a program reads that asked too often."""
    wait = seconds_left(at)
    refusal = Refusal("programs.too_fast", _("这一分钟里问得太多了。请等 %(n)s 秒再问。", n=wait), 429)
    refusal.wait_s = wait
    return refusal


def mark_of(address: str) -> str:
    """By what a network is known for an hour: it cannot be read back without the installation's secret."""
    secret = settings().signing_secret().encode()
    return hmac.digest(secret, f"calls of {network_of(address)}".encode(), "sha256").hex()


def _take(who: str, minute: int, most: int, key_id: int | None, at: datetime) -> None:
    taken, untaken = do_in_unit_of_work(lambda: take_share(who, minute, most, key_id=key_id, at=at))
    shares_here().add(who, minute, taken, untaken)


def take_share(
    who: str, minute: int, most: int, *, key_id: int | None = None, at: datetime
) -> tuple[int, int]:
    """Takes a share of the allowance: how many calls it is, and how many are left to take."""
    query = sa.select(CallShare).where(CallShare.who == who, CallShare.minute == minute)
    row = db.session.scalar(query.with_for_update() if guards.on else query)
    race_point("programs.take_share")
    before = row.taken if row is not None else 0
    taken = max(0, min(SHARE, most - before))
    if row is None:
        db.session.add(CallShare(who=who, minute=minute, taken=taken))
    else:
        row.taken = before + taken
    if key_id is not None:
        note_use(key_id, at=at)
    db.session.flush()
    return taken, most - before - taken


def forget_shares(*, at: datetime) -> int:
    """Deletes what was counted in minutes that are long over; how many rows."""
    oldest = window_of(at - FORGOTTEN_AFTER)
    gone = db.session.execute(sa.delete(CallShare).where(CallShare.minute < oldest))
    return int(gone.rowcount)  # type: ignore[attr-defined]  # CursorResult, which the stubs do not say


def headers_of(left: Allowance) -> dict[str, str]:
    """As the draft of the IETF for rate limit fields has it."""
    return {
        "RateLimit-Policy": f'"{left.name}";q={left.most};w={WINDOW_S}',
        "RateLimit": f'"{left.name}";r={left.left};t={left.reset_s}',
    }
