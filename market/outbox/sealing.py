"""Addresses that are secrets lie in the database under a key of the installation."""

from __future__ import annotations

from functools import lru_cache
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from market.config import settings

ROBOT = "market/robot-address/v1"
"""What is sealed: keeps its key apart from everything else made of the same secret."""
NONCE_BYTES = 12


def seal(text: str, owner: int, purpose: str = ROBOT) -> bytes:
    """Readable only with the installation's secret, and only as this owner's."""
    nonce = token_bytes(NONCE_BYTES)
    return nonce + _cipher(purpose).encrypt(nonce, text.encode(), _whose(owner))


def unseal(sealed: bytes, owner: int, purpose: str = ROBOT) -> str | None:
    """What was sealed; None when the secret has changed, or it was somebody else's."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return _cipher(purpose).decrypt(nonce, rest, _whose(owner)).decode()
    except InvalidTag:
        return None


def _whose(owner: int) -> bytes:
    return f"community {owner}".encode()


def _cipher(purpose: str) -> AESGCM:
    return AESGCM(_key(settings().signing_secret(), purpose))


@lru_cache(maxsize=8)
def _key(secret: str, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
