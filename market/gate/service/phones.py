"""Telephones that mind a gate: let in by a code that staff show, for one market day, without an account."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.util import identity_key

from market import audit
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.config import settings
from market.db import db, guards, held, hold, lock_row, read_along, unread
from market.errors import NotFound, Refusal
from market.gate.models import GatePhone
from market.gate.rules import DUTY_AFTER_CLOSING
from market.people.models import User
from market.places.models import Venue

PURPOSE = b"market/gate-phone/v1"
KEY = re.compile("[0-9a-f]{64}")
"""What a phone makes for itself: 256 random bits, of which only a hash is kept here."""
SEEN_EVERY = timedelta(seconds=20)
"""A phone that asks more often is written down no more often."""
REF_CHARACTERS = 10
OPEN_INVITATIONS = 40
"""More codes that nobody took, for one day, are a mistake."""


def until(day: MarketDay) -> datetime:
    """How long a phone minds the gate."""
    return day.close_at + DUTY_AFTER_CLOSING


def invite(day: MarketDay, entrance: str, *, by: User, at: datetime) -> GatePhone:
    """A place for one more phone; its code is worked out, so it can be shown again. Refuses `gate.over`, and
    `gate.many_invitations`. A place that nobody took at this gate is shown again instead of made anew."""
    lock_row(day)
    if at > until(day):
        raise Refusal("gate.over", _("这一场已经结束了，不用再加手机。"))
    entrance = entrance if entrance in day.venue.entrance_names() else ""
    free = [phone for phone in phones_of(day) if phone.enrolled_at is None and phone.revoked_at is None]
    for phone in free:
        if phone.entrance == entrance and phone.made_by == by.id:
            return phone
    if len(free) >= OPEN_INVITATIONS:
        raise Refusal("gate.many_invitations", _("还没人用的码太多了，先用完或者停用几个。"))
    made = GatePhone(
        community_id=day.community_id, day=day, entrance=entrance, made_by=by.id, made_at=at, name=""
    )
    db.session.add(made)
    db.session.flush()
    audit.record("gate.invite_phone", made, by=by, at=at, entrance=entrance)
    return made


def invitation_secret(phone: GatePhone) -> str:
    """What the code on the staff's screen carries: nobody can make it up, and nothing of it is kept."""
    return phone.ref + _proof(phone.ref)


def _proof(ref: str) -> str:
    key = hmac.digest(settings().signing_secret().encode(), PURPOSE, "sha256")
    return b32encode(hmac.digest(key, ref.encode(), "sha256")).decode().rstrip("=").lower()[:26]


def invited(secret: str) -> GatePhone:
    """The place that a code is for, taken or not. Refuses `gate.no_invitation`. Changes nothing."""
    ref, proof = secret[:REF_CHARACTERS], secret[REF_CHARACTERS:]
    phone = db.session.scalar(sa.select(GatePhone).where(GatePhone.ref == ref))
    if phone is None or not hmac.compare_digest(proof.encode(), _proof(ref).encode()):
        raise NotFound("gate.no_invitation", _("这个码不对。请工作人员在当天的页面上再出一个。"))
    return phone


def why_not(phone: GatePhone, at: datetime) -> Refusal | None:
    """Why a place can not be taken any more."""
    if phone.revoked_at is not None:
        return Refusal("gate.phone_revoked", _("这个码停用了。请工作人员再出一个。"), 410)
    if phone.enrolled_at is not None:
        return Refusal(
            "gate.invitation_used", _("这个码已经有人用了，一个码只能用一次。请工作人员再出一个。"), 410
        )
    if at > until(phone.day):
        return Refusal("gate.over", _("这一场已经结束了。"), 410)
    return None


def enrol(phone: GatePhone, name: str, key: str, *, at: datetime) -> None:
    """The phone in hand takes the place, once. It made the key itself, so that the same phone may ask again
    when the answer got lost. Refuses what `why_not` says, `gate.bad_key`, and `gate.no_name`."""
    lock_row(phone)
    if is_holder(phone, key):
        return
    refusal = why_not(phone, at)
    if refusal is not None:
        raise refusal
    name = " ".join(name.split())[:30]
    if not name:
        raise Refusal("gate.no_name", _("请写上名字，大家好知道这部手机是谁的。"), 422)
    _take(phone, name, key, at)


def is_holder(phone: GatePhone, key: str) -> bool:
    """Whether the phone with this key took the place and may still have it."""
    return phone.revoked_at is None and phone.left_at is None and phone.key_hash == _hashed(key)


def enrol_own(day: MarketDay, entrance: str, key: str, *, by: User, at: datetime) -> GatePhone:
    """Somebody who is signed in minds a gate with the phone in hand; the same key again is the same place.

    Refuses `gate.over`, `gate.bad_key`, and `gate.phone_revoked`.
    """
    lock_row(day)
    entrance = entrance if entrance in day.venue.entrance_names() else ""
    known = phone_of(key)
    if known is not None:
        if known.day_id == day.id and known.entrance == entrance and is_holder(known, key):
            return known
        raise Refusal("gate.phone_revoked", _("这部手机停用了。请刷新页面，再按一次。"), 410)
    if at > until(day):
        raise Refusal("gate.over", _("这一场已经结束了。"), 410)
    made = GatePhone(
        community_id=day.community_id,
        day=day,
        entrance=entrance,
        made_by=by.id,
        maker=by,
        made_at=at,
        name="",
    )
    db.session.add(made)
    db.session.flush()
    _take(made, by.display_name[:30], key, at)
    return made


def _take(phone: GatePhone, name: str, key: str, at: datetime) -> None:
    if not KEY.fullmatch(key) or phone_of(key) is not None:
        raise Refusal("gate.bad_key", _("没有登记上。请刷新页面，再按一次。"), 422)
    phone.name, phone.key_hash, phone.enrolled_at, phone.seen_at = name, _hashed(key), at, at
    audit.record("gate.enrol_phone", phone, by=phone.maker, at=at, phone=name)


def _hashed(key: str) -> str:
    return hashlib.sha256(PURPOSE + key.encode()).hexdigest()


def phone_of(key: str) -> GatePhone | None:
    """The phone that shows this key, also one that was told to stop."""
    return db.session.scalar(sa.select(GatePhone).where(GatePhone.key_hash == _hashed(key))) if key else None


_READ = (
    (GatePhone, tuple(column.key for column in sa.inspect(GatePhone).column_attrs)),
    (MarketDay, ("id", "ref", "community_id", "venue_id", "open_at", "close_at", "state")),
    (Community, ("id", "slug", "zone")),
    (Venue, ("id", "entrances", "no_flame")),
)
"""What of a phone and its market nearly every request of a phone asks for."""
_NAMED = [(model, name) for model, names in _READ for name in names]
_AT_WORK = (
    sa.select(*(getattr(model, name).label(f"{model.__tablename__}_{name}") for model, name in _NAMED))
    .select_from(GatePhone)
    .join(MarketDay, MarketDay.id == GatePhone.day_id)
    .join(Community, Community.id == MarketDay.community_id)
    .join(Venue, Venue.id == MarketDay.venue_id)
    .where(GatePhone.key_hash.in_(sa.bindparam("hashes", expanding=True)))
)
_ALONE = sa.text(
    "SELECT pg_advisory_xact_lock(hashtext('market_day'), id::int) FROM market_day WHERE ref = :ref"
)


def phones_at_work(keys: Iterable[str], day_ref: str) -> dict[str, GatePhone]:
    """The phones that show these keys, by key, and their market, on which nobody else acts from now on: all
    in one look, because people wait for what they bring. `day_ref` is the market that they speak of."""
    hashes = {_hashed(key): key for key in keys if key}
    if not hashes:
        return {}
    db.session.flush()  # what another upload of a phone changed a moment ago is in the row that is read
    wait_for_market(day_ref)
    found = _of_hashes(hashes)
    others = sorted({row.market_day_ref for row in found} - {day_ref})
    if others:
        for ref in others:
            wait_for_market(ref)
        found = _of_hashes(hashes)
    return {hashes[row.gate_phone_key_hash]: _read(row) for row in found}


def wait_for_market(day_ref: str) -> None:
    """Waits until nobody else acts on a market; once in a unit of work, and never on SQLite, where a unit of
    work is alone. Nothing is locked where there is no such market."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql" and guards.on and day_ref not in held():
        connection.execute(_ALONE, {"ref": day_ref})
        held()[day_ref] = day_ref


def _of_hashes(hashes: Iterable[str]) -> Sequence[sa.Row[Any]]:
    return db.session.connection().execute(_AT_WORK, {"hashes": list(hashes)}).all()


def _read(row: sa.Row[Any]) -> GatePhone:
    values = iter(row)
    # Each takes its values and leaves the rest to the next.
    phone, day, community, venue = (dict(zip(names, values, strict=False)) for _model, names in _READ)
    found = cast("MarketDay | None", held().get(identity_key(MarketDay, day["id"])))
    if found is None:
        near = {"community": read_along(Community, **community), "venue": read_along(Venue, **venue)}
        found = read_along(MarketDay, **day, **near)
        hold(found)
    return read_along(GatePhone, **phone, day=found, maker=unread(User, phone["made_by"]))


def minds_gate(phone: GatePhone, at: datetime) -> bool:
    """Whether it may still ask and scan; what it saw before may be brought later all the same."""
    return phone.revoked_at is None and phone.left_at is None and at <= until(phone.day)


def note_seen(phone: GatePhone, waiting: int, *, at: datetime) -> None:
    """The phone was heard of, and says how many scans it still keeps."""
    if phone.waiting != waiting or phone.seen_at is None or at - phone.seen_at >= SEEN_EVERY:
        phone.seen_at, phone.waiting = at, waiting


def leave(phone: GatePhone, *, at: datetime) -> None:
    """The person is done; twice is once."""
    if phone.left_at is None:
        phone.left_at, phone.seen_at, phone.waiting = at, at, 0
        audit.record("gate.leave_phone", phone, by=phone.maker, at=at, phone=phone.name)


def revoke_phone(phone: GatePhone, *, by: User, at: datetime) -> None:
    """The phone may do nothing more, or the code is not to be taken; twice is once."""
    lock_row(phone)
    if phone.revoked_at is None:
        phone.revoked_at = at
        audit.record("gate.revoke_phone", phone, by=by, at=at, phone=phone.name)


def phones_of(day: MarketDay) -> Sequence[GatePhone]:
    """Every phone and free place of a day, in the order in which they were made."""
    return db.session.scalars(
        sa.select(GatePhone).where(GatePhone.day_id == day.id).order_by(GatePhone.id)
    ).all()


def find_phone(day: MarketDay, ref: str) -> GatePhone:
    query = sa.select(GatePhone).where(GatePhone.day_id == day.id, GatePhone.ref == ref)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound("gate.no_phone", _("没有这部手机。请刷新页面再试。"))
    return found
