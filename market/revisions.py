"""By what public pages are kept: a number for each community, raised when something is written that residents
can see of it.

The unit of work raises it, last of all and in the order of the communities, so that no two of them wait for
each other. Scans, counts and other communities do not touch it.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, has_request_context, request
from sqlalchemy.dialects import postgresql, sqlite as sqlite_dialect
from sqlalchemy.orm import Mapped, Mapper, ORMExecuteState, Session, mapped_column

from market.db import DerivedShown, Model, Shown, T, db
from market.journal.kinds import path_to_community
from market.public_pages import JOURNAL, KEEP, LOOK, SHOWN, Look
from market.sqlite import DatabaseFile, DataVersion, journal_mode

EVERYBODY = 0
"""What belongs to no community (a region, somebody's name) is seen on the pages of all."""

NOTED = "shown_rows"
JOURNAL_TABLES = frozenset({"journal", "audit_row"})
"""Where the records of a community end is printed on some pages; every line of the journal moves it."""


class PageRevision(Model):
    """How often something that residents can see of a community was written; 0 stands for all of them."""

    __tablename__ = "page_revision"

    community_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class _Owner(NamedTuple):
    """A row through which a row that was written belongs to a community."""

    table: str
    id: int


Noted = int | _Owner | Shown
"""What was written: a row, the row through which rows belong to a community, or the community."""


def init_app(app: Flask) -> None:
    """Lets every unit of work end with the revisions, and notes which tables a page reads."""
    app.extensions.setdefault("before_commit", []).append(raise_revisions)
    for name, listen in _LISTENERS.items():
        if not sa.event.contains(db.session.session_factory, name, listen):
            sa.event.listen(db.session.session_factory, name, listen)
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", _note_tables)
    app.after_request(_say_what_it_is_kept_by)


# ── noticing what is written ──────────────────────────────────────────────────────────────────────────────


def _after_flush(session: Session, _context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Shown) and _seen_to_change(session, row):
            _note(session, row)  # asked when all is written: now it cannot look around


def _seen_to_change(session: Session, row: Shown) -> bool:
    if not row.shown_columns:
        return row not in session.dirty or session.is_modified(row, include_collections=False)
    state = sa.inspect(row)
    return row in session.dirty and any(state.attrs[name].history.has_changes() for name in row.shown_columns)


def _owner(row: Model) -> int | _Owner:
    """The community of a row, or the row through which it belongs to one."""
    table = cast("sa.Table", type(row).__table__)
    if table.name == "community":
        return int(row.id)  # type: ignore[attr-defined]  # every table has a number
    if "community_id" in table.c:
        return int(row.community_id or EVERYBODY)  # type: ignore[attr-defined]  # asked in the line above
    way = path_to_community(table)
    if not way:
        return EVERYBODY
    return _Owner(next(iter(way[0].foreign_keys)).column.table.name, int(getattr(row, way[0].key)))


def _on_execute(state: ORMExecuteState) -> None:
    """What is written without being loaded belongs to everybody: which rows they were, nobody has seen."""
    if state.is_select:
        return
    mapper = state.bind_mapper
    if mapper is None:
        named = tables_in(str(state.statement)) if isinstance(state.statement, sa.TextClause) else frozenset()
        written = bool(named & shown_tables())
    else:
        written = issubclass(mapper.class_, Shown) and not issubclass(mapper.class_, DerivedShown)
    if written:
        _note(state.session, *_owners_of(state, mapper))


def _owners_of(state: ORMExecuteState, mapper: Mapper[Any] | None) -> Iterator[int | _Owner]:
    """Through what the rows that a statement changes belong to communities, asked before it runs."""
    way = path_to_community(cast("sa.Table", mapper.local_table)) if mapper is not None else None
    if way is None or not (state.is_update or state.is_delete):
        yield EVERYBODY
        return
    statement = cast("sa.Update | sa.Delete", state.statement)
    table = cast("sa.Table", statement.table)
    named = way[0] if way else table.c.community_id
    query = sa.select(named).where(sa.true() if statement.whereclause is None else statement.whereclause)
    for value in state.session.connection().execute(query.distinct()).scalars():
        yield _Owner(next(iter(named.foreign_keys)).column.table.name, int(value)) if way else int(value)


def _note(session: Session, *owners: Noted) -> None:
    session.info.setdefault(NOTED, set()).update(owners)


def _on_rollback(session: Session) -> None:
    session.info.pop(NOTED, None)


_LISTENERS: dict[str, Any] = {
    "after_flush": _after_flush,
    "do_orm_execute": _on_execute,
    "after_rollback": _on_rollback,
}


# ── raising ───────────────────────────────────────────────────────────────────────────────────────────────


def raise_revisions() -> None:
    """Everything that was kept of the communities of which something was written is old from now on."""
    noted: set[Noted] = db.session.info.pop(NOTED, set())
    if not noted:
        return
    found = sorted({community for owner in noted for community in _communities(owner)})
    if not found:
        return
    rows = [{"community_id": community, "number": 1} for community in found]
    kind = postgresql if db.engine.dialect.name == "postgresql" else sqlite_dialect
    new: Any = kind.insert(PageRevision.__table__).values(rows)
    raised = {"number": PageRevision.number + 1}
    db.session.execute(new.on_conflict_do_update(index_elements=["community_id"], set_=raised))


def _communities(owner: Noted) -> Iterator[int]:
    if isinstance(owner, Shown):
        if owner.can_be_seen():
            yield from _communities(_owner(cast("Model", owner)))
        return
    if isinstance(owner, int):
        yield owner
        return
    model = next(
        m.class_ for m in Model.registry.mappers if cast("sa.Table", m.local_table).name == owner.table
    )
    row = db.session.get(model, owner.id)
    above = _owner(row) if row is not None else EVERYBODY
    yield from _communities(above)


# ── what a page reads ─────────────────────────────────────────────────────────────────────────────────────


@lru_cache(maxsize=512)
def tables_in(statement: str) -> frozenset[str]:
    """The tables that a statement may speak of: every word of it that is the name of one, and no column."""
    return frozenset(re.findall(r"(?<![.\w])\w+", statement)) & db.metadata.tables.keys()


@lru_cache(maxsize=1)
def shown_tables() -> frozenset[str]:
    """The tables whose rows public pages show."""
    return frozenset(_table_of(m) for m in Model.registry.mappers if issubclass(m.class_, Shown))


def _table_of(mapper: Mapper[Any]) -> str:
    return cast("sa.Table", mapper.local_table).name


def _note_tables(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    if has_request_context() and request.method in ("GET", "HEAD"):
        g.setdefault("tables_read", set()).update(tables_in(statement))


def kept_by(tables: Iterable[str]) -> str | None:
    """By what a page that reads these tables is kept: None, not at all, for one that nobody would hear of."""
    others = set(tables) - shown_tables()
    if not others:
        return SHOWN
    return JOURNAL if others <= JOURNAL_TABLES else None


def _say_what_it_is_kept_by(response: Response) -> Response:
    if KEEP in response.headers:
        kept = kept_by(g.get("tables_read", ()))
        if kept is None:
            del response.headers[KEEP]
        else:
            response.headers[KEEP] = kept
    return response


def state_seen() -> str | None:
    """The state of what is public that a page is made of; None where nobody looked: for who is signed in.

    It was looked at before the page asks anything: what is worked out may be newer, never older.
    """
    look: Look | None = request.environ.get(LOOK) if has_request_context() else None
    return look.shown if look is not None else None


PARTS = "kept_parts"
MOST_PARTS = 256
"""What a process keeps of pages that are made again, because another minute began or under another host."""


class _Part(NamedTuple):
    state: str
    value: Any
    tables: frozenset[str]


def kept_while_seen(name: tuple[object, ...], make: Callable[[], T]) -> T:
    """What a page works out of nothing but what is public and what its name says: made once for a state.

    It may hold no row, which would belong to one request. The tables that were read for it count as read.
    """
    state = state_seen()
    if state is None:
        return make()
    parts: OrderedDict[tuple[object, ...], _Part] = current_app.extensions.setdefault(PARTS, OrderedDict())
    there = parts.get(name)
    if there is None or there.state != state:
        there = _Part(state, make(), frozenset(g.get("tables_read", ())))
        if there.tables <= shown_tables():
            _keep(parts, name, there)
    g.setdefault("tables_read", set()).update(there.tables)
    return cast("T", there.value)


def _keep(parts: OrderedDict[tuple[object, ...], _Part], name: tuple[object, ...], made: _Part) -> None:
    parts[name] = made
    while len(parts) > MOST_PARTS:
        parts.popitem(last=False)


# ── looking ───────────────────────────────────────────────────────────────────────────────────────────────

_OF_ONE = """SELECT coalesce((SELECT number FROM page_revision WHERE community_id = 0), 0),
 coalesce((SELECT number FROM page_revision r, community c WHERE c.slug = {0} AND c.id = r.community_id), 0),
 coalesce((SELECT j.lines FROM journal j, community c WHERE c.slug = {0} AND j.chain = c.id), 0)"""
_OF_ALL = """SELECT 'all', (SELECT coalesce(sum(number), 0) FROM page_revision),
 (SELECT coalesce(sum(lines), 0) FROM journal)"""
MOST_KNOWN = 4096
"""Communities of which a process knows the newest look; whoever asks for invented ones makes it forget."""

_ALL, _ONE = b"market_look_all", b"market_look_one"
_ROWS = 2
"""PGRES_TUPLES_OK."""

Looker = Callable[[str | None], Look]


def looker(engine: sa.Engine) -> Looker:
    """A function that looks how things stand with a community, or (None) with all of them together."""
    if engine.dialect.name == "sqlite":
        return SqliteLooks(DatabaseFile(engine.url.database or ""))
    return PostgresLooks(engine)


def _look(row: tuple[Any, ...]) -> Look:
    everybody, own, lines = row
    return Look(f"{everybody}.{own}", str(lines))


class SqliteLooks:
    """Asks nothing while the database stands still, which SQLite itself says in a microsecond."""

    is_instant = journal_mode() == "wal"
    """Nobody who writes keeps it waiting: true of WAL only."""

    def __init__(self, file: DatabaseFile) -> None:
        self._data = DataVersion(file)
        self._known: dict[str | None, tuple[str, Look]] = {}

    def __call__(self, slug: str | None) -> Look:
        version = self._data()
        known = self._known.get(slug)
        if known is not None and known[0] == version:
            return known[1]
        query, values = (_OF_ALL, ()) if slug is None else (_OF_ONE.format("?1"), (slug,))
        look = _look(self._data.ask(query, values))
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[slug] = version, look
        return look


class PostgresLooks:
    """One small question on a connection of its own; whoever waits for an answer that was asked for after
    they came takes the same."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._connection: Any = None
        self._clock = count()
        self._known: dict[str | None, tuple[int, Look]] = {}

    def __call__(self, slug: str | None) -> Look:
        came = next(self._clock)
        with self._lock:
            known = self._known.get(slug)
            if known is not None and known[0] > came:
                return known[1]
            asked = next(self._clock)
            look = self._ask(slug)
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[slug] = asked, look
            return look

    def _ask(self, slug: str | None) -> Look:
        try:
            if self._connection is None:
                self._connection = self._connected()
            return _look(self._answer(slug))
        except Exception:
            self.close()  # the next one is made anew
            raise

    def _answer(self, slug: str | None) -> tuple[str, str, str]:
        """Asked of the library below the driver, which takes longer than the question."""
        named = (slug or "").encode("utf-8", "replace").replace(b"\0", b"?")
        name, values = (_ALL, []) if slug is None else (_ONE, [named])
        found = self._connection.pgconn.exec_prepared(name, values)
        if found.status != _ROWS:
            raise RuntimeError(f"no look: {found.error_message!r}")
        everybody, own, lines = (found.get_value(0, place).decode() for place in range(3))
        return everybody, own, lines

    def close(self) -> None:
        """Gives the connection back to the server."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def _connected(self) -> Any:
        borrowed = self._engine.raw_connection()
        connection: Any = borrowed.driver_connection
        borrowed.detach()
        connection.rollback()
        connection.autocommit = True
        for name, query in ((_ALL, _OF_ALL), (_ONE, _OF_ONE.format("$1"))):
            connection.pgconn.prepare(name, query.encode())
        return connection
