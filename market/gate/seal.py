"""Rows that only the pass itself opens: name and key of each are worked out from what the pass's code holds.

Whoever finds the phone sees how many rows there are and nothing of what they say. The row of a token
is named and locked by its own 80 bytes, of which 64 are a signature that nobody can guess. A short code has
only 25 bits: its rows say no name, and each guess costs `ROUNDS` rounds. Twin: `static/js/door/seal.js`.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NAME = b"market/roster-row/v1"
KEY = b"market/roster-key/v1"
NAME_BYTES, NONCE_BYTES, KEY_BYTES = 12, 12, 32
ROUNDS = 2_000
STEP = 32
"""Rows are padded to one length, a multiple of this."""


class Lock(NamedTuple):
    """How one row is found and opened."""

    name: bytes
    key: bytes


def token_lock(token: str) -> Lock:
    text = token.encode()
    return Lock(hashlib.sha256(NAME + text).digest()[:NAME_BYTES], hashlib.sha256(KEY + text).digest())


@lru_cache(maxsize=20_000)
def short_lock(short_code: str, day_ref: str) -> Lock:
    made = hashlib.pbkdf2_hmac(
        "sha256", short_code.encode(), NAME + day_ref.encode(), ROUNDS, NAME_BYTES + KEY_BYTES
    )
    return Lock(made[:NAME_BYTES], made[NAME_BYTES:])


def sealed(rows: Iterable[tuple[Lock, dict[str, Any]]]) -> list[list[str]]:
    """Name, nonce and locked text of each row, in the order of their names, so that order tells nothing.

    Equal rows are locked alike: the nonce is worked out from what the row says, so a key never locks two
    different texts with one nonce, and a package that has not changed is the same package.
    """
    found = [
        (lock, json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()) for lock, said in rows
    ]
    longest = max((len(text) for _lock, text in found), default=0)
    length = -(-longest // STEP) * STEP
    return [_sealed(lock, text.ljust(length)) for lock, text in sorted(found)]


def _text(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _sealed(lock: Lock, text: bytes) -> list[str]:
    nonce = hashlib.sha256(lock.key + text).digest()[:NONCE_BYTES]
    locked = AESGCM(lock.key).encrypt(nonce, text, lock.name)
    return [b64encode(part).decode() for part in (lock.name, nonce, locked)]
