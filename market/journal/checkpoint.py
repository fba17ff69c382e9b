"""The signed head: a checkpoint as transparency logs write it (C2SP), and its short form for paper.

The key is made from the installation's secret and kept nowhere else: whoever can only write into the database
cannot sign, and an installation with the same secret signs with the same key.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from market.config import Settings
from market.journal.rules import fingerprint

PURPOSE = b"market/head-key/v1"
"""Keeps the key of heads apart from everything else made of the same secret."""
ED25519 = b"\x01"
"""The kind of signature, as signed notes say it."""


class Head(NamedTuple):
    """Where a chain stands: so many lines, and the hash of the last."""

    size: int
    hash: str

    @property
    def short(self) -> str:
        """`1284-0123 4567 8901 2345`: what fits on paper and can be typed."""
        return f"{self.size}-{fingerprint(self.hash)}"


class Signer(NamedTuple):
    """Who signs the heads of one community."""

    name: str
    """The address of the community's pages, which is the origin of its journal too."""
    key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """The public key as verifiers read it: name, hash of both, key."""
        return f"{self.name}+{_key_hash(self.name, self.public).hex()}+{_base64(ED25519 + self.public)}"

    def checkpoint(self, head: Head) -> str:
        """The head as a signed note."""
        text = f"{self.name}\n{head.size}\n{_base64(bytes.fromhex(head.hash))}\n"
        signature = _key_hash(self.name, self.public) + self.key.sign(text.encode())
        return f"{text}\n— {self.name} {_base64(signature)}\n"


def signer_of(slug: str, settings: Settings) -> Signer:
    """Who signs for a community of this installation."""
    address = urlsplit(settings.public_url)
    return Signer(f"{address.netloc}{address.path.rstrip('/')}/c/{slug}", _key(settings.signing_secret()))


@lru_cache(maxsize=8)
def _key(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _key_hash(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


_NOTE = re.compile(
    r"(?P<text>(?P<origin>\S+)\n(?P<size>\d{1,18})\n(?P<root>[\w+/]{43}=)\n)\n— \S+ (?P<signature>[\w+/=]+)"
)


def read_checkpoint(note: str, verifier: str) -> Head | None:
    """The head that a note says, when the key of this verifier signed it for its origin."""
    name, _hash, key = verifier.split("+", 2)
    found = _NOTE.search(note.replace("\r\n", "\n"))
    if found is None or found["origin"] != name:
        return None
    try:
        raw = base64.b64decode(found["signature"], validate=True)
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key)[1:])
        public.verify(raw[4:], found["text"].encode())
    except (InvalidSignature, ValueError):
        return None
    return Head(int(found["size"]), base64.b64decode(found["root"]).hex())
