"""Whose rules hold: the platform sees what would change, chooses for a region or a community, goes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.communities.service import find_community, profile_of
from market.db import unit_of_work
from market.people import service as people
from market.people.rules import Role
from tests.cast import STREET, Cast, make_user, person, post
from tests.stalls.desk import words

SignIn = Callable[[str], FlaskClient]
PAGES = ("/platform/communities/huaiyin/profile", f"/platform/regions/{STREET}/profile")


def chosen(app: Flask, cast: Cast) -> str:
    with app.app_context():
        return profile_of(find_community(cast.ours)).code


@pytest.mark.parametrize("page", PAGES)
def test_what_changes_is_read_before_it_is_chosen(app: Flask, cast: Cast, sign_in: SignIn, page: str) -> None:
    platform = sign_in("platform")
    told = words(platform.get(page).text)
    assert "现在照「山东 · 淄博」办，跟着上一级。" in told
    assert "管委会至少几人 现在：3 改成：5" in told
    assert "要有监督员列席 现在：不要 改成：要" in told
    assert "商品 · 散装酒" in told
    assert post(platform, page, profile="hunan").status_code == 302
    assert chosen(app, cast) == "hunan"
    told = words(platform.get(page).text)
    assert "现在照「湖南」办。" in told
    assert "请向当地市场监管所和民政局问一次" in told
    assert post(platform, page, profile="").status_code == 302
    assert chosen(app, cast) == "shandong_zibo"


@pytest.mark.parametrize("page", PAGES)
def test_rules_that_do_not_exist_are_refused(cast: Cast, sign_in: SignIn, page: str) -> None:
    refused = post(sign_in("platform"), page, profile="atlantis")
    assert refused.status_code == 422
    assert "没有这一套规定" in words(refused.text)


def test_the_supervisor_sits_in_and_does_not_vote(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    with app.app_context(), unit_of_work():
        make_user("supervisor", "监督员甲")
        community = find_community(cast.ours)
        people.appoint(
            community, "监督员甲", "supervisor", Role.SUPERVISOR, by=person("staff"), at=community.created_at
        )
    supervisor = sign_in("supervisor")
    assert supervisor.get("/committee/huaiyin/").status_code == 200
    assert supervisor.get("/staff/huaiyin/team").status_code == 403
