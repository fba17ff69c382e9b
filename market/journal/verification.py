"""Reading the whole journal and comparing it with what the tables say now, both ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from market.audit import AuditRow
from market.db import db
from market.journal.kinds import Kind, facts_of
from market.journal.models import Journal
from market.journal.opening import OPENED, old_rows
from market.journal.rules import PLATFORM, Fault, LineFacts, Sealed, chain_faults
from market.journal.writing import kinds


class Wrong(StrEnum):
    """What can be wrong with a fact that was decided or counted."""

    CHANGED = "changed"
    GONE = "gone"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Told:
    """The last line that tells of a fact."""

    chain: int
    number: int
    act: str
    user_id: int | None
    at: datetime
    id: int
    digest: str | None


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
    heads: dict[int, dict[str, int]] = field(default_factory=dict)
    """Every head that each chain ever had, with its number."""
    chain_faults: list[tuple[int, Fault]] = field(default_factory=list)
    fact_faults: list[FactFault] = field(default_factory=list)
    old_changed: list[int] = field(default_factory=list)
    """Chains whose rows from before the journal are not those of the opening line."""


def check_journal() -> Checked:
    """Reads every line once and every fact once."""
    checked, told = Checked(), dict[str, Told]()
    ends = {row.chain: (row.lines, row.head_hash) for row in db.session.scalars(sa.select(Journal))}
    before = old_rows()
    for chain in sorted({*ends, *_chains(), *before}):
        _check_chain(chain, ends.get(chain), before.get(chain, (0, "")), checked, told)
    by_kind: dict[str, dict[str, Told]] = defaultdict(dict)
    for key, one in told.items():
        by_kind[key.partition(":")[0]][key] = one
    for kind in kinds().kinds:
        checked.fact_faults += _fact_faults(kind, by_kind[kind.name])
    return checked


def _chains() -> list[int]:
    query = sa.select(AuditRow.chain).where(AuditRow.number.is_not(None)).distinct()
    return list(db.session.scalars(query))


def _check_chain(
    chain: int,
    end: tuple[int, str] | None,
    before: tuple[int, str],
    checked: Checked,
    told: dict[str, Told],
) -> None:
    lines = read_lines(chain)
    checked.lines[chain] = len(lines)
    checked.heads[chain] = {line.hash: line.line.number for line in lines}
    found = chain_faults(chain, lines, kinds().public, end or (0, ""))
    checked.chain_faults += [(chain, fault) for fault in found]
    noted = None
    for sealed in lines:
        line = sealed.line
        if line.act == OPENED and noted is None:
            noted = line.detail.get("before")
        for key, digest in line.facts.items():
            if key not in told or told[key].id < sealed.id:
                told[key] = Told(chain, line.number, line.act, line.user_id, line.at, sealed.id, digest)
    if (noted is not None and noted != list(before)) or (noted is None and before[0]):
        checked.old_changed.append(chain)


_COLUMNS = (
    "chain", "number", "community_id", "user_id", "on_behalf_of", "act", "object_kind", "object_ref",
    "detail", "at", "facts", "salt", "said", "hash", "id",
)  # fmt: skip


def read_lines(chain: int) -> list[Sealed]:
    """The lines of a chain in their order."""
    table: Any = AuditRow.__table__
    query = sa.select(*(table.c[name] for name in _COLUMNS))
    query = query.where(table.c.chain == chain, table.c.number.is_not(None))
    rows = db.session.execute(query.order_by(table.c.number, table.c.id))
    return [Sealed(LineFacts(*row[:11]), *row[11:]) for row in rows]


def _fact_faults(kind: Kind, told: dict[str, Told]) -> Iterator[FactFault]:
    missing = {key for key, one in told.items() if one.digest}
    try:
        for fact in facts_of(kind):
            missing.discard(fact.key)
            known = told.get(fact.key)
            if known is None or known.digest is None:
                yield FactFault(fact.key, fact.chain or PLATFORM, Wrong.UNKNOWN, known)
            elif known.digest != fact.digest:
                yield FactFault(fact.key, known.chain, Wrong.CHANGED, known)
    except (TypeError, ValueError) as error:
        yield FactFault(f"{kind.name}:{error}", PLATFORM, Wrong.UNREADABLE, None)
        return
    for key in sorted(missing):
        yield FactFault(key, told[key].chain, Wrong.GONE, told[key])
