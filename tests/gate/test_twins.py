"""One rule in two languages: what Python says of every case, the browser says too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from playwright.sync_api import Page

from market.gate import rules
from market.gate.rules import ScanFacts
from market.gate.seal import sealed, short_lock, token_lock
from market.passes.token import BadToken, Claims, Purpose, _decode, _encode, mint, read
from tests.parts.live import served

pytestmark = pytest.mark.browser

AT = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FLAGS = (
    "known",
    "signed",
    "same_community",
    "same_day",
    "gate_open",
    "released",
    "revoked",
    "stall_shut",
    "barred",
)
HOURS = (
    (None, None),
    (AT - MINUTE, AT + MINUTE),
    (AT + MINUTE, AT + 2 * MINUTE),
    (AT - 2 * MINUTE, AT - MINUTE),
    (AT, AT),
)


def millis(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)


def cases() -> Iterator[ScanFacts]:
    """Every combination of facts, before, at and after the hours of admission, first and second."""
    for flags in product((True, False), repeat=len(FLAGS)):
        for (start, end), came in product(HOURS, (None, AT - MINUTE)):
            facts: dict[str, Any] = dict(zip(FLAGS, flags, strict=True))
            yield ScanFacts(**facts, valid_from=start, valid_to=end, admitted_at=came)


def plain(facts: ScanFacts) -> dict[str, Any]:
    times = ("valid_from", "valid_to", "admitted_at")
    return {**vars(facts), **{name: millis(getattr(facts, name)) for name in times}}


@pytest.fixture
def door(app: Flask, cast: object, page: Page) -> Iterator[Page]:
    with served(app) as address:
        page.goto(f"{address}/door/")
        yield page


def test_the_rule_says_the_same_in_both_languages_of_every_case(door: Page) -> None:
    table = list(cases())
    assert len(table) == 5_120
    told = door.evaluate(
        """async ([cases, at]) => {
            const { admit } = await import("/static/js/door/admit.js");
            return cases.map((facts) => admit(facts, at));
        }""",
        [[plain(facts) for facts in table], millis(AT)],
    )
    wanted = [rules.admit(facts, AT).value for facts in table]
    assert [pair for pair in zip(wanted, told, strict=True) if len(set(pair)) > 1] == []
    assert set(wanted) == {verdict.value for verdict in rules.Verdict}


KEYS = {number: Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2)}


def claims(key_id: int = 1, purpose: Purpose = Purpose.PASS, serial: int = 7) -> Claims:
    return Claims(purpose, key_id, 3, 44, serial, AT, AT + timedelta(hours=6))


def tokens() -> list[str]:
    """Genuine ones, every bit of one flipped, others' keys, another purpose, other spellings."""
    good = mint(claims(), KEYS[1])
    signed = _decode(good)
    flipped = []
    for bit in range(len(signed) * 8):
        changed = bytearray(signed)
        changed[bit // 8] ^= 1 << bit % 8
        flipped.append(_encode(bytes(changed)))
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signed[48:], "little") + order  # the same signature, spelled otherwise
    again = _encode(signed[:48] + scalar.to_bytes(32, "little"))
    many = [mint(claims(serial=n), KEYS[1]) for n in range(300)]
    others = [mint(claims(2), KEYS[1]), mint(claims(2), KEYS[2]), mint(claims(9), KEYS[1])]
    samples = [mint(claims(purpose=Purpose.SAMPLE), KEYS[1]), mint(claims(purpose=Purpose.TAKINGS), KEYS[1])]
    return [
        good,
        *flipped,
        again,
        *many,
        *others,
        *samples,
        good[:-3],
        good + "000",
        "." * 120,
        good.lower(),
        "",
    ]


def by_python(token: str) -> list[Any]:
    try:
        found = read(token, {number: key.public_key() for number, key in KEYS.items()})
    except BadToken as bad:
        return [bad.reason.value]
    return ["", found.key_id, found.community, found.market_day, found.serial, millis(found.valid_from)]


READ = """async ([tokens, keys, which]) => {
    const { readToken } = await import("/static/js/door/token.js");
    const signature = await import("/static/js/door/signature.js");
    const verify = which === "noble" ? await signature.byLibrary() : signature.byBrowser;
    const told = [];
    for (const token of tokens) {
        const { fault, claims, signed, signature: bytes } = readToken(token);
        if (fault) { told.push([fault]); continue; }
        const key = keys[claims.keyId];
        if (!key) { told.push(["unknown_key"]); continue; }
        const holds = await verify(bytes, signed, new Uint8Array(key));
        const { keyId, community, day, serial, validFrom } = claims;
        told.push(holds ? ["", keyId, community, day, serial, validFrom] : ["bad_signature"]);
    }
    return told;
}"""


@pytest.mark.parametrize("which", ["browser", "noble"])
def test_a_token_is_read_and_checked_alike(door: Page, which: str) -> None:
    table = tokens()
    keys = {number: list(key.public_key().public_bytes_raw()) for number, key in KEYS.items()}
    told = door.evaluate(READ, [table, keys, which])
    wrong = [
        (by_python(token), said) for token, said in zip(table, told, strict=True) if by_python(token) != said
    ]
    assert wrong == []
    assert len(table) > 900


def test_a_row_opens_for_its_pass_and_for_no_other(door: Page) -> None:
    token, code = mint(claims(), KEYS[1]), "7K4M9E"
    rows = sealed([(token_lock(token), {"n": "老布鞋"}), (short_lock(code, "somewhere"), {"n": ""})])
    told = door.evaluate(
        """async ([rows, token, code]) => {
            const { indexed, openByToken, openByShortCode } = await import("/static/js/door/seal.js");
            const found = indexed(rows);
            const other = token.slice(0, -1) + (token.endsWith("0") ? "1" : "0");
            return [await openByToken(token, found), await openByToken(other, found),
                await openByShortCode(code, "somewhere", found), await openByShortCode(code, "else", found)];
        }""",
        [rows, token, code],
    )
    assert told == [{"n": "老布鞋"}, None, {"n": ""}, None]


def test_a_roster_is_one_length_and_the_same_again() -> None:
    locks = [token_lock(mint(claims(serial=number), KEYS[1])) for number in range(20)]
    rows = [(lock, {"n": "店" * number}) for number, lock in enumerate(locks)]
    first, second = sealed(rows), sealed(reversed(rows))
    assert first == second
    assert len({len(locked) for _name, _nonce, locked in first}) == 1
    assert len({nonce for _name, nonce, _locked in first}) == 20
    assert "店" not in hashlib.sha256(str(first).encode()).hexdigest() + str(first)
