"""The demo year as the tests have it, with somebody of a second community, in a folder of a bench."""

from __future__ import annotations

from pathlib import Path

from flask_migrate import upgrade

from market import clock
from market.app import create_app
from market.config import Settings
from market.db import db, do_in_unit_of_work
from market.demo.play import play
from tests.demo_year import SECRET, add_strangers


def played_with_strangers(folder: Path) -> None:
    """Plays it."""
    app = create_app(Settings(instance=folder, secret_key=SECRET, log_level="error", demo=True))
    with app.app_context():
        upgrade()
        play(at=clock.now())
        do_in_unit_of_work(lambda: add_strangers(clock.now()))
        db.session.remove()
        db.engine.dispose()
