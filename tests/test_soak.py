"""The long tests of `make soak`, played short: they find nothing, and would find what is wrong."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from market.app import create_app
from market.calendar.models import MarketDay
from market.db import db, unit_of_work
from market.gate.models import Scan
from tests.soak import gate, kills, power_cuts
from tests.soak.power_cuts import Outcome

SEED = 20261127


@pytest.mark.slow
def test_two_kills_lose_nothing_and_double_nothing() -> None:
    said: list[str] = []
    with kills.installed("sqlite") as found:
        assert kills.kill_and_look(found, 2, random.Random(SEED), said.append) == []
    assert [line.split(":")[0] for line in said[:2]] == ["kill 1", "kill 2"]


@pytest.mark.slow
def test_an_acknowledged_figure_that_is_not_there_is_found() -> None:
    with kills.installed("sqlite") as found:
        app = create_app(found.settings)
        (market,) = kills.make_markets(app, 1)
        assert kills.faults_at_end(app, [market]) == []
        market.acknowledged += [60_010, 60_020]
        assert kills.faults_after_kill(app, [market]) == [
            f"{market.ref}: acknowledged 2 corrections, found [60000]"
        ]


def test_a_power_cut_loses_nothing_with_our_settings() -> None:
    assert power_cuts.cut_often("FULL", 25, SEED) == [Outcome(intact=True, lost=0)] * 25


@pytest.mark.parametrize("level", ["NORMAL", "OFF"])
def test_a_power_cut_loses_what_was_acknowledged_with_weaker_ones(level: str) -> None:
    assert any(outcome.lost for outcome in power_cuts.cut_often(level, 25, SEED))


@pytest.mark.slow
def test_a_short_morning_at_the_gate_loses_nothing_and_would_see_what_is_lost_or_doubled() -> None:
    said: list[str] = []
    with kills.installed("sqlite") as found:
        assert gate.play(found, 6, 90, 10, said.append) == []
        assert said[0].startswith("90 scans in ")
        app = create_app(found.settings)
        with app.app_context(), unit_of_work():
            first = db.session.scalars(sa.select(Scan.client_id).where(Scan.verdict == "admitted")).first()
            db.session.execute(sa.delete(Scan).where(Scan.client_id == first))
            ref = db.session.scalars(sa.select(MarketDay.ref)).first() or ""
        lost = gate.Phone("http://nobody", gate.Morning(ref, "", [], []), "", [0.0], 0)
        lost.sent, lost.acknowledged = [first or ""], {first or ""}
        faults = gate.faults_of(app, lost.morning, [lost])
        assert "1 scans are lost" in faults
        assert any(fault.startswith("vendor ") for fault in faults)
        assert "89 scans nobody made" in faults
