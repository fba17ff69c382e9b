"""The market on which the machine acts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from market import clock
from market.calendar.rules import DayState, Step
from market.calendar.service import take_step
from market.communities.service import find_community
from market.db import unit_of_work
from market.passes import service as passes
from market.stalls import service as stalls
from market.vendors.rules import ApplicationState, Category
from market.vendors.service import add_helper
from tests.cast import Cast, person
from tests.factories.calendar import make_day, make_venue, time_of
from tests.factories.vendors import make_application, make_vendor
from tests.machine.world import NAMES


@pytest.fixture
def day_ref(context: Flask, cast: Cast) -> str:
    """A market just published: three stalls for four, a fifth who has not applied, and another plaza with the
    same stalls. Nobody was told anything of the plan."""
    with unit_of_work():
        staff, community = person("staff"), find_community(cast.ours)
        venue = make_venue(community, staff)
        make_venue(community, staff, name="东院")
        day = make_day(community, staff, venue=venue, state=DayState.OPEN_FOR_APPLICATION, stall_limit=3)
        for name in NAMES:
            cooked: dict[str, Any] = {"category": Category.COOKED_FOOD, "goods": "煎饼"}
            login = f"vendor{NAMES.index(name)}" if name in "甲丁" else None
            vendor = make_vendor(community, staff, name, login=login, **(cooked if name == "丙" else {}))
            if name == "乙":
                add_helper(vendor, "王姐", "13912345678", by=staff, at=clock.now())
            if name != NAMES[-1]:
                make_application(day, vendor, staff, state=ApplicationState.APPROVED)
        take_step(day, Step.CLOSE_APPLICATIONS, by=staff, at=time_of(day, DayState.REVIEWING))
        planned_at = time_of(day, DayState.ALLOCATED)
        stalls.choose_method(day, "first_come", by=staff, at=planned_at)
        stalls.compute_plan(day, by=staff, at=planned_at)
        passes.publish_day(day, by=staff, at=time_of(day, DayState.PUBLISHED))
        return day.ref
