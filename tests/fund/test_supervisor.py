"""A supervisor reads everything of the fund, asks, and changes nothing: every route, and every act."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_type_hints

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from market import clock
from market.access import Audience, policy_of
from market.communities.models import Community
from market.communities.service import find_community
from market.db import Model, db, do_in_unit_of_work
from market.people import service as people
from market.people.rules import Role
from tests.cast import Cast, make_user, post
from tests.demo_year import OURS, client_of, rules, samples
from tests.fund.test_views import at_desk

SignIn = Callable[[str], FlaskClient]
MAY_ASK = {"fund.ask_as_supervisor"}
"""The one thing that a supervisor writes."""
OF_THE_FUND = {"fund", "ledger", "settlement"}
WATCHER = "the-watcher"
JSON = {"Accept": "application/json, text/html;q=0.5"}


@pytest.fixture(scope="module")
def watched(year_app: Flask) -> Flask:
    """The demo with somebody who looks on, without tokens of forms: they are not the question."""
    year_app.config["WTF_CSRF_ENABLED"] = False
    with year_app.app_context():
        do_in_unit_of_work(_add)
    return year_app


def _add() -> None:
    user = people.create_user(WATCHER, "监督人", None, at=clock.now())
    people.grant(user, Role.SUPERVISOR, community=find_community(OURS), at=clock.now())


def tables() -> Iterator[sa.Table]:
    """Every table that a row of these rooms is kept in."""
    for mapper in Model.registry.mappers:
        if mapper.class_.__module__.split(".")[1] in OF_THE_FUND:
            yield mapper.local_table  # type: ignore[misc]  # every model of ours has a table of its own


def state(app: Flask) -> str:
    """All that is kept of fund, book and markets' money, as one number."""
    with app.app_context():
        digest = hashlib.sha256()
        for table in sorted(tables(), key=lambda one: one.name):
            for row in db.session.execute(sa.select(table).order_by(*table.primary_key.columns)):
                digest.update(repr((table.name, tuple(row))).encode())
        db.session.rollback()
        return digest.hexdigest()


def open_to_supervisors(app: Flask, method: str) -> list[Rule]:
    """The routes whose audience a supervisor belongs to."""
    found = []
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        if policy is not None and Audience.COMMITTEE in policy.audiences and method in (rule.methods or ()):
            found.append(rule)
    return found


def address(app: Flask, rule: Rule, method: str) -> str:
    with app.app_context():
        values = {**samples().of(rule), "slug": OURS}
    with app.test_request_context():
        return app.url_map.bind("127.0.0.1").build(rule.endpoint, values, method=method)


FORM = {
    "choice": "yes", "reference": "GZ-99", "answer": "好的", "seen": "0" * 64, "paid_on": "2026-01-01",
    "reason": "错了", "text": "为什么", "about": "entry:nosuchentr",
}  # fmt: skip


def test_no_route_lets_a_supervisor_change_anything(watched: Flask) -> None:
    client, before = client_of(watched, WATCHER), state(watched)
    tried, moved, refused = [], [], set()
    for rule in open_to_supervisors(watched, "POST"):
        if rule.endpoint in MAY_ASK:
            continue
        answer = client.post(address(watched, rule, "POST"), data=FORM, headers=JSON)
        refused.add((answer.get_json(silent=True) or {}).get("code"))
        tried.append(rule.endpoint)
        if state(watched) != before:
            moved.append(rule.endpoint)
            before = state(watched)
    assert (moved, refused) == ([], {"access.onlooker"})
    assert len(tried) > 6


def test_a_supervisor_does_not_confirm_and_the_control_would(
    app: Flask, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two arrivals of a market: refused by what the view declares, and entered once that is switched off."""
    with at_desk(app, cast) as desk:
        day = desk.market(40_000, 20_000, 26_000).day.ref
        do_in_unit_of_work(lambda: _watch(desk.community))
    watching, home = sign_in("watcher"), "/committee/huaiyin/"
    target = f"/committee/huaiyin/markets/{day}/remittance"
    before = state(app)
    refused = post(watching, home, target, reference="GZ-1")
    assert (refused.status_code, "只看、只问" in refused.text, state(app) == before) == (403, True, True)
    monkeypatch.setattr("market.people.access.ONLOOKERS", frozenset())
    assert post(watching, home, target, reference="GZ-1").status_code == 302
    assert state(app) != before


def _watch(community: Community) -> None:
    people.grant(make_user("watcher", "监督员"), Role.SUPERVISOR, community=community, at=clock.now())


def test_a_supervisor_reads_every_page_of_the_committee(watched: Flask) -> None:
    client, closed = client_of(watched, WATCHER), {}
    for rule in open_to_supervisors(watched, "GET"):
        answer = client.get(address(watched, rule, "GET"))
        assert answer.status_code < 500, rule
        if answer.status_code in (401, 403):
            closed[rule.endpoint] = answer.status_code
    assert closed == {}


def acts() -> list[Any]:
    """Every act of the fund: a public function of its services that asks who does it."""
    import pkgutil
    from importlib import import_module

    from market.fund import service

    found = []
    for info in pkgutil.iter_modules(service.__path__):
        module = import_module(f"market.fund.service.{info.name}")
        for name, act in inspect.getmembers(module, inspect.isfunction):
            of_here = act.__module__ == module.__name__ and not name.startswith("_")
            if of_here and {"by", "at"} <= inspect.signature(act).parameters.keys():
                found.append(pytest.param(act, id=f"{info.name}.{name}"))
    return found


BEHIND_STAFF_PAGES = {
    "open_fund", "close_month", "close_quarter", "withdraw_quarter", "confirm_remittance", "ask_refund",
    "withdraw_refund", "propose", "withdraw_proposal", "record_payment", "enter_notice", "withdraw_notice",
    "set_naming", "add_partner", "end_partner", "count_jobs", "receive_goods", "store_item", "send_out",
    "void_out", "withdraw_value", "read_in", "explain", "withdraw_statement",
}  # fmt: skip
"""Acts behind pages of staff, and behind routes of members that the tests above try."""
ASKS_WHO = {
    "vote", "agree_refund", "confirm_notice", "reverse_notice", "confirm_quarter", "prepare_notice",
    "publish_notice", "edit_profile", "set_term", "answer", "put_aside", "make_link", "revoke_link",
    "value_goods", "confirm_value", "reverse_value",
}  # fmt: skip
"""Acts that refuse somebody who looks on by themselves."""
ASKS = {"ask_as_supervisor"}


@pytest.mark.parametrize("act", acts())
def test_every_act_is_known_to_be_closed_to_supervisors(act: Callable[..., Any]) -> None:
    """A new act must be put into one of the lists, so that somebody thinks of it."""
    assert act.__name__ in BEHIND_STAFF_PAGES | ASKS_WHO | ASKS
    assert "by" in get_type_hints(act)
