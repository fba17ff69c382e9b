"""The contact list: whole numbers, a note of who took it, and the way back in."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.audit import AuditRow
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.tables.workbook import read_workbook
from market.vendors import service
from market.vendors.listed.verdict import Outcome
from tests.cast import Cast, person, post
from tests.factories.vendors import make_vendor

SignIn = Callable[[str], FlaskClient]
PAGE = "/staff/huaiyin/vendors"


def test_the_contact_list_is_whole_noted_and_comes_back_unchanged(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        make_vendor(community, staff, "=老张修鞋", phone="13800000001", goods="修鞋", power_w=1500)
        make_vendor(community, staff, "老李理发", phone="13800000002", goods="理发")
    answer = post(sign_in("staff"), PAGE, f"{PAGE}/contacts")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = read_workbook(answer.data).cells
    assert {"13800000001", "13800000002"} <= {cell for row in rows for cell in row}
    with app.app_context():
        noted = db.session.scalars(sa.select(AuditRow).where(AuditRow.act == "vendors.take_contacts")).one()
        assert noted.detail == {"vendors": 2}
        assert "138" not in str(noted.detail)
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        brought = service.bring_list(community, answer.data, "", day=None, by=staff, at=clock.now())
        verdicts = service.read_list(brought).verdicts
    assert {one.outcome for one in verdicts} <= {Outcome.SAME, Outcome.ASK}
    assert [one.known.facts.trading_name for one in verdicts if one.known][-1:] == ["老李理发"]


def test_nobody_else_takes_it(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    assert sign_in("gate").post(f"{PAGE}/contacts").status_code in (400, 403, 404)
    assert app.test_client().post(f"{PAGE}/contacts").status_code in (302, 400, 403)
