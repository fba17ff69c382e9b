"""A database of release 0.2.0 (revision 0006) with passes: replaced, moved, withdrawn, called off, replanned.

`reference/revision_0006.json` was written by that release: its rows, without audit and notices, and each code
that was printed with what anybody read of it in the morning of the market, the day before and the day after.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from market import clock
from market.communities.service import find_community
from market.db import db, do_in_unit_of_work, unit_of_work
from market.gate.models import Scan
from market.gate.rules import Verdict
from market.gate.service.look_up import look_up
from market.insight.proof import verify_everything
from market.journal.opening import open_journal
from market.passes import service as passes
from market.passes.models import PassRevocation
from market.passes.rules import RevokeReason
from market.stalls.models import Assignment, PassVersion
from tests.cast import person
from tests.conftest import both_engines
from tests.factories import gate as make
from tests.test_migrations import differences

BEFORE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "reference" / "revision_0006.json").read_text(encoding="utf-8")
)
pytestmark = [both_engines, pytest.mark.own_app]


class Read(NamedTuple):
    """What anybody read of a code."""

    standing: str
    version: int
    stall: str
    vendor: str
    newest: list[object] | None


@pytest.fixture
def migrated(context: Flask) -> Flask:
    """The application on that database, migrated."""
    downgrade(revision="0006")
    with unit_of_work():
        _fill()
    db.session.remove()
    upgrade()
    do_in_unit_of_work(lambda: open_journal(at=clock.now()))  # as `market serve` does
    return context


def _fill() -> None:
    tables = sa.MetaData()
    tables.reflect(db.session.connection())
    for table in tables.sorted_tables:
        if (kept := BEFORE["tables"].get(table.name)) is None:
            continue
        columns = [table.columns[name] for name in kept["columns"]]
        rows = [
            {column.name: _value(value, column) for column, value in zip(columns, row, strict=True)}
            for row in kept["rows"]
        ]
        db.session.execute(sa.insert(table), rows)
        if db.engine.dialect.name == "postgresql" and "id" in table.columns:
            last = sa.select(sa.func.max(table.c.id)).scalar_subquery()
            counter = sa.func.pg_get_serial_sequence(table.name, "id")
            db.session.execute(sa.select(sa.func.setval(counter, last)))


def _value(value: object, column: sa.Column[Any]) -> object:
    if isinstance(value, dict) and "base64" in value:
        return b64decode(value["base64"])
    if isinstance(column.type, sa.DateTime) and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(column.type, sa.Date) and isinstance(value, str):
        return datetime.fromisoformat(value).date()
    if isinstance(column.type, sa.Boolean):
        return bool(value)
    return value


def read_now(token: str, at: datetime) -> Read:
    found = passes.verify_token(token, at)
    assert found.stall_pass is not None, token
    held, newest = found.stall_pass.assignment, found.newest
    return Read(
        found.standing.value,
        found.stall_pass.version,
        held.label,
        held.vendor.trading_name,
        [newest.version, newest.assignment.label] if newest else None,
    )


def test_every_code_printed_before_is_read_as_it_was(migrated: Flask) -> None:
    wrong = []
    for one in BEFORE["printed"]:
        expected = Read(*(one[name] for name in Read._fields))
        found = read_now(one["token"], datetime.fromisoformat(one["at"]))
        wrong += [(expected, found)] if found != expected else []
    assert wrong == []
    assert Counter(one["standing"] for one in BEFORE["printed"]) == {
        "replaced": 15,
        "withdrawn": 12,
        "genuine": 7,
        "for_later": 7,
        "over": 7,
    }


def test_every_short_code_leads_to_the_pass_it_is_printed_on(migrated: Flask) -> None:
    for one in BEFORE["printed"]:
        seen = passes.verify_token(one["token"], datetime.fromisoformat(one["at"])).stall_pass
        assert seen is not None
        found = look_up(seen.day, one["short_code"], "a-phone-1", datetime.fromisoformat(one["at"]))
        assert found.pass_id == seen.shown.id


def test_the_pages_of_passes_printed_before_are_served(migrated: Flask) -> None:
    db.session.remove()
    client, of_old_dates = migrated.test_client(), set()
    for one in BEFORE["printed"]:
        page = client.get(f"/P/{one['token']}")
        assert page.status_code == 200
        assert one["vendor"] in page.get_data(as_text=True)
        if "证上印的是" in page.get_data(as_text=True):
            of_old_dates.add(one["short_code"])
    assert len(of_old_dates) == 5
    with migrated.app_context():
        assert verify_everything().faults == 0


def test_only_what_somebody_took_back_is_kept(migrated: Flask) -> None:
    kept = sa.select(PassRevocation.pass_id, PassRevocation.reason).order_by(PassRevocation.pass_id)
    assert [tuple(row) for row in db.session.execute(kept)] == [
        (2, RevokeReason.LOST),
        (5, RevokeReason.MISUSED),
    ]


def test_versions_go_on_from_those_that_were_printed(migrated: Flask) -> None:
    """The market that was laid again and not yet published gives second versions when it is."""
    query = sa.select(Assignment.day_id, Assignment.version, sa.func.count())
    query = query.where(Assignment.released_at.is_(None)).group_by(Assignment.day_id, Assignment.version)
    held = {(day, version): count for day, version, count in db.session.execute(query)}
    assert held == {(1, 1): 2, (1, 2): 2, (2, 2): 3, (3, 2): 2, (4, 1): 1}


def test_scans_still_say_which_pass_was_shown(migrated: Flask) -> None:
    shown = db.session.scalars(sa.select(Scan).order_by(Scan.id)).all()
    assert [(s.verdict, s.stall_pass.version if s.stall_pass else 0) for s in shown] == [
        (Verdict.ADMITTED, 1),
        (Verdict.REVOKED, 1),
    ]


def test_a_pass_replaced_afterwards_has_a_number_of_its_own(migrated: Flask) -> None:
    with unit_of_work():
        old = passes.verify_token(BEFORE["printed"][0]["token"], clock.now()).stall_pass
        assert old is not None
        last = db.session.scalar(sa.select(sa.func.max(PassVersion.id))) or 0
        new = passes.reissue(old, RevokeReason.DAMAGED, by=person("staff"), at=old.day.apply_until)
    assert (new.shown.id, new.version) == (last + 1, 2)
    assert read_now(BEFORE["printed"][0]["token"], make.morning(old.day)).newest == [2, "A01"]


def test_the_way_back_keeps_every_code_and_the_way_forth_again(migrated: Flask) -> None:
    db.session.remove()
    downgrade(revision="0006")
    upgrade()
    for one in BEFORE["printed"]:
        found = read_now(one["token"], datetime.fromisoformat(one["at"]))
        assert found == Read(*(one[name] for name in Read._fields))
    db.session.remove()
    assert differences() == []
    assert find_community("huaiyin").name == "槐荫社区"
