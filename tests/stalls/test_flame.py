"""Fire and gas: what a vendor says of its stand, a stall or a whole venue forbids, and the acts ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.rules import Severity
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.places.models import Stall, Venue
from market.stalls import service
from market.vendors import service as vendors
from market.vendors.models import Vendor
from tests.cast import Cast, person, post
from tests.factories.calendar import make_venue
from tests.factories.desk import refused
from tests.factories.stalls import approved, day_under_review, stall
from tests.factories.vendors import make_application, make_vendor

SAYS: dict[str, Any] = {"charcoal": {"open_flame": True}, "gas": {"gas_bottle": True, "gas_alarm": True}}


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("fire", SAYS)
def test_a_stall_without_fire_takes_nobody_who_burns(cast: Cast, fire: str) -> None:
    with unit_of_work():
        day = day_under_review(find_community(cast.ours), by := person("staff"))
        cook, neighbour = approved(day, by, "烤串的", **SAYS[fire]), approved(day, by, "卖菜的")
        tree = stall(day, "A01")
        tree.no_flame = True
        with refused("stalls.misfit"):
            service.place(cook, tree, by=by, at=clock.now())
        service.place(neighbour, tree, by=by, at=clock.now())
        service.place(cook, stall(day, "A05"), by=by, at=clock.now())


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize("fire", SAYS)
def test_a_venue_without_fire_is_said_when_approving_and_when_moving_there(cast: Cast, fire: str) -> None:
    with unit_of_work():
        day = day_under_review(find_community(cast.ours), by := person("staff"))
        standing = approved(day, by, "烤串的", **SAYS[fire])
        service.place(standing, stall(day, "A05"), by=by, at=clock.now())
        other = make_venue(day.community, by, name="别的广场")
        other.no_flame = True
        assert "no_flame" in {one.code for one in service.conflicts_at(day, other, 36)}
        day.venue.no_flame = True
        late = make_application(day, make_vendor(day.community, by, "晚来的", **SAYS[fire]), by)
        with refused("vendors.may_not_stand"):
            vendors.approve(late, by=by, at=clock.now())


@pytest.mark.usefixtures("context")
def test_a_gas_bottle_without_an_alarm_stops_and_its_tick_mends(cast: Cast) -> None:
    with unit_of_work():
        day = day_under_review(find_community(cast.ours), by := person("staff"))
        vendor = make_vendor(day.community, by, "煤气灶", gas_bottle=True)
        (finding,) = vendors.stand_findings(day, [vendor])[vendor.id]
        assert (finding.code, finding.severity) == ("stand_gas_unsafe", Severity.BLOCK)
        vendor.gas_alarm = True
        assert vendors.stand_findings(day, [vendor])[vendor.id] == []


def test_staff_forbid_fire_on_a_plaza_and_a_vendor_says_that_there_is_gas(
    app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        venue = make_venue(find_community(cast.ours), person("staff"))
        place, spot = venue.ref, venue.stalls[0].ref
        vendor = make_vendor(venue.community, person("staff"), "煤气灶").ref
    staff = sign_in("staff")
    here = f"/staff/{cast.ours}/venues/{place}"
    typed = {
        "name": "广场", "address": "示例路 1 号", "width": "48", "depth": "40", "land_type": "plaza",
        "ownership": "public", "no_flame": "y",
    }  # fmt: skip
    assert post(staff, f"{here}/edit", **typed).status_code == 302
    assert "不让用明火和燃气罐" in staff.get(here).get_data(as_text=True)
    offer = {"x": "0", "y": "0", "width": "3", "depth": "3", "power_w": "0", "circuit": "", "no_flame": "y"}
    assert post(staff, f"{here}/stalls/{spot}", **offer).status_code == 302
    page = f"/staff/{cast.ours}/vendors/{vendor}"
    assert "<dd>燃气罐</dd>" not in staff.get(page).get_data(as_text=True)
    told = {
        "trading_name": "煤气灶", "holder": "王", "phone": "13812345678", "category": "daily_goods",
        "goods": "锅", "power_w": "0", "gas_bottle": "y",
    }  # fmt: skip
    assert post(staff, f"{page}/edit", **told).status_code == 302
    shown = staff.get(page).get_data(as_text=True)
    assert "<dd>燃气罐</dd>" in shown
    assert "还没说带燃气报警器和灭火器" in shown
    with app.app_context(), unit_of_work():
        assert db.session.scalar(db.select(Venue.no_flame).where(Venue.ref == place)) is True
        assert db.session.scalar(db.select(Stall.no_flame).where(Stall.ref == spot)) is True
        assert db.session.scalar(db.select(Vendor.gas_bottle).where(Vendor.ref == vendor)) is True
