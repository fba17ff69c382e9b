"""After the market in a real browser: an elderly resident with large type, three taps, a receipt; axe."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from market import clock
from market.communities.service import find_community
from market.db import unit_of_work
from market.feedback import service
from market.feedback.rules import About, Door, Outcome, PraiseKind, Question, Way
from market.feedback.service import ComplaintDraft
from market.stalls import service as stalls
from tests.cast import PASSWORD, STREET, Cast, person
from tests.factories.gate import ALL_DAY, published_day
from tests.factories.vendors import act_for
from tests.parts.axe import violations
from tests.parts.live import served

pytestmark = pytest.mark.browser

MODES = ("", "elder", "en", "elder.en")
"""What a reader may have chosen: large type, English."""


@pytest.fixture
def ref(app: Flask, cast: Cast) -> str:
    """A market of today with everything that can be said of it."""
    with app.app_context(), unit_of_work():
        community, staff, at = find_community(cast.ours), person("staff"), clock.now()
        day = published_day(community, staff, in_days=0, **ALL_DAY)
        vendor = stalls.assignments(day)[0].vendor
        act_for(vendor, person("member1"))
        for number in range(32):
            address = f"198.51.100.{number}" if number < 11 else "203.0.113.1"
            service.answer_day(
                day,
                Question.SCORE,
                "4",
                token=f"p{number}",
                address=address,
                way=Way.PAGE,
                at=at,
            )
        for phone, fit in (("p1", True), ("p2", None)):
            praise = service.give_praise(
                day, vendor, PraiseKind.FAIR, "给得足", token=phone, address="198.51.100.1", at=at
            )
            if fit:
                service.say_of_praise(praise, fit=True, by=staff, at=at)
        draft = ComplaintDraft(About.WEIGHT, "少了二两", Door.DESK, day, vendor, "13812345678")
        answered = service.complain(community, draft, by=staff, at=at)
        service.answer(answered, Outcome.AGREED, "复称以后补了钱。", public=True, by=staff, at=at)
        service.complain(community, draft, by=staff, at=at)
        return day.ref


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def receipt_of(app: Flask) -> tuple[str, str]:
    """Number and address of a complaint that waits."""
    with app.app_context():
        cases = service.open_cases(find_community("huaiyin"), clock.now())
        return cases[0].complaint.receipt, cases[0].complaint.ref


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_an_elderly_resident_says_it_in_three_taps(
    app: Flask, browser: Browser, ref: str, scripts: bool
) -> None:
    with served(app) as address:
        context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=scripts)
        context.add_cookies([{"name": "preferences", "value": "elder", "url": address}])
        page = context.new_page()
        page.goto(f"{address}/c/huaiyin/feedback/{ref}?from=poster")
        assert [cookie["name"] for cookie in context.cookies()] == ["preferences"]
        for word, heading in (("很好", "哪一样"), ("都挺好", "下次还来吗"), ("还来", "谢谢，记下了")):
            page.get_by_role("button", name=word, exact=True).click()
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
            if scripts:
                assert fits(page), heading
                assert violations(page) == [], heading
        assert sorted(cookie["name"] for cookie in context.cookies()) == ["preferences", "voice"]
        page.get_by_role("button", name="点错了，收回").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("您觉得怎么样")
        context.close()


def test_a_complaint_is_sent_and_looked_up_by_its_receipt(app: Flask, browser: Browser, ref: str) -> None:
    with served(app) as address:
        page = browser.new_page(viewport={"width": 360, "height": 740})
        page.goto(f"{address}/c/huaiyin/feedback/complaints/new?on={ref}")
        page.get_by_label("太吵").check()
        page.get_by_label("怎么回事").fill("喇叭太响")
        page.get_by_role("button", name="交上去，拿回执号").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("投诉办到哪一步")
        number = page.locator(".receipt").inner_text()
        assert re.fullmatch(r"\d{4} \d{4} \d{4}", number)
        assert violations(page) == []
        stranger = browser.new_context(viewport={"width": 360, "height": 740}).new_page()
        stranger.goto(f"{address}/c/huaiyin/feedback/complaints")
        stranger.get_by_label("回执上的 12 位数字").fill(number)
        stranger.get_by_role("button", name="查", exact=True).click()
        expect(stranger.locator(".receipt")).to_have_text(number)
        expect(stranger.locator("main")).to_contain_text("社区工作人员")
        assert "喇叭太响" not in stranger.content()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("chosen", MODES)
def test_axe_finds_nothing_on_what_residents_open(
    app: Flask, page: Page, ref: str, chosen: str, width: int
) -> None:
    receipt, _case = receipt_of(app)
    page.set_viewport_size({"width": width, "height": 740})
    with served(app) as address:
        if chosen:
            page.context.add_cookies([{"name": "preferences", "value": chosen, "url": address}])
        for path in (
            "feedback", f"feedback/{ref}", f"feedback/{ref}/thanks", f"feedback/{ref}/praise",
            f"feedback/{ref}/praise/thanks", "feedback/complaints", f"feedback/complaints/new?on={ref}",
            f"feedback/complaints/{receipt}", "how", "how/complain", "follow",
        ):  # fmt: skip
            page.goto(f"{address}/c/huaiyin/{path}")
            assert violations(page) == [], path
            assert fits(page), path


def at_work(app: Flask, ref: str) -> dict[str, tuple[str, ...]]:
    """Where complaints are worked on, by who does."""
    _receipt, case = receipt_of(app)
    passed_up, mine = passed_up_of(app)
    staff, street = "/staff/huaiyin/feedback", f"/region/{STREET}/complaints"
    return {
        "staff": (
            staff, f"{staff}/complaints/{case}", f"{staff}/complaints/{mine}",
            f"{staff}/complaints/new?on={ref}", f"{staff}/{ref}/sheets",
        ),
        "member1": ("/vendor/huaiyin/feedback", "/vendor/huaiyin/"),
        "viewer": (street, f"{street}/{passed_up}", f"{street}/{mine}"),
    }  # fmt: skip


def passed_up_of(app: Flask) -> tuple[str, str]:
    """Two complaints that are the street's: one waits, one was taken over."""
    with app.app_context(), unit_of_work():
        community, staff, now = find_community("huaiyin"), person("staff"), clock.now()
        draft = ComplaintDraft(About.NOISE, "喇叭太响", Door.DESK)
        rows = [
            service.complain(community, draft, by=staff, at=now - timedelta(days=days)) for days in (40, 41)
        ]
        service.take_over(rows[1], by=person("viewer"), at=now)
        return rows[0].ref, rows[1].ref


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_where_staff_vendors_and_the_street_work(
    app: Flask, browser: Browser, ref: str, width: int
) -> None:
    """Each page in large type and not, in both languages; signed in once each."""
    with served(app) as address:
        for login, paths in at_work(app, ref).items():
            context = browser.new_context(viewport={"width": width, "height": 740})
            page = context.new_page()
            page.goto(f"{address}/sign-in")
            page.fill("[name=login]", login)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_load_state()
            for mode in MODES:
                context.add_cookies([{"name": "preferences", "value": mode or "zh", "url": address}])
                for path in paths:
                    answer = page.goto(f"{address}{path}")
                    assert answer is not None
                    assert answer.status == 200, path
                    assert violations(page) == [], (mode, path)
                    assert fits(page), (mode, path)
            context.close()
