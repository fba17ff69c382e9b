"""How facts are spelt and hashed, how the lines of a chain hang together, and what is wrong with a chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from types import NoneType
from typing import Any, NamedTuple

PLATFORM = 0
"""The chain of acts that belong to no community."""

DIGEST_DIGITS = 32
"""128 bits of SHA-256: nobody finds another fact with the same digest."""


def canonical(facts: Mapping[str, object]) -> bytes:
    """One spelling of some facts, so that the same facts have the same hash on every machine."""
    return _ENCODER.encode(facts).encode()


def _spell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    raise TypeError(f"no canonical spelling of {type(value).__name__}")


_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_spell)


# The encoder above says how everything is spelt. What is spelt a hundred thousand times over while a book is
# verified is put together from the same pieces without it, twice to five times as fast; a test compares.

_SPELT: dict[type, Callable[..., str]] = {
    str: quoted,
    int: int.__repr__,
    NoneType: lambda _nothing: "null",
    datetime: lambda moment: f'"{_spell(moment)}"',
    date: lambda day: f'"{_spell(day)}"',
}


def spelt(value: object) -> str:
    """One value as `canonical` spells it."""
    known = _SPELT.get(type(value))
    return known(value) if known is not None else _ENCODER.encode(value)


def digest(facts: Mapping[str, object]) -> str:
    """What a line keeps of a row. What is empty is left out: a column that comes later changes no digest."""
    return digests_of(tuple(facts))(tuple(facts.values()))


@lru_cache(maxsize=256)
def digests_of(names: tuple[str, ...]) -> Callable[[Sequence[object]], str]:
    """What makes the digest of each of many rows that have these columns."""
    places = [
        (f"{quoted(name)}:", place) for name, place in sorted(zip(names, range(len(names)), strict=True))
    ]

    def of(values: Sequence[object]) -> str:
        said = [name + spelt(values[place]) for name, place in places if values[place] is not None]
        return hashlib.sha256(f"{{{','.join(said)}}}".encode()).hexdigest()[:DIGEST_DIGITS]

    return of


def fingerprint(hash_: str) -> str:
    """Four groups of four digits that a person can compare with a printed notice."""
    digits = f"{int(hash_[:32], 16) % 10**16:016d}"
    return " ".join(digits[start : start + 4] for start in range(0, 16, 4))


Facts = Mapping[str, str | None]
"""`vote:17` → its digest after the act; None: it is gone."""


class LineFacts(NamedTuple):
    """Everything in a line that must never change."""

    chain: int
    number: int
    community_id: int | None
    user_id: int | None
    on_behalf_of: str | None
    act: str
    object_kind: str
    object_ref: str
    detail: Mapping[str, object]
    at: datetime | str
    """A moment, or how it is spelt."""
    facts: Facts


class Sealed(NamedTuple):
    """A line as it was found, with what was stored beside it."""

    line: LineFacts
    salt: str
    said: str
    hash: str
    id: int = 0
    """Which of two chains that tell of the same fact told of it last."""


def genesis(chain: int) -> str:
    """The hash before the first line: it names the chain, so that lines cannot be moved to another one."""
    return hashlib.sha256(canonical({"journal": chain})).hexdigest()


def said_hash(line: LineFacts, salt: str) -> str:
    """What may be shown of a line: without the salt nobody can guess from it what the line says."""
    return hashlib.sha256(bytes.fromhex(salt) + spelt_line(line).encode()).hexdigest()


def spelt_line(line: LineFacts) -> str:
    """The canonical spelling of everything that a line says."""
    named: Any
    *named, detail, at, facts = line
    when: Any = at if type(at) is str else _spell(at)
    return line_of(spelt(detail), when, spelt_facts(facts), *named)


def line_of(
    detail: str,
    at: str,
    facts: str,
    chain: int,
    number: int,
    community: int | None,
    user: int | None,
    behalf: str | None,
    act: str,
    kind: str,
    ref: str,
) -> str:
    """A line in canonical spelling, of which the first three are spelt already."""
    return (
        f'{{"act":{quoted(act)},"at":{quoted(at)},"chain":{chain:d},'
        f'"community_id":{"null" if community is None else format(community, "d")},"detail":{detail},'
        f'"facts":{facts},"number":{number:d},"object_kind":{quoted(kind)},'
        f'"object_ref":{quoted(ref)},"on_behalf_of":{"null" if behalf is None else quoted(behalf)},'
        f'"user_id":{"null" if user is None else format(user, "d")}}}'
    )


def spelt_facts(facts: Facts) -> str:
    """The canonical spelling of what a line tells of."""
    said = [
        f"{quoted(key)}:{quoted(value) if value is not None else 'null'}"
        for key, value in sorted(facts.items())
    ]
    return f"{{{','.join(said)}}}"


def shown_facts(facts: Facts, public: Iterable[str]) -> dict[str, str | None]:
    """The facts of a line that everybody may see: those of kinds that are public anyway."""
    kinds = frozenset(public)
    return {key: value for key, value in facts.items() if key.partition(":")[0] in kinds}


def line_hash(before: str, said: str, shown: Facts) -> str:
    """The head after a line: over the head before, what the line says, and what of it is public."""
    parts = (before, said, hashlib.sha256(spelt_facts(shown).encode()).hexdigest())
    return hashlib.sha256(bytes.fromhex("".join(parts))).hexdigest()


class FaultCode(StrEnum):
    """What can be wrong with a chain."""

    GAP = "journal_gap"
    CONTENT = "journal_content"
    LINK = "journal_link"
    HEAD = "journal_head"


@dataclass(frozen=True)
class Fault:
    """One thing wrong: the number of the line and the code."""

    number: int
    code: FaultCode


@dataclass
class ChainEnd:
    """How far a chain was read, and the hash of the newest line that was."""

    chain: int
    number: int = 0
    hash: str = ""

    def __post_init__(self) -> None:
        self.hash = self.hash or genesis(self.chain)

    def go_on(self, number: int, hash_: str) -> None:
        self.number, self.hash = number, hash_


def line_faults(end: ChainEnd, sealed: Sealed, public: frozenset[str]) -> Iterator[Fault]:
    """Everything wrong with the line that comes next; after a fault it goes on from what is stored."""
    if sealed.line.number != end.number + 1 or sealed.line.chain != end.chain:
        yield Fault(end.number + 1, FaultCode.GAP)
    if said_again(sealed) != sealed.said:
        yield Fault(sealed.line.number, FaultCode.CONTENT)
    elif hash_again(end.hash, sealed, public) != sealed.hash:
        yield Fault(sealed.line.number, FaultCode.LINK)
    end.go_on(sealed.line.number, sealed.hash)


def end_faults(end: ChainEnd, head: tuple[int, str]) -> Iterator[Fault]:
    """What is wrong when a chain does not end where it should."""
    if (end.number, end.hash) != head:
        yield Fault(min(end.number, head[0]) + 1, FaultCode.HEAD)


def said_again(sealed: Sealed) -> str | None:
    """What the content of a stored line hashes to; None when it cannot even be spelt."""
    try:
        return said_hash(sealed.line, sealed.salt)
    except (TypeError, ValueError):
        return None


def hash_again(before: str, sealed: Sealed, public: Iterable[str]) -> str | None:
    """What the hash of a stored line must be; None where what it is made of is no hash."""
    try:
        return line_hash(before, sealed.said, shown_facts(sealed.line.facts, public))
    except (TypeError, ValueError):
        return None
