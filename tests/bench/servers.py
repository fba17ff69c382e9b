"""Servers that a bench starts on a free port of this machine and stops again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


FOREIGN = ("MARKET_", "PYTHONDONTWRITEBYTECODE")


def own_environment() -> dict[str, str]:
    """The environment without the caller's own installation, and without a development machine's wish to keep
    no compiled files: people who install this have them."""
    return {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}


@contextmanager
def running(
    command: Sequence[str],
    port: int,
    environment: Mapping[str, str] | None = None,
    *,
    folder: Path = ROOT,
    seconds: float = 120,
) -> Iterator[str]:
    """The address of a server that answers within `seconds`; it and all its processes end with the block."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**own_environment(), **(environment or {})},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            if not answers(address, process, seconds):
                log.seek(0)
                raise RuntimeError(f"{' '.join(command)} does not answer:\n{log.read().decode()[-2000:]}")
            yield address
        finally:
            _end(process)


def answers(address: str, process: subprocess.Popen[bytes], seconds: float = 120) -> bool:
    """Waits until the server answers anything at all; False when it has ended or the time is over."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            time.sleep(0.02)
        else:
            return True
    return False


@contextmanager
def bare_page(size: int, workers: int = 2) -> Iterator[str]:
    """The control of every page bench: Flask under the same server, answering `size` constant bytes."""
    port = free_port()
    granian = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--no-ws",
        "--workers",
        str(workers),
        "--blocking-threads",
        "4",
    ]
    command = [*granian, "--port", str(port), "tests.bench.bare:app"]
    with running(command, port, {"BARE_PAGE_BYTES": str(size)}) as address:
        yield address


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
