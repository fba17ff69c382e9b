"""The bench harness itself; the benches are run by `make bench`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench import harness, run
from tests.bench.harness import Bench, Measurement, alternate, bench
from tests.bench.load import UnexpectedAnswerError, requests_per_second
from tests.bench.servers import bare_page, free_port, running


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    kept = dict(harness.benches)
    harness.benches.clear()
    yield
    harness.benches.clear()
    harness.benches.update(kept)


def _register(name: str, goal: str = "ratio >= 0.3") -> Bench:
    bench(name, unit="req/s", goal=goal)(lambda: Measurement.of(30, 100, "raw"))
    return harness.benches[name]


@pytest.mark.parametrize(
    "goal, met",
    [
        ("ratio >= 0.3", True),
        ("ratio >= 0.31", False),
        ("value <= 30", True),
        ("value <= 29 and ratio >= 0.3", False),
    ],
)
def test_a_goal_is_met_when_every_clause_holds(goal: str, met: bool) -> None:
    registered = _register("pages.market", goal)
    assert registered.meets_goal(registered.measure()) is met


def test_a_goal_that_cannot_be_read_is_refused_when_it_is_written() -> None:
    with pytest.raises(ValueError, match=r"not 'fast enough'"):
        _register("pages.market", "fast enough")


def test_two_benches_cannot_share_a_name() -> None:
    _register("start.cold")
    with pytest.raises(ValueError, match=r"two benches are called start\.cold"):
        _register("start.cold")


def test_a_prefix_chooses_the_benches_under_it() -> None:
    for name in ("start.cold", "start.warm", "startle.me"):
        _register(name)
    assert [found.name for found in run.choose("start")] == ["start.cold", "start.warm"]
    assert [found.name for found in run.choose("start.warm")] == ["start.warm"]
    assert len(run.choose("")) == 3


def test_a_long_one_is_measured_when_it_is_named() -> None:
    _register("start.cold")
    bench("ledger.long", unit="s", goal="ratio <= 2", long=True)(lambda: Measurement.of(1, 1, "raw"))
    assert [found.name for found in run.choose("")] == ["start.cold"]
    assert [found.name for found in run.choose("ledger")] == ["ledger.long"]
    assert [found.name for found in run.choose("ledger.long")] == ["ledger.long"]


def test_a_new_result_leaves_the_others_in_the_file(tmp_path: Path) -> None:
    target = tmp_path / "bench.json"
    target.write_text('{"demo.load": {"value": 1}}')
    registered = _register("pages.market")
    run.merge({registered.name: run.row(registered, registered.measure())}, target)
    assert json.loads(target.read_text()) == {
        "demo.load": {"value": 1},
        "pages.market": {
            "value": 30,
            "unit": "req/s",
            "against": 100,
            "against_name": "raw",
            "ratio": 0.3,
            "goal": "ratio >= 0.3",
            "met": True,
            "command": "make bench ONLY=pages.market",
        },
    }


def test_both_sides_are_measured_in_turns_and_their_medians_returned() -> None:
    order: list[str] = []

    def figure(name: str, figures: Iterator[float]) -> float:
        order.append(name)
        return next(figures)

    ours, control = iter([1.0, 9.0, 2.0]), iter([10.0, 10.0, 90.0])
    medians = alternate(lambda: figure("ours", ours), lambda: figure("control", control), rounds=3)
    assert medians == (2.0, 10.0)
    assert order == ["ours", "control"] * 3


def test_the_load_counts_answers_of_a_real_server() -> None:
    with bare_page(2_000, workers=1) as address:
        assert requests_per_second(address + "/", clients=4, seconds=0.5, warm=0.1) > 10


def test_a_rate_of_error_pages_is_refused() -> None:
    with bare_page(10, workers=1) as address, pytest.raises(UnexpectedAnswerError, match="404"):
        requests_per_second(address + "/nowhere", seconds=0.5)


def test_a_server_that_cannot_start_tells_why() -> None:
    broken = [sys.executable, "-c", "raise SystemExit('the port is taken')"]
    with pytest.raises(RuntimeError, match="the port is taken"), running(broken, free_port()):
        pass
