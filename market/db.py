"""The database: column types, connection settings and the one unit of work for SQLite and PostgreSQL."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import sqlalchemy as sa
from flask import Flask, current_app
from flask_babel import lazy_gettext as _
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InvalidatePoolError,
    InvalidRequestError,
    OperationalError,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, make_transient_to_detached, mapped_column, registry
from sqlalchemy.orm.attributes import set_committed_value

from market import sqlite
from market.errors import Refusal
from market.log import log

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """An aware UTC moment; stored without zone, because SQLite has none and both engines must agree."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


def str_enum(values: type[StrEnum]) -> sa.Enum:
    """A text column that holds the values (not the names) of a StrEnum."""
    return sa.Enum(values, native_enum=False, length=40, values_callable=lambda e: [m.value for m in e])


def spelt(value: StrEnum) -> sa.ColumnElement[Any]:
    """A word that stands in the statement itself and is no parameter. SQLite plans a statement anew each time
    when a partial index asks about a parameter of it, which takes longer than the statement."""
    return sa.literal_column(f"'{value.value}'")


class Model(DeclarativeBase):
    """Base of every table."""

    # Flask-SQLAlchemy copies the attributes of this class: a ready registry can be copied, a type map cannot.
    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={
            datetime: UtcDateTime,
            int: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        },
    )


_ALPHABET = "abcdefghjkmnpqrstvwxyz0123456789"


def new_ref() -> str:
    """Ten characters, 50 random bits: names a row in a URL, so that nothing can be counted or guessed."""
    return "".join(secrets.choice(_ALPHABET) for _index in range(10))


class Referable:
    """A row that has an address."""

    ref: Mapped[str] = mapped_column(sa.String(10), unique=True, default=new_ref)


class Shown:
    """A row that public pages show: when one is written, the pages that were kept of its community are old.

    A test asks which tables the public pages read, and none of them may be without this mark.
    """

    shown_columns: ClassVar[tuple[str, ...]] = ()
    """Only a change of these can be seen on a public page; empty: any change, and a new row."""

    def can_be_seen(self) -> bool:
        """Whether a public page may show this row yet."""
        return True


class DerivedShown(Shown):
    """A row that public pages show, written only together with rows marked `Shown`: those make pages old."""


db = SQLAlchemy(model_class=Model, session_options={"autoflush": True})
migrate = Migrate()

MIGRATIONS = Path(__file__).parent / "migrations"

T = TypeVar("T")
M = TypeVar("M", bound=Model)

MAX_TRIES = 6
MAX_TRIES_OF_A_TAKEN_KEY = 3
"""The second look answers with a sentence where a service looks first; a third failure is our mistake."""
MIGRATION_LOCK = 20241124
"""Advisory lock that lets one host migrate a PostgreSQL database at a time."""
_RETRYABLE_STATES = {"40001", "40P01", "55P03"}


class guards:  # noqa: N801 - reads as a word: `guards.on`
    """Whether locks are taken. Only tests switch them off, to see that the harm they prevent is real."""

    on = True


def init_app(app: Flask, database_url: str) -> None:
    """Connects the application to its database."""
    # Errors are logged, and the parameters of a statement hold names and phone numbers.
    engine: dict[str, Any] = {"hide_parameters": True}
    if database_url.startswith("sqlite"):
        engine["module"] = sqlite.module()
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS), render_as_batch=True)
    with app.app_context():
        engine_made = db.engine
    if engine_made.dialect.name == "sqlite":
        file = sqlite.DatabaseFile(engine_made.url.database or "")
        app.extensions["database_file"] = file
        _listen_sqlite(engine_made, file)
    else:
        _listen_postgresql(engine_made)


def _listen_sqlite(engine: sa.Engine, file: sqlite.DatabaseFile) -> None:
    sa.event.listen(engine, "do_connect", lambda *_arguments: file.connect())
    sa.event.listen(engine, "connect", sqlite.prepare)
    sa.event.listen(engine, "checkout", lambda *_arguments: file.check())
    sa.event.listen(engine, "begin", _begin_sqlite)


def _begin_sqlite(connection: sa.Connection) -> None:
    if not guards.on:
        return  # every statement commits by itself, which is what the control tests need
    options = connection.get_execution_options()
    writing = options.get("write", False)
    _let_write(connection, writing or options.get("before_act", False))
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _let_write(connection: sa.Connection, may: bool) -> None:
    """Said only where it is something new: it makes SQLite forget how every statement is done."""
    if connection.info.get("may_write") is not may:
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if may else 'ON'}")
        connection.info["may_write"] = may


def before_act() -> sa.Connection:
    """The connection for what is asked right before an act, so that it stays as acts need it."""
    begun = db.session().in_transaction()
    return db.session.connection(execution_options=None if begun else {"before_act": True})


def _listen_postgresql(engine: sa.Engine) -> None:
    sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "checkin", _note_idle)
    sa.event.listen(engine, "checkout", lambda found, record, _proxy: _ping_the_idle(engine, found, record))
    sa.event.listen(engine, "begin", _begin_postgresql)


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """Nobody waits longer than this for a lock; said once for each connection, not for each act."""
    connection.autocommit = True
    connection.execute("SET lock_timeout = '3s'")
    connection.autocommit = False


IDLE_S = 1.0
"""A connection that lay longer is asked whether it still lives. One that broke since is found out by the act
itself, which is run again."""


def _note_idle(_connection: Any, record: Any) -> None:
    record.info["idle_since"] = time.monotonic()


def _ping_the_idle(engine: sa.Engine, connection: Any, record: Any) -> None:
    if time.monotonic() - record.info.get("idle_since", time.monotonic()) <= IDLE_S:
        return
    try:
        engine.dialect.do_ping(connection)
    except Exception as error:
        raise InvalidatePoolError from error


def _begin_postgresql(connection: sa.Connection) -> None:
    """Goes along with the BEGIN itself."""
    driver: Any = connection.connection.driver_connection
    driver.read_only = not connection.get_execution_options().get("write", False)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """One write transaction: everything inside is committed together, or nothing is.

    On SQLite a fair file lock queues the writers and BEGIN IMMEDIATE makes the transaction exclusive from its
    first read. On PostgreSQL the transaction is READ COMMITTED and `lock_row` serialises what must be.
    """
    if db.session.info.get("in_unit_of_work"):
        raise RuntimeError("a unit of work inside another one would wait for itself")
    db.session.rollback()
    with write_lock():
        db.session.info["in_unit_of_work"] = True
        try:
            db.session.connection(execution_options={"write": True})
            yield
            _finish()
            _commit()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            db.session.info.pop("in_unit_of_work", None)
            db.session.info.pop(HELD, None)


def _finish() -> None:
    """What `create_app` hung on the end of every unit of work: the journal writes its lines."""
    db.session.flush()
    for act in current_app.extensions.get("before_commit", ()):
        act()


def _commit() -> None:
    db.session.flush()
    try:
        db.session.commit()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        # Nobody can know whether it was written, so it must not be done again without looking.
        sentence = _("数据库刚才断了，不知道这一步记上没有。请先看一眼，没有记上再做一次。")
        raise Refusal("database.unsure", sentence, 503) from error


@contextmanager
def write_lock() -> Iterator[None]:
    """The queue of writers to a SQLite file; PostgreSQL needs none."""
    with ExitStack() as stack:
        if db.engine.dialect.name == "sqlite" and guards.on:
            try:
                stack.enter_context(sqlite.write_lock(f"{db.engine.url.database}.lock"))
            except OSError as error:  # the folder is gone, or may only be read
                raise unavailable() from error
        yield


def do_in_unit_of_work(act: Callable[[], T]) -> T:
    """Runs an act in a unit of work, again (at most six times in all) when another writer was in the way.

    Only what was rolled back is run again, so that running it twice is running it once.
    """
    for attempt in range(1, MAX_TRIES + 1):
        try:
            with unit_of_work():
                return act()
        except DBAPIError as error:
            if not _retryable(error, attempt):
                raise _as_refusal(error) from error
            time.sleep(random.uniform(0.02, 0.05) * 2**attempt)  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")


def _retryable(error: DBAPIError, attempt: int) -> bool:
    if isinstance(error, IntegrityError):
        return attempt < MAX_TRIES_OF_A_TAKEN_KEY
    if attempt == MAX_TRIES:
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state in _RETRYABLE_STATES
    return error.connection_invalidated or (
        isinstance(error, OperationalError) and ("locked" in str(error.orig) or "busy" in str(error.orig))
    )


def _as_refusal(error: DBAPIError) -> Exception:
    if isinstance(error, IntegrityError):
        log.error("taken key", exc_info=error)
        sentence = _("刚才有人同时做了同一件事，您这一步没有记上。请刷新看看，再决定要不要做。")
        return Refusal("database.conflict", sentence)
    return unavailable() if isinstance(error, OperationalError) else error


def unavailable() -> Refusal:
    """What people read while the database is away or overrun."""
    return Refusal("database.unavailable", _("现在连不上数据库，什么都没有改动。请过一会儿再试一次。"), 503)


def gone() -> Refusal:
    """What people read when somebody took out what they were working on."""
    return Refusal("database.gone", _("刚才有人改动了这一处，您这一步没有记上。请回到首页再进来看看。"))


def lock_row(row: Model) -> None:
    """Waits until nobody else acts on this row, then reads it again. Refuses `database.gone` when it was
    taken out meanwhile.

    Lock first, read second: what was read before the lock may already be untrue.
    """
    db.session.flush()  # refresh() forgets what is not written yet
    if (_alone() or is_held(row)) and not sa.inspect(row).expired:
        return
    mapper = sa.inspect(type(row))
    table = str(mapper.local_table)
    key = sa.inspect(row).identity
    if guards.on and db.engine.dialect.name == "postgresql" and key is not None:
        db.session.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtext(:table), :key)"),
            {"table": table, "key": int(key[0])},
        )
    if not still_there(row):
        raise gone()


def still_there(row: Model) -> bool:
    """Reads a row again, behind a lock; False when whoever held the lock before us took it out."""
    try:
        db.session.refresh(row)
    except InvalidRequestError:
        return False
    return True


HELD = "held"


def held() -> dict[object, object]:
    """What the running unit of work has locked by other means than `lock_row`, each by its name; a row that
    was read behind such a lock is kept, so that it need not be read twice. Forgotten when it ends."""
    known: dict[object, object] = db.session.info.setdefault(HELD, {})
    return known if db.session.info.get("in_unit_of_work") else {}


def hold(row: Model) -> None:
    """Says that this row was locked and read afterwards: `lock_row` has nothing to do for it."""
    held()[sa.inspect(row).key] = row


def is_held(row: Model) -> bool:
    """Whether that was said in the running unit of work."""
    return sa.inspect(row).key in held()


def _alone() -> bool:
    """Whether nobody else can have written since this unit of work began to read: so it is on SQLite."""
    return guards.on and db.engine.dialect.name == "sqlite" and bool(db.session.info.get("in_unit_of_work"))


def unread(model: type[M], number: int) -> M:
    """The row of this number, which is read when somebody asks it something."""
    return read_along(model, id=number)


def read_along(model: type[M], **columns: Any) -> M:
    """A row of which a statement about something else has just read these columns (`id` among them) and rows
    around it; what was not read along is read when somebody asks for it."""
    row = cast("M | None", db.session.identity_map.get(sa.orm.util.identity_key(model, columns["id"])))
    if row is not None:
        for name, value in columns.items():
            set_committed_value(row, name, value)
        return row
    made = cast("M", sa.inspect(model).class_manager.new_instance())
    vars(made).update(columns)
    make_transient_to_detached(made)
    db.session.add(made)
    return made


def key_of(row: Model) -> int:
    """The number of a row, which never changes: known without reading the row again after a lock."""
    identity = sa.inspect(row).identity
    return int(identity[0] if identity is not None else row.id)  # type: ignore[attr-defined]  # a new row's own


def race_point(name: str) -> None:
    """A named moment between looking and acting, where a test can hold everyone until the race is certain."""
    hook = current_app.extensions.get("race_point")
    if hook is not None:
        hook(name)
