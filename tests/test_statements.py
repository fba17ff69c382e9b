"""How many SQL statements each page and each main act takes, and what grows with the rows.

tests/statements.txt is read in review: a second number that is higher than the first is a page that asks the
database again for each row of something. After a change that is meant, write the file anew:

    STATEMENTS=write python -m pytest tests/test_statements.py

A number that sank is written down in the same way, or the next change could spend it again unseen.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from market import clock
from market.access import Audience, policy_of
from market.app import create_app
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.config import ROOT, Settings
from market.db import db, unit_of_work
from market.gate import service as gate
from market.passes import service as passes
from market.people.service import find_user
from market.stalls.models import Assignment, PassVersion
from tests.demo_year import OURS, SECRET, Samples, client_of, rules, samples

pytestmark = pytest.mark.slow

FILE = ROOT / "tests" / "statements.txt"
REGENERATE = "STATEMENTS=write python -m pytest tests/test_statements.py"

PEOPLE: dict[Audience, str | None] = {
    Audience.PUBLIC: None,
    Audience.PHONE: None,
    Audience.PROGRAM: None,
    Audience.SIGNED_IN: "demo-vendor",
    Audience.VENDOR: "demo-vendor",
    Audience.GATE: "demo-gate",
    Audience.STAFF: "demo-staff",
    Audience.COMMITTEE: "demo-member-1",
    Audience.REGION: "demo-viewer",
    Audience.PLATFORM: "demo-platform",
}
"""Who asks for each audience."""

STATES = ("published", "settled", "open_for_application", "reviewing")
"""Markets of the demo year; a page is asked for the first of them that it has something to say of."""

TURNED = {"reviewing": "open_for_application", "allocated": "published", "closed": "published"}
"""States in which the year leaves no market, and those that are put into them while they are asked for."""

PREPARED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "allocated": (
        (
            "UPDATE market_day SET stall_limit = stall_limit + 1000 WHERE id = :day",
            "UPDATE circuit SET capacity_w = capacity_w * 1000",
        ),
        (
            "UPDATE market_day SET stall_limit = stall_limit - 1000 WHERE id = :day",
            "UPDATE circuit SET capacity_w = capacity_w / 1000",
        ),
    ),
    "closed": (
        (
            """INSERT INTO takings_report
               (day_id, assignment_id, revision, takings_fen, chosen_fen, source, reported_by, reported_at,
               reason) SELECT day_id, id, 1, 100000, CASE id WHEN (SELECT min(id) FROM assignment
               WHERE day_id = :day AND released_at IS NULL) THEN 100 ELSE 0 END, 'staff', assigned_by,
               assigned_at, '' FROM assignment WHERE day_id = :day AND released_at IS NULL""",
            """INSERT INTO close_waiver (day_id, assignment_id, fault, reason, waived_by, waived_at)
               SELECT day_id, id, 'reported_not_scanned', '在场', assigned_by, assigned_at
               FROM assignment WHERE day_id = :day AND released_at IS NULL""",
        ),
        (
            "DELETE FROM close_waiver WHERE day_id = :day",
            "DELETE FROM takings_report WHERE day_id = :day",
        ),
    ),
}
"""What a market needs in such a state, and back again. To be published: room and power for all the copies; to
be settled: everybody was there and sold something, and one vendor gives a yuan."""


class Act(NamedTuple):
    """A button that somebody presses, what the form holds, and for which market."""

    rule: str
    audience: Audience
    form: dict[str, str]
    state: str = "published"


NEWCOMER = {
    "trading_name": "新来的摊",
    "holder": "新来的人",
    "phone": "13700000001",
    "category": "craft",
    "goods": "竹编",
    "power_w": "0",
}
PROPOSAL = {
    "use_type": "5103",
    "purpose": "给老人送饭",
    "payee": "社区饭店",
    "amount": "1.00",
    "detail": "每周两次。",
}
TERMS = {"kind": "percent", "percent": "5"}
APPLYING = "open_for_application"

ACTS = (
    Act("/staff/<slug>/days/<ref>/applications/approvals", Audience.STAFF, {}, APPLYING),
    Act("/staff/<slug>/days/<ref>/plan-runs", Audience.STAFF, {}, "reviewing"),
    Act("/staff/<slug>/days/<ref>/publication", Audience.STAFF, {}, "allocated"),
    Act("/staff/<slug>/days/<ref>/passes", Audience.STAFF, {"reason": "hours_changed"}),
    Act("/staff/<slug>/days/<ref>/settlement", Audience.STAFF, {"seen": "100"}, "closed"),
    Act("/staff/<slug>/days/<ref>/call-off", Audience.STAFF, {"step": "cancel", "public_note": "大风"}),
    Act("/staff/<slug>/vendors/new", Audience.STAFF, NEWCOMER),
    Act("/staff/<slug>/vendors/<ref>/terms", Audience.STAFF, TERMS),
    Act("/staff/<slug>/fund/proposals", Audience.STAFF, PROPOSAL),
    Act("/vendor/<slug>/days/<ref>/application", Audience.VENDOR, {"power_w": "0"}, APPLYING),
    Act("/vendor/<slug>/terms", Audience.VENDOR, TERMS),
)


class Count(NamedTuple):
    """How one address was answered, with how many statements, and whether they wrote anything."""

    status: int
    statements: int
    wrote: bool


class Known(NamedTuple):
    """References of the demo year, the same in both databases."""

    samples: Samples
    days: dict[str, str]
    region: str

    def of(self, rule: Rule, state: str) -> dict[str, Any]:
        values = {"slug": OURS, "code": self.region} | self.samples.of(rule)
        if "/days/<ref>" in rule.rule or "/markets/<ref>" in rule.rule:
            values["ref"] = self.days[TURNED.get(state, state)]
        return {name: value for name, value in values.items() if name in rule.arguments}


def known(app: Flask) -> Known:
    """The newest market of each state, and whatever else addresses name."""
    query = sa.text("SELECT state, ref FROM market_day WHERE community_id = :id ORDER BY id")
    with app.app_context():
        community = find_community(OURS)
        rows = db.session.execute(query, {"id": community.id}).all()
        days = {row.state: row.ref for row in rows}
        return Known(samples(), days, community.region.code)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    statements: list[str] = []

    def note(*call: Any) -> None:
        if not call[2].startswith("PRAGMA"):  # said once for a connection, whoever has it next
            statements.append(call[2])

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


class Asker:
    """Asks one database for pages and counts; what an act would change is rolled back."""

    def __init__(self, app: Flask, refs: Known) -> None:
        self.app = app
        self._refs = refs
        self._clients: dict[str | None, FlaskClient] = {}

    def read(self, rule: Rule, audience: Audience) -> Count:
        """A page, of the first market for which there is one."""
        dated = "/days/<ref>" in rule.rule or "/markets/<ref>" in rule.rule
        tried = []
        for state in STATES if dated else STATES[:1]:
            tried.append(self.ask("GET", rule, audience, state))
            if tried[-1].status == 200:
                return tried[-1]
        return tried[0]

    def day(self, state: str) -> str:
        """The newest market in a state."""
        return self._refs.days[state]

    def press(self, act: Act) -> Count:
        (rule,) = [rule for rule in rules(self.app) if rule.rule == act.rule and "POST" in methods(rule)]
        return self.ask("POST", rule, act.audience, act.state, act.form)

    def ask(
        self, method: str, rule: Rule, audience: Audience, state: str, form: dict[str, str] | None = None
    ) -> Count:
        with self.app.test_request_context():
            urls = self.app.url_map.bind("127.0.0.1")
            address = urls.build(rule.endpoint, self._refs.of(rule, state), method=method)
        client = self._client(PEOPLE[audience])
        often = patch("market.people.access.SEEN_EVERY", timedelta(days=1))  # no page's own statement
        still = patch("market.journal.unchanged.FRESH_S", 10**12)  # or a minute ends between two of them
        with often, still, self._turned(state), patch.object(db.session, "commit", db.session.rollback):
            client.open(address, method=method, data=form, buffered=True)  # a process learns some things once
            with counted(self.app) as statements:
                answer = client.open(address, method=method, data=form, buffered=True)
        wrote = any(text.startswith(("INSERT", "UPDATE", "DELETE")) for text in statements)
        return Count(answer.status_code, len(statements), wrote)

    @contextmanager
    def _turned(self, state: str) -> Iterator[None]:
        """The market is in this state meanwhile."""
        self._turn(state, state, 0)
        try:
            yield
        finally:
            self._turn(state, TURNED.get(state, state), 1)

    def _turn(self, name: str, state: str, way: int) -> None:
        if name not in TURNED:
            return
        query = sa.text("UPDATE market_day SET state = :state WHERE ref = :ref RETURNING id")
        with self.app.app_context(), unit_of_work():
            values = {"state": state, "ref": self._refs.days[TURNED[name]]}
            day = db.session.execute(query, values).scalar_one()
            for statement in PREPARED.get(name, ((), ()))[way]:
                values = {"day": day} if ":day" in statement else {}
                db.session.execute(sa.text(statement), values)

    def _client(self, login: str | None) -> FlaskClient:
        if login not in self._clients:
            self._clients[login] = client_of(self.app, login)
        return self._clients[login]


def methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


@contextmanager
def opened(database: Path, folder: Path) -> Iterator[Flask]:
    """The application on a copy of a database, without the pages it keeps and the tokens of its forms."""
    shutil.copy(database, folder / "market.sqlite3")
    app = create_app(Settings(instance=folder, secret_key=SECRET, log_level="error", demo=True))
    app.config["WTF_CSRF_ENABLED"] = False
    app.wsgi_app = partial(Flask.wsgi_app, app)  # type: ignore[method-assign]  # past the kept pages
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


class Pair(NamedTuple):
    """The same questions to the demo year as it was played, and to the loaded one."""

    small: Asker
    loaded: Asker


@pytest.fixture(scope="module")
def askers(played_year: Path, loaded_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folders = tmp_path_factory.mktemp("small"), tmp_path_factory.mktemp("loaded")
    with opened(played_year, folders[0]) as small, opened(loaded_year, folders[1]) as loaded:
        refs = known(small)
        yield Pair(Asker(small, refs), Asker(loaded, refs))


def line(method: str, rule: str, audience: Audience, counts: Sequence[Count]) -> str:
    """One line of the file; an answer that is neither a page nor a way on says so."""
    small, loaded = counts
    assert small.status == loaded.status, f"{method} {rule}: {small} and {loaded}"
    status = "" if small.status in (200, 302, 303) else f"  ({small.status})"
    return f"{small.statements:4} {loaded.statements:4}  {method:4} {rule}  {audience}{status}"


def test_statements_are_those_that_were_reviewed(askers: Pair) -> None:
    lines = []
    for rule in rules(askers.small.app):
        policy = policy_of(askers.small.app.view_functions[rule.endpoint])
        assert policy is not None, rule.endpoint
        if "GET" in methods(rule) and rule.endpoint != "static":
            for audience in policy.audiences:
                counts = [asker.read(rule, audience) for asker in askers]
                lines.append(line("GET", rule.rule, audience, counts))
    lines += [line("POST", act.rule, act.audience, [a.press(act) for a in askers]) for act in ACTS]
    if os.environ.get("STATEMENTS") == "write":
        FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    reviewed = FILE.read_text(encoding="utf-8").splitlines()
    assert lines == reviewed, f"Meant? Then: {REGENERATE}"


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.rule)
def test_every_act_is_done_when_it_is_counted(askers: Pair, act: Act) -> None:
    for asker in askers:
        count = asker.press(act)
        assert (count.status in (302, 303), count.wrote) == (True, True), count


def test_a_scan_takes_as_many_statements_in_a_large_market(askers: Pair) -> None:
    counts = []
    for asker in askers:
        with asker.app.app_context():
            query = sa.select(PassVersion.short_code).join(PassVersion.assignment).join(PassVersion.day)
            query = query.where(MarketDay.state == "published", Assignment.released_at.is_(None))
            code = db.session.scalars(query.order_by(PassVersion.id)).first()
            assert code is not None
        form = {"code": code, "nonce": "a scan of mine"}
        counts.append(asker.press(Act("/gate/<slug>/days/<ref>/scans", Audience.GATE, form)))
    small, loaded = counts
    assert (small.status, small.wrote) == (302, True)
    assert small.statements == loaded.statements <= 12


def test_a_scan_that_a_phone_brings_takes_as_many_too(askers: Pair) -> None:
    small, loaded = (brought(asker.app, asker.day("published")) for asker in askers)
    assert (small.status, small.wrote) == (200, True)
    assert small.statements == loaded.statements <= 10


def brought(app: Flask, ref: str) -> Count:
    """The first scan of a vendor, on a market that is on now; nothing of it stays."""
    key, now = "0" * 64, clock.now()
    with app.app_context(), unit_of_work():
        day = gate.day_of_phone(ref)
        hours = day.state, day.open_at, day.close_at
        day.state, day.open_at, day.close_at = DayState.OPEN, now, now + timedelta(hours=5)
        by = find_user("demo-gate")
        assert by is not None
        gate.enrol_own(day, "", key, by=by, at=now)
        code = passes.live_passes(day)[0].short_code
    moment = now.timestamp() * 1000
    scan = {"id": "a-scan-of-mine", "code": code, "method": "camera", "seen_at": moment, "phone_at": moment}
    body = {"day": ref, "scans": [scan], "counts": [], "waiting": 0}
    with patch.object(db.session, "commit", db.session.rollback), counted(app) as statements:
        answer = app.test_client().post("/door/scans", json=body, headers={"Authorization": f"Phone {key}"})
    with app.app_context(), unit_of_work():
        day = gate.day_of_phone(ref)
        day.state, day.open_at, day.close_at = hours
    assert answer.get_json()["scans"][0]["verdict"] == "admitted"
    wrote = any(text.startswith("INSERT INTO scan") for text in statements)
    return Count(answer.status_code, len(statements), wrote)


def test_a_statement_for_each_row_would_be_seen(askers: Pair) -> None:
    """A list of passes asks once more for each stall: the number grows, and grows with the rows."""
    address = "/staff/<slug>/days/<ref>/passes"
    found = [rule for rule in rules(askers.small.app) if rule.rule == address]
    (rule,) = [rule for rule in found if "GET" in methods(rule)]
    true = askers.small.read(rule, Audience.STAFF)

    def ask_again(*_event: Any) -> None:
        db.session.execute(sa.text("SELECT 1"))

    sa.event.listen(Assignment, "load", ask_again)
    try:
        small, loaded = (asker.read(rule, Audience.STAFF) for asker in askers)
    finally:
        sa.event.remove(Assignment, "load", ask_again)
    assert true.statements < small.statements < loaded.statements
