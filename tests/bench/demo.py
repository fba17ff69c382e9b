"""An installation with the demo year in it, for the benches that need one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.servers import ROOT, free_port, own_environment, running

MARKET = str(Path(sys.executable).parent / "market")
DATABASE = "market.sqlite3"


def environment(instance: Path, port: int = 8000, database: str = "") -> dict[str, str]:
    """Settings of an installation in a folder; `database`: where it is, if not in the folder."""
    settings = {"MARKET_INSTANCE": str(instance), "MARKET_DEMO": "1", "PORT": str(port)}
    settings |= {"MARKET_DATABASE": database} if database else {}
    return {**own_environment(), **settings}


def play_into(instance: Path) -> float:
    """Seconds of `market demo` in an empty folder, the program's start and the migrations among them."""
    began = time.perf_counter()
    command = [MARKET, "demo"]
    subprocess.run(command, cwd=ROOT, env=environment(instance), check=True, capture_output=True)
    return time.perf_counter() - began


@lru_cache(maxsize=1)
def _played() -> TemporaryDirectory[str]:
    folder: TemporaryDirectory[str] = TemporaryDirectory(prefix="market-bench-")
    play_into(Path(folder.name))
    return folder


def played() -> Path:
    """A folder in which the demo was played once; it goes away with the process."""
    return Path(_played().name)


@contextmanager
def production() -> Iterator[str]:
    """The address of the production server on the demo, as `make run` starts it."""
    port = free_port()
    with running([MARKET, "serve"], port, environment(played(), port)) as address:
        yield address


def newest_market() -> str:
    """The path of the page that residents open most: the market that comes next."""
    query = "SELECT ref FROM market_day WHERE state = 'published' ORDER BY open_at DESC LIMIT 1"
    with closing(sqlite3.connect(played() / DATABASE)) as connection:
        (ref,) = connection.execute(query).fetchone()
    return f"/c/demo/markets/{ref}"
