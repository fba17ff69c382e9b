"""Two hosts bring messages while the servers that take them fail half of the time and one host is killed.

    python -m tests.soak.outbox [--engine sqlite|postgresql] [--messages N] [--seed N]

Each message must arrive at least once; what arrives twice carries the same number; nothing of a community
whose quiet hours it is leaves at all; and everybody is noted as told, once. Only waiting times are shorter.
"""

from __future__ import annotations

import argparse
import random
import signal
import subprocess
import sys
import time as clockwork
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from market import clock
from market.app import create_app
from market.calendar.models import DayStep, MarketDay
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work, unit_of_work
from market.notices.models import Telling
from market.outbox import rules, service
from market.outbox.models import Outgoing, VendorWays
from market.outbox.rule_draft import RuleDraft
from market.outbox.rules import Errand, SendState, Way
from market.outbox.service import claims, preparing
from market.stalls.models import Assignment
from market.vendors.models import Vendor
from tests.bench.servers import own_environment
from tests.cast import make_cast, person
from tests.factories.gate import crowd, published_day
from tests.parts.receivers import Hook, Mailbox, hook, mailbox
from tests.soak.kills import ROOT, SECRET, Installation, installed

AT_A_MARKET = 250
"""People on one market."""
QUIET = 20
"""Messages of the community whose quiet hours it is."""
MOODS_OF_MAIL = ["451"] * 3 + ["drop"] * 3 + [""] * 4
"""Asked twice a message: about half of them fail, and of those half were taken all the same."""
MOODS_OF_HOOKS = ["503"] * 2 + ["drop"] * 2 + ["429"] + [""] * 5


@dataclass
class Soak:
    """An installation, and the servers that take its messages."""

    found: Installation
    box: Mailbox
    web: Hook
    app: Flask
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """One more host that brings what is due."""
        settings = self.found.settings
        environment = {
            **own_environment(),
            "MARKET_INSTANCE": str(settings.instance),
            "MARKET_DATABASE": settings.database,
            "MARKET_SECRET_KEY": SECRET,
            "MARKET_LOG_LEVEL": "error",
            **connections(self.box, self.web),
        }
        command = [sys.executable, "-m", "tests.soak.outbox", "--work"]
        with (settings.instance / "worker.log").open("ab") as log:
            self.workers.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))

    def kill(self) -> None:
        """As the power button would."""
        victim = self.workers.pop()
        victim.send_signal(signal.SIGKILL)
        victim.wait()

    def stop(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()


def connections(box: Mailbox, web: Hook) -> dict[str, str]:
    """Who takes the messages of an installation."""
    return {
        "MARKET_SMTP": box.url,
        "MARKET_SMS_URL": f"{web.origin}/sms",
        "MARKET_SMS_SECRET": "shared",
        "MARKET_WEBHOOK_ORIGINS": web.origin,
    }


@contextmanager
def soaking(engine: str) -> Iterator[Soak]:
    """An empty installation beside servers that take everything so far."""
    with ExitStack() as stack:
        found = stack.enter_context(installed(engine))
        box, web = stack.enter_context(mailbox()), stack.enter_context(hook())
        known = {name.removeprefix("MARKET_").lower(): value for name, value in connections(box, web).items()}
        app = create_app(found.settings.model_copy(update=known))
        soak = Soak(found, box, web, app)
        stack.callback(soak.stop)
        yield soak


# ── the host ──────────────────────────────────────────────────────────────────────────────────────────────


def work() -> None:
    """Brings what is due, for ever."""
    make_short()
    with create_app().app_context():
        while True:
            service.send_due()
            db.session.remove()
            clockwork.sleep(0.1)


def make_short() -> None:
    """The same rules with seconds for minutes, and more tries, since every second one fails."""
    second = timedelta(seconds=1)
    shorter: list[tuple[ModuleType, str, object]] = [
        (rules, "BACK_OFF", (second,) * 60),
        (claims, "SPREAD_S", 2),
        (claims, "LEASE", 20 * second),
        (preparing, "IN_HAND", 2 * second),
        (preparing, "WAITS", second),
    ]
    for module, name, value in shorter:
        setattr(module, name, value)


# ── what is to be brought ─────────────────────────────────────────────────────────────────────────────────


def make_messages(soak: Soak, number: int) -> int:
    """About so many people with something to be told, half by e-mail and half by text message; in the other
    community it is night. How many rows must arrive."""
    with soak.app.app_context():
        upgrade()
        make_cast()
        now = clock.now()
        _people("huaiyin", "staff", number, never(), soak.web.robot)
        _people("songhe", "staff-b", QUIET, all_day(now), "")
        with unit_of_work():
            db.session.execute(sa.update(DayStep).values(taken_at=now - timedelta(days=1)))
            db.session.execute(sa.update(MarketDay).values(changed_at=now - timedelta(days=1)))
            db.session.execute(sa.update(Assignment).values(assigned_at=now - timedelta(days=1)))
        for slug in ("huaiyin", "songhe"):
            do_in_unit_of_work(lambda slug=slug: service.plan(find_community(slug), at=now))  # type: ignore[misc]
        made = len(_rows("huaiyin"))
        db.session.remove()
        db.engine.dispose()
    return made


def never() -> tuple[time, time]:
    return time(0), time(0)


def all_day(now: datetime) -> tuple[time, time]:
    """Quiet hours around this moment."""
    wall = clock.local(now, "Asia/Shanghai")
    return (wall - timedelta(hours=2)).time(), (wall + timedelta(hours=8)).time()


def _people(slug: str, login: str, number: int, quiet: tuple[time, time], robot: str) -> None:
    with unit_of_work():
        community, staff = find_community(slug), person(login)
        draft = RuleDraft(
            email=True,
            reply_to="",
            sms=True,
            sms_sign="",
            robot=False,
            quiet_from=quiet[0],
            quiet_to=quiet[1],
        )
        service.set_rule(community, draft, by=staff, at=clock.now())
        if robot:
            service.set_robot(community, robot, by=staff, at=clock.now())
    for index, begin in enumerate(range(0, number, AT_A_MARKET)):
        with unit_of_work():
            community, staff = find_community(slug), person(login)
            day = published_day(community, staff, vendors=1, in_days=10 + index)
            crowd(day, min(AT_A_MARKET, number - begin) - 1, begin)
            _count_on()
    with unit_of_work():
        _addresses(find_community(slug), person(login).id)


def _count_on() -> None:
    """Copies come with numbers of their own, which PostgreSQL must not give again."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in ("vendor", "stall", "application", "assignment", "pass_version", "document"):
        highest = f"(SELECT max(id) FROM {table})"
        db.session.execute(sa.text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {highest})"))


def _addresses(community: Community, staff: int) -> None:
    """Every second one has an e-mail address, the others a telephone."""
    ids = list(db.session.scalars(sa.select(Vendor.id).where(Vendor.community_id == community.id)))
    said = {"no_email": False, "no_sms": False, "said_by": staff, "said_at": clock.now()}
    rows = [{**said, "vendor_id": one, "email": f"v{one}@example.com"} for one in ids[::2]]
    db.session.execute(sa.insert(VendorWays), rows)


def _rows(slug: str) -> list[Outgoing]:
    query = sa.select(Outgoing).join(Community, Community.id == Outgoing.community_id)
    return list(db.session.scalars(query.where(Community.slug == slug).order_by(Outgoing.id)))


# ── what arrived ──────────────────────────────────────────────────────────────────────────────────────────


def waiting(app: Flask) -> int:
    """How many rows have not left."""
    with app.app_context():
        query = sa.select(sa.func.count()).select_from(Outgoing).join(Outgoing.community)
        left = query.where(Community.slug == "huaiyin", Outgoing.state != SendState.SENT)
        found = db.session.scalar(left) or 0
        db.session.remove()
    return found


def arrived(soak: Soak) -> dict[str, list[str]]:
    """By number, to whom it came, as often as it came."""
    found: dict[str, list[str]] = defaultdict(list)
    for message in soak.box.received:
        found[str(message["Message-ID"]).strip("<>").split("@")[0]].append(str(message["To"]))
    for post in soak.web.posts:
        if post.path == "/sms":
            found[post.json["id"]].append(post.json["phone"])
        else:
            for one in post.headers["X-Message-Id"].split(","):
                found[one].append("robot")
    return found


def faults(soak: Soak) -> list[str]:
    """Everything that must not be."""
    came = arrived(soak)
    with soak.app.app_context():
        rows, quiet = _rows("huaiyin"), _rows("songhe")
        lost = [row.id for row in rows if not came.get(row.message_id)]
        open_ = [f"{row.id} {row.state.value} {row.fault}" for row in rows if row.state is not SendState.SENT]
        known = {row.message_id for row in rows}
        told = dict(
            db.session.execute(
                sa.select(Telling.application_id, sa.func.count()).group_by(Telling.application_id)
            ).all()
        )
        news = [row for row in rows if row.errand is Errand.NEWS and row.way is not Way.ROBOT]
        disturbed = [row.id for row in quiet if row.state is not SendState.DUE]
        untold = len(news) - len(told)
        db.session.remove()
    mixed = [number for number, people in came.items() if len(set(people)) > 1]
    found: dict[str, list[Any]] = {
        "lost": lost,
        "not ended": open_,
        "under another number": [number for number in came if number not in known],
        "one number for two people": mixed,
        "told more than once": [one for one, count in told.items() if count > 1],
        "not noted as told": [untold] if untold else [],
        "in the quiet hours": disturbed,
    }
    return [f"{what}: {len(some)}, {some[:3]}" for what, some in found.items() if some]


def bring_and_kill(
    soak: Soak, number: int, chance: random.Random, say: Callable[[str], None], seconds: float
) -> list[str]:
    """Plays it through; what must not be is what comes back."""
    made = make_messages(soak, number)
    soak.box.mood = lambda: chance.choice(MOODS_OF_MAIL)
    soak.web.mood = lambda: chance.choice(MOODS_OF_HOOKS)
    began = clockwork.monotonic()
    soak.start()
    soak.start()
    _wait(soak, lambda left: left < made * 0.6, began + seconds)
    soak.kill()
    say(f"killed one host, {waiting(soak.app)} of {made} have not left")
    _wait(soak, lambda left: not left, began + seconds)
    soak.stop()
    took, came = clockwork.monotonic() - began, arrived(soak)
    twice = sum(len(people) > 1 for people in came.values())
    copies = sum(len(people) for people in came.values())
    say(f"{made} messages in {took:.0f} s, {copies} copies arrived, {twice} messages more than once")
    return faults(soak)


def _wait(soak: Soak, enough: Callable[[int], bool], until: float) -> None:
    while not enough(waiting(soak.app)) and clockwork.monotonic() < until:
        clockwork.sleep(0.3)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261127)
    chosen = parser.parse_args(arguments)
    if chosen.work:
        work()
    with soaking(chosen.engine) as soak:
        wrong = bring_and_kill(soak, chosen.messages, random.Random(chosen.seed), print, 3600)
        print((soak.found.settings.instance / "worker.log").read_text(encoding="utf-8")[-2000:])
    print("\n".join(wrong) or "nothing lost, nothing under two numbers, nothing at night")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
