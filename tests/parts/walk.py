"""Every page that somebody may open, as addresses of real objects of the demo year."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask import Flask

from market.access import policy_of
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db
from tests.demo_year import OURS, rules, samples
from tests.test_junk import LOGINS

STATES = (DayState.OPEN_FOR_APPLICATION, DayState.PUBLISHED, DayState.SETTLED)


def pages(app: Flask) -> Iterator[tuple[str, str]]:
    """Every page that may be opened by somebody who is signed in; those of a day in several states."""
    with app.app_context():
        known = samples()
        days = [_day_in(state) for state in STATES]
    adapter = app.url_map.bind("127.0.0.1")
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        login = LOGINS.get(policy.audiences[0]) if policy else None
        if "GET" not in (rule.methods or ()) or login is None or "." in rule.rule:  # a file is no page
            continue
        given = known.of(rule) | ({"slug": OURS} if "slug" in rule.arguments else {})
        for ref in days if "/days/<ref>" in rule.rule else [given.get("ref")]:
            values = given | ({"ref": ref} if ref else {})
            with app.test_request_context():
                yield login, adapter.build(rule.endpoint, values)


def _day_in(state: DayState) -> str:
    query = sa.select(MarketDay.ref).join(MarketDay.community).where(MarketDay.state == state)
    return str(db.session.scalars(query.order_by(MarketDay.id.desc()).limit(1)).one())
