"""A pass token is accepted exactly as it was minted, and in no other spelling."""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings, strategies as st

from market.passes.address import pass_address
from market.passes.token import (
    ALPHABET,
    EPOCH,
    QUARTER,
    BadToken,
    Claims,
    Purpose,
    TokenFault,
    community_of,
    in_validity,
    mint,
    read,
)
from market.print.qr import qr_matrix

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEYS = {3: KEY.public_key()}
MORNING = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
CLAIMS = Claims(
    purpose=Purpose.PASS,
    key_id=3,
    community=384,
    market_day=12,
    serial=306,
    valid_from=MORNING,
    valid_to=MORNING + timedelta(hours=8),
)
TOKEN = mint(CLAIMS, KEY)


def fault_of(token: str) -> TokenFault | None:
    """Why `read` refuses the token, None when it does not."""
    try:
        read(token, KEYS)
    except BadToken as bad:
        return bad.reason
    return None


def to_bytes(token: str) -> bytes:
    """base41 by hand, so that the tests do not lean on the code under test."""
    numbers = [ALPHABET.index(character) for character in token]
    triples = zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True)
    return b"".join((a * 1681 + b * 41 + c).to_bytes(2, "big") for a, b, c in triples)


def to_token(signed: bytes) -> str:
    """The other way round."""
    values = [int.from_bytes(signed[i : i + 2], "big") for i in range(0, len(signed), 2)]
    return "".join(ALPHABET[v // 1681] + ALPHABET[v // 41 % 41] + ALPHABET[v % 41] for v in values)


def signed_by(key: Ed25519PrivateKey, payload: bytes) -> str:
    """A token over any payload, signed as ours are."""
    return to_token(payload + key.sign(b"market/pass/v1" + payload))


def test_a_genuine_pass_says_what_was_minted() -> None:
    assert read(TOKEN, KEYS) == CLAIMS


def test_a_token_is_80_bytes_in_120_characters_that_fit_an_address() -> None:
    assert (len(TOKEN), len(to_bytes(TOKEN)), set(TOKEN) - set(ALPHABET)) == (120, 80, set())


def test_the_claims_have_the_documented_places() -> None:
    assert to_bytes(TOKEN)[:16].hex() == "110300018000000c00000132018e3820"
    assert EPOCH + QUARTER * 0x018E38 == MORNING


@given(
    purpose=st.sampled_from(Purpose),
    key_id=st.integers(0, 255),
    community=st.integers(0, 2**24 - 1),
    market_day=st.integers(0, 2**24 - 1),
    serial=st.integers(0, 2**32 - 1),
    start=st.integers(0, 2**24 - 1),
    length=st.integers(0, 255),
)
@settings(max_examples=200, deadline=None)
def test_every_pass_reads_back_as_minted(
    purpose: Purpose, key_id: int, community: int, market_day: int, serial: int, start: int, length: int
) -> None:
    valid_from = EPOCH + QUARTER * start
    claims = Claims(purpose, key_id, community, market_day, serial, valid_from, valid_from + QUARTER * length)
    token = mint(claims, KEY)
    assert read(token, {key_id: KEY.public_key()}, purpose=purpose) == claims
    assert to_token(to_bytes(token)) == token


def test_every_single_bit_flip_is_refused() -> None:
    signed = to_bytes(TOKEN)
    flipped = [
        signed[:byte] + bytes([signed[byte] ^ 1 << bit]) + signed[byte + 1 :]
        for byte in range(80)
        for bit in range(8)
    ]
    assert len(set(flipped)) == 640
    assert [bits.hex() for bits in flipped if fault_of(to_token(bits)) is None] == []


def test_every_changed_character_is_refused() -> None:
    spellings = {
        TOKEN[:place] + character + TOKEN[place + 1 :]
        for place in range(120)
        for character in ALPHABET
        if character != TOKEN[place]
    }
    assert len(spellings) == 120 * 40
    assert [spelling for spelling in spellings if fault_of(spelling) is None] == []


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_shortened_or_lengthened_token_is_malformed(count: int) -> None:
    cut = [TOKEN[:start] + TOKEN[start + count :] for start in range(120 - count + 1)]
    longer = [TOKEN + more * count for more in ALPHABET] + [more * count + TOKEN for more in ALPHABET]
    assert {fault_of(token) for token in cut + longer} == {TokenFault.MALFORMED}


@pytest.mark.parametrize(
    "token",
    [
        "",
        TOKEN.lower(),
        TOKEN[:-1] + " ",
        TOKEN[:-1] + "\n",
        TOKEN[:-1] + "/",
        TOKEN[:-1] + "\uff10",
        "..." * 40,
        "\U00020bb7" * 120,
    ],
)
def test_a_text_outside_the_alphabet_or_above_two_bytes_is_malformed(token: str) -> None:
    assert fault_of(token) == TokenFault.MALFORMED


def test_three_characters_above_two_bytes_are_not_a_second_spelling() -> None:
    assert to_token(b"\xff\xff") == "+.H"
    assert fault_of("+.H" + TOKEN[3:]) == TokenFault.WRONG_VERSION
    assert fault_of("+.I" + TOKEN[3:]) == TokenFault.MALFORMED


def test_the_claimed_community_can_be_read_before_its_keys_are_known() -> None:
    assert community_of(TOKEN) == 384
    assert community_of(mint(CLAIMS._replace(community=0x12_34_56), KEY)) == 0x12_34_56
    with pytest.raises(BadToken) as caught:
        community_of(TOKEN.lower())
    assert caught.value.reason == TokenFault.MALFORMED
    assert str(caught.value) == "malformed"


def test_a_pass_signed_with_another_key_is_refused() -> None:
    assert fault_of(mint(CLAIMS, OTHER_KEY)) == TokenFault.BAD_SIGNATURE


def test_a_pass_of_a_key_nobody_knows_is_refused() -> None:
    assert fault_of(mint(CLAIMS._replace(key_id=4), KEY)) == TokenFault.UNKNOWN_KEY


def test_a_pass_of_another_key_id_is_not_checked_with_the_wrong_key() -> None:
    keys = {3: KEY.public_key(), 4: OTHER_KEY.public_key()}
    with pytest.raises(BadToken) as caught:
        read(mint(CLAIMS._replace(key_id=4), KEY), keys)
    assert caught.value.reason == TokenFault.BAD_SIGNATURE


def test_a_sample_print_admits_nobody() -> None:
    assert fault_of(mint(CLAIMS._replace(purpose=Purpose.SAMPLE), KEY)) == TokenFault.WRONG_PURPOSE


def test_a_swapped_purpose_breaks_the_signature() -> None:
    signed = to_bytes(mint(CLAIMS._replace(purpose=Purpose.SAMPLE), KEY))
    assert fault_of(to_token(b"\x11" + signed[1:])) == TokenFault.BAD_SIGNATURE


@pytest.mark.parametrize("first", [0x01, 0x21, 0xF1])
def test_a_later_version_is_named_as_such(first: int) -> None:
    payload = bytes([first]) + to_bytes(TOKEN)[1:16]
    assert fault_of(signed_by(KEY, payload)) == TokenFault.WRONG_VERSION


def test_an_unknown_purpose_is_refused_even_when_signed() -> None:
    payload = b"\x1f" + to_bytes(TOKEN)[1:16]
    assert fault_of(signed_by(KEY, payload)) == TokenFault.WRONG_PURPOSE


def test_a_signature_over_the_bare_claims_does_not_count() -> None:
    payload = to_bytes(TOKEN)[:16]
    assert fault_of(to_token(payload + KEY.sign(payload))) == TokenFault.BAD_SIGNATURE


def test_times_are_widened_to_whole_quarter_hours() -> None:
    minute = timedelta(minutes=1)
    crooked = CLAIMS._replace(valid_from=MORNING + minute, valid_to=MORNING + timedelta(hours=2) - minute)
    claims = read(mint(crooked, KEY), KEYS)
    assert (claims.valid_from, claims.valid_to) == (MORNING, MORNING + timedelta(hours=2))


@pytest.mark.parametrize(
    "wrong",
    [
        CLAIMS._replace(serial=2**32),
        CLAIMS._replace(community=-1),
        CLAIMS._replace(key_id=256),
        CLAIMS._replace(valid_from=EPOCH - QUARTER),
        CLAIMS._replace(valid_to=MORNING + timedelta(hours=64)),
        CLAIMS._replace(valid_to=MORNING - timedelta(hours=1)),
    ],
)
def test_claims_that_do_not_fit_are_never_minted(wrong: Claims) -> None:
    with pytest.raises(OverflowError):
        mint(wrong, KEY)


@pytest.mark.parametrize(
    "at, expected",
    [
        (MORNING - timedelta(microseconds=1), TokenFault.NOT_YET_VALID),
        (MORNING, None),
        (MORNING + timedelta(hours=8), None),
        (MORNING + timedelta(hours=8, microseconds=1), TokenFault.EXPIRED),
    ],
)
def test_validity_includes_its_first_and_its_last_moment(at: datetime, expected: TokenFault | None) -> None:
    assert in_validity(CLAIMS, at) == expected


# ── a hundred thousand forgeries ──────────────────────────────────────────────────────────────────────────


def forgery(chance: random.Random) -> str:
    """The genuine token, changed at random: characters, bits, claims, signature, order, length."""
    way = chance.randrange(6)
    if way == 0:
        places = chance.sample(range(120), chance.randint(1, 6))
        return "".join(chance.choice(ALPHABET) if n in places else c for n, c in enumerate(TOKEN))
    if way == 1:
        start, end = sorted(chance.sample(range(121), 2))
        return TOKEN[:start] + TOKEN[start:end][::-1] + TOKEN[end:]
    if way == 2:
        return TOKEN[: chance.randrange(120)] + "".join(chance.choices(ALPHABET, k=chance.randrange(8)))
    signed = bytearray(to_bytes(TOKEN))
    if way == 3:
        for _flip in range(chance.randint(1, 4)):
            signed[chance.randrange(80)] ^= 1 << chance.randrange(8)
    elif way == 4:
        signed[2:16] = chance.randbytes(14)
    else:
        signed[16:] = chance.randbytes(64)
    return to_token(bytes(signed))


@pytest.mark.slow
def test_of_a_hundred_thousand_forgeries_none_is_accepted() -> None:
    chance = random.Random(20261128)
    forgeries = [made for made in (forgery(chance) for _time in range(100_000)) if made != TOKEN]
    assert len(forgeries) > 97_000
    assert [made for made in forgeries if fault_of(made) is None] == []


# ── why base41 ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("host", ["https://demo.cn", "https://market.zibo-fund.gov.cn"])
def test_in_base64url_the_same_token_would_need_a_larger_symbol(host: str) -> None:
    """Larger by two versions, that is squares a sixth smaller on the same paper: less to read from afar."""
    ours = len(qr_matrix(pass_address(host, TOKEN)))
    usual = len(qr_matrix(f"{host}/p/{urlsafe_b64encode(to_bytes(TOKEN)).decode().rstrip('=')}"))
    assert ((ours - 17) // 4, (usual - 17) // 4) == (6, 8)
