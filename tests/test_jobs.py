"""What is due is done by itself, one job never at the cost of another."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from flask import Flask

from market import jobs
from market.errors import Refusal


def test_a_job_that_breaks_keeps_no_other_from_its_turn(app: Flask) -> None:
    with (
        app.app_context(),
        patch("market.calendar.service.days_with_due_step", side_effect=OSError("disk")),
        patch("market.stalls.service.late_offers", return_value=[]) as offers,
        pytest.raises(ExceptionGroup) as caught,
    ):
        jobs.run()
    assert [str(error) for error in caught.value.exceptions] == ["disk"]
    assert offers.call_count == 1


def test_the_ticker_lives_on_after_a_job_that_broke(app: Flask) -> None:
    with (
        app.app_context(),
        patch("market.calendar.service.days_with_due_step", side_effect=OSError("disk")) as steps,
        patch("market.jobs.time.sleep", side_effect=[None, KeyboardInterrupt]),
        pytest.raises(KeyboardInterrupt),
    ):
        jobs.run(every=60)
    assert steps.call_count == 2


def test_a_refusal_is_an_answer_and_nothing_broken(app: Flask) -> None:
    with (
        app.app_context(),
        patch("market.calendar.service.days_with_due_step", side_effect=Refusal("calendar.late", "晚了。")),
    ):
        jobs.run()
