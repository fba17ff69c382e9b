"""No page asks the database more often because there is more that it does not show: every page on the demo
and on a grown database, `tests/parts/city.py`.

What a page costs in time, much larger, is in tests/bench/bench_growth.py.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from market import jobs
from market.access import Audience, policy_of
from market.app import create_app
from market.communities.rules import RegionLevel
from market.communities.service import create_community, create_region
from market.config import Settings
from market.db import db, unit_of_work
from market.vendors.found_by import Key
from market.vendors.models import Vendor
from tests.demo_year import SECRET, client_of, rules
from tests.factories.stalls import planned_day
from tests.loaded_year import columns_of
from tests.parts.city import MODERATE, Grown, grow
from tests.test_statements import Asker, Pair, counted, known, methods, opened

pytestmark = pytest.mark.slow

READ_IN_PIECES = frozenset(
    {
        "/staff/<slug>/vendors/lists/<ref>",
        "/staff/<slug>/vendors/lists/<ref>/rows/<int:number>/edit",
        "/committee/<slug>/days/<ref>/proof",
        "/staff/<slug>/days/<ref>/proof",
        "/staff/<slug>/days/<ref>/statement/notice",
    }
)
"""Pages that read a list a few hundred rows at a time: vendors, to be compared with those of a list; vouchers
of markets in joint sums. ARCHITECTURE.md says why."""

ONE_MORE = 2
"""Statements by which pages differ because there is something to show on one side only."""


@pytest.fixture(scope="module")
def grown_year(played_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grown")
    shutil.copy(played_year, folder / "market.sqlite3")
    grow(folder, MODERATE)
    return folder / "market.sqlite3"


@pytest.fixture(scope="module")
def askers(played_year: Path, grown_year: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folders = tmp_path_factory.mktemp("small"), tmp_path_factory.mktemp("grown")
    with opened(played_year, folders[0]) as small, opened(grown_year, folders[1]) as large:
        refs = known(small)
        yield Pair(Asker(small, refs), Asker(large, refs))


@pytest.mark.parametrize("audience", list(Audience))
def test_no_page_asks_more_often_in_a_grown_database(askers: Pair, audience: Audience) -> None:
    more = []
    for rule in rules(askers.small.app):
        policy = policy_of(askers.small.app.view_functions[rule.endpoint])
        assert policy is not None
        is_read = "GET" in methods(rule) and rule.endpoint != "static" and rule.rule not in READ_IN_PIECES
        if is_read and audience in policy.audiences:
            small, large = (asker.read(rule, audience) for asker in askers)
            assert small.status == large.status, rule.rule
            if large.statements > small.statements + ONE_MORE:
                more.append(f"{rule.rule}: {small.statements}, then {large.statements}")
    assert more == []


def test_a_round_of_the_clock_with_nothing_due_asks_little_and_locks_nothing(grown_year: Path) -> None:
    app = create_app(Settings(instance=grown_year.parent, secret_key=SECRET, log_level="error", demo=True))
    with app.app_context():
        rounds = jobs.Rounds()
        assert rounds.go() == []
        with counted(app) as statements:
            assert rounds.go() == []
        db.session.remove()
        db.engine.dispose()
    assert len(statements) <= 10
    assert not [text for text in statements if "IMMEDIATE" in text or text.startswith(("UPDATE", "DELETE"))]


@pytest.mark.parametrize("query", ["磨刀", "xiuxie", "解放"])
def test_a_search_in_the_register_reads_only_who_may_be_meant(askers: Pair, query: str) -> None:
    small, large = (vendors_read(asker.app, f"/staff/demo/vendors?q={query}") for asker in askers)
    assert 0 < small < large < MODERATE.vendors / 10


def vendors_read(app: Flask, address: str) -> int:
    """How many vendors come out of the database for a page: as rows, or to be judged."""
    read: list[object] = []
    client, made = client_of(app, "demo-staff"), Key.of_text

    def note(vendor: object, *_more: object) -> None:
        read.append(vendor)

    def judged(text: str) -> Key:
        note(text)
        return made(text)

    sa.event.listen(Vendor, "load", note)
    try:
        with patch.object(Key, "of_text", judged):
            assert client.get(address).status_code == 200
    finally:
        sa.event.remove(Vendor, "load", note)
    return len(read)


# ── the copies are what the services would have written ───────────────────────────────────────────────────

SEVERAL = 3


def _communities(app: Flask, count: int) -> None:
    """Each with its market, by the services."""
    from tests.cast import person

    with app.app_context(), unit_of_work():
        by = person("staff")
        for number in range(count):
            at = by.created_at
            region = create_region(f"3703030{number + 10}000", "街道", RegionLevel.STREET, at=at)
            community = create_community(
                f"there-{number}", "那边", region, host_org="居委会", phone="0533-0", zone="Asia/Shanghai",
                by=by, at=at,
            )  # fmt: skip
            planned_day(community, by)


def test_copied_communities_are_what_the_services_make(
    populated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    counts = []
    for made in (SEVERAL, 1):
        folder = tmp_path_factory.mktemp("made")
        shutil.copy(populated_sqlite, folder / "market.sqlite3")
        with opened(populated_sqlite, folder) as app:
            _communities(app, made)
        with closing(sqlite3.connect(folder / "market.sqlite3")) as connection:
            ((first,),) = connection.execute("SELECT id FROM community WHERE slug = 'there-0'").fetchall()
            if made == 1:
                Grown(connection).copy("community", [first], SEVERAL - 1, {})
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            counts.append(_facts(connection, first))
    assert counts[0] == counts[1]


def _facts(connection: sqlite3.Connection, first: int) -> dict[str, list[tuple[object, ...]]]:
    """What each table says of these communities, but for what differs by its nature: numbers, moments."""
    found = {}
    for table in ("market_day", "stall", "venue", "vendor", "application", "assignment"):
        same = [c.name for c in columns_of(connection, table) if _is_same(c.name, c.kind, c.refers_to)]
        query = f"SELECT {', '.join(same)} FROM {table} WHERE {_belongs(table)} >= {first}"
        found[table] = sorted(connection.execute(query).fetchall(), key=repr)
    return found


def _is_same(name: str, kind: str, refers_to: str | None) -> bool:
    return (
        name not in ("id", "ref", "slug", "phone", "seed")
        and kind not in ("DATETIME", "JSON")
        and refers_to is None
    )


def _belongs(table: str) -> str:
    if table in ("market_day", "venue", "vendor", "application"):
        return "community_id"
    if table == "stall":
        return "(SELECT community_id FROM venue WHERE venue.id = venue_id)"
    return "(SELECT community_id FROM market_day WHERE market_day.id = day_id)"


def test_it_is_as_large_as_it_was_asked_for(grown_year: Path) -> None:
    with closing(sqlite3.connect(grown_year)) as connection:
        (communities, markets, entries, lines) = (
            connection.execute(query).fetchone()[0]
            for query in (
                "SELECT count(*) FROM community",
                "SELECT count(*) FROM market_day WHERE state = 'settled'",
                "SELECT max(sequence) FROM entry",
                "SELECT count(*) FROM audit_row",
            )
        )
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert (communities > MODERATE.communities, markets > MODERATE.markets) == (True, True)
    assert (entries, lines >= MODERATE.lines) == (MODERATE.entries, True)


def test_the_database_finds_by_an_index_what_is_due(grown_year: Path) -> None:
    with closing(sqlite3.connect(grown_year)) as connection:
        query = "EXPLAIN QUERY PLAN SELECT id FROM market_day WHERE state = 'published' AND open_at <= '2026'"
        (plan,) = (row[3] for row in connection.execute(query))
    assert "ix_market_day_state_open" in plan
