"""The production server: granian with several processes, and one process that does what is due."""

from __future__ import annotations

import logging
import multiprocessing
import threading

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from market.config import Settings
from market.public_pages import READERS

THREADS = READERS + 6
"""Of a process: some stay for the gate and for whoever is signed in, however many residents read."""

TICK_AFTER = 3
"""Seconds: the first pages go first, because the ticking process reads all the code once more."""


def serve(settings: Settings) -> None:
    """Serves until stopped; prints the address first."""
    later = threading.Timer(TICK_AFTER, _start_ticker)
    later.daemon = True
    later.start()
    click.echo(f"睦邻集市: {settings.public_url}")
    logging.getLogger("_granian").addFilter(_is_no_advice)
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


def _is_no_advice(record: logging.LogRecord) -> bool:
    """Granian warns of more threads than cores: ours wait for the database, and were meant."""
    return "Python threads" not in record.getMessage()


def _start_ticker() -> None:
    multiprocessing.get_context("spawn").Process(target=_tick, daemon=True).start()


def _tick() -> None:
    # Here, because the application stands to the right (its command line imports this module), and only this
    # process needs the jobs.
    from market.app import create_app
    from market.jobs import run

    with create_app().app_context():
        run(every=60)
