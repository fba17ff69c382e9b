"""The signing keys of each community: made, wrapped with the installation's secret, retired, revoked."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from secrets import token_bytes
from typing import NamedTuple

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask_babel import lazy_gettext as _

from market import audit
from market.calendar.models import MarketDay
from market.calendar.rules import GATE_STATES
from market.communities.models import Community
from market.config import settings
from market.db import db, lock_row
from market.errors import NotFound, Refusal
from market.passes.models import PassKey
from market.passes.validity import counting
from market.people.models import User
from market.stalls.models import Assignment, PassVersion

PURPOSE = b"market/pass-key/v1"
"""Keeps what wraps pass keys apart from everything else made of the same secret."""
NONCE_BYTES = 12
LAST_KEY_ID = 255
"""A token has one byte for it."""


def ensure_key(community: Community, *, by: User | None, at: datetime) -> PassKey:
    """The key that signs new passes of a community; made on first use, and again when the secret was lost."""
    lock_row(community)
    key = _signing_key(community)
    if key is not None and can_sign(key):
        return key
    if key is not None:
        key.retired_at = at
    return _make_key(community, by=by, at=at)


def rotate_key(community: Community, *, by: User | None, at: datetime) -> PassKey:
    """From now on another key signs; what was printed stays valid."""
    lock_row(community)
    key = _signing_key(community)
    if key is not None:
        key.retired_at = at
    return _make_key(community, by=by, at=at)


def revoke_key(key: PassKey, *, by: User | None, at: datetime) -> None:
    """The answer to a stolen key: nothing signed with it is believed any more, whenever it was printed.
    What is shown on a screen is signed with another at once."""
    community = db.session.get_one(Community, key.community_id)
    lock_row(community)
    key.revoked_at = key.revoked_at or at
    db.session.flush()
    audit.record("gate.revoke_key", key, by=by, at=at, key_id=key.key_id)
    if _signing_key(community) is None and _last_number(community) < LAST_KEY_ID:
        _make_key(community, by=by, at=at)


def find_key(community: Community, key_id: int) -> PassKey:
    """The key of a community by its number."""
    query = sa.select(PassKey).where(PassKey.community_id == community.id, PassKey.key_id == key_id)
    key = db.session.scalar(query)
    if key is None:
        raise NotFound("gate.no_key", _("这个社区没有 %(key_id)s 号密钥。", key_id=key_id))
    return key


def passes_by_day(key: PassKey) -> list[tuple[MarketDay, int]]:
    """The markets still to come or going on with passes that this key may have signed, and how many."""
    query = counting().where(Assignment.community_id == key.community_id, _may_have_signed(key))
    by_day = query.with_only_columns(PassVersion.day_id, sa.func.count()).group_by(PassVersion.day_id)
    passes = dict(db.session.execute(by_day).all())
    days = sa.select(MarketDay).where(MarketDay.state.in_(GATE_STATES), MarketDay.id.in_(passes))
    return [(day, passes[day.id]) for day in db.session.scalars(days.order_by(MarketDay.open_at))]


class Trust(NamedTuple):
    """What the keys of a community are worth now."""

    can_print: bool
    """Whether passes can be shown and printed."""
    doubted_until: datetime | None
    """Passes given before may have been printed with a key that nobody believes any more."""


def trust_of(community: Community) -> Trust:
    found = list(db.session.scalars(sa.select(PassKey).where(PassKey.community_id == community.id)))
    signing = [key for key in found if _signed_until(key) is None]
    ends = [end for key in found if key.revoked_at is not None and (end := _signed_until(key))]
    newest = max(signing, key=lambda key: key.key_id, default=None)
    return Trust(newest is not None and can_sign(newest), max(ends, default=None))


def _may_have_signed(key: PassKey) -> sa.ColumnElement[bool]:
    end = _signed_until(key)
    return sa.true() if end is None else PassVersion.given_at < end


def _signed_until(key: PassKey) -> datetime | None:
    return min((end for end in (key.retired_at, key.revoked_at) if end is not None), default=None)


def believed_keys(community_id: int) -> dict[int, Ed25519PublicKey]:
    """The public keys by which passes of a community are checked."""
    query = sa.select(PassKey.key_id, PassKey.public_key)
    query = query.where(PassKey.community_id == community_id, PassKey.revoked_at.is_(None))
    return {key_id: Ed25519PublicKey.from_public_bytes(raw) for key_id, raw in db.session.execute(query)}


def can_sign(key: PassKey) -> bool:
    """Whether this installation still holds the secret that opens the key."""
    try:
        _opened(_secret(), bytes(key.wrapped_private_key), bytes(key.public_key))
    except InvalidTag:
        return False
    return True


def private_key(key: PassKey) -> Ed25519PrivateKey:
    """The key ready to sign. Refuses `gate.key_lost` when the installation's secret has changed."""
    try:
        return _opened(_secret(), bytes(key.wrapped_private_key), bytes(key.public_key))
    except InvalidTag:
        raise _key_lost() from None


def signing_key(community: Community) -> PassKey:
    """The key that signs a community's passes now. Refuses `gate.key_lost` when every one was revoked."""
    key = _signing_key(community)
    if key is None:
        raise _key_lost()
    return key


def _key_lost() -> Refusal:
    sentence = _("服务器的密钥换过，以前的摊位证不能再打印了。请给这一场重新发证。")
    return Refusal("gate.key_lost", sentence)


def _signing_key(community: Community) -> PassKey | None:
    query = sa.select(PassKey).where(
        PassKey.community_id == community.id, PassKey.retired_at.is_(None), PassKey.revoked_at.is_(None)
    )
    return db.session.scalars(query.order_by(PassKey.key_id.desc()).limit(1)).first()


def _make_key(community: Community, *, by: User | None, at: datetime) -> PassKey:
    number = _last_number(community) + 1
    if number > LAST_KEY_ID:
        raise Refusal("gate.no_key_left", _("这个社区的签名密钥已经换满 255 次，请联系平台管理员。"))
    pair = Ed25519PrivateKey.generate()
    public = pair.public_key().public_bytes_raw()
    nonce = token_bytes(NONCE_BYTES)
    wrapped = nonce + AESGCM(_wrapping_key(_secret())).encrypt(nonce, pair.private_bytes_raw(), public)
    key = PassKey(
        community_id=community.id, key_id=number, public_key=public, wrapped_private_key=wrapped, made_at=at
    )
    db.session.add(key)
    db.session.flush()
    audit.record("gate.make_key", key, by=by, at=at, key_id=number)
    return key


def _last_number(community: Community) -> int:
    query = sa.select(sa.func.max(PassKey.key_id)).where(PassKey.community_id == community.id)
    return db.session.scalar(query) or 0


def _secret() -> str:
    return settings().signing_secret()


@lru_cache(maxsize=8)
def _wrapping_key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())


@lru_cache(maxsize=64)
def _opened(secret: str, wrapped: bytes, public: bytes) -> Ed25519PrivateKey:
    """The public half is authenticated too: a swapped pair does not open."""
    nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
    return Ed25519PrivateKey.from_private_bytes(AESGCM(_wrapping_key(secret)).decrypt(nonce, sealed, public))
