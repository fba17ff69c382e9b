"""What every form shares: tidy text, money, power, and an act that may be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
import sqlalchemy as sa
from flask import Flask

from market.communities.models import Region
from market.communities.rules import RegionLevel
from market.db import db, unit_of_work
from market.errors import Refusal
from market.forms import Accepted, KilowattField, LongTextField, MarketForm, TextField, YuanField


class StallForm(MarketForm):
    name = TextField("名字")
    note = LongTextField("说明")
    price = YuanField("金额")
    power = KilowattField("功率")


Posted = Callable[..., StallForm]


@pytest.fixture
def posted(app: Flask) -> Iterator[Posted]:
    app.config["WTF_CSRF_ENABLED"] = False

    with ExitStack() as opened:

        def form(**fields: str) -> StallForm:
            opened.enter_context(app.test_request_context("/", method="POST", data=fields))
            return StallForm()

        yield form


def test_fields_say_what_was_meant(posted: Posted) -> None:
    form = posted(name=" 老张 ", note="一\r\n二", price="１，０００．５", power="1.5")
    assert form.validate()
    assert (form.name.text, form.note.text, form.price.fen, form.power.watts) == (
        "老张",
        "一\n二",
        100_050,
        1_500,
    )


@pytest.mark.parametrize("power", ["nan", "inf", "-1", "20.1", "很多", "1e400"])
def test_power_that_no_socket_gives_is_refused(posted: Posted, power: str) -> None:
    form = posted(power=power)
    assert not form.validate()
    assert list(form.errors) == ["power"]
    assert form.status == 422


def test_a_refused_act_is_undone_and_everything_typed_is_kept(posted: Posted) -> None:
    form = posted(name="老张")

    def act() -> None:
        db.session.add(Region(code="1", name="槐荫街道", level=RegionLevel.STREET))
        db.session.flush()
        raise Refusal("test.no", "不行。", 409)

    with unit_of_work():
        assert not form.attempt(act)
        assert form.attempt(lambda: None)
        assert form.attempt(lambda: ["a stall"]) == Accepted(["a stall"])
    assert db.session.scalars(sa.select(Region)).all() == []
    assert (form.status, form.form_errors, form.name.text) == (409, ["不行。"], "老张")
