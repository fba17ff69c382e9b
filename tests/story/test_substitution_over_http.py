"""After publication, over plain HTTP: who cannot come says so; the next in line is asked, comes, is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient

from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.passes import service as passes
from market.stalls import service as stalls
from tests.cast import Cast, person, post
from tests.factories.calendar import time_of
from tests.factories.gate import planned_day
from tests.factories.stalls import stall
from tests.factories.vendors import act_for
from tests.stalls.desk import words

HOME = "/vendor/huaiyin/"


class Published(NamedTuple):
    """What a published market with one stall is called in addresses."""

    day: str
    label: str
    waiting: str
    """The application of who waits."""
    elsewhere: str
    """A free stall."""


def publish(app: Flask, cast: Cast) -> Published:
    """Both vendors have an account: `gate` has the stall, `second` waits."""
    with app.app_context(), unit_of_work():
        staff = person("staff")
        day = planned_day(find_community(cast.ours), staff, vendors=2, stall_limit=1)
        (held,), (waiting,) = stalls.assignments(day), stalls.waiting_list(day)
        act_for(held.vendor, person("gate"))
        act_for(waiting.vendor, person("second"))
        db.session.flush()
        passes.publish_day(day, by=staff, at=time_of(day, DayState.PUBLISHED))
        return Published(day.ref, held.label, waiting.ref, stall(day, "A06").ref)


def test_a_stall_given_back_finds_its_next_vendor_who_reads_where_to_stand(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    market = publish(app, cast)
    day, label = f"{HOME}days/{market.day}", market.label
    leaver, comer, staff = sign_in("gate"), sign_in("second"), sign_in("staff")

    def reads(vendor: FlaskClient, page: str = HOME) -> str:
        return words(vendor.get(page).get_data(as_text=True))

    assert f"您在 {label} 号摊位。请 7:40 前到小区广场。" in reads(leaver)
    assert "您是候补第 1 位" in reads(comer)
    assert post(leaver, HOME, f"{day}/application/withdrawal").status_code == 302
    assert f"您在 {label} 号摊位。" not in reads(leaver)  # that is overtaken
    assert f"{label} 号空出来了，先留给您" in reads(comer)
    offer = re.findall(r'name="offer" value="(\w+)"', comer.get(HOME).get_data(as_text=True))[0]
    assert post(comer, HOME, f"{day}/offer-answers", offer=offer, answer="yes").status_code == 302
    home = reads(comer)  # who took the stall knows it: there is nothing to confirm
    assert (f"排到 {label} 号摊位" in home, "7:40 前到场" in home, "知道了" in home) == (True, True, False)
    assert (comer.get(f"{day}/pass.pdf").status_code, leaver.get(f"{day}/pass.pdf").status_code) == (200, 404)
    desk = f"/staff/huaiyin/days/{market.day}"
    post(staff, f"{desk}/plan", f"{desk}/moves", who=market.waiting, to=market.elsewhere)
    assert f"您的摊位从 {label} 号换到 A06 号。旧的摊位证不能用了" in reads(comer)
