"""A reading in a process beside gives what it gives here: the answer, the error, and no silence."""

from __future__ import annotations

import os

import pytest
import sqlalchemy as sa

from market.db import db, unit_of_work
from market.insight.beside import begin_beside
from market.insight.proof import Report, verify_everything
from tests.conftest import both_engines
from tests.settlement.conftest import Desk


@both_engines
def test_a_proof_on_two_cores_says_the_same(desk: Desk) -> None:
    desk.settled((100_000, 82_010))
    honest = verify_everything()
    assert honest.faults == 0
    assert verify_everything(on_two_cores=True) == honest
    _spoil()
    spoilt = verify_everything()
    assert spoilt.faults > 1
    assert verify_everything(on_two_cores=True) == spoilt


def _spoil() -> None:
    """By hand in the database, past the journal: figures that settlement and journal contradict."""
    with unit_of_work():
        for table in ("settlement_line", "takings_report"):
            db.session.execute(sa.text(f"UPDATE {table} SET takings_fen = takings_fen + 1"))


def test_one_report_takes_another() -> None:
    whole, part = Report(), Report()
    whole.well("甲")
    part.wrong("乙")
    whole.take(part)
    assert whole == Report(["✓ 甲", "✕ 乙"], 1)


@pytest.mark.usefixtures("context")
class TestBeside:
    def test_the_answer_comes_from_another_process(self) -> None:
        assert begin_beside(os.getpid)() != os.getpid()

    def test_its_error_is_ours(self) -> None:
        def fail() -> None:
            raise LookupError("nothing there")

        with pytest.raises(LookupError, match="nothing there"):
            begin_beside(fail)()

    def test_a_process_that_ends_without_an_answer_is_an_error(self) -> None:
        with pytest.raises(RuntimeError, match="without an answer"):
            begin_beside(lambda: os._exit(1))()

    def test_on_one_core_it_is_done_here(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "cpu_count", lambda: 1)
        assert begin_beside(os.getpid)() == os.getpid()
