"""The vendor's own page: which stall, when, what is missing, one tap to apply."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.communities.service import find_community
from market.db import unit_of_work
from market.passes import service as passes
from market.stalls import service as stalls
from market.vendors import service
from market.vendors.models import Vendor
from market.vendors.rules import ApplicationState, Category, DocumentKind
from tests.cast import Cast, person, post
from tests.factories.calendar import bring_to, make_day
from tests.factories.vendors import fill_day, make_application, make_vendor

LOGIN = "13800009999"
HOME = "/vendor/huaiyin/"


class Story:
    """A vendor, a market open for application, and what happens to them; every act is a transaction."""

    def __init__(self, app: Flask, client: FlaskClient, day: str) -> None:
        self.app, self.client, self.ref = app, client, day

    @property
    def page(self) -> str:
        answer = self.client.get(HOME)
        assert answer.status_code == 200
        return answer.text

    def apply(self, **answers: str) -> int:
        fields = {"power_w": "0", "wanted_stall": "", "note": "", **answers}
        return int(post(self.client, HOME, f"{HOME}days/{self.ref}/application", **fields).status_code)

    def withdraw(self) -> int:
        return int(post(self.client, HOME, f"{HOME}days/{self.ref}/application/withdrawal").status_code)

    def do(self, act: Callable[[MarketDay, Vendor], object]) -> None:
        with self.app.app_context(), unit_of_work():
            community = find_community("huaiyin")
            act(calendar.find_day(community, self.ref), service.vendor_of(person(LOGIN), community))

    def state(self) -> ApplicationState | None:
        with self.app.app_context():
            community = find_community("huaiyin")
            vendor = service.vendor_of(person(LOGIN), community)
            application = service.of_day(calendar.find_day(community, self.ref), vendor)
            return application.state if application is not None else None


@pytest.fixture
def story(app: Flask, cast: Cast, sign_in: Callable[[str], FlaskClient]) -> Story:
    with app.app_context(), unit_of_work():
        community, staff = find_community(cast.ours), person("staff")
        day = make_day(community, staff, state=DayState.OPEN_FOR_APPLICATION)
        make_vendor(community, staff, login=LOGIN, phone=LOGIN)
        ref = day.ref
    return Story(app, sign_in(LOGIN), ref)


def primary(page: str) -> list[str]:
    """What the primary buttons say."""
    main = page[page.index("<main") : page.index("</main>")]
    found = re.findall(
        r'class="btn[^"]*\bfirst\b[^"]*"[^>]*>([^<]*)<', main.replace("danger first", "danger")
    )
    return [words.strip() for words in found]


def publish(day: MarketDay, vendor: Vendor) -> None:
    """The vendor is approved, gets a stall, and the market is published."""
    by = person("staff")
    application = service.of_day(day, vendor) or make_application(day, vendor, by)
    service.approve(application, by=by, at=clock.now())
    bring_to(day, DayState.REVIEWING, by)
    stalls.compute_plan(day, by=by, at=clock.now())
    passes.publish_day(day, by=by, at=clock.now())


# ── applying ──────────────────────────────────────────────────────────────────────────────────────────────


def test_an_open_market_is_one_tap_away(story: Story) -> None:
    assert [words[:2] for words in primary(story.page)] == ["报名"]
    assert story.apply() == 302
    assert story.state() is ApplicationState.SUBMITTED
    assert "报上了，等社区答复" in story.page
    assert primary(story.page) == []


def test_the_last_answers_are_filled_in(story: Story) -> None:
    assert story.apply(power_w="1.5", wanted_stall="A02", note="靠近东门") == 302

    def another(day: MarketDay, vendor: Vendor) -> None:
        make_day(vendor.community, person("staff"), in_days=20, state=DayState.OPEN_FOR_APPLICATION)

    story.do(another)
    page = story.page
    assert "用电 1.5 千瓦 · 想要 A02" in page
    assert 'value="靠近东门"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("power_w", "很多"), ("power_w", "99"), ("wanted_stall", "Z99"), ("note", "长" * 201)],
)
def test_a_mistake_keeps_what_was_typed(story: Story, field: str, value: str) -> None:
    fields = {"power_w": "2", "wanted_stall": "A01", "note": "挨着老李", field: value}
    answer = post(story.client, HOME, f"{HOME}days/{story.ref}/application", **fields)
    assert answer.status_code == 422
    if field != "note":
        assert 'value="挨着老李"' in answer.text
    assert story.state() is None


def test_after_the_deadline_the_vendor_reads_why(story: Story) -> None:
    page = story.page
    story.do(lambda day, vendor: bring_to(day, DayState.REVIEWING, person("staff")))
    token = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert token is not None
    answer = story.client.post(f"{HOME}days/{story.ref}/application", data={"csrf_token": token[1]})
    assert answer.status_code == 409
    assert "报名已经截止" in answer.text


def test_a_draft_that_only_staff_see_is_not_found(story: Story) -> None:
    hidden: list[str] = []
    story.do(lambda day, vendor: hidden.append(make_day(vendor.community, person("staff"), in_days=20).ref))
    assert post(story.client, HOME, f"{HOME}days/{hidden[0]}/application").status_code == 404


def test_withdrawing_asks_first_and_frees_the_place(story: Story) -> None:
    story.apply()
    assert "确定不来" in story.page
    assert story.withdraw() == 302
    assert story.state() is ApplicationState.WITHDRAWN
    assert [words[:2] for words in primary(story.page)] == ["报名"]


def test_withdrawing_without_an_application_is_not_found(story: Story) -> None:
    assert story.withdraw() == 404


# ── the answer of the community ───────────────────────────────────────────────────────────────────────────


def test_papers_asked_for_are_named_and_one_tap_says_they_are_there(story: Story) -> None:
    story.do(
        lambda day, vendor: make_application(day, vendor, person("staff"), state=ApplicationState.NEEDS_MORE)
    )
    page = story.page
    assert "社区说：请带健康证来。" in page
    assert primary(page) == ["补好了，请再看看"]
    assert story.apply() == 302
    assert story.state() is ApplicationState.SUBMITTED


def test_a_no_comes_with_its_reason_and_a_second_chance(story: Story) -> None:
    story.do(
        lambda day, vendor: make_application(day, vendor, person("staff"), state=ApplicationState.REJECTED)
    )
    page = story.page
    assert "社区说：这一场同类的摊位满了。" in page
    assert [words[:2] for words in primary(page)] == ["报名"]


def test_an_unpublished_plan_says_approved_only(story: Story) -> None:
    def plan(day: MarketDay, vendor: Vendor) -> None:
        make_application(day, vendor, person("staff"), state=ApplicationState.APPROVED)
        bring_to(day, DayState.REVIEWING, person("staff"))
        stalls.compute_plan(day, by=person("staff"), at=clock.now())

    story.do(plan)
    page = story.page
    assert "同意参加" in page
    assert "A01" not in page


def test_a_published_stall_is_the_largest_thing_and_the_pass_one_tap_away(story: Story) -> None:
    story.do(publish)
    page = story.page
    assert '<p class="stallno big center">A0' in page
    assert primary(page) == ["出示摊位证"]
    assert "7:40 前到场，8:00 开市，11:30 收市" in page


def test_the_waiting_list_tells_the_place_and_the_reason(story: Story) -> None:
    def full(day: MarketDay, vendor: Vendor) -> None:
        fill_day(day, person("staff"), 6)
        publish(day, vendor)

    story.do(full)
    page = story.page
    assert "候补第 1 位" in page
    assert primary(page) == []


def test_after_closing_the_takings_are_asked_for(story: Story) -> None:
    story.do(publish)
    story.do(lambda day, vendor: bring_to(day, DayState.CLOSED, person("staff")))
    assert primary(story.page) == ["报营业额"]


def test_a_stall_given_back_is_free_and_its_vendor_sees_no_number(story: Story) -> None:
    story.do(publish)
    assert story.withdraw() == 302
    assert story.state() is ApplicationState.WITHDRAWN
    assert "stallno big" not in story.page


def test_a_market_called_off_says_so(story: Story) -> None:
    story.do(publish)
    story.do(
        lambda day, vendor: passes.call_off_day(
            day, Step.POSTPONE, "大风蓝色预警", by=person("staff"), at=clock.now()
        )
    )
    page = story.page
    assert "这一场延期了" in page
    assert "大风蓝色预警" in page
    assert primary(page) == []


# ── papers ────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_missing_is_said_with_the_law_and_the_last_day(story: Story) -> None:
    def lose(day: MarketDay, vendor: Vendor) -> None:
        vendor.category = Category.COOKED_FOOD
        service.check_document(
            vendor, DocumentKind.HEALTH_CERT, number="1", issuer="", valid_to=date(2020, 1, 1),
            by=person("staff"), at=clock.now(),
        )  # fmt: skip

    story.do(lose)
    page = story.page
    assert "健康证 2020-01-01 已到期。" in page
    assert "食品安全法 45 · 最晚" in page
    assert "证照还差 3 样" in page


def test_a_missing_agreement_is_read_and_signed_on_the_page(story: Story) -> None:
    def lapse(day: MarketDay, vendor: Vendor) -> None:
        for document in vendor.documents:
            document.valid_to = clock.today("Asia/Shanghai") - timedelta(days=1)

    story.do(lapse)
    assert "明码标价" in story.page
    assert post(story.client, HOME, f"{HOME}agreements").status_code == 302
    story.do(
        lambda day, vendor: (
            sorted(d.checked_by == vendor.user_id for d in vendor.documents) == [False, True]
            or pytest.fail("not signed by the vendor itself")
        )
    )


# ── the vendor's own facts, and nobody else's ─────────────────────────────────────────────────────────────


def test_the_profile_is_corrected_by_its_owner(story: Story) -> None:
    page = f"{HOME}profile"
    typed = {
        "trading_name": "张家豆浆", "holder": "张师傅", "phone": LOGIN, "category": "daily_goods",
        "goods": "豆浆", "power_w": "1", "needs_water": "y",
    }  # fmt: skip
    assert post(story.client, page, **typed).status_code == 302
    text = story.client.get(page).text
    assert 'value="张家豆浆"' in text
    refused = post(story.client, page, **{**typed, "phone": "123"})
    assert (refused.status_code, "手机号是 1 开头的 11 位数字" in refused.text) == (422, True)
    assert 'value="张家豆浆"' in refused.text


def test_nobody_else_opens_the_vendors_page(story: Story, sign_in: Callable[[str], FlaskClient]) -> None:
    assert sign_in("staff").get(HOME).status_code == 403
    assert story.client.get("/vendor/songhe/").status_code == 403
    assert story.app.test_client().get(HOME).status_code == 302


def test_a_market_of_another_community_is_not_found(story: Story) -> None:
    with story.app.app_context(), unit_of_work():
        day = make_day(find_community("songhe"), person("staff-b"), state=DayState.OPEN_FOR_APPLICATION)
        ref = day.ref
    assert post(story.client, HOME, f"{HOME}days/{ref}/application").status_code == 404


def test_giving_is_offered_and_never_presumed(story: Story) -> None:
    page = story.page
    assert "反哺社区完全自愿，不影响报名和摊位。" in page
    assert 'href="/vendor/huaiyin/terms"' in page
