"""A new member of the committee votes on a phone; residents and staff find everything on a small screen."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from market.db import db, do_in_unit_of_work, unit_of_work
from market.fund.models import Vote
from market.people import service as people
from market.people.rules import Role
from market.spending.rules import Stage
from tests.cast import Cast, person
from tests.fund.conftest import AT
from tests.fund.test_views import at_desk
from tests.parts.axe import violations
from tests.parts.live import served
from tests.spending.conftest import begin

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}


@pytest.fixture
def secret(app: Flask, cast: Cast) -> str:
    """The link of somebody who became a member this week: a meeting about one proposal is in session."""
    with at_desk(app, cast) as desk:
        desk.money(500_000)
        walk = begin(desk).until(Stage.CALLED)
        with unit_of_work():
            for login in ("new1", "new2"):
                name = {"new1": "新委员", "new2": "另一位新委员"}[login]
                people.appoint(desk.community, name, login, Role.COMMITTEE, by=person("platform"), at=AT)
        walk.open("member1", "member2", "member3", "new1", day=29)
        made = do_in_unit_of_work(
            lambda: people.make_sign_in_link(person("new1"), by=person("platform"), at=AT)
        )
        return str(made)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("preferences", ["", "elder"])
def test_a_new_member_votes_on_a_phone_in_four_presses(
    app: Flask, browser: Browser, secret: str, preferences: str
) -> None:
    """From the link that somebody sent: sign in, see what waits, read it, choose, press."""
    with served(app) as address:
        context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
        if preferences:
            context.add_cookies([{"name": "preferences", "value": preferences, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/enter/{secret}")
        page.get_by_role("button", name="进去").click()
        if not page.url.endswith("/committee/huaiyin/"):
            page.goto(f"{address}/committee/huaiyin/")
        page.get_by_role("link", name="看看，表决").click()
        expect(page.get_by_text("您表决以后，才看得到别人的意见")).to_be_visible()
        assert fits(page)
        assert violations(page) == []
        page.get_by_text("同意", exact=True).first.click()
        page.get_by_role("button", name="定了，就这样表决").click()
        expect(page.get_by_text("您的意见：同意").first).to_be_visible()
        context.close()
    with app.app_context():
        assert [vote.user.login for vote in db.session.query(Vote)] == ["new1"]


def test_axe_finds_nothing_where_residents_are_asked(app: Flask, cast: Cast, page: Page) -> None:
    with at_desk(app, cast) as desk:
        desk.money(500_000)
        walk = begin(desk)
        walk.appraise()
        walk.consult(day=29)
        ref = walk.proposal.ref
    page.set_viewport_size({"width": 320, "height": 640})
    with served(app) as address:
        for path in ("proposals", f"proposals/{ref}"):
            page.goto(f"{address}/c/huaiyin/fund/{path}")
            assert fits(page), path
            assert violations(page) == [], path
        page.get_by_label("您的意见").fill("南侧也有两盏不亮")
        page.get_by_role("button", name="提意见").click()
        expect(page.get_by_text("意见收到了，谢谢。")).to_be_visible()
