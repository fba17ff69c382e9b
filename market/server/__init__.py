"""The production server: granian in several processes, and one process that does what is due."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import multiprocessing
import signal
import socket
import sys
import threading
from contextlib import suppress

import click
import sqlalchemy as sa
from flask import Flask, current_app
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server

from market import heartbeat
from market.communities.models import Community
from market.config import Settings
from market.db import db
from market.fonts.face import paper_font
from market.search.words import by_sound
from market.server.children import Children, Place
from market.server.front import THREADS, Front

TICK_AFTER = 3
"""Seconds: the first pages go first."""

CONNECTIONS = 4_096
"""Of a process. One that says nothing costs some kilobytes."""
HEADERS_MS = 20_000
"""Within this the first line and the headers of a request must be there, also of the next one."""


class PortTakenError(click.ClickException):
    """Somebody serves here already."""


def serve(settings: Settings) -> None:
    """Serves until stopped; prints the address first."""
    _refuse_taken(settings.host, settings.port)
    _allow_connections()
    logging.getLogger("_granian").addFilter(_is_no_advice)
    click.echo(f"睦邻集市: {settings.public_url}")
    if sys.platform == "win32":
        _serve_without_copies(settings)
        return
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's own method
    heartbeat.begin()
    _read_what_all_need(app)
    db.session.remove()
    db.engine.dispose()  # a connection belongs to one process
    places = [Place(f"worker-{number}", lambda: _work(app, settings)) for number in range(settings.processes)]
    Children([*places, Place("ticker", lambda: _tick_in(app))]).run()


_MOST_HEAPS, _TRIM_FROM, _MAP_FROM = -8, -1, -3
"""glibc's names for how many heaps there are (each of many threads would keep the most that it ever took),
and from how many bytes on it gives back what is free at the end of one, or maps something on its own."""
LARGE = 256 * 1024


def _read_what_all_need(app: Flask) -> None:
    """What takes much memory once it is read is read before the processes are copied, which then share it."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another library than glibc keeps no heap for each thread
            for option, value in ((_MOST_HEAPS, 2), (_TRIM_FROM, LARGE), (_MAP_FROM, LARGE)):
                ctypes.CDLL(None).mallopt(option, value)
    paper_font()
    by_sound()
    for path in _first_pages():
        with app.test_request_context(path):
            app.full_dispatch_request()


def _first_pages() -> list[str]:
    """Whoever makes the first pages reads the words of dates, templates and half of all statements."""
    slug = db.session.scalar(sa.select(Community.slug).order_by(Community.id).limit(1))
    return ["/", f"/c/{slug}/"] if slug is not None else ["/"]


def _refuse_taken(host: str, port: int) -> None:
    """Two services on one port would share its callers, half of them with old code."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"{host}:{port} 用不了（{error.strerror}）：这里可能已经有一个在运行。"
            ) from error


def _allow_connections() -> None:
    """As many open sockets as the machine lets us have."""
    if sys.platform != "win32":
        import resource

        _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _is_no_advice(record: logging.LogRecord) -> bool:
    """Granian warns that its embedded server is new; it is pinned, and tests hold it to what we need."""
    return "experimental" not in record.getMessage() and "Python threads" not in record.getMessage()


def _work(app: Flask, settings: Settings) -> None:
    """Answers until SIGTERM."""
    asyncio.run(_answer(Front(app, behind_proxy=bool(settings.trusted_proxies)), settings))


async def _answer(front: Front, settings: Settings) -> None:
    server = Server(
        front,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=1024,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_MS),
        log_level=LogLevels.warning,
    )
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


# ── the process that does what is due ─────────────────────────────────────────────────────────────────────

SEND_EVERY = 5
"""Seconds between two looks at what should leave the house."""


def _tick_in(app: Flask) -> None:
    threading.Event().wait(TICK_AFTER)
    _tick(app)


def _tick(app: Flask) -> None:
    # Here, because only this process needs the jobs.
    from market.jobs import run, send

    def bring() -> None:
        with app.app_context():
            send(every=SEND_EVERY)

    threading.Thread(target=bring, daemon=True).start()
    with app.app_context():
        run(every=60)


# ── where a process cannot be copied ──────────────────────────────────────────────────────────────────────


def _serve_without_copies(settings: Settings) -> None:
    later = threading.Timer(TICK_AFTER, _start_ticker)
    later.daemon = True
    later.start()
    Granian(
        "market.app:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.processes,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def _start_ticker() -> None:
    multiprocessing.get_context("spawn").Process(target=_tick_alone, daemon=True).start()


def _tick_alone() -> None:
    from market.app import create_app

    _tick(create_app())
