"""The production server: granian with several processes, and one process that does what is due."""

from __future__ import annotations

import multiprocessing
import time

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from market.config import Settings


def serve(settings: Settings) -> None:
    """Serves until stopped; prints the address first."""
    ticker = multiprocessing.get_context("spawn").Process(target=_tick, daemon=True)
    ticker.start()
    click.echo(f"睦邻集市: {settings.public_url}")
    Granian(
        "market.app:create_app",
        factory=True,
        interface=Interfaces.WSGI,
        address=settings.host,
        port=settings.port,
        workers=settings.processes,
        blocking_threads=4,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
    ).serve()


def _tick() -> None:
    time.sleep(3)  # the first pages go first: this process reads all the code once more
    from market.app import create_app
    from market.jobs import run

    with create_app().app_context():
        run(every=60)
