"""The lottery (抽签) that anybody can do again: a published list, a number nobody knew, and arithmetic.

Before: the list is frozen (`list_bytes`) and its hash published, with the rule that says where the seed
will come from. After: the seed is typed in, `hold_lottery` gives the record, and `redraw.py`, a program of
the standard library alone, gives the same record byte for byte. On paper the drum gives the order instead.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from market.allocation.in_turn import EntryList, give_out, waiting_after
from market.allocation.rules import SeedKind

FORMAT = "market.stalls.draw/1"
WITNESSES = 3
DRUM = "drum:"


@dataclass(frozen=True, slots=True)
class SeedRule:
    """Fixed before the list closes: which number decides. `source` names it to the letter (issue, day)."""

    kind: SeedKind
    source: str


@dataclass(frozen=True, slots=True)
class Seed:
    """What decides a lottery: the rule fixed before, and the text it gave."""

    rule: SeedRule
    text: str
    market: str = ""
    published: bytes = b""
    """The list as it was frozen; without one, the list follows from the problem."""
    left_out: tuple[str, ...] = ()
    """Who withdrew after that, and stalls that are gone: passed over."""


@dataclass(frozen=True, slots=True)
class LotteryRecord:
    """The record of a lottery; `record` is the text to publish."""

    list_sha256: str
    seed: str
    order: tuple[str, ...]
    places: dict[str, list[str]]
    waiting: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    @property
    def record(self) -> bytes:
        return record_bytes(self.list_sha256, self.seed, self.order, self.places, self.waiting, self.left_out)


def list_bytes(entry_list: EntryList, market: str, rule: SeedRule) -> bytes:
    """The frozen list: a head line, then a line for each applicant, each JSON with one spelling only."""
    head = {key: value for key, value in entry_list.items() if key != "people"}
    head |= {"format": FORMAT, "market": market, "seed_kind": rule.kind.value, "seed_source": rule.source}
    return b"".join(_line(row) for row in [head, *entry_list["people"]])


def list_hash(published: bytes) -> str:
    """What is published before the lottery."""
    return hashlib.sha256(published).hexdigest()


def read_list(published: bytes) -> EntryList:
    """The entries of a published list; a list that is not spelt the one way is refused."""
    head, *people = [json.loads(line) for line in published.splitlines()]
    if b"".join(_line(row) for row in [head, *people]) != published or head.get("format") != FORMAT:
        raise ValueError("not a list of this format, to the byte")
    return EntryList(
        apart=head["apart"], circuits=head["circuits"], limit=head["limit"], people=people,
        quotas=head["quotas"], stalls=head["stalls"],
    )  # fmt: skip


def seed_from_public_number(text: str) -> str:
    """The seed from a published number; full-width digits and stray spaces make no difference."""
    seed = " ".join(unicodedata.normalize("NFKC", text).split())
    if not any(character.isdigit() for character in seed):
        raise ValueError("a public number has digits")
    return seed


def seed_from_witnesses(numbers: Sequence[int]) -> str:
    """Three witnesses each name a number; together they are the seed, in the order in which they sit."""
    if len(numbers) != WITNESSES or any(not 0 <= number <= 999_999 for number in numbers):
        raise ValueError("three witnesses each name a number from 0 to 999999")
    return "-".join(str(number) for number in numbers)


def seed_from_drum(numbers: Sequence[int], people: int) -> str:
    """The seed from a drum: the line numbers, from 1, in the order drawn, each exactly once."""
    if sorted(numbers) != list(range(1, people + 1)):
        missing = sorted(set(range(1, people + 1)) - set(numbers))
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        raise ValueError(f"the drum gives each number once: missing {missing}, twice {twice}")
    return DRUM + " ".join(str(number) for number in numbers)


def hold_lottery(published: bytes, seed: str, left_out: Collection[str] = ()) -> LotteryRecord:
    """Order, places and waiting list: the same for everybody who has the list and the seed.

    Who is `left_out` keeps a number in the order and is passed over: nobody can undo a draw by leaving.
    """
    entry_list, digest = read_list(published), list_hash(published)
    people = entry_list["people"]
    order = [people[number]["id"] for number in drawn_numbers(len(people), digest, seed)]
    places = give_out(entry_list, order, left_out)
    waiting = (key for key in waiting_after(order, places) if key not in left_out)
    return LotteryRecord(digest, seed, tuple(order), places, tuple(waiting), tuple(sorted(left_out)))


def left_out_of(published: bytes, people: Collection[str], stalls: Collection[str]) -> tuple[str, ...]:
    """Who of a list is not among these people any more, and which stalls it gives out are not among these."""
    listed = read_list(published)["people"]
    labels = {label for person in listed for place in person["places"] for label in place}
    return tuple(sorted([*(p["id"] for p in listed if p["id"] not in people), *labels.difference(stalls)]))


def drawn_numbers(count: int, digest: str, seed: str) -> list[int]:
    """The order of the lines, from 0: Fisher and Yates's shuffle, or what the drum gave."""
    if seed.startswith(DRUM):
        return [int(number) - 1 for number in seed.removeprefix(DRUM).split()]
    words = hmac_drbg(bytes.fromhex(digest) + seed.encode())
    numbers = list(range(count))
    for last in range(count - 1, 0, -1):
        pick = _below(last + 1, words)
        numbers[last], numbers[pick] = numbers[pick], numbers[last]
    return numbers


def hmac_drbg(entropy: bytes) -> Iterator[int]:
    """Numbers of 32 bits from HMAC-DRBG with SHA-256 (NIST SP 800-90A), one long request."""
    key, value = b"\x00" * 32, b"\x01" * 32
    for mark in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + mark + entropy, "sha256")
        value = hmac.digest(key, value, "sha256")
    while True:
        value = hmac.digest(key, value, "sha256")
        for start in range(0, 32, 4):
            yield int.from_bytes(value[start : start + 4], "big")


def _below(limit: int, words: Iterator[int]) -> int:
    """A number below the limit, all equally likely: words of the last, incomplete round are thrown away."""
    fair = 2**32 - 2**32 % limit
    return next(word for word in words if word < fair) % limit


def differences(published: bytes, seed: str, record: bytes) -> list[str]:
    """What in a record does not follow from list and seed; empty = it is the true record."""
    try:
        told = json.loads(record)
    except ValueError:
        return ["record"]
    again = hold_lottery(published, seed, told.get("left_out", ())).record
    true = json.loads(again)
    wrong = [key for key in true if told.get(key) != true[key]]
    return wrong if wrong or record == again else ["record"]


def record_bytes(
    digest: str,
    seed: str,
    order: Sequence[str],
    places: dict[str, list[str]],
    waiting: Sequence[str],
    left_out: Sequence[str] = (),
) -> bytes:
    """The record with one spelling only; it says who was left out where anybody was."""
    told = {
        "format": FORMAT,
        "list_sha256": digest,
        "order": list(order),
        "places": places,
        "seed": seed,
        "waiting": list(waiting),
    }
    return _line(told | {"left_out": list(left_out)} if left_out else told)


def _line(row: object) -> bytes:
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode() + b"\n"
