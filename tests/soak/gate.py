"""A long morning at the gate: many phones bring scans for an hour while residents read the market's page.

    python -m tests.soak.gate [--engine sqlite|postgresql] [--minutes 60] [--scans 60000] [--views 100]

Phones behave as phones do: a tenth of their requests get no answer, those scans are brought again, and what
became due meanwhile comes along, less at once after a failure. At the end every scan is there once, each
vendor was let in once, by its earliest scan, and every view was answered.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from market import clock
from market.app import create_app
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate import service
from market.gate.models import HeldScan, Scan
from market.gate.rules import Verdict
from market.passes import service as passes
from market.stalls.models import Assignment
from tests.cast import make_cast, person
from tests.factories import gate as make
from tests.soak.kills import Installation, installed

PHONES, READERS = 16, 8
VENDORS = 120
LOST_ONE_IN = 10
AT_ONCE = 50
PATIENCE = 60.0
"""Seconds that phones have after the last scan to bring the rest."""


@dataclass(frozen=True)
class Morning:
    """The market, the keys of its phones, and the codes of its passes."""

    ref: str
    page: str
    keys: Sequence[str]
    codes: Sequence[str]


def make_morning(app: Flask) -> Morning:
    """A market that is on, with its phones at two gates."""
    with app.app_context():
        upgrade()
        make_cast()
        with unit_of_work():
            staff, at = person("staff"), clock.now()
            day = make.running_today(find_community("huaiyin"), staff)
            make.crowd(day, VENDORS - 3)
            gates = day.venue.entrance_names()
            keys = [token_hex(32) for _phone in range(PHONES)]
            for number, key in enumerate(keys):
                service.enrol_own(day, gates[number % len(gates)], key, by=staff, at=at)
            codes = [passes.pass_token(one) for one in passes.live_passes(day)]
            found = Morning(day.ref, f"/c/huaiyin/markets/{day.ref}", keys, codes)
        db.session.remove()
        db.engine.dispose()
    return found


@dataclass
class Told:
    """What one phone or reader went through."""

    took: list[float] = field(default_factory=list)
    """Seconds until each answer."""
    resent: int = 0
    troubles: Counter[str] = field(default_factory=Counter)


class Phone(threading.Thread):
    """Scans at an even pace and brings what waits, until all of it is acknowledged."""

    def __init__(self, address: str, morning: Morning, key: str, due: Iterable[float], seed: int) -> None:
        super().__init__(daemon=True)
        self.morning, self.key, self.due = morning, key, list(due)
        self.chance = random.Random(seed)
        self.waiting: dict[str, dict[str, object]] = {}
        self.sent: list[str] = []
        self.acknowledged: set[str] = set()
        self.told = Told()
        self.at_once = AT_ONCE
        self._host = urlsplit(address).netloc

    def run(self) -> None:
        begun, number = time.monotonic(), 0
        while number < len(self.due) or self.waiting:
            now = time.monotonic() - begun
            while number < len(self.due) and self.due[number] <= now:
                self._scan()
                number += 1
            if self.waiting:
                self._bring()
            elif number < len(self.due):
                time.sleep(max(0.0, self.due[number] - (time.monotonic() - begun)))
            if now > self.due[-1] + PATIENCE:
                return

    def _scan(self) -> None:
        moment, number = round(time.time() * 1000), token_hex(16)
        self.waiting[number] = {
            "id": number, "code": self.chance.choice(self.morning.codes), "method": "camera",
            "seen_at": moment, "phone_at": moment, "told": "admitted",
        }  # fmt: skip
        self.sent.append(number)

    def _bring(self) -> None:
        some = list(self.waiting.values())[: self.at_once]
        is_lost = self.chance.randrange(LOST_ONE_IN) == 0
        connection = http.client.HTTPConnection(self._host, timeout=20)
        begun = time.monotonic()
        try:
            body = json.dumps({"day": self.morning.ref, "scans": some, "waiting": 0})
            headers = {"Authorization": f"Phone {self.key}", "Content-Type": "application/json"}
            connection.request("POST", "/door/scans", body, headers)
            if is_lost:
                self.told.resent += len(some)
                time.sleep(self.chance.uniform(0, 0.05))
                return
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as trouble:
            self.told.troubles[type(trouble).__name__] += 1
            self.at_once = max(1, self.at_once // 2)
            return
        finally:
            connection.close()
        self.at_once = min(AT_ONCE, 2 * self.at_once)
        if answer.status != 200:
            self.told.troubles[str(answer.status)] += 1
            return
        self.told.took.append(time.monotonic() - begun)
        for one in json.loads(said)["scans"]:
            self.acknowledged.add(one["id"])
            self.waiting.pop(one["id"], None)


class Reader(threading.Thread):
    """Reads the page of the market so many times a second."""

    def __init__(self, address: str, path: str, every: float, seconds: float) -> None:
        super().__init__(daemon=True)
        self.path, self.every, self.seconds = path, every, seconds
        self.told = Told()
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)

    def run(self) -> None:
        begun = time.monotonic()
        for number in range(round(self.seconds / self.every)):
            time.sleep(max(0.0, begun + number * self.every - time.monotonic()))
            if time.monotonic() - begun > self.seconds + PATIENCE:
                break
            self._read()
        self._connection.close()

    def _read(self) -> None:
        begun = time.monotonic()
        try:
            self._connection.request("GET", self.path)
            answer = self._connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as trouble:
            self.told.troubles[type(trouble).__name__] += 1
            self._connection.close()
            return
        if answer.status == 200:
            self.told.took.append(time.monotonic() - begun)
        else:
            self.told.troubles[str(answer.status)] += 1


# ── what must be true at the end ──────────────────────────────────────────────────────────────────────────


def faults_of(app: Flask, morning: Morning, phones: Sequence[Phone]) -> list[str]:
    """What was sent and is not there, is there twice, or let somebody in wrongly."""
    sent = [number for phone in phones for number in phone.sent]
    unheard = sum(len(phone.waiting) for phone in phones)
    with app.app_context(), unit_of_work():
        day = service.day_of_phone(morning.ref)
        kept = Counter(db.session.scalars(sa.select(Scan.client_id).where(Scan.day_id == day.id)))
        held = db.session.scalar(sa.select(sa.func.count()).select_from(HeldScan)) or 0
        faults = list(_wrong_entries(day.id))
    heard = {number for phone in phones for number in phone.acknowledged}
    missing, twice = heard - kept.keys(), [number for number, times in kept.items() if times > 1]
    faults += [f"{unheard} scans still wait in the phones"] if unheard else []
    faults += [f"{len(missing)} scans are lost"] if missing else []
    faults += [f"{len(twice)} scans are there twice"] if twice else []
    faults += [f"{len(kept.keys() - set(sent))} scans nobody made"] if kept.keys() - set(sent) else []
    return faults + ([f"{held} scans wait for a person"] if held else [])


def _wrong_entries(day_id: int) -> Iterable[str]:
    """Vendors who were let in twice, not at all, or by a scan that was not their earliest."""
    query = (
        sa.select(Assignment.vendor_id, Scan.scanned_at, Scan.client_id, Scan.verdict)
        .join(Scan.assignment)
        .where(Scan.day_id == day_id)
        .order_by(Assignment.vendor_id, Scan.scanned_at, Scan.client_id)
    )
    firsts: dict[int, list[Verdict]] = {}
    for vendor_id, _at, _number, verdict in db.session.execute(query):
        firsts.setdefault(vendor_id, []).append(verdict)
    for vendor_id, verdicts in firsts.items():
        if verdicts != [Verdict.ADMITTED, *[Verdict.ALREADY_IN] * (len(verdicts) - 1)]:
            yield f"vendor {vendor_id}: {Counter(verdicts)}"


# ── the run ───────────────────────────────────────────────────────────────────────────────────────────────


def play(
    found: Installation, seconds: float, scans: int, views: int, say: Callable[[str], None]
) -> list[str]:
    """Plays the morning and returns everything that was wrong."""
    app = create_app(found.settings)
    morning = make_morning(app)
    found.start()
    moments = [seconds * number / scans for number in range(scans)]
    phones = [
        Phone(found.address, morning, key, moments[number::PHONES], number)
        for number, key in enumerate(morning.keys)
    ]
    readers = [Reader(found.address, morning.page, READERS / views, seconds) for _reader in range(READERS)]
    begun = time.monotonic()
    for thread in (*phones, *readers):
        thread.start()
    for thread in (*phones, *readers):
        thread.join()
    took = time.monotonic() - begun
    found.stop()
    say(_sentence("scans", [phone.told for phone in phones], took, sum(len(p.sent) for p in phones)))
    say(f"{sum(phone.told.resent for phone in phones)} scans were brought again after an answer got lost")
    say(_sentence("page views", [reader.told for reader in readers], took))
    wanted = round(seconds * views)
    seen = sum(len(reader.told.took) for reader in readers)
    faults = faults_of(app, morning, phones)
    return faults + ([f"{seen} of {wanted} page views were answered"] if seen < 0.99 * wanted else [])


def _sentence(what: str, told: Sequence[Told], took: float, count: int | None = None) -> str:
    waits = sorted(wait for one in told for wait in one.took) or [0.0]
    troubles = sum((one.troubles for one in told), Counter[str]())
    number = count if count is not None else len(waits)
    half, most = waits[len(waits) // 2], waits[int(len(waits) * 0.99)]
    said = f"{number} {what} in {took:.0f} s, {number / took:.1f}/s; an answer takes {half * 1000:.0f} ms"
    return f"{said}, p99 {most * 1000:.0f} ms{f'; {dict(troubles)}' if troubles else ''}"


def main() -> None:
    """Says what was wrong, and ends with 1 if anything was."""
    parser = argparse.ArgumentParser(prog="tests.soak.gate")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--scans", type=int, default=0, help="1,000 a minute")
    parser.add_argument("--views", type=int, default=100, help="page views a second")
    asked = parser.parse_args()
    scans = asked.scans or round(1_000 * asked.minutes)
    print(f"{asked.engine}: {scans} scans in {asked.minutes:g} minutes, {asked.views} views/s", flush=True)
    with installed(asked.engine) as found:
        faults = play(found, asked.minutes * 60, scans, asked.views, lambda line: print(line, flush=True))
    for fault in faults:
        print(f"  {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
