"""The signed text in a pass's QR code: 16 bytes of claims and 64 of Ed25519 signature, written in base41.

Anyone with the public key can check a pass without asking us; only the community's private key can make one.
The claims, big-endian:

    byte   0      version (high 4 bits) and purpose (low 4 bits)
    byte   1      key id: which public key to check with
    bytes  2-4    community number
    bytes  5-7    market day number
    bytes  8-11   pass serial
    bytes 12-14   valid from, in quarter hours since 2024-01-01 00:00 UTC
    byte  15      valid for, in quarter hours (at most 63 h 45 min)

The signature covers `DOMAIN` and the claims, so it can never stand for anything else signed with that key.

base41 writes two bytes as three characters, most significant first: `value = c0 * 1681 + c1 * 41 + c2`. Its
alphabet is what an address may carry as it is *and* a QR code stores in its compact alphanumeric mode, so the
whole address stays a small symbol. 80 bytes make 120 characters; every other spelling is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-."
DOMAIN = b"market/pass/v1"
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
VERSION = 1

_DIGITS = {character: value for value, character in enumerate(ALPHABET)}
_PAYLOAD_BYTES = 16
_TOKEN_CHARACTERS = (_PAYLOAD_BYTES + 64) // 2 * 3


class Purpose(IntEnum):
    """What a token is for: one purpose never passes for another."""

    PASS = 1
    SAMPLE = 2
    """A print to try the printer and the scanner with; it admits nobody."""
    TAKINGS = 3
    """Telling what one vendor sold on one day; it admits nobody. Its serial is the assignment's."""


class TokenFault(StrEnum):
    """Why a token does not count."""

    MALFORMED = "malformed"
    WRONG_VERSION = "wrong_version"
    WRONG_PURPOSE = "wrong_purpose"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"


class BadToken(Exception):
    """A text that is not a pass of ours; `reason` is safe to store and to show."""

    def __init__(self, reason: TokenFault) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Claims(NamedTuple):
    """What a pass says; it counts from `valid_from` to `valid_to`, both included."""

    purpose: Purpose
    key_id: int
    community: int
    market_day: int
    serial: int
    valid_from: datetime
    valid_to: datetime


def mint(claims: Claims, private_key: Ed25519PrivateKey) -> str:
    """The token of these claims; times are widened to whole quarter hours, never narrowed.

    Raises OverflowError for a number or a time span that does not fit its field.
    """
    payload = _pack(claims)
    return _encode(payload + private_key.sign(DOMAIN + payload))


def read(
    token: str, public_keys: Mapping[int, Ed25519PublicKey], *, purpose: Purpose = Purpose.PASS
) -> Claims:
    """The claims of a genuine token, at whatever time (`in_validity` asks about time). Raises BadToken."""
    signed = _decode(token)
    payload, signature = signed[:_PAYLOAD_BYTES], signed[_PAYLOAD_BYTES:]
    if payload[0] >> 4 != VERSION:
        raise BadToken(TokenFault.WRONG_VERSION)
    if payload[0] & 0x0F != purpose:
        raise BadToken(TokenFault.WRONG_PURPOSE)
    public_key = public_keys.get(payload[1])
    if public_key is None:
        raise BadToken(TokenFault.UNKNOWN_KEY)
    try:
        public_key.verify(signature, DOMAIN + payload)
    except InvalidSignature:
        raise BadToken(TokenFault.BAD_SIGNATURE) from None
    return _unpack(payload)


def community_of(token: str) -> int:
    """The community a token *says* it is from: unchecked, good only for choosing the keys to check with."""
    return int.from_bytes(_decode(token)[2:5], "big")


def in_validity(claims: Claims, at: datetime) -> TokenFault | None:
    """What time has to say about a genuine pass: nothing, `NOT_YET_VALID` or `EXPIRED`."""
    if at < claims.valid_from:
        return TokenFault.NOT_YET_VALID
    if at > claims.valid_to:
        return TokenFault.EXPIRED
    return None


def _pack(claims: Claims) -> bytes:
    start = (claims.valid_from - EPOCH) // QUARTER
    end = -((EPOCH - claims.valid_to) // QUARTER)
    fields = (
        (VERSION << 4 | claims.purpose, 1),
        (claims.key_id, 1),
        (claims.community, 3),
        (claims.market_day, 3),
        (claims.serial, 4),
        (start, 3),
        (end - start, 1),
    )
    return b"".join(value.to_bytes(size, "big") for value, size in fields)


def _unpack(payload: bytes) -> Claims:
    valid_from = EPOCH + QUARTER * int.from_bytes(payload[12:15], "big")
    return Claims(
        purpose=Purpose(payload[0] & 0x0F),
        key_id=payload[1],
        community=int.from_bytes(payload[2:5], "big"),
        market_day=int.from_bytes(payload[5:8], "big"),
        serial=int.from_bytes(payload[8:12], "big"),
        valid_from=valid_from,
        valid_to=valid_from + QUARTER * payload[15],
    )


def _encode(signed: bytes) -> str:
    values = (signed[i] << 8 | signed[i + 1] for i in range(0, len(signed), 2))
    return "".join(ALPHABET[v // 1681] + ALPHABET[v // 41 % 41] + ALPHABET[v % 41] for v in values)


def _decode(token: str) -> bytes:
    """Undoes `_encode`; three characters above 65,535 have no two bytes, so each token has one spelling."""
    if len(token) != _TOKEN_CHARACTERS:
        raise BadToken(TokenFault.MALFORMED)
    try:
        digits = [_DIGITS[character] for character in token]
    except KeyError:
        raise BadToken(TokenFault.MALFORMED) from None
    values = [digits[i] * 1681 + digits[i + 1] * 41 + digits[i + 2] for i in range(0, len(digits), 3)]
    if max(values) > 0xFFFF:
        raise BadToken(TokenFault.MALFORMED)
    return b"".join(value.to_bytes(2, "big") for value in values)
