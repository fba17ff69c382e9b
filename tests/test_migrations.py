"""Migrations: the tables are those of the models, and what was there before lives on."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from market import clock
from market.calendar import service as calendar
from market.calendar.models import DayPaper, Waiver
from market.calendar.rules import DayPaperKind
from market.communities.service import find_community
from market.db import Model, db, unit_of_work
from market.stalls.models import Assignment, StallHold
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import make_day
from tests.factories.stalls import planned_day


def differences() -> list[object]:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Model.metadata))


@both_engines
@pytest.mark.own_app
def test_the_migrated_tables_are_those_of_the_models(context: Flask) -> None:
    assert differences() == []


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


@both_engines
@pytest.mark.own_app
def test_papers_and_overrides_of_before_belong_to_the_date_that_the_market_had_then(
    context: Flask, cast: Cast
) -> None:
    with unit_of_work():
        by, at = person("staff"), clock.now()
        day = make_day(find_community(cast.ours), by)
        old = calendar.local_date(day)
        calendar.add_day_paper(day, DayPaperKind.REGULATOR_REPORT, "1 号", "监管所", old, by=by, at=at)
        calendar.waive(day, "crowd_licence", "M05", "分三时段", by=by, at=at)
        later = at + timedelta(seconds=1)
        new = old + timedelta(days=7)
        calendar.edit_day(day, calendar.shifted_draft(day, new), by=by, at=later)
        calendar.add_day_paper(day, DayPaperKind.SAFETY_PLAN, "2 号", "社区", old, by=by, at=later)
    db.session.remove()
    downgrade(revision="0006")
    upgrade()
    papers = db.session.execute(sa.select(DayPaper.number, DayPaper.filed_for).order_by(DayPaper.id)).all()
    assert [tuple(row) for row in papers] == [("1 号", old), ("2 号", new)]
    assert db.session.scalars(sa.select(Waiver.waived_for)).all() == [old]
    db.session.remove()
    assert differences() == []
