"""What each page costs in a grown database, against the demo: seconds of the processor and statements."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from flask import Flask
from werkzeug.routing import Rule

from market import jobs
from market.access import Audience, policy_of
from market.app import create_app
from market.config import Settings
from market.db import db
from tests.bench.demo import DATABASE
from tests.bench.harness import Measurement, bench
from tests.bench.strangers import played_with_strangers
from tests.demo_year import SECRET, rules
from tests.parts.city import GROWN, grow
from tests.test_statements import PEOPLE, STATES, Asker, Known, counted, known, methods

ROUNDS = 3
"""The quickest of so many counts: others use this machine too."""

NOTHING_MS = 5.0
"""Below this a page costs too little for its ratio to say anything."""

TABLE = Path(__file__).resolve().parents[2] / "instance" / "growth.txt"


class Cost(NamedTuple):
    """What a page took."""

    status: int
    statements: int
    ms: float


@lru_cache(maxsize=1)
def _folders() -> tuple[Path, Path]:
    """The demo year, and the same grown."""
    small, large = (Path(tempfile.mkdtemp(prefix="market-growth-")) for _which in range(2))
    played_with_strangers(small)
    shutil.copy(small / DATABASE, large / DATABASE)
    grow(large, GROWN)
    return small, large


@contextmanager
def _opened(folder: Path) -> Iterator[Flask]:
    app = create_app(Settings(instance=folder, secret_key=SECRET, log_level="error", demo=True))
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


class Timer(Asker):
    """Asks for pages with what a process keeps of public facts, but without kept pages."""

    def cost(self, rule: Rule, audience: Audience) -> Cost:
        found = Cost(0, 0, 0.0)
        for state in STATES if "/<ref>" in rule.rule else STATES[:1]:
            found = self._of(rule, audience, state)
            if found.status == 200:
                break
        return found

    def _of(self, rule: Rule, audience: Audience, state: str) -> Cost:
        with self.app.test_request_context():
            address = self.app.url_map.bind("127.0.0.1").build(rule.endpoint, self._refs.of(rule, state))
        client = self._client(PEOPLE[audience])
        with patch("market.people.access.SEEN_EVERY", timedelta(days=1)):
            status = client.get(address, buffered=True).status_code
            if status != 200:
                return Cost(status, 0, 0.0)
            times = []
            for _round in range(ROUNDS):
                self.app.wsgi_app._pages.clear()  # type: ignore[attr-defined]  # made anew each time
                with counted(self.app) as asked:
                    began = time.process_time()
                    client.get(address, buffered=True)
                    times.append(1_000 * (time.process_time() - began))
        return Cost(status, len(asked), min(times))


def _costs(folder: Path, refs: Known) -> dict[str, Cost]:
    found = {}
    with _opened(folder) as app:
        timer = Timer(app, refs)
        for rule in rules(app):
            policy = policy_of(app.view_functions[rule.endpoint])
            if policy is None or "GET" not in methods(rule) or rule.endpoint == "static":
                continue
            for audience in policy.audiences:
                found[f"{rule.rule} {audience.value}"] = timer.cost(rule, audience)
    return found


@bench("pages.growth", unit="times", goal="value <= 1.5", long=True)
def growth() -> Measurement:
    """The middle of all pages: what it costs among 1,000 communities, after 1,000 markets, with 5,000
    vendors, 10^5 entries and 10^6 lines of the journal, against the demo. Each page is a row of
    instance/growth.txt."""
    small_folder, large_folder = _folders()
    with _opened(small_folder) as app:
        refs = known(app)
    small, large = _costs(small_folder, refs), _costs(large_folder, refs)
    lines, ratios, over = [], [], 0
    for page, first in small.items():
        then = large[page]
        if first.status != 200:
            continue
        ratio = (then.ms + NOTHING_MS) / (first.ms + NOTHING_MS)
        ratios.append(ratio)
        over += ratio > 1.5
        lines.append(
            f"{page:<78} {first.ms:8.1f} ms {then.ms:8.1f} ms {ratio:7.2f} x"
            f"  {first.statements:3} {then.statements:4} statements"
        )
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    more = {"pages": float(len(ratios)), "over": float(over), "most": max(ratios)}
    return Measurement(statistics.median(ratios), 1.0, statistics.median(ratios), "the demo", more)


@bench("tick.growth", unit="stmts", goal="value <= 10", long=True)
def tick() -> Measurement:
    """A round of the clock with 1,000 communities and nothing due."""
    with ExitStack() as stack:
        app = stack.enter_context(_opened(_folders()[1]))
        stack.enter_context(app.app_context())
        rounds = jobs.Rounds()
        rounds.go()
        with counted(app) as asked:
            rounds.go()
    return Measurement.of(float(len(asked)), 10.0, "statements that it may take")
