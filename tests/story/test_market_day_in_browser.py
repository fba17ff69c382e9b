"""One market day in a real browser: vendor, staff, gate and resident, on the demo year's next market."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from market import clock, jobs
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import db, unit_of_work
from market.insight.proof import verify_everything
from market.passes.address import pass_address
from market.passes.service import pass_of, pass_token
from market.people.models import User
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.rules import DocumentKind
from tests.parts.live import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Town:
    """The served application and the time on everybody's watch."""

    def __init__(self, app: Flask, address: str) -> None:
        self.app, self.address = app, address
        self.moment: datetime | None = None
        with app.app_context():
            day = db.session.query(MarketDay).filter_by(state=DayState.OPEN_FOR_APPLICATION).one()
            self.ref, self.opens, self.closes = day.ref, day.open_at, day.close_at
            self.deadline = day.apply_until

    def tick(self, moment: datetime) -> None:
        """Time passes, and the program does what is due, as `market tick` would."""
        self.moment = moment
        with self.app.app_context():
            jobs.run()


@pytest.fixture
def town(year_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    with served(year_app) as address:
        town = Town(year_app, address)
        true_now = clock.now
        monkeypatch.setattr(clock, "now", lambda: town.moment or true_now())
        yield town


def enter(page: Page, town: Town, name: str) -> None:
    """One click on the demo's sign-in page."""
    page.goto(f"{town.address}/sign-in")
    page.get_by_role("button", name=name).first.click()
    expect(page).not_to_have_url(re.compile("/sign-in"))


def step(page: Page, town: Town, label: str) -> None:
    """Staff take the next step of the market on its page, answering its question when it asks one."""
    page.goto(f"{town.address}/staff/demo/days/{town.ref}")
    page.get_by_text(label, exact=True).first.click()
    answer = page.locator("details[open] form button").first
    if answer.is_visible():
        answer.click()


def test_a_market_day_by_clicks(town: Town, browser: Browser, camera_browser: Callable[..., Browser]) -> None:
    phone = browser.new_context(viewport={"width": 360, "height": 780}).new_page()
    desk = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()

    # The vendor applies with one tap.
    enter(phone, town, "周桂兰")
    phone.get_by_role("button", name=re.compile("^报名")).click()
    expect(phone.get_by_text("报上名了").or_(phone.get_by_text("等社区")).first).to_be_visible()

    # Staff close the list, agree, place and publish.
    town.tick(town.deadline + timedelta(hours=1))
    enter(desk, town, "王晓敏")
    desk.goto(f"{town.address}/staff/demo/days/{town.ref}/applications")
    desk.get_by_role("button", name=re.compile("全部同意")).click()
    desk.goto(f"{town.address}/staff/demo/days/{town.ref}/plan")
    desk.get_by_role("button", name="自动分摊位").click()
    expect(desk.get_by_text("已证明最优").first).to_be_visible()
    add_regulator_report(desk, town)
    step(desk, town, "发布并打印")
    expect(desk).to_have_url(re.compile("/passes$"))

    # The vendor sees the stall number, biggest of all.
    phone.goto(f"{town.address}/vendor/demo/")
    expect(phone.locator(".stallno.big")).to_have_text("A01")

    # The gate reads the pass with its camera.
    town.tick(town.opens - timedelta(minutes=40))
    with town.app.app_context():
        code = pass_address(town.address, vendor_token(town))
    gate = camera_browser(code).new_context(viewport={"width": 390, "height": 800}).new_page()
    enter(gate, town, "高晨")
    gate.goto(f"{town.address}/gate/demo/days/{town.ref}")
    gate.get_by_role("button", name="用这部手机扫码").click()
    gate.get_by_role("button", name="开始扫码").click()
    expect(gate.locator("[data-verdict]")).to_have_attribute("data-kind", "go", timeout=20_000)
    expect(gate.locator("[data-verdict-stall]")).to_have_text("A01")

    # The market opens and closes; everybody else was ticked in by a person who knows them.
    bring_slips(town)
    tick_in_the_others(gate, town)
    count_visitors(gate, town)
    town.tick(town.opens + timedelta(minutes=5))
    town.tick(town.closes + timedelta(minutes=10))
    enter(desk, town, "王晓敏")
    step(desk, town, "收市")

    # The vendor reports in one tap, staff type the others, the books are closed.
    enter(phone, town, "周桂兰")
    phone.goto(f"{town.address}/vendor/demo/days/{town.ref}/takings")
    phone.get_by_label(re.compile("填一个数")).fill("900")
    phone.get_by_role("button", name=re.compile("确认，报 900")).click()
    expect(phone.get_by_text("报好了")).to_be_visible()
    expect(phone.get_by_text("捐给社区基金 72.00 元。谢谢您。")).to_be_visible()
    type_the_others(desk, town)
    desk.goto(f"{town.address}/staff/demo/days/{town.ref}/settlement")
    desk.locator("summary", has_text="收市并入账").click()
    desk.get_by_role("button", name=re.compile("收市入账")).click()

    expect(desk.locator(".num").first).to_contain_text("72.00")

    # The resident, without login or cookie, finds the market on the public account at once. One vendor gave:
    # what it gave is published with the next ones (D22).
    resident = browser.new_context(viewport={"width": 360, "height": 780})
    page = resident.new_page()
    page.goto(f"{town.address}/c/demo/fund/markets/{town.ref}")
    expect(page.get_by_text("合并公布").first).to_be_visible()
    expect(page.get_by_text("72.00")).to_have_count(0)
    assert resident.cookies() == []
    with town.app.app_context():
        assert verify_everything().faults == 0


def vendor_token(town: Town) -> str:
    day = db.session.query(MarketDay).filter_by(ref=town.ref).one()
    first = next(held for held in stalls.assignments(day) if held.vendor.trading_name == "周记鲜蔬")
    found = pass_of(first)
    assert found is not None
    return pass_token(found)


def add_regulator_report(desk: Page, town: Town) -> None:
    """Food stalls are reported to the regulator beforehand."""
    desk.goto(f"{town.address}/staff/demo/days/{town.ref}?paper=M04")
    form = desk.locator("#papers form")
    form.locator("[name=number]").fill("示街食报 2 号")
    form.locator("[name=issuer]").fill("示例区市场监督管理局")
    form.locator("[name=filed_on]").fill(town.deadline.date().isoformat())
    form.get_by_role("button").click()


def bring_slips(town: Town) -> None:
    """What comes with the goods of the day: staff see the certificate of the batch of meat."""
    with town.app.app_context(), unit_of_work():
        day = calendar.find_day_by_ref(town.ref)
        on, by = calendar.local_date(day), db.session.scalars(sa.select(User)).first()
        assert by is not None
        for held in stalls.assignments(day):
            if vendors.barred(day, [held.vendor], asked_on=on):
                vendors.check_document(
                    held.vendor, DocumentKind.QUARANTINE_CERT, number="检 1", issuer="", valid_to=on,
                    by=by, at=clock.now(),
                )  # fmt: skip


def tick_in_the_others(gate: Page, town: Town) -> None:
    gate.goto(f"{town.address}/gate/demo/days/{town.ref}/sign-in")
    buttons = gate.get_by_text("签到", exact=True)
    for left in range(buttons.count() - 1, -1, -1):
        buttons.first.click()
        gate.get_by_role("button", name=re.compile("确认")).locator("visible=true").first.click()
        expect(buttons).to_have_count(left)


def count_visitors(gate: Page, town: Town) -> None:
    gate.goto(f"{town.address}/gate/demo/days/{town.ref}/footfall")
    gate.locator("input[name^=visits-]").first.fill("120")
    gate.get_by_role("button", name="按这张表记").click()


def type_the_others(desk: Page, town: Town) -> None:
    """A paper list typed down in stall order: nothing sold is 0."""
    desk.goto(f"{town.address}/staff/demo/days/{town.ref}/takings")
    for cell in desk.locator("input[name^=takings-]").all():
        if not cell.input_value():
            cell.fill("0")
    desk.get_by_role("button", name="存好这一页").click()
