"""What counts of a row, by its kind: which columns go into its digest, and whose chain tells of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from market.db import Model, UtcDateTime, db
from market.journal.rules import PLATFORM, digest, digests_of
from market.stored import spelt_when_kept, stream, stream_stored


@dataclass(frozen=True)
class Kind:
    """One kind of fact: the table it is kept in, the columns that count, and rows that are a part of it."""

    model: type[Model]
    columns: tuple[str, ...]
    parts: tuple[type[Model], str, tuple[str, ...]] | None = None
    """Table, the column that names the whole, columns that count: the lines of a settlement."""
    public: bool = False
    """Whether everybody may see its digest."""

    @property
    def name(self) -> str:
        return self.model.__name__.lower()

    @property
    def table(self) -> sa.Table:
        return self.model.__table__  # type: ignore[return-value]  # every model is mapped to a table

    @property
    def key(self) -> str:
        """The column by which a line names a row, as the audit trail names it."""
        return "ref" if "ref" in self.table.c else "id"

    @property
    def shape(self) -> str:
        """Changes with what counts: then what is there must be noted anew."""
        columns: dict[str, object] = {"columns": list(self.columns)}
        if self.parts is not None:
            columns["parts"] = [self.parts[0].__tablename__, list(self.parts[2])]
        return digest(columns)


class Fact(NamedTuple):
    """A row as it is now: its name in a line, the chain that tells of it, its digest, its id in the table."""

    key: str
    chain: int | None
    digest: str | None
    id: int


@dataclass
class Kinds:
    """The table of what counts, as the unit of work asks it."""

    kinds: Sequence[Kind]
    by_table: dict[str, Kind] = field(init=False)
    wholes: dict[str, tuple[Kind, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.by_table = {kind.table.name: kind for kind in self.kinds}
        whole = ((kind, kind.parts) for kind in self.kinds if kind.parts is not None)
        self.wholes = {parts[0].__tablename__: (kind, parts[1]) for kind, parts in whole}

    @property
    def public(self) -> frozenset[str]:
        return frozenset(kind.name for kind in self.kinds if kind.public)


def facts_of(kind: Kind) -> Iterator[Fact]:
    """The rows of a kind as they are in the database."""
    query = _question(kind)
    if kind.parts is None:
        yield from _alone(kind, _all(_asked(kind), query))
    else:
        yield from _with_parts(kind, db.session.execute(query).all(), None)


def facts_named(kind: Kind, named: Mapping[str, Sequence[object]]) -> Iterator[Fact]:
    """Those of the rows that have one of these values in one of these columns."""
    db.session.flush()
    query = _question_of(kind, tuple((name, len(values) > 1) for name, values in named.items()))
    values = {name: list(some) if len(some) > 1 else some[0] for name, some in named.items()}
    rows = db.session.connection().execute(query, {f"of_{name}": some for name, some in values.items()}).all()
    if kind.parts is None:
        yield from _alone(kind, rows)
    else:
        yield from _with_parts(kind, rows, [row[0] for row in rows])


def insert_facts(kind: Kind, rows: Sequence[Mapping[str, object]], name: str) -> dict[object, Fact]:
    """Writes new rows with one statement; what they are then, the database says in the same breath. They are
    told apart by the column of this name."""
    asked = _insertion(kind, name)
    digest_of, facts = digests_of(kind.columns), dict[object, Fact]()
    for named, id_, key, *stored, chain in db.session.connection().execute(asked, list(rows)):
        facts[named] = Fact(f"{kind.name}:{key}", chain or PLATFORM, digest_of(stored), id_)
    return facts


@lru_cache(maxsize=64)
def _insertion(kind: Kind, name: str) -> sa.Insert:
    columns = (column.label(f"c{place}") for place, column in enumerate(_asked(kind)))
    named = kind.table.c[name].label("named__")
    return kind.table.insert().returning(named, *columns, kind.table.c.community_id.label("chain__"))


@lru_cache(maxsize=512)
def _question_of(kind: Kind, named: tuple[tuple[str, bool], ...]) -> sa.Select[Any]:
    """The same question is asked at the end of every unit of work, so it is put together once."""
    conditions = (
        kind.table.c[name].in_(sa.bindparam(f"of_{name}", expanding=True))
        if many
        else kind.table.c[name] == sa.bindparam(f"of_{name}")
        for name, many in named
    )
    return _question(kind).where(sa.or_(*conditions))


def _question(kind: Kind) -> sa.Select[Any]:
    table = kind.table
    joined, community = _to_community(table)
    columns = (column.label(f"c{place}") for place, column in enumerate(_asked(kind)))
    return sa.select(*columns, community.label("chain__")).select_from(joined).order_by(table.c.id)


def _asked(kind: Kind) -> list[sa.ColumnElement[Any]]:
    return _plain([kind.table.c[name] for name in ("id", kind.key, *kind.columns)])


def _all(asked: Sequence[sa.ColumnElement[Any]], query: sa.Select[Any]) -> Iterator[Any]:
    """Every row, on SQLite bare from its driver: a moment as it is spelt, all else as its type reads it."""
    dialect = db.session.connection().dialect
    if dialect.name != "sqlite":
        yield from stream(query)
        return
    readers = [(place, read) for place, column in enumerate(asked) if (read := _reader(column, dialect))]
    if not readers:
        yield from stream_stored(query)
    for row in stream_stored(query) if readers else ():
        values = list(row)
        for place, read in readers:
            values[place] = read(values[place])
        yield values


def _reader(column: sa.ColumnElement[Any], dialect: sa.Dialect) -> Callable[[Any], Any] | None:
    read = column.type.dialect_impl(dialect).result_processor(dialect, None)
    if read is None or not isinstance(column.type, UtcDateTime):
        return read
    return lambda stored: spelt_when_kept(stored) or read(stored)


def _alone(kind: Kind, rows: Iterable[Any]) -> Iterator[Fact]:
    digest_of, name = digests_of(kind.columns), kind.name
    for id_, key, *values, chain in rows:
        yield Fact(f"{name}:{key}", chain or PLATFORM, digest_of(values), id_)


def _with_parts(kind: Kind, rows: Iterable[Any], wholes: Sequence[int] | None) -> Iterator[Fact]:
    digest_of, parts = digests_of((*kind.columns, "parts")), _parts_of(kind, wholes)
    for id_, key, *values, chain in rows:
        digested = digest_of([*values, parts.get(id_, [])])
        yield Fact(f"{kind.name}:{key}", chain or PLATFORM, digested, id_)


def _plain(columns: Sequence[sa.ColumnElement[Any]]) -> list[sa.ColumnElement[Any]]:
    """Columns as they are stored: a word that is none of an enumeration must not stop the reading."""
    return [
        sa.type_coerce(column, sa.String) if isinstance(column.type, sa.Enum) else column
        for column in columns
    ]


def _parts_of(kind: Kind, wholes: Sequence[int] | None) -> dict[int, list[list[object]]]:
    found: dict[int, list[list[object]]] = {}
    if kind.parts is None or wholes == []:
        return found
    model, owner, names = kind.parts
    table: Any = model.__table__
    query = sa.select(table.c[owner].label("whole__"), *_plain([table.c[name] for name in names]))
    if wholes is not None:
        query = query.where(table.c[owner].in_(wholes))
    for whole, *values in db.session.execute(query.order_by(table.c.id)):
        found.setdefault(whole, []).append(values)
    return found


def _to_community(table: sa.Table) -> tuple[sa.FromClause, sa.ColumnElement[Any]]:
    """A join that leads from a table to the community whose chain tells of its rows."""
    joined: sa.FromClause = table
    here = table
    for column in path_to_community(table) or ():
        there = next(iter(column.foreign_keys)).column.table
        joined = joined.outerjoin(there, column == there.c.id)
        here = there
    return joined, here.c.community_id if "community_id" in here.c else sa.literal(None)


def path_to_community(table: sa.Table) -> list[sa.Column[Any]] | None:
    """The foreign keys to follow until a table names its community; None where no way leads to one."""
    ways: list[tuple[sa.Table, list[sa.Column[Any]]]] = [(table, [])]
    seen = {table.name}
    while ways:
        here, way = ways.pop(0)
        if "community_id" in here.c:
            return way
        for column in here.c:
            for key in column.foreign_keys:
                if key.column.table.name not in seen and not column.nullable:
                    seen.add(key.column.table.name)
                    ways.append((key.column.table, [*way, column]))
    return None
