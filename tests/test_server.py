"""The service as real processes with real sockets: nobody holds it up, and what ends is replaced."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from market import heartbeat
from market.server.children import FIRST_WAIT_S, LONGEST_WAIT_S, WELL_AFTER_S, Place
from market.server.front import MOST_OF_ONE
from tests.bench.servers import answers, free_port
from tests.test_cli import MARKET, environment

pytestmark = pytest.mark.slow

WORKERS = 2
FORM = (
    b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: %d\r\n\r\n"
)


class Service:
    """`market serve` on a folder."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "server.log"
        settings = environment(folder, PORT=str(self.port), MARKET_PROCESSES=str(WORKERS))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [str(MARKET), "serve"], env=settings, stdout=log, stderr=log, start_new_session=True
            )
        assert answers(self.address, self.process), self.log.read_text()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str = "/c/huaiyin/") -> int:
        try:
            with urllib.request.urlopen(self.address + path, timeout=30) as answer:
                answer.read()
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def refuses(self) -> bool:
        """Whether nobody listens any more."""
        try:
            self.connect().close()
        except ConnectionRefusedError:
            return True
        return False

    def children(self) -> list[int]:
        """Oldest first: the workers and the ticker."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def served(database: Path, folder: Path) -> Iterator[Service]:
    shutil.copy(database, folder / "market.sqlite3")
    service = Service(folder)
    try:
        yield service
    finally:
        service.end()


@pytest.fixture(scope="module")
def service(populated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """For tests after which it serves as before."""
    with served(populated_sqlite, tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def own_service(populated_sqlite: Path, tmp_path: Path) -> Iterator[Service]:
    """For tests that end processes."""
    with served(populated_sqlite, tmp_path) as running:
        yield running


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "waited a minute in vain"
        time.sleep(0.05)


def is_there(pid: int) -> bool:
    """Whether a process lives, dead ones that nobody has buried not counted."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


# ── nobody holds it up ────────────────────────────────────────────────────────────────────────────────────


def test_phones_that_send_half_a_form_keep_nobody_waiting(service: Service) -> None:
    with ExitStack() as stack:
        for _phone in range(MOST_OF_ONE // 2):
            phone = stack.enter_context(service.connect())
            phone.sendall(FORM % 5_000 + b"half")
        assert [service.get(path) for path in ("/c/huaiyin/", "/sign-in", "/healthz")] == [200, 200, 200]
        last = stack.enter_context(service.connect())
        last.sendall(FORM % 3 + b"a=b")
        assert last.recv(100).startswith(b"HTTP/1.1 400"), "a form that is whole is answered meanwhile"


def test_one_address_cannot_take_the_room_of_all(service: Service) -> None:
    with ExitStack() as stack:
        phones = [stack.enter_context(service.connect()) for _phone in range(WORKERS * MOST_OF_ONE + 1)]
        for phone in phones:
            phone.sendall(FORM % 5_000 + b"half")
        answered, _writable, _failed = select.select(phones, [], [], 30)
        assert {phone.recv(12) for phone in answered} == {b"HTTP/1.1 429"}
        assert service.get() == 200


def test_idle_connections_keep_nobody_waiting(service: Service) -> None:
    with ExitStack() as stack:
        for _phone in range(400):
            stack.enter_context(service.connect())
        assert service.get() == 200


def test_a_body_that_no_page_takes_is_refused_unread(service: Service) -> None:
    with service.connect() as phone:
        phone.sendall(FORM % 60_000_000)
        assert phone.recv(100).startswith(b"HTTP/1.1 413")


def test_so_is_one_that_does_not_say_how_long_it_is(service: Service) -> None:
    head = FORM.replace(b"Content-Length: %d", b"Transfer-Encoding: chunked")
    with service.connect() as phone:
        phone.sendall(head)
        with suppress(OSError):
            for _piece in range(30):
                phone.sendall(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
        assert phone.recv(100).startswith(b"HTTP/1.1 413")


def test_a_form_in_pieces_is_one_form(service: Service) -> None:
    head = FORM.replace(b"Content-Length: %d", b"Transfer-Encoding: chunked")
    with service.connect() as phone:
        for piece in (head, b"2\r\na=\r\n", b"1\r\nb\r\n", b"0\r\n\r\n"):
            phone.sendall(piece)
        assert phone.recv(100).startswith(b"HTTP/1.1 400"), "read, and refused for want of its token"


# ── what ends is replaced ─────────────────────────────────────────────────────────────────────────────────


def test_a_worker_and_the_ticker_are_replaced(own_service: Service) -> None:
    before = own_service.children()
    assert len(before) == WORKERS + 1
    for pid in before:
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda gone=pid: gone not in (now := own_service.children()) and len(now) == WORKERS + 1)  # type: ignore[misc]  # bound here
    assert not set(before) & set(own_service.children())
    assert answers(own_service.address, own_service.process, 30)
    assert own_service.get("/readyz") == 200


def test_nothing_goes_on_when_the_first_process_was_killed(own_service: Service) -> None:
    children = own_service.children()
    os.kill(own_service.process.pid, signal.SIGKILL)
    own_service.process.wait()
    wait_for(lambda: not any(map(is_there, children)))
    wait_for(own_service.refuses)  # a process whose first thread is dead may hold its socket a moment longer


def test_it_stops_when_it_is_told_to(own_service: Service) -> None:
    children = own_service.children()
    own_service.process.terminate()
    assert own_service.process.wait(30) == 0
    assert not any(map(is_there, children))


def test_a_second_one_on_the_same_port_does_not_start(service: Service, tmp_path: Path) -> None:
    settings = environment(tmp_path, PORT=str(service.port))
    second = subprocess.run(
        [str(MARKET), "serve"], env=settings, capture_output=True, text=True, timeout=120, check=False
    )
    assert second.returncode == 1
    assert str(service.port) in second.stderr
    assert service.get() == 200


LOOP = """
import sys, time
from pathlib import Path
from market.server.children import Children, Place
seen = Path(sys.argv[1])
def breaks():
    seen.write_text(seen.read_text() + "x" if seen.exists() else "x")
    raise SystemExit(3)
Children([Place("breaks", breaks), Place("works", lambda: time.sleep(600))]).run()
"""


def test_what_breaks_at_once_is_tried_less_and_less_and_ends_nothing_else(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    process = subprocess.Popen([sys.executable, "-c", LOOP, str(seen)], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: seen.exists() and len(seen.read_text()) >= 3)
        assert process.poll() is None
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_how_long_a_place_stays_empty() -> None:
    place = Place("any", lambda: None)
    assert [place.wait(0) for _turn in range(4)] == [0, FIRST_WAIT_S, 2 * FIRST_WAIT_S, 4 * FIRST_WAIT_S]
    assert [place.wait(0) for _turn in range(20)][-1] == LONGEST_WAIT_S
    assert place.wait(WELL_AFTER_S) == 0


def test_where_nobody_listens_nobody_knows_of_the_ticker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_shared", None)
    assert heartbeat.is_beating() is None
    heartbeat.begin()
    assert heartbeat.is_beating() is True
    monkeypatch.setattr(heartbeat, "LATE_S", -1.0)
    assert heartbeat.is_beating() is False
