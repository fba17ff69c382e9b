"""Fixtures shared by every test: an application on a fresh database, signed-in clients, a small cast."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from pytest_playwright import pytest_playwright

from market.app import create_app
from market.config import Settings
from market.db import db
from market.fund.published import KNOWN
from market.people.service import accounts
from market.public_pages import PublicPages
from market.revisions import Looker, SqliteLooks, looker
from market.sqlite import DatabaseFile
from tests.cast import Cast, make_cast
from tests.parts.postgres import temporary_database

pytest_plugins = ["tests.parts.browser", "tests.demo_year", "tests.loaded_year"]

SECRET = "a secret for tests only, long enough"

# A busy machine is no fault of a test; what has to be fast is in tests/bench.
hypothesis.settings.register_profile("anywhere", deadline=None)
hypothesis.settings.load_profile("anywhere")
# In CI the same cases every time: what is found there must be the change's own doing. At home, new ones.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    hypothesis.settings.load_profile("ci")

both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
"""Runs a test on SQLite and on a real PostgreSQL."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a test asks for marks it, so that `-m "not browser and not postgres"` leaves none behind."""
    for item in items:
        if "browser_type" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        call = getattr(item, "callspec", None)
        if call is not None and call.params.get("engine") == "postgresql":
            item.add_marker("postgres")


def settings_for(folder: Path, database: str = "", **more: object) -> Settings:
    return Settings(instance=folder, database=database, secret_key=SECRET, log_level="error", **more)  # type: ignore[arg-type]  # plain keyword values


def _migrated(folder: Path, database: str = "") -> None:
    app = create_app(settings_for(folder, database))
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()


def _populated(folder: Path, database: str = "") -> None:
    app = create_app(settings_for(folder, database))
    with app.app_context():
        make_cast()
        db.session.remove()
        db.engine.dispose()


def pytest_configure() -> None:
    """Our own `context` and `page` are no browser's: the plugin would run those tests "in chromium" too."""
    pytest_playwright._BROWSER_FIXTURES = ("browser_type",)  # type: ignore[assignment]  # one name of five


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Passwords of the cast are hashed with less work than real ones: hashing is meant to be slow."""
    accounts._hasher = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    folder = tmp_path_factory.mktemp("migrated")
    _migrated(folder)
    return folder / "market.sqlite3"


@pytest.fixture(scope="session")
def populated_sqlite(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the cast in it."""
    folder = tmp_path_factory.mktemp("populated")
    shutil.copy(migrated_sqlite, folder / "market.sqlite3")
    _populated(folder)
    return folder / "market.sqlite3"


@pytest.fixture(scope="session")
def migrated_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a migrated, empty PostgreSQL database to copy."""
    with temporary_database() as url:
        _migrated(tmp_path_factory.mktemp("migrated"), url)
        yield url


@pytest.fixture(scope="session")
def populated_postgresql(migrated_postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same with the cast in it."""
    with temporary_database(migrated_postgresql) as url:
        _populated(tmp_path_factory.mktemp("populated"), url)
        yield url


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all the applications of a session."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """`sqlite`, unless the test is marked with `both_engines`."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def template(engine: str, request: pytest.FixtureRequest) -> str:
    """The address of the database to copy: migrated, and with the cast in it when the test asks for it."""
    filled = "populated" if "cast" in request.fixturenames else "migrated"
    found = request.getfixturevalue(f"{filled}_{engine}")
    return f"sqlite:///{found}" if engine == "sqlite" else str(found)


SHARED = "shared_by_the_tests"


@pytest.fixture
def database_url(template: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a copy that only this test sees."""
    own = request.node.get_closest_marker("own_app") is not None
    with ExitStack() as stack:
        if template.startswith("sqlite"):
            target = tmp_path / "market.sqlite3"
            shutil.copy(template.removeprefix("sqlite:///"), target)
            yield f"sqlite:///{target}"
        else:
            yield stack.enter_context(temporary_database(template, None if own else SHARED))


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of the application that tests share."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="session")
def shared_apps() -> dict[str, Flask]:
    """One application for each kind of database: building one, and compiling its SQL, costs more than most
    tests. A test that changes the application itself is marked `own_app`."""
    return {}


@pytest.fixture
def app(
    engine: str,
    database_url: str,
    tmp_path: Path,
    shared_folder: Path,
    shared_apps: dict[str, Flask],
    compiled_templates: FileSystemBytecodeCache,
    request: pytest.FixtureRequest,
) -> Iterator[Flask]:
    """The application; no context is pushed, so that requests do not share `g`."""
    if request.node.get_closest_marker("own_app") is not None:
        app = create_app(settings_for(tmp_path, database_url))
    else:
        if engine not in shared_apps:
            shared_apps[engine] = create_app(settings_for(shared_folder, database_url))
        app = shared_apps[engine]
        _turn_to(app, database_url)
    app.jinja_env.bytecode_cache = compiled_templates
    config, extensions = dict(app.config), dict(app.extensions)
    yield app
    app.config.clear()
    app.config.update(config)
    app.extensions.clear()
    app.extensions.update(extensions)
    _close(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.wsgi_app = partial(Flask.wsgi_app, app)  # type: ignore[method-assign]  # its watcher of the database ends


def _turn_to(app: Flask, database_url: str) -> None:
    """Turns a shared application to the database of this test; the pages it kept are of another one."""
    if "database_file" in app.extensions:
        file: DatabaseFile = app.extensions["database_file"]
        file.stand_at(Path(database_url.removeprefix("sqlite:///")))
        look: Looker = SqliteLooks(file)
    else:
        with app.app_context():
            look = looker(db.engine)
    app.extensions.pop(KNOWN, None)
    app.wsgi_app = PublicPages(partial(Flask.wsgi_app, app), look)  # type: ignore[method-assign]  # as create_app does


def _close(app: Flask) -> None:
    """What a browser asked for last may be answered after its test: such a request finds no file any more, or
    its connection to the old one would wait in the pool for the next test."""
    if "database_file" in app.extensions:
        app.extensions["database_file"].path.unlink(missing_ok=True)


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The application with its context pushed: for tests of services, which call no pages."""
    with app.app_context():
        yield app


@pytest.fixture
def cast(app: Flask) -> Cast:
    """Two communities and the people in them, as plain references (see tests/cast.py)."""
    return Cast()  # they are in the database from the start, see `database_url`


@pytest.fixture
def sign_in(app: Flask) -> Callable[[str], FlaskClient]:
    """Opens a browser session for a login of the cast."""

    def enter(login: str) -> FlaskClient:
        client = app.test_client()
        from tests.cast import sign_in_client

        return sign_in_client(app, client, login)

    return enter
