"""A market morning in processes of their own: scans at a steady pace, and what other communities write."""

from __future__ import annotations

import http.client
import multiprocessing
import statistics
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import sqlalchemy as sa

from market import sqlite
from tests.bench.bench_gate import PATH, Gate, phone_headers
from tests.bench.installations import Installation

SCANS_A_SECOND, OTHERS_A_SECOND, PHONES = 20, 100, 4
"""What is scanned in the community that is looked at, in all others together, and by how many phones here."""


class Pace(NamedTuple):
    """What came of something that was tried at a steady pace."""

    tried: int
    done: int
    p99_ms: float
    """From when its turn was until it was answered."""


class Work(NamedTuple):
    """Something that goes on beside; `ended` waits for it and says what came of it."""

    ended: Callable[[], Pace]


def _paced(act: Callable[[], bool], a_second: float, stop: Any, answers: Any) -> None:
    """Does the act at its turns until it is stopped; who is late catches up."""
    act()
    answers.put("begun")
    began, turn, done, times = time.perf_counter(), 0, 0, [0.0]
    while not stop.is_set():
        due = began + turn / a_second
        time.sleep(max(0.0, due - time.perf_counter()))
        turn, done = turn + 1, done + act()
        times.append(time.perf_counter() - due)
    tried = max(turn, int((time.perf_counter() - began) * a_second))
    answers.put((tried, done, times))


@contextmanager
def beside(*works: tuple[Callable[..., None], tuple[Any, ...]]) -> Iterator[list[Work]]:
    """Runs each of these in a process of its own meanwhile: functions that take `stop` and `answers` last."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    with ExitStack() as stack:
        running = []
        for function, values in works:
            answers = context.Queue()
            process = context.Process(target=function, args=(*values, stop, answers), daemon=True)
            process.start()
            stack.callback(process.kill)
            running.append(answers)
        for answers in running:  # they start Python first
            answers.get(timeout=60)

        def ended(answers: Any) -> Pace:
            stop.set()
            tried, done, times = answers.get(timeout=60)
            return Pace(tried, done, statistics.quantiles([*times, 0.0], n=100)[98] * 1000)

        yield [Work(lambda answers=answers: ended(answers)) for answers in running]  # type: ignore[misc]  # bound now


def scanning(gate: Gate, number: int, a_second: float, stop: Any, answers: Any) -> None:
    """One phone at the gate, of several that share the codes."""
    connection = http.client.HTTPConnection(urlsplit(gate.address).netloc, timeout=30)
    codes, headers = gate.codes[number::PHONES], phone_headers(gate.keys[number])

    def scan() -> bool:
        codes.append(codes.pop(0))
        connection.request("POST", PATH, gate.body(codes[0]), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status == 200

    _paced(scan, a_second, stop, answers)


def viewing(page: str, a_second: float, stop: Any, answers: Any) -> None:
    """Residents who open a page."""

    def view() -> bool:
        with urllib.request.urlopen(page, timeout=30) as answer:
            return bool(answer.read())

    _paced(view, a_second, stop, answers)


def others_scanning(at: Installation, a_second: float, stop: Any, answers: Any) -> None:
    """Another host writes scans of another community: a row and the end of its journal, committed."""
    engine = _engine(at)
    line = sa.text("UPDATE journal SET lines = lines + 1 WHERE chain = 0")
    row = sa.text(
        "INSERT INTO scan (community_id, day_id, client_id, verdict, method, entrance, scanned_at,"
        " received_at, scanned_by) SELECT c.id, d.id, :client, 'unknown_code', 'typed', '', :at, :at, u.id"
        " FROM community c, market_day d, user_account u WHERE c.slug <> 'demo'"
        " AND d.state = 'settled' AND u.login = 'demo-gate' LIMIT 1"
    )

    def write() -> bool:
        lock = sqlite.write_lock(f"{engine.url.database}.lock") if at.database == "" else nullcontext()
        with lock, engine.begin() as connection:
            connection.execute(row, {"client": token_hex(8), "at": datetime.now(UTC).replace(tzinfo=None)})
            connection.execute(line)
        return True

    _paced(write, a_second, stop, answers)


def others_committing(url: str, a_second: float, stop: Any, answers: Any) -> None:
    """Another database of the same cluster commits."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE note (id SERIAL PRIMARY KEY, text VARCHAR(20))")

    def write() -> bool:
        with engine.begin() as connection:
            connection.exec_driver_sql("INSERT INTO note (text) VALUES ('x')")
        return True

    _paced(write, a_second, stop, answers)


def _engine(at: Installation) -> sa.Engine:
    if at.database:
        return sa.create_engine(at.url)
    engine = sa.create_engine(at.url, module=sqlite.module())
    sa.event.listen(engine, "connect", sqlite.prepare)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine
