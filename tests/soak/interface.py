"""Asks the interface at random, each operation again and again, for `--minutes`."""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import cycle
from pathlib import Path

from flask_migrate import upgrade

from market.app import create_app
from market.db import db
from tests.api.schemas import Asker
from tests.cast import make_cast
from tests.conftest import settings_for

TIMES = 20
"""Questions to one operation before the next has its turn."""


def main() -> None:
    """Ends with a line for each answer that came, or with the first that should not have come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(settings_for(Path(folder)))
        with app.app_context():
            upgrade()
            make_cast()
            db.session.remove()
        asker = Asker(app)
        until = time.monotonic() + 60 * minutes
        for operation in cycle(asker.operations()):
            if time.monotonic() >= until:
                break
            asker.ask(operation, TIMES)
    for (label, status), times in sorted(asker.asked.items()):
        print(f"{times:7}  {status}  {label}")
    if any(status >= 500 for _label, status in asker.asked):
        raise SystemExit("a server error")


if __name__ == "__main__":
    main()
