"""How many scans a second the gate takes, each a real POST that is committed."""

from __future__ import annotations

import http.client
import json
import re
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa

from tests.bench.bare_gate import PREPARED
from tests.bench.harness import Measurement, bench
from tests.bench.installations import (
    Installation,
    database_server,
    fresh_database,
    installation,
    open_next_market,
    served,
)
from tests.bench.servers import free_port, running
from tests.parts.postgres import Server

CLIENTS, SECONDS, ROUNDS = 8, 4.0, 3


class Gate(NamedTuple):
    """Where phones bring their scans, with which keys, and the codes of a market that is open."""

    address: str
    ref: str
    keys: list[str]
    codes: list[str]

    def body(self, code: str) -> str:
        """One scan, as the page at the gate sends it."""
        moment = round(time.time() * 1000)
        scan = {"id": token_hex(8), "code": code, "method": "camera", "seen_at": moment, "phone_at": moment}
        return json.dumps({"day": self.ref, "scans": [scan], "counts": [], "waiting": 0})


PATH = "/door/scans"


def phone_headers(key: str) -> dict[str, str]:
    """By what a phone is known."""
    return {"Authorization": f"Phone {key}", "Accept": "application/json", "Content-Type": "application/json"}


def signed_in(address: str, path: str, user: str) -> dict[str, str]:
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

    ask("POST", "/demo-sign-in", {"csrf_token": token(ask("GET", "/sign-in")), "user": user})
    page = ask("GET", path)
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": token(page),
        "Accept": "application/json",
        "Content-Type": "application/x-www-form-urlencoded",
    }


def enrolled(address: str, path: str, headers: dict[str, str]) -> str:
    """The key of a phone that takes a place at the gate, as the button of its page does."""
    connection, key = http.client.HTTPConnection(urlsplit(address).netloc), token_hex(32)
    connection.request("POST", f"{path}/own-phone", urlencode({"key": key, "entrance": ""}), headers)
    answer = connection.getresponse()
    told = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status}: {told[:200]!r}")
    return key


@contextmanager
def gate_at(at: Installation) -> Iterator[Gate]:
    """A production server on an installation whose market is open."""
    ref, codes = open_next_market(at)
    ((user,),) = at.ask("SELECT ref FROM user_account WHERE login = 'demo-gate'")
    with served(at) as address:
        path = f"/gate/demo/days/{ref}"
        headers = signed_in(address, path, str(user))
        keys = [enrolled(address, path, headers) for _phone in range(CLIENTS)]
        yield Gate(address, ref, keys, codes)


@contextmanager
def gate(server: Server | None, *, large: bool = False) -> Iterator[Gate]:
    """The same on a fresh copy of the demo, or of one whose markets have 1,000 stalls."""
    with installation(server, large=large) as at, gate_at(at) as found:
        yield found


class Bare(NamedTuple):
    """The bare view."""

    address: str


@contextmanager
def bare(server: Server | None) -> Iterator[Bare]:
    """The bare view under the same server, on the same engine."""
    with TemporaryDirectory(prefix="market-bare-") as name, ExitStack() as stack:
        url = f"sqlite:///{Path(name) / 'bare.sqlite3'}"
        if server is not None:
            url = stack.enter_context(fresh_database(server))
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            for statement in PREPARED:
                connection.exec_driver_sql(statement)
        engine.dispose()
        port = free_port()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--workers", "2"]
        command += ["--blocking-threads", "4", "--port", str(port), "tests.bench.bare_gate:app"]
        address = stack.enter_context(running(command, port, {"BARE_DATABASE": url}))
        yield Bare(address)


class Rate(NamedTuple):
    """What a run of phones came to."""

    a_second: float
    p99_ms: float
    """In this time 99 of 100 were answered."""


def scans(at: Gate | Bare, seconds: float = SECONDS) -> Rate:
    """Scans of eight phones, each of which sends the next one as soon as it has its answer."""
    end, times = time.perf_counter() + seconds, list[float]()
    failed: list[str] = []

    def phone(number: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(at.address).netloc)
        turn = number
        while time.perf_counter() < end and not failed:
            turn += CLIENTS
            began = time.perf_counter()
            status, text = send(at, connection, turn)
            times.append(time.perf_counter() - began)
            if status != 200:
                failed.append(f"{status}: {text[:200]!r}")

    phones = [threading.Thread(target=phone, args=(number,)) for number in range(CLIENTS)]
    for thread in phones:
        thread.start()
    for thread in phones:
        thread.join()
    if failed:
        raise RuntimeError(failed[0])
    return Rate(len(times) / seconds, p99_ms(times))


def send(at: Gate | Bare, connection: http.client.HTTPConnection, turn: int) -> tuple[int, bytes]:
    """One scan, and how it was answered."""
    if isinstance(at, Bare):
        form = {"code": "ABC", "client_id": token_hex(8), "method": "typed", "waited_s": "0"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/", urlencode(form), headers)
    else:
        body = at.body(at.codes[turn % len(at.codes)])
        connection.request("POST", PATH, body, phone_headers(at.keys[turn % CLIENTS]))
    answer = connection.getresponse()
    return answer.status, answer.read()


def p99_ms(times: list[float]) -> float:
    """In how many milliseconds 99 of 100 were answered."""
    return statistics.quantiles(times, n=100)[98] * 1000


def compared(engine: str) -> Measurement:
    """Ours, the bare view and ours in a large market, in turns; p99 is the worst of the rounds."""
    with (
        database_server(engine) as server,
        gate(server) as ours,
        gate(server, large=True) as large,
        bare(server) as control,
    ):
        for warmed in (ours, large, control):
            scans(warmed, 1.0)
        rounds = [(scans(ours), scans(control), scans(large)) for _round in range(ROUNDS)]
    value, against, many = (
        statistics.median(rate.a_second for rate in side) for side in zip(*rounds, strict=True)
    )
    late = statistics.median(ours.p99_ms for ours, _control, _large in rounds)
    late_large = statistics.median(large.p99_ms for _ours, _control, large in rounds)
    return Measurement.of(
        value,
        against,
        "four statements and one commit",
        p99_ms=late,
        large=many / value,
        large_p99_ms=late_large,
    )


GOAL = "ratio >= 0.4 and p99_ms <= 100 and large >= 0.833 and large_p99_ms <= 100"
"""`large`: the rate in a market of 1,000 stalls, as a part of that in one of 24."""


@bench("gate.scan.sqlite", unit="scans/s", goal=GOAL)
def scan_sqlite() -> Measurement:
    """Scans by eight phones on SQLite."""
    return compared("sqlite")


@bench("gate.scan.postgresql", unit="scans/s", goal=GOAL)
def scan_postgresql() -> Measurement:
    """The same on PostgreSQL."""
    return compared("postgresql")
