"""Writing the journal: one place, at the end of every unit of work, for whatever was done in it."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from market import clock
from market.audit import AuditRow, said, waiting
from market.db import M, Shown, db, guards, race_point, read_along
from market.journal.kinds import Fact, Kind, Kinds, facts_named, insert_facts
from market.journal.models import Journal
from market.journal.rules import PLATFORM, LineFacts, genesis, line_hash, said_hash, shown_facts

UNNAMED = "journal.unnamed"
"""The act of a line for what was changed by a unit of work that named no act."""

MOST_FACTS = 400
"""A line that tells of more is cut into several."""


# Asked at the end of every unit of work, so put together once; past the session: nobody else looks at them.
_JOURNAL, _LINES = cast("sa.Table", Journal.__table__), cast("sa.Table", AuditRow.__table__)
_LINE = tuple(column.name for column in _LINES.c if column.name != "id")
_OF_CHAIN = _JOURNAL.c.chain == sa.bindparam("of_chain")
_END = sa.select(_JOURNAL.c.lines, _JOURNAL.c.head_hash).where(_OF_CHAIN)
_END_HELD = _END.with_for_update()
_FIRST_END = sa.insert(_JOURNAL)
_NEW_LINE = sa.insert(_LINES)
_NEW_END = (
    sa.update(_JOURNAL)
    .where(_OF_CHAIN)
    .values(lines=sa.bindparam("new_lines"), head_hash=sa.bindparam("new_head"))
)


class _Touched(NamedTuple):
    """A row of a kind that counts was written; `column` says by what it is named."""

    kind: Kind
    column: str
    value: str


def init_app(app: Flask, kinds: Iterable[Kind]) -> None:
    """Gives the unit of work the table of what counts, and lets it end with the journal."""
    app.extensions["journal"] = Kinds(tuple(kinds))
    app.extensions.setdefault("before_commit", []).append(write)
    for name, listen in _LISTENERS.items():
        if not sa.event.contains(db.session.session_factory, name, listen):
            sa.event.listen(db.session.session_factory, name, listen)


def kinds() -> Kinds:
    """The table of what counts in this application."""
    return cast("Kinds", current_app.extensions["journal"])


def add_at_once(model: type[M], rows: Sequence[Mapping[str, Any]], *, by: str) -> Iterator[M]:
    """Writes new rows past the session, with one statement where it needs several for each; for acts that
    many people wait for at the same moment. `by` names a column that tells the rows apart.

    The digest of a row is noted, as that of any row that counts, when the row is handed out: so the act that
    is recorded next is the one that tells of it.
    """
    if issubclass(model, Shown):
        raise TypeError("what residents see goes through the session, which notes it")
    db.session.flush()
    written = insert_facts(kinds().by_table[cast("sa.Table", model.__table__).name], rows, by)
    empty = dict.fromkeys(column.key for column in sa.inspect(model).column_attrs)
    for row in rows:
        fact = written[row[by]]
        said(fact)
        yield read_along(model, **{**empty, **row, "id": fact.id})


# ── noticing what is touched ──────────────────────────────────────────────────────────────────────────────


def _after_flush(session: Session, _context: object) -> None:
    changed = (row for row in session.dirty if session.is_modified(row))
    for row in (*session.new, *changed, *session.deleted):
        table = type(row).__table__.name
        if table in kinds().wholes:
            whole, owner = kinds().wholes[table]
            said(_Touched(whole, "id", str(getattr(row, owner))))
        elif (kind := kinds().by_table.get(table)) is not None:
            said(_Touched(kind, kind.key, str(getattr(row, kind.key))))


def _on_execute(state: ORMExecuteState) -> None:
    """Many rows changed by one statement are touched too; which, is asked before."""
    if not (state.is_update or state.is_delete) or state.bind_mapper is None:
        return
    table = cast("sa.Table", state.bind_mapper.local_table).name
    kind, column = kinds().wholes.get(table) or (kinds().by_table.get(table), "")
    if kind is not None:
        statement = cast("sa.Update | sa.Delete", state.statement)
        named = state.bind_mapper.local_table.c[column or kind.key]
        query = sa.select(named).where(sa.true() if statement.whereclause is None else statement.whereclause)
        for value in state.session.connection().execute(query).scalars():
            said(_Touched(kind, "id" if column else kind.key, str(value)))


def _on_rollback(session: Session, over: SessionTransaction) -> None:
    """What was said inside a savepoint that is rolled back was never said."""
    kept = session.info.get("said", ()) if over.nested else ()
    session.info["said"] = [(inside, thing) for inside, thing in kept if over not in inside]


_LISTENERS: dict[str, Any] = {
    "after_flush": _after_flush,
    "do_orm_execute": _on_execute,
    "after_soft_rollback": _on_rollback,
}

# ── writing ───────────────────────────────────────────────────────────────────────────────────────────────


def write() -> None:
    """Writes a line for every act since the last time, with what is now the case of all it touched."""
    db.session.flush()
    things = [thing for _savepoints, thing in waiting()]
    waiting().clear()
    if things:
        append(_lines(things))


def _lines(things: list[object]) -> list[AuditRow]:
    """The acts in their order, each with the facts that were written before it was named."""
    acts: list[AuditRow] = []
    touched: dict[_Touched, int] = {}
    written: dict[str, tuple[Fact, int]] = {}
    for thing in things:
        if isinstance(thing, AuditRow):
            acts.append(thing)
        elif isinstance(thing, Fact):
            written[thing.key] = thing, len(acts)
        else:
            touched[cast("_Touched", thing)] = len(acts)
    placed = _Placed(acts)
    for one, fact in _now(touched):
        written.pop(fact.key, None)  # it was changed since
        placed.put(fact, touched[one])
    for fact, number in written.values():
        placed.put(fact, number)
    return placed.lines


class _Placed:
    """Which line tells of which fact: that of the act named next, else the last of the same chain."""

    def __init__(self, acts: list[AuditRow]) -> None:
        self.lines = list(acts)
        self._acts = acts

    def put(self, fact: Fact, number: int) -> None:
        self._line(fact.chain, number).facts[fact.key] = fact.digest

    def _line(self, chain: int | None, number: int) -> AuditRow:
        after = self._acts[number : number + 1] + self.lines[::-1]
        found = next((line for line in after if chain in (None, line.chain)), None)
        if found is None:
            found = _echo(self._acts, chain or PLATFORM)
            self.lines.append(found)
        return found


def _echo(acts: list[AuditRow], chain: int) -> AuditRow:
    """The line of another chain for what the last act touched there; or of an act that nobody named."""
    last = acts[-1] if acts else AuditRow(act=UNNAMED, object_kind="", object_ref="", at=clock.now())
    return AuditRow(
        community_id=chain or None,
        user_id=last.user_id,
        on_behalf_of=last.on_behalf_of,
        act=last.act,
        object_kind=last.object_kind,
        object_ref=last.object_ref,
        detail={},
        at=last.at,
        chain=chain,
        facts={},
    )


def _now(touched: Iterable[_Touched]) -> Iterator[tuple[_Touched, Fact]]:
    """Each touched row as it is now; what is gone has no digest any more, and the chain of its act."""
    by_kind: dict[str, list[_Touched]] = defaultdict(list)
    for one in touched:
        by_kind[one.kind.name].append(one)
    for ones in by_kind.values():
        kind = ones[0].kind
        found = {(name, value): fact for fact in _read(kind, ones) for name, value in _names(kind, fact)}
        for one in ones:
            fact = found.get((one.column, one.value))
            if fact is not None:
                yield one, fact
            elif one.column == kind.key:
                yield one, Fact(f"{kind.name}:{one.value}", None, None, 0)


def _read(kind: Kind, ones: list[_Touched]) -> Iterator[Fact]:
    for start in range(0, len(ones), MOST_FACTS):
        some = ones[start : start + MOST_FACTS]
        named = {
            column: [int(one.value) if column == "id" else one.value for one in some if one.column == column]
            for column in {one.column for one in some}
        }
        yield from facts_named(kind, named)


def _names(kind: Kind, fact: Fact) -> tuple[tuple[str, str], ...]:
    return ("id", str(fact.id)), (kind.key, fact.key.partition(":")[2])


def append(lines: list[AuditRow]) -> None:
    """Writes lines at the ends of their chains, one chain after the other in the order of their numbers."""
    whole = [part for line in lines for part in _cut(line)]
    db.session.flush()
    connection = db.session.connection()
    for chain in sorted({line.chain for line in whole}):
        number, head = _locked(chain)
        race_point("journal.append")
        mine = [line for line in whole if line.chain == chain]
        for line in mine:
            number += 1
            head = _seal(line, number, head)
        connection.execute(_NEW_LINE, [_columns(line) for line in mine])
        connection.execute(_NEW_END, {"of_chain": chain, "new_lines": number, "new_head": head})


def _columns(line: AuditRow) -> dict[str, object]:
    return {name: getattr(line, name) for name in _LINE}


def _cut(line: AuditRow) -> Iterator[AuditRow]:
    """A line with very many facts is several lines of the same act."""
    facts = list(line.facts.items())
    yield line
    if len(facts) > MOST_FACTS:
        line.facts = dict(facts[:MOST_FACTS])
    for start in range(MOST_FACTS, len(facts), MOST_FACTS):
        again = _echo([line], line.chain)
        again.facts = dict(facts[start : start + MOST_FACTS])
        yield again


def _locked(chain: int) -> tuple[int, str]:
    """The end of a chain, held until the unit of work is over: two hosts write one after the other."""
    connection = db.session.connection()
    found = connection.execute(_END_HELD if guards.on else _END, {"of_chain": chain}).first()
    if found is not None:
        return found.lines, found.head_hash
    first = genesis(chain)
    connection.execute(_FIRST_END, {"chain": chain, "lines": 0, "head_hash": first})
    return 0, first


def _seal(line: AuditRow, number: int, head: str) -> str:
    """Numbers a line and gives it its hashes; the new head."""
    line.number, line.salt = number, secrets.token_hex(16)
    line.said = said_hash(facts_of_line(line), line.salt)
    line.hash = line_hash(head, line.said, shown_facts(line.facts, kinds().public))
    return line.hash


def facts_of_line(line: AuditRow) -> LineFacts:
    """What of a line goes into its hash."""
    return LineFacts(
        line.chain, cast("int", line.number), line.community_id, line.user_id, line.on_behalf_of, line.act,
        line.object_kind, line.object_ref, line.detail, line.at, line.facts,
    )  # fmt: skip


def head_of(chain: int) -> str:
    """The newest hash of a chain, as far as it is written."""
    found = db.session.scalar(sa.select(Journal.head_hash).where(Journal.chain == chain))
    return found or genesis(chain)
