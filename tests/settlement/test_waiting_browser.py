"""A takings figure that is sent without a network: it waits on the phone, and is told once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from market import clock
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.passes import keys
from market.settlement import service
from market.settlement.models import TakingsReport
from market.settlement.rules import TakingsSource
from market.stalls import service as stalls
from market.stalls.models import Assignment
from tests.cast import PASSWORD, Cast, make_user, person
from tests.factories import settlement as make
from tests.factories.gate import ALL_DAY
from tests.factories.vendors import act_for
from tests.parts.axe import violations
from tests.parts.live import served

pytestmark = pytest.mark.browser

KEPT = "没有网络，先存在手机里，有网络就报上去"


class Phone(NamedTuple):
    """A vendor's phone, and the market it belongs to."""

    app: Flask
    page: Page
    site: str
    home: str
    takings: str
    held_id: int
    link: str

    def reports(self) -> list[TakingsReport]:
        with self.app.app_context():
            return list(db.session.query(TakingsReport).order_by(TakingsReport.id))

    def kept(self) -> list[str]:
        names: list[str] = self.page.evaluate("Object.keys(localStorage)")
        return names

    def tell_elsewhere(self, fen: int) -> None:
        """Staff hear a figure on the phone."""
        with self.app.app_context(), unit_of_work():
            held = db.session.get_one(Assignment, self.held_id)
            by = person("staff")
            service.report_takings(held, fen, source=TakingsSource.STAFF, by=by, at=clock.now())

    def lose_network_and_tell(self, figure: str) -> None:
        self.page.context.set_offline(True)
        self.page.fill("[name=takings]", figure)
        self.page.get_by_role("button", name="下一步", exact=True).last.click()
        expect(self.page.locator("[data-waiting]")).to_contain_text(KEPT)


@pytest.fixture
def phone(app: Flask, cast: Cast, browser: Browser) -> Iterator[Phone]:
    """The takings page of an open market, before a vendor who agreed to 5 %."""
    with app.app_context(), unit_of_work():
        keys.ensure_key(find_community(cast.ours), by=person("staff"), at=clock.now())
        day = make.open_market(find_community(cast.ours), person("staff"), in_days=0, **ALL_DAY)
        held = stalls.assignments(day)[0]
        act_for(held.vendor, make_user("zhou", "周师傅"))
        ref, held_id, link = day.ref, held.id, service.takings_url(held).rsplit("/", 1)[1]
    with served(app) as site:
        page = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
        page.goto(f"{site}/sign-in")
        page.fill("[name=login]", "zhou")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        home = f"{site}/vendor/{cast.ours}/"
        phone = Phone(app, page, site, home, f"{home}days/{ref}/takings", held_id, f"{site}/T/{link}")
        page.goto(phone.takings)
        yield phone
        page.context.close()


def test_a_figure_waits_for_the_network_and_is_told_once(phone: Phone) -> None:
    phone.lose_network_and_tell("900")
    said = phone.page.locator("[data-waiting]")
    expect(said).to_contain_text("900 元")
    expect(said).to_contain_text("捐多少，按您签的约定（营业额的 5%，自愿）算。")
    assert phone.reports() == []
    assert violations(phone.page) == []
    phone.page.context.set_offline(False)
    expect(said).to_contain_text("存在手机里的数报上去了")
    expect(phone.page.locator("[data-told]")).to_contain_text("捐给社区基金 45.00 元")
    assert [(one.takings_fen, one.source) for one in phone.reports()] == [(90000, TakingsSource.SELF)]
    assert phone.kept() == []


def test_it_goes_out_from_any_page_even_if_the_answer_was_lost(phone: Phone) -> None:
    phone.lose_network_and_tell("900")
    kept = phone.page.evaluate("Object.entries(localStorage)")
    phone.page.close()
    page = phone.page.context.new_page()
    phone.page.context.set_offline(False)
    page.goto(phone.home)
    expect(page.locator("[data-waiting]")).to_contain_text("存在手机里的数报上去了")
    page.evaluate("kept => kept.forEach(([name, value]) => localStorage.setItem(name, value))", kept)
    page.reload()
    expect(page.locator("[data-waiting]")).to_contain_text("存在手机里的数报上去了")
    assert len(phone.reports()) == 1


def test_what_the_server_refuses_is_said_and_stays(phone: Phone) -> None:
    phone.lose_network_and_tell("900")
    phone.tell_elsewhere(95000)
    phone.page.context.set_offline(False)
    said = phone.page.locator("[data-waiting]")
    expect(said).to_contain_text("又报过别的数")
    expect(said).to_contain_text("900 元")
    assert [one.takings_fen for one in phone.reports()] == [95000]
    assert phone.kept() != []
    said.get_by_role("link", name="去看看").click()
    expect(said).to_contain_text("又报过别的数")
    said.get_by_role("button", name="不报这个数了").click()
    expect(said).to_be_empty()
    assert phone.kept() == []


def test_a_refused_figure_told_again_by_hand_is_gone_from_the_phone(phone: Phone) -> None:
    phone.lose_network_and_tell("很多")
    phone.page.context.set_offline(False)
    expect(phone.page.locator("[data-waiting]")).to_contain_text("没有报上去")
    phone.page.goto(phone.takings)
    expect(phone.page.locator("[name=takings]")).to_have_value("很多")
    phone.page.fill("[name=takings]", "880")
    phone.page.get_by_role("button", name="确认，报 880.00 元").click()
    expect(phone.page.locator("[data-told]")).to_contain_text("880.00")
    assert phone.kept() == []


def test_nothing_is_left_after_signing_out(phone: Phone) -> None:
    phone.lose_network_and_tell("很多")
    phone.page.context.set_offline(False)
    expect(phone.page.locator("[data-waiting]")).to_contain_text("没有报上去")
    phone.page.get_by_role("button", name="退出").click()
    phone.page.wait_for_url(f"{phone.site}/")
    assert phone.kept() == []
    assert phone.reports() == []


def test_somebody_else_on_the_same_phone_neither_sees_nor_sends_it(phone: Phone) -> None:
    phone.lose_network_and_tell("900")
    phone.page.evaluate(
        "for (const [name, text] of Object.entries(localStorage))"
        " localStorage.setItem(name, JSON.stringify({ ...JSON.parse(text), whose: 'another' }))"
    )
    phone.page.context.set_offline(False)
    phone.page.goto(phone.home)
    phone.page.wait_for_load_state("networkidle")
    expect(phone.page.locator("[data-waiting]")).to_be_empty()
    assert phone.reports() == []


def test_by_the_link_too(phone: Phone, browser: Browser) -> None:
    page = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
    page.goto(phone.link)
    linked = phone._replace(page=page)
    linked.lose_network_and_tell("700")
    page.context.set_offline(False)
    expect(page.locator("[data-waiting]")).to_contain_text("存在手机里的数报上去了")
    assert [(one.takings_fen, one.source) for one in phone.reports()] == [(70000, TakingsSource.LINK)]
    assert linked.kept() == []
    page.context.close()
