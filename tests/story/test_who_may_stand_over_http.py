"""Who may not stand is stopped at every act, over HTTP, and let pass by a name where the region allows it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import unit_of_work
from market.passes import service as passes
from market.stalls import service as stalls
from market.vendors import service as vendors
from market.vendors.models import Vendor
from market.vendors.rules import Category
from tests.cast import Cast, make_user, person, post
from tests.factories.calendar import bring_to, make_day
from tests.factories.gate import ALL_DAY, give_passes, passes_by_stall, take_papers
from tests.factories.stalls import approved
from tests.factories.vendors import act_for, make_application, make_vendor, show_papers
from tests.parts.pdf import page_count
from tests.stalls.desk import words

T = TypeVar("T")
SignIn = Callable[[str], FlaskClient]
COOK, NEIGHBOUR, GROCER = "仇记卤味", "王家百货", "徐记酱菜"


@dataclass
class Market:
    """A published market of today, over HTTP: a cook with a stall, a neighbour, and a grocer who waits."""

    app: Flask
    staff: FlaskClient
    gate: FlaskClient
    ref: str
    cook: str

    @property
    def page(self) -> str:
        return f"/staff/huaiyin/days/{self.ref}"

    def do(self, act: Callable[[MarketDay, Vendor], T]) -> T:
        with self.app.app_context(), unit_of_work():
            day = find_day_by_ref(self.ref)
            return act(day, vendors.find_vendor(day.community, self.cook))

    def code(self) -> str:
        return self.do(lambda day, _cook: passes_by_stall(day)["A01"].short_code)

    def scan(self, code: str = "") -> str:
        """What the gate says to a short code, typed on a page opened anew."""
        page = f"/gate/huaiyin/days/{self.ref}"
        fields = {"code": code or self.code(), "method": "typed", "nonce": secrets.token_urlsafe(9)}
        answer = post(self.gate, page, f"{page}/scans", **fields)
        return words(self.gate.get(answer.location).text)

    def review(self) -> str:
        return words(self.staff.get(f"{self.page}/applications").text)


@pytest.fixture
def market(app: Flask, cast: Cast, sign_in: SignIn) -> Market:
    with app.app_context(), unit_of_work():
        ours, staff = find_community(cast.ours), person("staff")
        day = make_day(ours, staff, in_days=0, state=DayState.REVIEWING, stall_limit=5, **ALL_DAY)
        cook = approved(day, staff, COOK, Category.COOKED_FOOD, goods="卤味").vendor
        approved(day, staff, NEIGHBOUR)
        stalls.compute_plan(day, by=staff, at=clock.now())
        bring_to(day, DayState.PUBLISHED, staff)
        give_passes(day, staff, clock.now())
        ref, vendor = day.ref, cook.ref
    return Market(app, sign_in("staff"), sign_in("gate"), ref, vendor)


def lose(market: Market) -> None:
    """The licences were seen by mistake, and are struck out after publication."""
    market.do(lambda _day, cook: take_papers(cook))


def test_who_comes_without_licence_after_publication_is_not_approved(market: Market) -> None:
    def apply(day: MarketDay, _cook: Vendor) -> str:
        late = make_vendor(
            day.community, person("staff"), "没证的熟食", category=Category.COOKED_FOOD, papers=False
        )
        return make_application(day, late, person("staff")).ref

    ref = market.do(apply)
    answer = post(
        market.staff, f"{market.page}/applications", f"{market.page}/applications/{ref}/decision",
        decision="approve",
    )  # fmt: skip
    told = words(answer.text)
    assert answer.status_code == 409
    assert "没证的熟食还不能出摊：还没有入场经营协议。" in told
    assert "还没有健康证。" in told
    assert "请商户补齐，看过原件登记好再来办。" in told
    plan = words(market.staff.get(f"{market.page}/plan").text)
    assert "没证的熟食" not in plan, "nobody suggests whom the rule stops"


def test_a_pass_of_who_may_not_stand_is_not_printed_and_not_let_in(market: Market) -> None:
    assert page_count(market.staff.get(f"{market.page}/passes.pdf").data) == 2
    lose(market)
    assert page_count(market.staff.get(f"{market.page}/passes.pdf").data) == 1
    told = words(market.staff.get(f"{market.page}/passes").text)
    assert "1 家还不能出摊，证不打印，门口也不放行" in told
    mine = market.do(lambda day, _cook: passes_by_stall(day)["A01"].ref)
    assert market.staff.get(f"{market.page}/passes.pdf?pass={mine}").status_code == 409
    seen = market.scan()
    assert "还不能进场" in seen
    assert "还没有健康证。" in seen
    assert "先别放行，请叫社区工作人员来。" in seen


def test_papers_that_are_shown_open_the_gate(market: Market) -> None:
    lose(market)
    assert "还不能进场" in market.scan()

    market.do(lambda _day, cook: show_papers(cook, person("staff")))
    assert "证照齐全" in market.scan()


def test_the_waiting_list_passes_over_who_may_not_stand(market: Market) -> None:
    def wait(day: MarketDay, _cook: Vendor) -> None:
        take_papers(approved(day, person("staff"), "候补的", Category.COOKED_FOOD).vendor)

    market.do(wait)
    told = words(market.staff.get(f"{market.page}/plan").text)
    assert "还不能出摊，所以没有排：" in told
    assert "可以请来补位" not in words(market.staff.get(market.page).text), "nor does the checklist suggest"
    answer = post(market.staff, f"{market.page}/plan", f"{market.page}/promotions")
    assert answer.status_code in (302, 409)
    names = market.do(lambda day, _cook: [held.vendor.trading_name for held in stalls.assignments(day)])
    assert names == [COOK, NEIGHBOUR]


def test_where_the_region_allows_it_a_named_person_lets_pass_and_is_seen_everywhere(market: Market) -> None:
    """Pre-packed food without its filing: a colleague may answer for it, on this day, with a reason."""

    def ask(day: MarketDay, _cook: Vendor) -> tuple[str, str]:
        staff = person("staff")
        grocer = make_vendor(
            day.community, staff, GROCER, category=Category.GRAIN_SEASONING, papers=False, goods="预包装酱菜"
        )
        vendors.sign_agreements(grocer, by=staff, at=clock.now())
        return make_application(day, grocer, staff).ref, grocer.ref

    ref, grocer = market.do(ask)
    decision = f"{market.page}/applications/{ref}/decision"
    refused = post(market.staff, f"{market.page}/applications", decision, decision="approve")
    assert refused.status_code == 409
    assert "确实要放行，请在报名审核里写明原因，由您负责。" in words(refused.text)

    fields = {"code": "prepacked_permit_missing", "subject": f"{grocer}:prepacked_permit"}
    waivers = f"{market.page}/applications/{ref}/waivers"
    bare = post(market.staff, f"{market.page}/applications", waivers, **fields)
    assert bare.status_code == 422
    assert "请写清楚为什么可以这样办" in words(bare.text)
    done = post(market.staff, f"{market.page}/applications", waivers, reason="备案已交，周一出号", **fields)
    assert done.status_code == 302
    assert "王社工" in market.review()
    assert "备案已交，周一出号" in market.review()

    assert post(market.staff, f"{market.page}/applications", decision, decision="approve").status_code == 302
    assert post(market.staff, f"{market.page}/plan", f"{market.page}/promotions").status_code == 302
    day_page = words(market.staff.get(market.page).text)
    assert "有人负责放行的" in day_page
    assert "备案已交，周一出号" in day_page
    vendor_page = words(market.staff.get(f"/staff/huaiyin/vendors/{grocer}").text)
    assert "有人负责放行过" in vendor_page
    assert "备案已交，周一出号" in vendor_page
    market.cook = grocer
    code = market.do(
        lambda day, one: next(
            p.short_code for p in passes.live_passes(day) if p.assignment.vendor_id == one.id
        )
    )
    seen = market.scan(code)
    assert "可以进场" in seen
    assert "王社工负责放行：备案已交，周一出号" in seen


def test_what_nobody_may_override_has_no_form_and_is_refused(market: Market) -> None:
    lose(market)
    told = market.review()
    assert "还没有健康证。" in told
    assert "由我负责放行" not in told
    ref = market.do(lambda day, cook: vendors.application_of(day, cook).ref)
    answer = post(
        market.staff, f"{market.page}/applications", f"{market.page}/applications/{ref}/waivers",
        code="health_cert_missing", subject=f"{market.cook}:health_cert", reason="熟人",
    )  # fmt: skip
    assert answer.status_code == 404
    assert "谁都不能放行" in words(answer.text)


def test_nobody_answers_for_their_own_stall(market: Market) -> None:
    def own(day: MarketDay, _cook: Vendor) -> tuple[str, str]:
        staff = person("staff")
        grocer = make_vendor(day.community, staff, GROCER, category=Category.GRAIN_SEASONING, papers=False)
        act_for(grocer, staff)
        return make_application(day, grocer, person("second")).ref, grocer.ref

    ref, grocer = market.do(own)
    answer = post(
        market.staff, f"{market.page}/applications", f"{market.page}/applications/{ref}/waivers",
        code="prepacked_permit_missing", subject=f"{grocer}:prepacked_permit", reason="我自己的",
    )  # fmt: skip
    assert answer.status_code == 403
    assert "自己的摊位不能由自己放行" in words(answer.text)


# ── what is sold, and what is said when it is typed ───────────────────────────────────────────────────────


def profile_of(client: FlaskClient, **typed: str) -> tuple[int, str]:
    facts = {
        "trading_name": COOK, "holder": "仇师傅", "phone": "13800009999", "category": "cooked_food",
        "goods": "卤味", "power_w": "0",
    }  # fmt: skip
    answer = post(client, "/vendor/huaiyin/profile", **{**facts, **typed})
    page = client.get(answer.location) if answer.status_code == 302 else answer
    return answer.status_code, words(page.text)


@pytest.fixture
def seller(market: Market, sign_in: SignIn) -> FlaskClient:
    market.do(lambda _day, cook: act_for(cook, make_user("13800009999", "仇师傅")))
    return sign_in("13800009999")


@pytest.mark.parametrize(
    ("goods", "said"),
    [
        ("散装白酒", "散装酒不能在集市上卖：食品摊点不能卖散装酒。"),
        ("卤味、香烟", "香烟不能在集市上卖：烟草要在许可证上写明的店里卖，不能摆摊卖。"),
        ("烟花爆竹", "烟花爆竹不能在集市上卖"),
        ("处方药", "药品不能在集市上卖：药品只能在药店卖。"),
        ("活鸡", "活禽不能在集市上卖"),
    ],
)
def test_banned_goods_are_refused_as_they_are_typed(seller: FlaskClient, goods: str, said: str) -> None:
    status, told = profile_of(seller, goods=goods)
    assert status == 422
    assert said in told
    assert "请从“卖什么”里去掉。" in told


def test_pork_asks_for_its_certificate_as_it_is_typed_and_at_the_gate(
    market: Market, seller: FlaskClient
) -> None:
    status, told = profile_of(seller, goods="猪肉", category="meat_egg_aquatic")
    assert status == 302
    assert "卖鲜肉：每一场都要带上这一批的动物检疫合格证" in told
    assert "还没有这一批肉的动物检疫合格证。" in market.scan()


def test_a_change_of_category_is_reviewed_and_until_then_both_hold(
    market: Market, seller: FlaskClient
) -> None:
    """From 熟食 to 日用百货 while the goods stay pancakes: no way round the licence."""
    status, told = profile_of(seller, category="daily_goods", goods="煎饼")
    assert status == 302
    assert "写了卖现做的吃食，报的却是日用百货" in told
    lose(market)
    seen = market.scan()
    assert "还没有健康证。" in seen
    assert "报的却是日用百货" in seen
    assert "改了卖什么" in market.review()
    vendor = f"/staff/huaiyin/vendors/{market.cook}"
    assert "等您看" in words(market.staff.get(vendor).text)
    assert post(market.staff, vendor, f"{vendor}/change", answer="undo").status_code == 302
    category = market.do(lambda _day, cook: (cook.category, cook.goods))
    assert category == (Category.COOKED_FOOD, "卤味")
    assert post(market.staff, vendor, f"{vendor}/change", answer="undo").status_code == 404


def test_a_change_that_staff_agree_to_counts_alone(market: Market, seller: FlaskClient) -> None:
    profile_of(seller, category="daily_goods", goods="针头线脑")
    market.do(lambda _day, cook: take_papers(cook))
    assert "还没有健康证。" in market.scan()
    vendor = f"/staff/huaiyin/vendors/{market.cook}"
    assert post(market.staff, vendor, f"{vendor}/change", answer="agree").status_code == 302
    page = words(market.staff.get(vendor).text)
    assert "等您看" not in page
    assert "还没有健康证。" not in page
    assert "还没有入场经营协议。" in page


def test_staff_keep_a_vendor_away_for_a_while(market: Market) -> None:
    vendor = f"/staff/huaiyin/vendors/{market.cook}"
    until = market.do(lambda day, _cook: clock.today(day.community.zone).isoformat())
    bare = post(market.staff, vendor, f"{vendor}/exclusion", until=until)
    assert bare.status_code == 422
    assert (
        post(market.staff, vendor, f"{vendor}/exclusion", until=until, reason="短斤少两").status_code == 302
    )
    assert "先不能来：短斤少两" in market.scan()
    assert "为止不能来：短斤少两（王社工 定的）" in words(market.staff.get(vendor).text)
    assert post(market.staff, vendor, f"{vendor}/exclusion/end").status_code == 302
    assert "证照齐全" in market.scan()


def test_food_is_filed_for_as_soon_as_it_is_expected(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    """E33: the filing was first asked for after the plan, when it was overdue."""
    with app.app_context(), unit_of_work():
        ours, staff = find_community(cast.ours), person("staff")
        ref = make_day(ours, staff, in_days=20, state=DayState.OPEN_FOR_APPLICATION).ref
    client, asked = sign_in("staff"), "还没有向市场监管所报备（M04）。"
    assert asked not in words(client.get(f"/staff/huaiyin/days/{ref}").text)
    with app.app_context(), unit_of_work():
        day, staff = find_day_by_ref(ref), person("staff")
        make_application(day, make_vendor(day.community, staff, COOK, category=Category.COOKED_FOOD), staff)
    assert f"有 1 个食品摊，{asked}" in words(client.get(f"/staff/huaiyin/days/{ref}").text)
