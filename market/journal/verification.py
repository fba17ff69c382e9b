"""Reading the whole journal and comparing it with what the tables say now, both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import sqlalchemy as sa

from market.audit import AuditRow
from market.db import db
from market.journal.kinds import Kind, facts_of
from market.journal.models import Journal
from market.journal.opening import OPENED, old_rows
from market.journal.plain import plainly_told
from market.journal.rules import (
    PLATFORM,
    ChainEnd,
    Facts,
    Fault,
    LineFacts,
    Sealed,
    end_faults,
    line_faults,
)
from market.journal.writing import kinds
from market.stored import UNREADABLE, as_stored, mapping, spelt_moment, stream_stored


class Wrong(StrEnum):
    """What can be wrong with a fact that was decided or counted."""

    CHANGED = "changed"
    GONE = "gone"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


class Told(NamedTuple):
    """The last line that tells of a fact."""

    chain: int
    number: int
    act: str
    user_id: int | None
    at: datetime


_Last = tuple[int, str | None]
"""Of a fact, the last line that tells of it by its id, and the digest that it tells."""


@dataclass(frozen=True)
class FactFault:
    """A fact that is not as the journal tells it."""

    key: str
    chain: int
    wrong: Wrong
    told: Told | None


@dataclass
class Checked:
    """What a reading of the whole journal found."""

    lines: dict[int, int] = field(default_factory=dict)
    chain_faults: list[tuple[int, Fault]] = field(default_factory=list)
    fact_faults: list[FactFault] = field(default_factory=list)
    old_changed: list[int] = field(default_factory=list)
    """Chains whose rows from before the journal are not those of the opening line."""


def check_journal() -> Checked:
    """Reads every line once and every fact once. What stays in memory is one digest of each fact."""
    checked, told = Checked(), dict[str, _Last]()
    ends = {row.chain: (row.lines, row.head_hash) for row in db.session.scalars(sa.select(Journal))}
    before = old_rows()
    for chain in sorted({*ends, *_chains(), *before}):
        _check_chain(chain, ends.get(chain), before.get(chain, (0, "")), checked, told)
    faults = {kind.name: list(_fact_faults(kind, told)) for kind in kinds().kinds}
    for key in sorted(key for key, (_id, digest) in told.items() if digest):
        of_kind = faults.get(key.partition(":")[0], [])
        if not any(fault.wrong is Wrong.UNREADABLE for fault in of_kind):
            line = _line(told[key])
            of_kind.append(FactFault(key, line.chain, Wrong.GONE, line))
    checked.fact_faults = [fault for of_kind in faults.values() for fault in of_kind]
    return checked


def _chains() -> list[int]:
    query = sa.select(AuditRow.chain).where(AuditRow.number.is_not(None)).distinct()
    return list(db.session.scalars(query))


def _check_chain(
    chain: int,
    head: tuple[int, str] | None,
    before: tuple[int, str],
    checked: Checked,
    told: dict[str, _Last],
) -> None:
    reading = _Reading(ChainEnd(chain), kinds().public, told)
    for row in _rows(chain):
        reading.take(row)
    found = [*reading.faults, *end_faults(reading.end, head or (0, ""))]
    checked.chain_faults += [(chain, fault) for fault in found]
    checked.lines[chain] = reading.lines
    if reading.before != list(before) if reading.before is not None else before[0]:
        checked.old_changed.append(chain)


@dataclass
class _Reading:
    """Goes along a chain and notes on the way what its lines tell."""

    end: ChainEnd
    public: frozenset[str]
    told: dict[str, _Last]
    faults: list[Fault] = field(default_factory=list)
    lines: int = 0
    before: object = None
    """What the opening line says of the rows before it."""

    def take(self, row: Any) -> None:
        self.lines += 1
        facts = plainly_told(row, self.end, self.public)
        if facts is None:
            facts = self._look_closely(_sealed(row))
        told, id_ = self.told, row[-1]
        for key, digest in facts.items():
            if key not in told or told[key][0] < id_:
                told[key] = (id_, digest)

    def _look_closely(self, sealed: Sealed) -> Facts:
        line = sealed.line
        if line.act == OPENED and self.before is None:
            self.before = line.detail.get("before")
        self.faults += line_faults(self.end, sealed, self.public)
        return line.facts


_COLUMNS = (
    "chain", "number", "community_id", "user_id", "on_behalf_of", "act", "object_kind", "object_ref",
    "detail", "at", "facts", "salt", "said", "hash", "id",
)  # fmt: skip


def read_lines(chain: int) -> Iterator[Sealed]:
    """The lines of a chain in their order, a few of them in memory at a time."""
    return map(_sealed, _rows(chain))


def _rows(chain: int) -> Iterator[Any]:
    table: Any = AuditRow.__table__
    query = sa.select(*(as_stored(table.c[name]) for name in _COLUMNS))
    query = query.where(table.c.chain == chain, table.c.number.is_not(None))
    return stream_stored(query.order_by(table.c.number, table.c.id))


def _sealed(row: Any) -> Sealed:
    *plain, detail, at, facts, salt, said, hash_, id_ = row
    line = LineFacts._make([*plain, _mapping(detail), _moment(at), _mapping(facts)])
    return Sealed(line, salt, said, hash_, id_)


# What cannot be read is none of what was written: the hash of its line will not fit.


def _mapping(stored: Any) -> Any:
    try:
        return mapping(stored)
    except UNREADABLE:
        return {"": repr(stored)}


def _moment(stored: Any) -> Any:
    try:
        return spelt_moment(stored)
    except UNREADABLE:
        return repr(stored)


def _fact_faults(kind: Kind, told: dict[str, _Last]) -> Iterator[FactFault]:
    """Facts that no line tells of, or another digest; what was found is taken out of what was told."""
    try:
        for fact in facts_of(kind):
            last = told.pop(fact.key, None)
            if last is None or last[1] is None:
                yield FactFault(fact.key, fact.chain or PLATFORM, Wrong.UNKNOWN, last and _line(last))
            elif last[1] != fact.digest:
                line = _line(last)
                yield FactFault(fact.key, line.chain, Wrong.CHANGED, line)
    except (TypeError, ValueError) as error:
        yield FactFault(f"{kind.name}:{error}", PLATFORM, Wrong.UNREADABLE, None)


def _line(last: _Last) -> Told:
    query = sa.select(AuditRow.chain, AuditRow.number, AuditRow.act, AuditRow.user_id, AuditRow.at)
    return Told._make(db.session.execute(query.where(AuditRow.id == last[0])).one())
