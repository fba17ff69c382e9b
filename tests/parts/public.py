"""The pages that residents read, as addresses of real objects of the demo year."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask import Flask

from market.access import Audience, policy_of
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db
from tests.demo_year import OURS, rules, samples

SHARED = (
    "", "find", "find?q=lifa", "find?q=zzz", "calendar", "wishes", "allocation", "impact",
    "impact?period=2024-Q3",
    "follow", "fund", "fund/goods", "fund/head", "fund/sources/partners", "share", "code/",
    "code/calendar", "embed",
    "vendors/new",
)  # fmt: skip
STATES = (DayState.OPEN_FOR_APPLICATION, DayState.PUBLISHED, DayState.SETTLED, DayState.CANCELLED)


def public_pages(app: Flask) -> list[str]:
    """Every page for which nobody signs in, by its route; and markets in each state that residents see."""
    with app.app_context():
        named = list(_addresses())
    client = app.test_client()
    answers = ((one, client.get(one)) for one in _routed(app))
    pages = (one for one, answer in answers if answer.mimetype == "text/html" and not answer.location)
    return list(dict.fromkeys([*named, *pages]))


def _routed(app: Flask) -> Iterator[str]:
    """The address of each public route; what leads nowhere in the demo shows the page that says so."""
    with app.app_context():
        known = samples()
    adapter = app.url_map.bind("127.0.0.1")
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        public = policy is not None and policy.audiences == (Audience.PUBLIC,)
        if not public or "GET" not in (rule.methods or ()) or "form" in rule.arguments or "." in rule.rule:
            continue
        given = known.of(rule) | ({"slug": OURS} if "slug" in rule.arguments else {})
        if rule.endpoint not in NO_PAGES:
            with app.test_request_context():
                yield adapter.build(rule.endpoint, given)


NO_PAGES = frozenset({"static", "layout.preferences"})


def _addresses() -> Iterator[str]:
    yield from ("/", "/find", "/find?q=lifa", "/sign-in", "/nowhere")
    yield from (f"/c/{OURS}/{page}" for page in SHARED)
    for state in STATES:
        ref = db.session.scalars(_newest(state)).first()
        if ref is not None:
            yield f"/c/{OURS}/markets/{ref}"
            yield (
                f"/c/{OURS}/fund/markets/{ref}"
                if state is DayState.SETTLED
                else f"/c/{OURS}/code/markets/{ref}"
            )
    known = samples().values
    yield f"/c/{OURS}/fund/entries/{known['entries']['ref']}"
    yield f"/c/{OURS}/fund/partners/{known['partners']['ref']}"


def _newest(state: DayState) -> sa.Select[str]:
    seen = sa.select(MarketDay.ref).where(MarketDay.state == state, MarketDay.was_public)
    return seen.where(MarketDay.community.has(slug=OURS)).order_by(MarketDay.id.desc()).limit(1)
