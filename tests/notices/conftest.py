"""A published market whose people were told; over HTTP and in a browser."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask

from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.notices.models import Notice
from market.passes import service as passes
from market.stalls import service as stalls
from market.vendors import service as vendors
from tests.cast import Cast, person
from tests.factories.calendar import time_of
from tests.factories.gate import planned_day
from tests.factories.vendors import act_for


@dataclass
class Published:
    """A market published for ten days ahead: 甲 has an account (`gate`), 乙 and 丙 must be called."""

    ref: str
    label: str
    notices: dict[str, str]
    """References by vendor."""


@pytest.fixture
def published(app: Flask, cast: Cast) -> Published:
    with app.app_context(), unit_of_work():
        staff = person("staff")
        day = planned_day(find_community(cast.ours), staff, vendors=3, stall_limit=2)
        for application, name in zip(vendors.applications(day), "甲乙丙", strict=True):
            application.vendor.trading_name = name
        held = next(one for one in stalls.assignments(day) if one.vendor.trading_name == "甲")
        act_for(held.vendor, person("gate"))
        db.session.flush()
        passes.publish_day(day, by=staff, at=time_of(day, DayState.PUBLISHED))
        told = db.session.scalars(sa.select(Notice).where(Notice.kind.startswith("gate.")))
        return Published(day.ref, held.label, {n.params["vendor"]: n.ref for n in told})
