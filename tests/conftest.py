"""Fixtures shared by every test: an application on a fresh database, signed-in clients, a small cast."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache

from market.app import create_app
from market.config import Settings
from market.db import db
from market.people import service as people
from tests.cast import Cast, make_cast
from tests.parts.postgres import temporary_database

pytest_plugins = ["tests.parts.browser", "tests.demo_year"]

SECRET = "a secret for tests only, long enough"

both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
"""Runs a test on SQLite and on a real PostgreSQL."""


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


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Passwords of the cast are hashed with less work than real ones: hashing is meant to be slow."""
    people._hasher = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)


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
def database_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated database that only this test sees, with the cast if that is asked for."""
    filled = "populated" if "cast" in request.fixturenames else "migrated"
    with ExitStack() as stack:
        if engine == "sqlite":
            target = tmp_path / "market.sqlite3"
            shutil.copy(request.getfixturevalue(f"{filled}_sqlite"), target)
            yield f"sqlite:///{target}"
        else:
            template = request.getfixturevalue(f"{filled}_postgresql")
            yield stack.enter_context(temporary_database(template))


@pytest.fixture
def app(database_url: str, tmp_path: Path, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The application; no context is pushed, so that requests do not share `g`."""
    app = create_app(settings_for(tmp_path, database_url))
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


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
