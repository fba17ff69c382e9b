"""Looks for a text that the token parser takes for a pass, or that breaks it; run by hand.

atheris is not among the locked libraries (it exists for Linux only):

    pip install atheris
    python -m tests.fuzz.token_fuzz -max_total_time=600

It stops with the input in a file `crash-…` when it finds one; silence until the time is over is the good end.
"""

from __future__ import annotations

import importlib
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["market.passes.token"]):
    from market.passes.token import ALPHABET, BadToken, Claims, Purpose, community_of, mint, read

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {3: KEY.public_key()}
MORNING = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
GENUINE = mint(Claims(Purpose.PASS, 3, 384, 12, 306, MORNING, MORNING + timedelta(hours=8)), KEY)
NUMBERS = [ALPHABET.index(character) for character in GENUINE]
SIGNED = b"".join(
    (a * 1681 + b * 41 + c).to_bytes(2, "big")
    for a, b, c in zip(NUMBERS[::3], NUMBERS[1::3], NUMBERS[2::3], strict=True)
)


def to_token(signed: bytes) -> str:
    """base41 of any bytes; an odd last one is left out."""
    values = [signed[i] << 8 | signed[i + 1] for i in range(0, len(signed) - 1, 2)]
    return "".join(ALPHABET[v // 1681] + ALPHABET[v // 41 % 41] + ALPHABET[v % 41] for v in values)


def any_text(data: Any) -> str:
    """Whatever a camera or a person may hand over."""
    return str(data.ConsumeUnicode(240))


def other_characters(data: Any) -> str:
    """The genuine token with some characters replaced, by others of its alphabet or by anything."""
    token = list(GENUINE)
    for _time in range(data.ConsumeIntInRange(1, 8)):
        place = data.ConsumeIntInRange(0, len(token) - 1)
        token[place] = data.PickValueInList(list(ALPHABET)) if data.ConsumeBool() else data.ConsumeUnicode(2)
    return "".join(token)


def other_bits(data: Any) -> str:
    """The genuine token with a few bits of the 80 bytes flipped."""
    signed = bytearray(SIGNED)
    for _time in range(data.ConsumeIntInRange(1, 4)):
        signed[data.ConsumeIntInRange(0, len(signed) - 1)] ^= 1 << data.ConsumeIntInRange(0, 7)
    return to_token(bytes(signed))


def other_claims(data: Any) -> str:
    """Claims of the attacker's choice, of our version, purpose and key, under the genuine signature."""
    return to_token(SIGNED[:2] + data.ConsumeBytes(14).ljust(14, b"\0") + SIGNED[16:])


def other_signature(data: Any) -> str:
    """The genuine claims under a signature of the attacker's choice."""
    return to_token(SIGNED[:16] + data.ConsumeBytes(64).ljust(64, b"\0"))


def spliced(data: Any) -> str:
    """Parts of the genuine token left out, doubled or in another order."""
    cuts = sorted(data.ConsumeIntInRange(0, len(GENUINE)) for _cut in range(4))
    return GENUINE[cuts[0] : cuts[2]] + GENUINE[cuts[1] : cuts[3]] + any_text(data)


WAYS = [any_text, other_characters, other_bits, other_claims, other_signature, spliced]


def try_one(raw: bytes) -> None:
    """One attempt: only the genuine spelling may be read, and nothing but `BadToken` may be raised."""
    data = atheris.FuzzedDataProvider(raw)
    token = data.PickValueInList(WAYS)(data)
    try:
        community_of(token)
        read(token, KEYS)
    except BadToken:
        return
    if token != GENUINE:
        raise AssertionError(f"accepted: {token!r}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, try_one)
    atheris.Fuzz()
