"""The lottery: fair, the same for everybody, and every change is noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from market.allocation import lottery, plan_file, redraw
from market.allocation.in_turn import entry_list_of
from market.allocation.lottery import (
    SeedRule,
    differences,
    drawn_numbers,
    hmac_drbg,
    hold_lottery,
    list_bytes,
    list_hash,
    read_list,
    seed_from_drum,
    seed_from_public_number,
    seed_from_witnesses,
)
from market.allocation.rules import SeedKind
from tests.allocation.towns import town

RULE = SeedRule(SeedKind.PUBLIC_NUMBER, "福彩双色球第 2026136 期")
SEED = "03 11 17 22 29 31 08"


@pytest.fixture(scope="module")
def great_list() -> bytes:
    return list_bytes(entry_list_of(town(120, 5000, 1)), "2026-11-28", RULE)


@pytest.fixture(scope="module")
def small_list() -> bytes:
    return list_bytes(entry_list_of(town(12, 30, 1)), "2026-11-28", RULE)


def by_the_other_program(folder: Path, published: bytes, seed: str) -> bytes:
    (folder / "list.jsonl").write_bytes(published)
    command = [sys.executable, "-I", "-S", redraw.__file__, str(folder / "list.jsonl"), seed]
    return subprocess.run(command, capture_output=True, check=True).stdout


def test_five_thousand_applicants_are_drawn_the_same_by_the_other_program(
    great_list: bytes, tmp_path: Path
) -> None:
    drawn = hold_lottery(great_list, SEED)
    assert by_the_other_program(tmp_path, great_list, SEED) == drawn.record
    labels = [label for place in drawn.places.values() for label in place]
    assert len(set(labels)) == len(labels) == 120
    assert len(drawn.places) + len(drawn.waiting) == 5000


def test_many_small_draws_are_the_same_by_both_programs() -> None:
    for seed in range(60):
        published = list_bytes(entry_list_of(town(14, 40, seed)), "2026-11-28", RULE)
        assert redraw.record(published, str(seed)) == hold_lottery(published, str(seed)).record


def test_whoever_is_passed_over_is_passed_over_by_both_programs(tmp_path: Path) -> None:
    for seed in range(40):
        published = list_bytes(entry_list_of(town(14, 40, seed)), "2026-11-28", RULE)
        sheet = read_list(published)
        out = [person["id"] for person in sheet["people"][seed % 5 :: 7]]
        out += sorted(sheet["stalls"])[:2]
        drawn = hold_lottery(published, str(seed), out)
        assert redraw.record(published, str(seed), *out) == drawn.record
        assert differences(published, str(seed), drawn.record) == []
        assert drawn.order == hold_lottery(published, str(seed)).order
        assert not {*drawn.places, *drawn.waiting} & {*out}


def test_a_record_of_before_is_spelt_as_it_was(small_list: bytes) -> None:
    assert set(json.loads(hold_lottery(small_list, SEED).record)) == {
        "format", "list_sha256", "order", "places", "seed", "waiting",
    }  # fmt: skip


def test_one_changed_byte_of_the_list_is_noticed(small_list: bytes) -> None:
    record = hold_lottery(small_list, SEED).record
    changed = small_list.replace(b"V0007", b"V0008", 1)
    assert list_hash(changed) != list_hash(small_list)
    assert "list_sha256" in differences(changed, SEED, record)
    assert differences(small_list, SEED, record) == []


def test_one_changed_byte_of_the_seed_is_noticed(small_list: bytes) -> None:
    record = hold_lottery(small_list, SEED).record
    assert {"seed", "order"} <= set(differences(small_list, SEED.replace("8", "9"), record))


def test_one_changed_byte_of_the_record_is_noticed(small_list: bytes) -> None:
    record = hold_lottery(small_list, SEED).record
    for at in range(0, len(record) - 1, 7):
        forged = bytearray(record)
        forged[at] ^= 1
        assert differences(small_list, SEED, bytes(forged)) != []


def test_a_list_in_another_spelling_is_refused(small_list: bytes) -> None:
    with pytest.raises(ValueError, match="to the byte"):
        read_list(small_list.replace(b'":', b'": ', 1))
    assert read_list(small_list) == entry_list_of(town(12, 30, 1))


def test_every_place_is_equally_likely_over_twenty_thousand_seeds() -> None:
    """Chi-square by hand: 6 persons on 6 places, 25 degrees of freedom; 52.62 is the value of p = 0.001."""
    runs, people = 20_000, 6
    seen: Counter[tuple[int, int]] = Counter()
    for seed in range(runs):
        seen.update(enumerate(drawn_numbers(people, "00" * 32, str(seed))))
    expected = runs / people
    cells = [(seen[place, person] - expected) ** 2 / expected for place in range(6) for person in range(6)]
    assert sum(cells) < 52.62


def test_every_order_is_equally_likely() -> None:
    """4 persons, 24 orders, 23 degrees of freedom: 49.73 is the value of p = 0.001."""
    seen = Counter(tuple(drawn_numbers(4, "11" * 32, str(seed))) for seed in range(20_000))
    expected = 20_000 / 24
    assert len(seen) == 24
    assert sum((count - expected) ** 2 / expected for count in seen.values()) < 49.73


def test_the_stream_is_the_one_of_the_standard() -> None:
    """The first words for the entropy of no bytes, worked out by hand with HMAC-SHA-256 alone."""
    from hashlib import sha256
    from hmac import digest

    key, value = bytes(32), b"\x01" * 32
    key = digest(key, value + b"\x00", sha256)
    value = digest(key, value, sha256)
    key = digest(key, value + b"\x01", sha256)
    value = digest(key, digest(key, value, sha256), sha256)
    words = hmac_drbg(b"")
    assert b"".join(next(words).to_bytes(4, "big") for _ in range(8)) == value


def test_a_public_number_typed_with_full_width_digits_is_the_same_seed() -> None:
    assert seed_from_public_number(" ０３ 11\u300017 ") == "03 11 17"
    with pytest.raises(ValueError, match="digits"):
        seed_from_public_number("明天")


def test_three_witnesses_name_three_numbers() -> None:
    assert seed_from_witnesses([12, 0, 999_999]) == "12-0-999999"
    for wrong in ([1, 2], [1, 2, 3, 4], [1, 2, -3], [1, 2, 1_000_000]):
        with pytest.raises(ValueError, match="three witnesses"):
            seed_from_witnesses(wrong)


def test_a_drum_gives_the_order_on_paper(small_list: bytes, tmp_path: Path) -> None:
    numbers = list(range(30, 0, -1))
    drawn = hold_lottery(small_list, seed_from_drum(numbers, 30))
    ids = [person["id"] for person in read_list(small_list)["people"]]
    assert drawn.order == tuple(reversed(ids))
    assert by_the_other_program(tmp_path, small_list, drawn.seed) == drawn.record


def test_a_drum_that_skips_or_repeats_a_number_is_refused() -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # the sentence is compared below
        seed_from_drum([1, 2, 2], 3)
    assert str(caught.value) == "the drum gives each number once: missing [3], twice [2]"


def test_the_other_program_fits_on_a_page() -> None:
    assert len(Path(redraw.__file__).read_text(encoding="utf-8").splitlines()) <= 80


def test_records_and_plans_keep_the_format_names_that_were_published() -> None:
    assert (lottery.FORMAT, plan_file.FORMAT) == ("market.stalls.draw/1", "market.stalls.plan/1")
