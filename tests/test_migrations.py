"""Migrations: the tables are those of the models, and what was there before lives on."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade

from market.communities.service import find_community
from market.db import Model, db, unit_of_work
from market.stalls.models import Assignment, StallHold
from tests.cast import Cast, person
from tests.conftest import both_engines
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
