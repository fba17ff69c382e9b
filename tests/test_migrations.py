"""Migrations: the tables are those of the models, and what was there before lives on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from market import clock
from market.calendar import service as calendar
from market.calendar.models import DayPermit, MarketDay, Waiver
from market.calendar.rules import DayPermitKind
from market.communities.service import find_community
from market.db import Model, UtcDateTime, db, new_ref, unit_of_work
from market.notices import service as notices
from market.notices.rules import Channel
from market.notices.words import words_of
from market.stalls.models import Assignment, StallHold
from market.vendors import service as vendors
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import make_day
from tests.factories.gate import published_day
from tests.factories.stalls import planned_day
from tests.factories.vendors import act_for


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Model.metadata))


@both_engines
@pytest.mark.own_app
def test_the_migrated_tables_are_those_of_the_models(context: Flask) -> None:
    assert differences() == [], "A model was changed? It needs a migration: CONTRIBUTING.md, How to add"


@both_engines
@pytest.mark.own_app
def test_a_plan_made_before_the_stalls_were_held_is_held_afterwards(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        planned_day(find_community(cast.ours), person("staff"))
    db.session.remove()
    downgrade(revision="0002")
    upgrade()
    held = db.session.execute(sa.select(StallHold.assignment_id, StallHold.stall_id)).all()
    live = sa.select(Assignment.id, Assignment.stall_id).where(Assignment.released_at.is_(None))
    assert sorted(held) == sorted(db.session.execute(live).all())
    assert len(held) == 5
    db.session.remove()
    assert differences() == []


# ── what was told before messages were worked out ─────────────────────────────────────────────────────────


@dataclass
class Told:
    """A published market in a database of revision 0006, with the notices that were made then."""

    day: str
    staff: int

    def upgraded(self) -> MarketDay:
        db.session.remove()
        upgrade()
        return calendar.find_day_by_ref(self.day)

    def notice(
        self, name: str, kind: str, *, read: bool = False, told: bool = False, **changes: object
    ) -> None:
        """As the program of then wrote it."""
        find = (
            "SELECT v.phone, v.user_id, v.holder, d.community_id, d.open_at, d.close_at, d.arrive_by, s.label"
            " FROM vendor v JOIN application a ON a.vendor_id = v.id JOIN market_day d ON d.id = a.day_id"
            " LEFT JOIN assignment h ON h.application_id = a.id LEFT JOIN stall s ON s.id = h.stall_id"
            " WHERE v.trading_name = :name"
        )
        moments = {one: UtcDateTime() for one in ("open_at", "close_at", "arrive_by")}
        row = db.session.execute(sa.text(find).columns(**moments), {"name": name}).one()
        params = {
            "theme": "金秋生活集市", "place": "小区广场", "zone": "Asia/Shanghai", "vendor": name,
            "opens": row.open_at.isoformat(), "closes": row.close_at.isoformat(),
            "arrive": row.arrive_by.isoformat(), "stall": row.label or "", "position": 1, **changes,
        }  # fmt: skip
        made = clock.now() + timedelta(days=9)
        values = {
            "community_id": row.community_id, "user_id": row.user_id, "name": row.holder, "phone": row.phone,
            "kind": kind, "params": params, "day_ref": self.day, "source": f"{kind}:{name}:{new_ref()}",
            "made_at": made, "read_at": made if read else None, "told_at": made if told else None,
            "told_by": self.staff if told else None, "ref": new_ref(),
        }  # fmt: skip
        typed = [sa.bindparam(one, type_=UtcDateTime()) for one in ("made_at", "read_at", "told_at")]
        insert = f"INSERT INTO notice ({', '.join(values)}) VALUES ({', '.join(':' + one for one in values)})"
        facts = sa.bindparam("params", type_=sa.JSON())
        db.session.execute(sa.text(insert).bindparams(*typed, facts), values)


@pytest.fixture
def told(context: Flask, cast: Cast) -> Told:
    with unit_of_work():
        staff = person("staff")
        day = published_day(find_community(cast.ours), staff, vendors=3, stall_limit=2)
        for application, name in zip(vendors.applications(day), "甲乙丙", strict=True):
            application.vendor.trading_name = name
        act_for(vendors.applications(day)[0].vendor, person("gate"))
        found = Told(day.ref, staff.id)
    db.session.remove()
    downgrade(revision="0006")
    return found


def pending(day: MarketDay) -> dict[str, tuple[str, ...]]:
    return {m.person.row.vendor: m.kinds for m in notices.messages([day], at=clock.now())}


@both_engines
@pytest.mark.own_app
def test_nobody_is_told_again_what_they_know_from_before(told: Told) -> None:
    with unit_of_work():
        told.notice("甲", "vendors.approved", read=True)
        told.notice("甲", "gate.placed", read=True)
        told.notice("乙", "gate.placed", told=True)
        told.notice("丙", "gate.waiting")
    day = told.upgraded()
    assert pending(day) == {"丙": ("gate.waiting",)}
    vendor = vendors.applications(day)[0].vendor
    history = notices.history(vendor)
    assert [(one.kinds, one.channel) for one in history] == [
        (["gate.placed"], Channel.APP),
        (["vendors.approved"], Channel.APP),
    ]
    assert "请 7:40 前到小区广场" in words_of(history[0]).sentence
    assert differences() == []


@both_engines
@pytest.mark.own_app
def test_what_changed_since_they_were_told_before_is_told_now(told: Told) -> None:
    """Hours were changed and nobody was told (B7); what only stood in the app is no knowledge."""
    with unit_of_work():
        told.notice("乙", "gate.placed", told=True, arrive="2026-01-01T00:00:00+00:00")
        told.notice("甲", "gate.placed", stall="A06", read=True)
        told.notice("甲", "stalls.moved", stall="A01", old="A06")
    day = told.upgraded()
    found = pending(day)
    assert (found["甲"], found["乙"]) == (("stalls.moved",), ("notices.arrive",))
    assert [one.channel for one in notices.history(vendors.applications(day)[0].vendor)] == [
        Channel.POSTED,
        Channel.APP,
    ]


@both_engines
@pytest.mark.own_app
def test_papers_and_overrides_of_before_belong_to_the_date_that_the_market_had_then(
    context: Flask, cast: Cast
) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        day = make_day(find_community(cast.ours), by)
        old = calendar.local_date(day)
        calendar.add_day_permit(day, DayPermitKind.REGULATOR_REPORT, "1 号", "监管所", old, by=by, at=at)
        calendar.waive(day, "crowd_licence", "M05", "分三时段", by=by, at=at)
        later = at + timedelta(seconds=1)
        new = old + timedelta(days=7)
        calendar.edit_day(day, calendar.shifted_draft(day, new), by=by, at=later)
        calendar.add_day_permit(day, DayPermitKind.SAFETY_PLAN, "2 号", "社区", old, by=by, at=later)
    db.session.remove()
    downgrade(revision="0006")
    upgrade()
    papers = db.session.execute(sa.select(DayPermit.number, DayPermit.filed_for).order_by(DayPermit.id)).all()
    assert [tuple(row) for row in papers] == [("1 号", old), ("2 号", new)]
    waivers = db.session.execute(sa.select(Waiver.waived_for, Waiver.venue_id)).all()
    assert [tuple(row) for row in waivers] == [(old, db.session.scalar(sa.select(MarketDay.venue_id)))]
    db.session.remove()
    assert differences() == []
