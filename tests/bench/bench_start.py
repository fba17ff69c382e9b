"""How long until somebody sees the first page, and until the demo year is there."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.demo import DATABASE, environment, play_into, production
from tests.bench.harness import Measurement, alternate, bench
from tests.bench.servers import ROOT, bare_page, free_port, running

FIRST_PAGE = "/c/demo/"
PATIENCE = 600


def _open(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=30) as answer:
        page: bytes = answer.read()
        return page


# ── from nothing ──────────────────────────────────────────────────────────────────────────────────────────


@bench("start.cold", unit="s", goal="value <= 120")
def cold() -> Measurement:
    """A fresh clone and `make run`: libraries, database, demo year, first page."""
    with TemporaryDirectory(prefix="market-cold-") as folder:
        alone = _install_alone(Path(folder) / "environment")
        ours = _make_run(Path(folder) / "clone")
    return Measurement.of(ours, alone, "installing the locked libraries alone")


def _install_alone(environment_folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "venv", str(environment_folder)], check=True)
    install = [str(environment_folder / "bin" / "python"), "-m", "pip", "install", "-qq", "--no-input"]
    install += ["--disable-pip-version-check", "--require-hashes", "-r", str(ROOT / "requirements.lock")]
    subprocess.run(install, check=True)
    return time.perf_counter() - began


def _make_run(clone: Path) -> float:
    began = time.perf_counter()
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    port = free_port()
    settings = {**environment(clone / "instance", port), "PATH": _path_without_our_environment()}
    with running(["make", "run", f"PORT={port}"], port, settings, folder=clone, seconds=PATIENCE) as address:
        _open(address + FIRST_PAGE)
        return time.perf_counter() - began


def _path_without_our_environment() -> str:
    """A newcomer has not activated anything."""
    ours = str(Path(sys.executable).parent)
    return os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != ours)


# ── again ─────────────────────────────────────────────────────────────────────────────────────────────────


@bench("start.warm", unit="s", goal="value <= 3")
def warm() -> Measurement:
    """The second start of an installation that has its data, to the first page."""
    with production():
        pass  # the first start plays the demo
    ours, bare = alternate(_start_ours, _start_bare, rounds=3)
    return Measurement.of(ours, bare, "a bare Flask page under the same server")


def _start_ours() -> float:
    began = time.perf_counter()
    with production() as address:
        _open(address + FIRST_PAGE)
        return time.perf_counter() - began


def _start_bare() -> float:
    began = time.perf_counter()
    with bare_page(10_000) as address:
        _open(address + "/")
        return time.perf_counter() - began


# ── the demo year ─────────────────────────────────────────────────────────────────────────────────────────


@bench("demo.load", unit="s", goal="value <= 30")
def load() -> Measurement:
    """`market demo` into an empty database: every row is made by the acts that people would take."""
    with TemporaryDirectory(prefix="market-demo-") as folder:
        seconds = play_into(Path(folder))
        raw = _insert_raw(Path(folder) / DATABASE, Path(folder) / "raw.sqlite3")
    return Measurement.of(seconds, raw, "sqlite inserting the same rows without any rule")


def _insert_raw(source: Path, target: Path) -> float:
    with closing(sqlite3.connect(source)) as played, closing(sqlite3.connect(target)) as raw:
        rows = {name: played.execute(f'SELECT * FROM "{name}"').fetchall() for name in _tables(played)}
        for (definition,) in played.execute(
            "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL"
            " AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"
        ):
            raw.execute(definition)
        began = time.perf_counter()
        for name, found in rows.items():
            _insert(raw, name, found)
        raw.commit()
        return time.perf_counter() - began


def _tables(connection: sqlite3.Connection) -> Iterable[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    return [name for (name,) in connection.execute(query)]


def _insert(raw: sqlite3.Connection, name: str, rows: list[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        raw.executemany(f'INSERT INTO "{name}" VALUES ({marks})', rows)
