"""Kills the server or its database again and again while markets are settled and corrected.

    python -m tests.soak.kills [--engine sqlite|postgresql] [--rounds N] [--seed N]

On SQLite all processes of the server get SIGKILL; on PostgreSQL the database is stopped at once (SIGQUIT, as
a crash) while the server goes on. After every kill whatever was acknowledged must be there, and nothing
twice; at the end each figure that was sent is there exactly once and `ledger verify` finds nothing.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from market.app import create_app
from market.communities.service import find_community
from market.config import Settings
from market.db import db, do_in_unit_of_work, unit_of_work
from market.ledger import service as ledger
from market.ledger.models import Book
from market.ledger.queries import find_book
from market.ledger.rules import EntryKind
from market.ledger.verification import verify
from market.settlement.models import Settlement, TakingsReport
from market.stalls import service as stalls
from market.stalls.models import Assignment
from tests.bench.servers import answers, free_port, own_environment
from tests.cast import make_cast, person
from tests.factories.settlement import ended_market
from tests.parts.postgres import Server, running_server
from tests.soak.clerks import FIRST_FEN, STEP_FEN, Clerk, Desk, Market

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret for tests only, long enough"
CLERKS = 4
MARKETS_EACH = 3
LONGEST = 1.5
"""Seconds from the first answer to the kill, at most."""


@dataclass
class Installation:
    """Where the server runs and what kills it."""

    settings: Settings
    port: int
    postgres: Server | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the server and waits for it."""
        environment = {
            **own_environment(),
            "MARKET_INSTANCE": str(self.settings.instance),
            "MARKET_DATABASE": self.settings.database,
            "MARKET_SECRET_KEY": SECRET,
            "MARKET_PORT": str(self.port),
            "MARKET_LOG_LEVEL": "error",
        }
        with (self.settings.instance / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("market"), "serve"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        assert answers(self.address, self.process), "the server does not answer; see server.log"

    def kill(self) -> None:
        """As the power button would: no process gets to say a last word."""
        if self.postgres is not None:
            postmaster = (self.postgres.data / "postmaster.pid").read_text().split()[0]
            os.kill(int(postmaster), signal.SIGQUIT)
            self.postgres.stop()
        else:
            self.stop()

    def revive(self) -> None:
        """Brings back what was killed."""
        if self.postgres is not None:
            self.postgres.start()
        else:
            self.start()

    def stop(self) -> None:
        """Ends the server for good."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def installed(engine: str) -> Iterator[Installation]:
    """An empty installation in a folder of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="market-kills-")))
        postgres = stack.enter_context(running_server()) if engine == "postgresql" else None
        url = postgres.url() if postgres is not None else ""
        settings = Settings(instance=folder, database=url, secret_key=SECRET, log_level="error")
        found = Installation(settings, free_port(), postgres)
        stack.callback(found.stop)
        yield found


def make_markets(app: Flask, number: int) -> list[Market]:
    """So many markets that are over and have told their takings, one every other day up to last week."""
    with app.app_context():
        upgrade()
        make_cast()
        markets = []
        for index in range(number):
            with unit_of_work():
                staff = person("staff")
                ours = find_community("huaiyin")
                day = ended_market(ours, staff, (FIRST_FEN, 45_000), in_days=-8 - 2 * index)
                markets.append(Market(day.ref, stalls.assignments(day)[0].ref))
        db.session.remove()
        db.engine.dispose()
    return markets


def faults_after_kill(app: Flask, markets: Sequence[Market]) -> list[str]:
    """What was acknowledged and is not there, and what is there twice.

    Each clerk has one form on the way at most, so a market may hold one figure more than it acknowledged.
    """
    with app.app_context():  # a connection of before the kill is found out by the act, which is run again
        return do_in_unit_of_work(lambda: _faults_now(markets))


def _faults_now(markets: Sequence[Market]) -> list[str]:
    """All of it as it is at one moment: where only the database was killed, the clerks go on meanwhile."""
    known = [(market, len(market.acknowledged), market.settled) for market in markets]
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    return [fault for market, count, settled in known for fault in _faults(market, count, settled)]


def _faults(market: Market, count: int, settled: bool) -> Iterator[str]:
    """`count` corrections and perhaps the settlement were acknowledged before anything was read."""
    held = db.session.execute(sa.select(Assignment).where(Assignment.ref == market.stall)).scalar_one()
    figures = list(
        db.session.scalars(
            sa.select(TakingsReport.takings_fen)
            .where(TakingsReport.assignment_id == held.id)
            .order_by(TakingsReport.revision)
        )
    )
    sent = [FIRST_FEN + STEP_FEN * number for number in range(len(market.acknowledged) + 2)]
    if len(figures) <= count or figures != sent[: len(figures)]:
        yield f"{market.ref}: acknowledged {count} corrections, found {figures}"
    revisions = len(list(db.session.scalars(sa.select(Settlement).where(Settlement.day_id == held.day_id))))
    if settled and revisions != len(figures):
        yield f"{market.ref}: {revisions} settlements for {len(figures)} figures"
    if revisions > len(figures):
        yield f"{market.ref}: {revisions} settlements, and only {len(figures)} figures"
    entries = ledger.entries_about(_book(), market.ref, ("settlement",))
    posted = sum(entry.kind is EntryKind.CONTRIBUTION for entry in entries)
    if posted != revisions:
        yield f"{market.ref}: {posted} contributions posted for {revisions} settlements"


def _book() -> Book:
    book = find_book(find_community("huaiyin"))
    assert book is not None
    return book


def faults_at_end(app: Flask, markets: Sequence[Market]) -> list[str]:
    """The same once every form is acknowledged, and everything `ledger verify` finds."""
    with app.app_context(), unit_of_work():
        faults = _faults_now(markets)
        checked = verify(_book())
        return faults + [str(fault) for fault in (*checked.faults, *checked.trigger_faults)]


def acknowledged(markets: Sequence[Market]) -> int:
    """How many acts the server has said to have done."""
    return sum(len(market.acknowledged) + market.settled for market in markets)


def wait_for_work(clerks: Sequence[Clerk], markets: Sequence[Market]) -> None:
    """Until something more is acknowledged. Raises what went wrong for a clerk."""
    before = acknowledged(markets)
    while acknowledged(markets) == before:
        for clerk in clerks:
            if not clerk.is_alive():
                clerk.finish()
        time.sleep(0.01)


def kill_and_look(
    found: Installation, rounds: int, chance: random.Random, say: Callable[[str], None]
) -> list[str]:
    """Plays all rounds and returns everything that was wrong."""
    app = create_app(found.settings)
    markets = make_markets(app, CLERKS * MARKETS_EACH)
    found.start()
    desks = [Desk(found.address, login) for login in ("staff", "second")]
    for desk in desks:
        desk.sign_in()
    clerks = [Clerk(desks, markets[index::CLERKS]) for index in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    faults = []
    for number in range(1, rounds + 1):
        wait_for_work(clerks, markets)
        time.sleep(chance.uniform(0, LONGEST))
        found.kill()
        if found.postgres is None:
            faults += faults_after_kill(app, markets)
        found.revive()
        if found.postgres is not None:
            faults += faults_after_kill(app, markets)
        say(f"kill {number}: {acknowledged(markets)} acts acknowledged, {len(faults)} faults")
    for clerk in clerks:
        clerk.finish()
    found.stop()
    resent = sum(clerk.resent for clerk in clerks)
    say(f"{resent} forms were sent again after a kill")
    return faults + faults_at_end(app, markets)


def main() -> None:
    """Says what was wrong, and ends with 1 if anything was."""
    parser = argparse.ArgumentParser(prog="tests.soak.kills")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=0, help="100 on SQLite, 30 on PostgreSQL")
    parser.add_argument("--seed", type=int, default=time.time_ns())
    asked = parser.parse_args()
    rounds = asked.rounds or (100 if asked.engine == "sqlite" else 30)
    print(f"{asked.engine}, {rounds} kills, seed {asked.seed}", flush=True)
    with installed(asked.engine) as found:
        faults = kill_and_look(found, rounds, random.Random(asked.seed), lambda line: print(line, flush=True))
    for fault in faults:
        print(f"  {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
