"""How many scans a second the gate takes, each a real POST that is committed."""

from __future__ import annotations

import http.client
import re
import shutil
import sqlite3
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from tests.bench.bare_gate import PREPARED
from tests.bench.demo import DATABASE, MARKET, environment, played
from tests.bench.harness import Measurement, bench
from tests.bench.servers import free_port, running

CLIENTS, SECONDS = 8, 5.0


class Gate(NamedTuple):
    """Where to scan, with which cookie and token, and the codes of a market that is open."""

    address: str
    path: str
    headers: dict[str, str]
    codes: list[str]


def opened(instance: Path) -> tuple[str, list[str]]:
    """The market that comes next, open at this moment, and the codes of its passes."""
    now = datetime.now(UTC).replace(tzinfo=None)
    with closing(sqlite3.connect(instance / DATABASE)) as connection:
        query = "SELECT id, ref FROM market_day WHERE state = 'published'"
        number, ref = connection.execute(query).fetchone()
        hours = (now - timedelta(hours=1)).isoformat(" "), (now + timedelta(hours=5)).isoformat(" ")
        change = "UPDATE market_day SET state = 'open', open_at = ?, close_at = ? WHERE id = ?"
        connection.execute(change, (*hours, number))
        query = "SELECT short_code FROM pass_version WHERE day_id = ?"
        codes = connection.execute(query, (number,)).fetchall()
        connection.commit()
    return ref, [code for (code,) in codes]


def signed_in(address: str, path: str) -> dict[str, str]:
    """The headers of somebody at the gate, by the button of the demo."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    cookies: dict[str, str] = {}

    def ask(method: str, where: str, form: dict[str, str] | None = None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        body = urlencode(form) if form is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, where, body, headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _is, value = line.partition(";")[0].partition("=")
            cookies[name] = value
        return answer.read().decode()

    def token(page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        return found[1] if found else ""

    ask("POST", "/demo-sign-in", {"csrf_token": token(ask("GET", "/sign-in")), "login": "demo-gate"})
    page = ask("GET", path)
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": token(page),
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }


@contextmanager
def gate() -> Iterator[Gate]:
    """A production server on a copy of the demo whose market is open."""
    with TemporaryDirectory(prefix="market-gate-") as name:
        folder = Path(name) / "instance"
        shutil.copytree(played(), folder)
        ref, codes = opened(folder)
        port = free_port()
        with running([MARKET, "serve"], port, environment(folder, port)) as address:
            path = f"/gate/demo/days/{ref}"
            yield Gate(address, f"{path}/scans", signed_in(address, path), codes)


@contextmanager
def bare() -> Iterator[Gate]:
    """The bare view under the same server."""
    with TemporaryDirectory(prefix="market-bare-") as name, ExitStack() as stack:
        file = Path(name) / "bare.sqlite3"
        with closing(sqlite3.connect(file)) as connection:
            for statement in PREPARED:
                connection.execute(statement)
            connection.commit()
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--workers", "2"]
        command += ["--blocking-threads", "4", "--port", str(port), "tests.bench.bare_gate:app"]
        address = stack.enter_context(running(command, port, {"BARE_DATABASE": f"sqlite:///{file}"}))
        yield Gate(address, "/", {"Content-Type": "application/x-www-form-urlencoded"}, ["ABC"])


def scans(at: Gate, seconds: float = SECONDS) -> tuple[float, float]:
    """Scans a second of eight phones, and the seconds in which 99 of 100 were answered."""
    end, times = time.perf_counter() + seconds, list[float]()

    def phone(number: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(at.address).netloc)
        turn = number
        while time.perf_counter() < end:
            turn += CLIENTS
            form = {"code": at.codes[turn % len(at.codes)], "client_id": token_hex(8), "method": "typed"}
            began = time.perf_counter()
            connection.request("POST", at.path, urlencode({**form, "seconds": "0"}), at.headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status}: {text[:200]!r}")
            times.append(time.perf_counter() - began)

    phones = [threading.Thread(target=phone, args=(number,)) for number in range(CLIENTS)]
    for thread in phones:
        thread.start()
    for thread in phones:
        thread.join()
    return len(times) / seconds, statistics.quantiles(times, n=100)[98]


@bench("gate.scan.sqlite", unit="scans/s", goal="ratio >= 0.4")
def scan_sqlite() -> Measurement:
    """Scans by eight phones, against a bare view with four statements and one commit."""
    with gate() as ours, bare() as control:
        rounds = [(scans(ours), scans(control)) for _round in range(3)]
    value, late = statistics.median(r[0][0] for r in rounds), statistics.median(r[0][1] for r in rounds)
    against = statistics.median(r[1][0] for r in rounds)
    return Measurement.of(value, against, f"four statements and one commit; p99 of ours {late * 1000:.0f} ms")
