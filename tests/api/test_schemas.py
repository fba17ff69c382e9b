"""The interface answers as its own description says, whatever is asked; for 20 minutes with `make soak`."""

from __future__ import annotations

from flask import Flask

from tests.api.schemas import Asker
from tests.cast import Cast

TIMES = 3


def test_it_does_what_its_description_says(app: Flask, cast: Cast) -> None:
    asker = Asker(app)
    for operation in asker.operations():
        asker.ask(operation, TIMES)
    statuses = {status for _label, status in asker.asked}
    assert max(statuses) < 500
    assert 200 in statuses
    assert len({label for label, _status in asker.asked}) == 26
