"""Keys of programs: made, shown once, taken back; and whether one opens what is asked."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from market import audit
from market.communities.models import Community, Region
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.people import service as people
from market.people.models import User
from market.people.rules import ROLE_AUDIENCES
from market.programs.models import ProgramKey
from market.programs.rules import (
    LONGEST,
    MOST_KEYS,
    NEEDS,
    REGION_RIGHTS,
    SHOWN,
    SIGN,
    KeyState,
    Right,
)

Place = Community | Region


def make_key(
    place: Place, name: str, rights: Collection[Right], expires_at: datetime, *, by: User, at: datetime
) -> tuple[ProgramKey, str]:
    """A key, and its secret, which is known nowhere else from now on.

    Refuses `programs.no_rights`, `programs.not_yours` where the person may not do it themselves,
    `programs.region_reads`, `programs.bad_end` and `programs.too_many`.
    """
    lock_row(place)
    wanted = tuple(right for right in Right if right in rights)
    _refuse_rights(place, wanted, by)
    if not at < expires_at <= at + LONGEST:
        raise Refusal("programs.bad_end", _("密钥最多用一年，最早到明天。请换一个日子。"), 422)
    if sum(state_of(key, at) is KeyState.IN_FORCE for key in keys_of(place)) >= MOST_KEYS:
        raise Refusal("programs.too_many", _("这里已经有 20 把密钥在用。先收回一把不用的。"))
    secret = SIGN + secrets.token_urlsafe(32)
    key = ProgramKey(
        secret_hash=people.hashed(secret), prefix=secret[:SHOWN], name=name.strip()[:60],
        rights_text=" ".join(wanted), user=by, made_at=at, expires_at=expires_at,
        community=place if isinstance(place, Community) else None,
        region=place if isinstance(place, Region) else None,
    )  # fmt: skip
    db.session.add(key)
    db.session.flush()
    audit.record("programs.make_key", key, by=by, at=at, rights=wanted, until=expires_at.isoformat())
    return key, secret


def _refuse_rights(place: Place, wanted: tuple[Right, ...], by: User) -> None:
    if not wanted:
        raise Refusal("programs.no_rights", _("请选这把密钥能做什么，至少一样。"), 422)
    if isinstance(place, Region) and not set(wanted) <= set(REGION_RIGHTS):
        raise Refusal("programs.region_reads", _("这里的密钥只能读。"), 422)
    if not all(may_today(by, right, place) for right in wanted):
        raise Refusal("programs.not_yours", _("密钥不能比您自己能做的多。"), 403)


def may_today(user: User, right: Right, place: Place) -> bool:
    """Whether a person may do there themselves what this right is for."""
    live = [] if user.disabled_at else [one for one in user.memberships if one.until is None]
    if isinstance(place, Region):
        return any(people.sees_region(one, place) for one in live)
    roles = ROLE_AUDIENCES[NEEDS[right]]
    return any(one.role in roles and one.community_id == place.id for one in live)


def revoke_key(key: ProgramKey, *, by: User, at: datetime) -> None:
    """From now on it opens nothing. Twice is once."""
    lock_row(key)
    if key.revoked_at is None:
        key.revoked_at, key.revoked_by = at, by.id
        db.session.flush()
        audit.record("programs.revoke_key", key, by=by, at=at)


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────


def keys_of(place: Place) -> list[ProgramKey]:
    """Every key that was made here, the newest first."""
    query = sa.select(ProgramKey).where(_at(place)).order_by(ProgramKey.id.desc())
    return list(db.session.scalars(query))


def find_key(place: Place, ref: str) -> ProgramKey:
    key = db.session.scalar(sa.select(ProgramKey).where(_at(place), ProgramKey.ref == ref))
    if key is None:
        raise NotFound("programs.no_key", _("没有这把密钥。"))
    return key


def _at(place: Place) -> sa.ColumnElement[bool]:
    column = ProgramKey.community_id if isinstance(place, Community) else ProgramKey.region_id
    return column == place.id


def place_of(key: ProgramKey) -> Place:
    """Where it may be used: the table says that there is one of both."""
    return cast("Place", key.community if key.community_id is not None else key.region)


def state_of(key: ProgramKey, at: datetime) -> KeyState:
    """Whether it opens anything; worked out from what holds now."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.expires_at <= at:
        return KeyState.EXPIRED
    alive = any(may_today(key.user, right, place_of(key)) for right in key.rights)
    return KeyState.IN_FORCE if alive else KeyState.DEAD


# ── a call ────────────────────────────────────────────────────────────────────────────────────────────────


def shown_key(header: str, *, at: datetime) -> ProgramKey | None:
    """The key that a call shows in its `Authorization` header; None when it shows none.

    Refuses (`programs.bad_key`, 401) everything that opens nothing; which of it, is said to nobody.
    """
    if not header:
        return None
    scheme, _blank, secret = header.partition(" ")
    key = _stored(secret.strip()) if scheme.lower() == "bearer" else None
    if key is None or state_of(key, at) is not KeyState.IN_FORCE:
        raise Refusal(
            "programs.bad_key", _("这把密钥不能用：写错了、收回了、过期了，或者做它的人不管这里了。"), 401
        )
    return key


def _stored(secret: str) -> ProgramKey | None:
    query = sa.select(ProgramKey).where(ProgramKey.secret_hash == people.hashed(secret))
    return db.session.scalar(query)


def refuse_without(key: ProgramKey | None, right: Right, place: Place) -> ProgramKey:
    """The key, when it may do this here: it was given the right, and its maker still has it.

    Refuses `programs.key_missing` (401), `programs.other_place` and `programs.no_right` (403).
    """
    if key is None:
        raise Refusal("programs.key_missing", _("这一步要密钥：Authorization: Bearer mk_…"), 401)
    if not _reaches(key, place):
        raise Refusal("programs.other_place", _("这把密钥不是这里的。"), 403)
    if right not in key.rights or not may_today(key.user, right, place_of(key)):
        raise Refusal("programs.no_right", _("这把密钥不能做这件事。需要的话，请做它的人另做一把。"), 403)
    return key


def _reaches(key: ProgramKey, place: Place) -> bool:
    if isinstance(place, Community):
        return key.community_id == place.id
    return key.region_id in _and_above(place)


def _and_above(region: Region | None) -> list[int | None]:
    """A region and those around it: a key of a district reads its streets."""
    return [region.id, *_and_above(region.parent)] if region is not None else []


def note_use(key_id: int, *, at: datetime) -> None:
    """That it was used, to the minute."""
    minute = at.replace(second=0, microsecond=0)
    older = sa.or_(ProgramKey.used_at.is_(None), ProgramKey.used_at < minute)
    change = sa.update(ProgramKey).where(ProgramKey.id == key_id, older).values(used_at=minute)
    db.session.execute(change.execution_options(synchronize_session=False))
