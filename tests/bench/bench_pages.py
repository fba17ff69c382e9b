"""How often a second residents can open a page: at rest, on a market morning, and when it is not kept."""

from __future__ import annotations

import statistics
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import sqlalchemy as sa

from tests.bench import bare_row
from tests.bench.bench_gate import Gate, gate_at
from tests.bench.harness import Measurement, alternate, bench
from tests.bench.installations import Installation, database_server, fresh_database, installation
from tests.bench.load import requests_per_second
from tests.bench.morning import (
    OTHERS_A_SECOND,
    PHONES,
    SCANS_A_SECOND,
    beside,
    others_committing,
    others_scanning,
    scanning,
    viewing,
)
from tests.bench.servers import bare_page, free_port, running
from tests.parts.postgres import Server

VIEWS_A_SECOND, CALM_S = 100, 10.0
WARM_S = 2.0
"""Before it is measured how late scans are: the first of a process puts statements and templates together."""


Job = tuple[Callable[..., None], tuple[Any, ...]]
"""What `beside` runs."""


class Stage(NamedTuple):
    """A server whose market is open, the page of that market, and constant bytes beside it."""

    at: Installation
    gate: Gate
    page: str
    bare: str

    def phones(self) -> list[Job]:
        """The phones of its gate at their pace, for `beside`."""
        return [(scanning, (self.gate, number, SCANS_A_SECOND / PHONES)) for number in range(PHONES)]


@contextmanager
def stage(server: Server | None) -> Iterator[Stage]:
    """The production server on a copy of the demo, and the bare one."""
    with installation(server) as at, gate_at(at) as gate:
        page = f"{gate.address}/c/demo/markets/{gate.ref}"
        with urllib.request.urlopen(page, timeout=30) as answer:
            size = len(answer.read())
        with bare_page(size) as bare:
            yield Stage(at, gate, page, bare + "/")


def both_engines(measure: Callable[[Stage], float]) -> tuple[float, float]:
    """The same on SQLite and on PostgreSQL."""
    found = []
    for engine in ("sqlite", "postgresql"):
        with database_server(engine) as server, stage(server) as here:
            found.append(measure(here))
    return found[0], found[1]


@bench("pages.market", unit="req/s", goal="ratio >= 0.8 and postgresql >= 0.8")
def market() -> Measurement:
    """The page of the market that comes next, against as many constant bytes from the same server."""
    seen: list[tuple[float, float]] = []

    def ratio(here: Stage) -> float:
        page, bare = here.page, here.bare
        seen.append(alternate(lambda: requests_per_second(page), lambda: requests_per_second(bare), rounds=3))
        return seen[-1][0] / seen[-1][1]

    _sqlite, postgresql = both_engines(ratio)
    return Measurement.of(*seen[0], "constant bytes from Flask, same server", postgresql=postgresql)


@bench("pages.market.busy", unit="req/s", goal="ratio >= 0.5 and postgresql >= 0.5")
def busy() -> Measurement:
    """The same while scans are written: here, in other communities, and in another database of the cluster;
    against the constant bytes while nothing is written, and (`beside_…`) while the same is."""
    seen: list[tuple[float, float, float]] = []
    for engine in ("sqlite", "postgresql"):
        with ExitStack() as stack:
            server = stack.enter_context(database_server(engine))
            here = stack.enter_context(stage(server))
            rest = statistics.median(requests_per_second(here.bare) for _round in range(3))
            works: list[Job] = [*here.phones(), (others_scanning, (here.at, OTHERS_A_SECOND))]
            if server is not None:
                other = stack.enter_context(fresh_database(server))
                works.append((others_committing, (other, SCANS_A_SECOND)))
            with beside(*works) as going_on:
                ours, bare = alternate(
                    partial(requests_per_second, here.page), partial(requests_per_second, here.bare), rounds=3
                )
                ends = [work.ended() for work in going_on]
            if any(end.done == 0 for end in ends):
                raise RuntimeError(f"nothing was written: {ends}")
            seen.append((ours, rest, bare))
    (ours, rest, bare), (ours_pg, rest_pg, bare_pg) = seen
    more = {
        "postgresql": ours_pg / rest_pg,
        "beside_sqlite": ours / bare,
        "beside_postgresql": ours_pg / bare_pg,
    }
    return Measurement.of(ours, rest, "constant bytes at rest", **more)


@bench(
    "pages.calm",
    unit="scans/s",
    goal="ratio >= 0.99 and p99_ms <= 100 and postgresql >= 0.99 and p99_ms_pg <= 100",
)
def calm() -> Measurement:
    """Whether all of 20 scans a second get through beside 100 calm views a second, and how fast."""
    late: list[float] = []

    def through(here: Stage) -> float:
        jobs = [*here.phones(), (viewing, (here.page, VIEWS_A_SECOND))]
        for lasting in (WARM_S, CALM_S):
            with beside(*jobs) as going_on:
                requests_per_second(here.bare, clients=1, seconds=0.1, warm=lasting)
                *scans, _views = [work.ended() for work in going_on]
        late.append(max(scan.p99_ms for scan in scans))
        return sum(scan.done for scan in scans) / sum(scan.tried for scan in scans)

    sqlite, postgresql = both_engines(through)
    more = {"p99_ms": late[0], "postgresql": postgresql, "p99_ms_pg": late[1]}
    tried = float(SCANS_A_SECOND)
    return Measurement.of(sqlite * tried, tried, "scans that were tried", **more)


@bench("pages.304", unit="req/s", goal="ratio >= 0.9")
def unchanged() -> Measurement:
    """Telling that a page has not changed, against sending as many constant bytes."""
    with stage(None) as here:
        with urllib.request.urlopen(here.page, timeout=30) as answer:
            tag = answer.headers["ETag"]
        ours, control = alternate(
            lambda: requests_per_second(here.page, tag=tag), lambda: requests_per_second(here.bare), rounds=3
        )
    return Measurement.of(ours, control, "constant bytes from Flask, same server")


@bench("pages.miss", unit="req/s", goal="ratio >= 0.25")
def miss() -> Measurement:
    """A page that nobody asked for before, against one row and one template."""
    with stage(None) as here, row_and_template() as control:
        ours, against = alternate(
            lambda: requests_per_second(here.page, numbered=True),
            lambda: requests_per_second(control),
            rounds=3,
        )
    return Measurement.of(ours, against, "one row and one template, same server")


@contextmanager
def row_and_template() -> Iterator[str]:
    """The control of a page that is made: it reads one row."""
    with TemporaryDirectory(prefix="market-row-") as name:
        url = f"sqlite:///{Path(name) / 'row.sqlite3'}"
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for statement in bare_row.PREPARED:
                connection.exec_driver_sql(statement)
        engine.dispose()
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--workers", "2"]
        command += ["--blocking-threads", "4", "--port", str(port), "tests.bench.bare_row:app"]
        with running(command, port, {"BARE_DATABASE": url}) as address:
            yield address + "/"


FEW, MANY = 60, 440


@bench("pages.search", unit="req/s", goal="ratio >= 0.015 and page >= 0.8 and vain >= 0.015 and flat >= 0.9")
def search() -> Measurement:
    """“Is the barber there?” in pinyin, never kept, against one row and one template.

    `page`: against the page of the market, made anew as well. `vain`: a question for what only the last
    market had, against one row. `flat`: that with 500 past markets and 384 communities that it does not show,
    against 60 markets, more than it looks through.
    """
    with stage(None) as here, row_and_template() as control:
        find = here.page.partition("/markets/")[0] + "/find?q="
        for question in ("jiantou", "xiuxie"):  # a process reads its words once
            requests_per_second(find + question)
        ours, against = alternate(
            lambda: requests_per_second(find + "jiantou"), lambda: requests_per_second(control), rounds=3
        )
        found, page = alternate(
            lambda: requests_per_second(find + "jiantou"),
            lambda: requests_per_second(here.page, numbered=True),
            rounds=3,
        )
        _add_history(here.at, FEW)
        before = statistics.median(requests_per_second(find + "xiuxie") for _round in range(3))
        _add_history(here.at, MANY)
        _add_communities(here.at, 384)
        after = statistics.median(requests_per_second(find + "xiuxie") for _round in range(3))
    more = {"page": found / page, "vain": before / against, "flat": after / before}
    return Measurement.of(ours, against, "one row and one template, same server", **more)


def _add_history(at: Installation, times: int) -> None:
    """So many markets more that were held, each with the stalls of the first, every third day before it."""
    first = at.ask("SELECT min(id) AS id FROM market_day WHERE state = 'settled'")[0].id
    number = f"{100_000 * times} + i"
    earlier = {
        name: f"datetime({name}, '-' || (3 * i) || ' days') || '.000000'" for name in ("open_at", "close_at")
    }
    _copy(at, "market_day", f"id = {first}", times, id=number, ref=f"'h{times}x' || i", **earlier)
    day = {"day_id": number, "ref": "lower(hex(randomblob(5)))"}
    _copy(at, "assignment", f"day_id = {first}", times, id="NULL", **day)


def _add_communities(at: Installation, times: int) -> None:
    """So many communities of another district."""
    _copy(at, "region", "id = 1", 1, id="9999", code="'370398000000'", name="'远区'", parent_id="NULL")
    names = {"slug": "'far' || i", "name": "'远处' || i || '社区'"}
    _copy(at, "community", "id = 1", times, id="NULL", region_id="9999", **names)


def _copy(at: Installation, table: str, which: str, times: int, **changed: str) -> None:
    """Rows of a table so often once more, with some columns written anew; `i` says which copy it is."""
    names = [row.name for row in at.ask(f"SELECT name FROM pragma_table_info('{table}')")]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    listed = ", ".join(f'"{name}"' for name in names)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
    at.ask(f"{numbers} INSERT INTO {table} ({listed}) SELECT {values} FROM {table}, n WHERE {which}")
