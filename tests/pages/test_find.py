"""“Is the barber there?” – answered in words, for the next market, the last one and the neighbourhood."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple
from unittest.mock import patch
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock, public_pages
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.communities import service as communities
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.pages.found_plan import found_plan
from market.places.service import PlanLane
from market.public_pages import KEEP
from market.stalls import service as stalls
from market.stalls.service import PlanStall
from market.vendors.rules import ApplicationState, Category
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import bring_to, make_day, make_venue
from tests.factories.vendors import make_application, make_vendor

S = DayState
HERE = "/c/huaiyin/find"
BARBER = ("老顾理发", Category.HAIRCUT, "理发、修面")
TOFU = ("万家豆制品", Category.COOKED_FOOD, "豆腐、豆浆")
COBBLER = ("快手修鞋", Category.REPAIR_SERVICE, "修鞋")


def held_by(
    community: Community, in_days: int, *sellers: tuple[str, Category, str], to: DayState = S.PUBLISHED
) -> MarketDay:
    """A market of a community with these vendors, so far that it is known who comes."""
    by = person("staff")
    venue = make_venue(community, by, name=f"广场{community.slug}{in_days}")
    day = make_day(community, by, venue=venue, in_days=abs(in_days), state=S.REVIEWING, theme="冬储菜集")
    for name, category, goods in sellers:
        vendor = make_vendor(community, by, name, category=category, goods=goods, holder="顾某某")
        make_application(day, vendor, by, state=ApplicationState.APPROVED)
    stalls.compute_plan(day, by=by, at=clock.now())
    bring_to(day, to, by)
    if in_days < 0:
        day.open_at -= timedelta(days=2 * abs(in_days))
        day.close_at -= timedelta(days=2 * abs(in_days))
    return day


class Days(NamedTuple):
    """References of our markets."""

    coming: str
    held: str


@pytest.fixture
def days(app: Flask, cast: Cast) -> Days:
    """A market in five days with a barber and tofu, one thirty days ago with a cobbler."""
    with app.app_context(), unit_of_work():
        ours = find_community(cast.ours)
        held = held_by(ours, -30, COBBLER, to=S.CLOSED)
        return Days(held_by(ours, 5, BARBER, TOFU).ref, held.ref)


def get(app: Flask, address: str, status: int = 200) -> str:
    answer = app.test_client().get(address)
    assert answer.status_code == status, answer.text
    return answer.text


def ask(app: Flask, question: str, where: str = HERE) -> str:
    return get(app, f"{where}?q={quote(question)}")


def plain(page: str) -> str:
    body = re.sub(r"(?s)<head>.*?</head>|<title>.*?</title>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split()).replace("\u2060", "")


def said(page: str) -> str:
    """The sentences of the answer."""
    return " ".join(plain(one) for one in re.findall(r'(?s)<p class="say">(.*?)</p>', page))


def on_wall(app: Flask, ref: str) -> str:
    with app.app_context():
        on = service.local_date(service.find_day_by_ref(ref))
        year = "" if on.year == clock.today("Asia/Shanghai").year else f"{on.year} 年 "
        return f"{year}{on.month} 月 {on.day} 日"


# ── the answer ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("question", ["理发", "剪头", "有剃头的吗", "lifa", "lf", "jiantou", "里发", "nifa"])
def test_the_barber_comes(app: Flask, days: Days, question: str) -> None:
    page = ask(app, question)
    assert re.fullmatch(r"来。理发在 A0\d，8:00–11:30。", said(page)), said(page)
    assert "老顾理发" in page
    assert 'id="ask"' not in page


def test_a_vendor_is_found_by_name(app: Flask, days: Days) -> None:
    assert said(ask(app, "万家")).startswith("来。万家豆制品在 A0")


def test_who_was_there_last_time_is_said_with_the_date(app: Flask, days: Days) -> None:
    page = ask(app, "修鞋的来不来")
    assert said(page) == f"这次没有修鞋。上次 {on_wall(app, days.held)}有。"
    assert 'id="ask"' in page
    assert "想要“修鞋”的人多了" in plain(page)


def test_what_nobody_ever_had_can_be_asked_for(app: Flask, days: Days) -> None:
    page = ask(app, "弹钢琴")
    assert said(page) == "这次没有弹钢琴。"
    assert 'id="ask"' in page


def test_a_guess_is_named(app: Flask, days: Days) -> None:
    assert "您写的是“里发”，按“理发”找的。" in plain(ask(app, "里发"))
    assert "按“理发”找的" not in plain(ask(app, "剪头"))


def test_two_wishes_get_two_answers_and_one_stall_with_both_gets_one(app: Flask, days: Days) -> None:
    assert said(ask(app, "豆腐、修鞋")).count("。") > 2
    assert said(ask(app, "老顾 修面")).startswith("来。")
    assert said(ask(app, "老顾 修面")).count("来。") == 1


def test_the_next_market_that_has_it_is_named_with_its_date(app: Flask, days: Days, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        ref = held_by(find_community(cast.ours), 9, COBBLER).ref
    assert said(ask(app, "修鞋")).startswith(f"{on_wall(app, ref)}来。修鞋在 A0")


def test_before_anybody_is_known_the_page_says_so(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        ours, by = find_community(cast.ours), person("staff")
        day = make_day(ours, by, in_days=12, state=S.OPEN_FOR_APPLICATION)
        vendor = make_vendor(ours, by, "早鸟理发", category=Category.HAIRCUT, goods="理发")
        make_application(day, vendor, by, state=ApplicationState.APPROVED)
        bring_to(day, S.REVIEWING, by)
        stalls.compute_plan(day, by=by, at=clock.now())
        ref = day.ref
    page = ask(app, "理发")
    assert said(page) == f"{on_wall(app, ref)}谁来还没定，有没有理发还不知道。"
    assert "早鸟" not in page


def test_without_any_market_the_page_says_so(app: Flask, cast: Cast) -> None:
    assert said(ask(app, "理发")) == "下一场还没定，有没有理发还不知道。"


def test_a_market_that_was_called_off_promises_nobody(app: Flask, days: Days) -> None:
    with app.app_context(), unit_of_work():
        day = service.find_day_by_ref(days.coming)
        service.take_step(day, Step.CANCEL, by=person("staff"), at=clock.now(), public_note="大雪。")
    assert not said(ask(app, "理发")).startswith("来")


def test_a_stall_that_does_not_open_is_said(app: Flask, days: Days) -> None:
    with app.app_context(), unit_of_work():
        day = service.find_day_by_ref(days.coming)
        held = next(one for one in stalls.assignments(day) if one.vendor.trading_name == "老顾理发")
        stalls.shut(day, [held.stall], "停水", by=person("staff"), at=clock.now())
    assert "号这一场不开：停水。" in plain(ask(app, "理发"))


@pytest.mark.parametrize("question", ["冬储菜集", "冬储菜集市什么时候", "dongchucaiji"])
def test_a_market_is_found_by_its_theme(app: Flask, days: Days, question: str) -> None:
    assert "叫这个名字的集市" in plain(ask(app, question))


def test_phones_and_holders_are_found_by_nobody(app: Flask, days: Days) -> None:
    for secret in ("顾某某", "13400000001", "134"):
        assert not said(ask(app, secret)).startswith("来")


# ── near by ───────────────────────────────────────────────────────────────────────────────────────────────


def neighbour(app: Flask, slug: str, name: str, street: str) -> None:
    with app.app_context(), unit_of_work():
        region = communities.find_region(street)
        community = communities.create_community(
            slug, name, region, host_org=name, phone="0533-1", zone="Asia/Shanghai", by=None, at=clock.now()
        )
        held_by(community, 6, COBBLER)


def test_who_finds_nothing_is_led_to_the_neighbours_of_the_street(app: Flask, days: Days, cast: Cast) -> None:
    neighbour(app, "liuyin", "柳荫社区", "370303001000")
    neighbour(app, "faraway", "远处社区", "370303002000")
    words = plain(ask(app, "修鞋"))
    assert "附近的集市有修鞋 柳荫社区" in words
    assert "远处社区" not in words
    assert "附近的集市" not in plain(ask(app, "理发"))


def test_everywhere_finds_communities_and_markets(app: Flask, days: Days) -> None:
    assert "松鹤社区" in plain(ask(app, "songhe", "/find"))
    assert "槐荫社区" in plain(ask(app, "槐荫社区的集市", "/find"))
    words = plain(ask(app, "剪头", "/find"))
    assert "最近要开的集市有“剪头” 槐荫社区" in words
    assert "没有叫“弹钢琴”的社区" in plain(ask(app, "弹钢琴", "/find"))


# ── one page, shared and kept ─────────────────────────────────────────────────────────────────────────────


def test_an_answer_can_be_shared(app: Flask, days: Days) -> None:
    page = get(app, f"{HERE}?q={quote('剪头')}&on=elsewhere")
    said = re.findall(r'property="og:(title|url)" content="(.*?)"', page)
    assert [name for name, _text in said] == ["title", "url"]
    assert dict(said)["title"].startswith("来。理发在 A0")
    address = "http://127.0.0.1:8000/c/huaiyin/find?q=%E5%89%AA%E5%A4%B4"
    assert re.findall(r'<link rel="canonical" href="(.*?)">', page) == [address] == [dict(said)["url"]]


@pytest.mark.parametrize("address", [HERE, f"{HERE}?kind=haircut", f"{HERE}?q=lifa", "/find?q=lifa"])
def test_asking_leaves_no_cookie(app: Flask, days: Days, address: str) -> None:
    answer = app.test_client().get(address)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert KEEP not in answer.headers


def kept(app: Flask, address: str) -> bool:
    """Whether the second reader gets the page of the first."""
    asked: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: asked.append("asked"))
    with patch.object(public_pages, "_minute", lambda: 1):
        for _reader in range(2):
            app.test_client().get(address)
    return len(asked) == 1


@pytest.mark.parametrize(
    ("question", "is_kept"),
    [("kind=haircut", True), ("q=lifa", False), ("q=xiuxie", False), ("kind=craft", False)],
)
def test_only_what_everybody_presses_is_kept(app: Flask, days: Days, question: str, is_kept: bool) -> None:
    assert kept(app, f"{HERE}?{question}") is is_kept


def test_a_search_on_the_page_of_a_market_is_not_kept(app: Flask, days: Days) -> None:
    assert kept(app, f"/c/huaiyin/markets/{days.coming}?q=lifa") is False


def test_an_answer_is_never_older_than_the_database(app: Flask, days: Days) -> None:
    address = f"{HERE}?kind=haircut"
    assert said(get(app, address)).startswith("来。")
    with app.app_context(), unit_of_work():
        day = service.find_day_by_ref(days.coming)
        service.take_step(day, Step.POSTPONE, by=person("staff"), at=clock.now(), public_note="大雪。")
    assert not said(get(app, address)).startswith("来。")


# ── without typing ────────────────────────────────────────────────────────────────────────────────────────


def test_the_kinds_of_a_market_are_chips(app: Flask, days: Days) -> None:
    page = get(app, f"/c/huaiyin/markets/{days.coming}")
    assert f'href="/c/huaiyin/find?kind=haircut&amp;on={days.coming}"' in page
    assert "kind=craft" not in page


def test_a_chip_leads_to_the_stall(app: Flask, days: Days) -> None:
    page = get(app, f"{HERE}?kind=haircut&on={days.coming}")
    assert said(page).startswith("来。理发在 A0")
    assert "data-found" in page


def test_a_search_on_the_page_of_a_market_marks_the_plan(app: Flask, days: Days) -> None:
    page = get(app, f"/c/huaiyin/markets/{days.coming}?q=jiantou")
    assert "data-found" in page
    assert said(page).startswith("来。")


def test_a_past_market_says_who_was_there(app: Flask, days: Days) -> None:
    page = get(app, f"/c/huaiyin/markets/{days.held}?q=xiuxie")
    assert re.fullmatch(r"来过。修鞋在 A0\d。", said(page))
    assert said(get(app, f"/c/huaiyin/markets/{days.held}?q=lifa")) == "这一场没有理发。"


# ── hostile ───────────────────────────────────────────────────────────────────────────────────────────────

HOSTILE = (
    "", "   ", "？？！！", "%_%", "%", "_", "'; DROP TABLE vendor; --", "\x07\x1b[31m", "💇✂️", "‮‏",
    "甲" * 5_000, "a" * 5_000, "<script>alert(1)</script>", "{{ 7*7 }}", "../../etc/passwd", "NULL", "0",
    "-1", "\ud7ff", "𠮷", "a b c d e f g h", "\n\r\t", "ʻ", "Ω≈ç√∫", "１２３", "((((((", "\\", '"',
)  # fmt: skip


@pytest.mark.parametrize("place", [HERE, "/find", "/c/huaiyin/markets/{0}"])
@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_is_asked_gets_a_sentence(app: Flask, days: Days, question: str, place: str) -> None:
    page = ask(app, question, place.format(days.coming))
    assert "<script>alert" not in page
    assert "49" not in said(page)
    assert 'role="status"' in page or "role=search" in page or "谁来摆摊" in page


@pytest.mark.parametrize("address", ["?kind=nonsense", "?kind=", "?on=%0d", "?kind=haircut&on=zzz", "?q=%ff"])
def test_addresses_that_are_no_question_are_answered(app: Flask, days: Days, address: str) -> None:
    get(app, HERE + address)


def test_what_no_address_may_hold_gets_a_sentence_too(app: Flask, days: Days) -> None:
    assert "没有这一页" in plain(get(app, f"{HERE}?q=%00", status=404))


def test_a_wildcard_finds_nobody(app: Flask, days: Days) -> None:
    assert "没看懂要找什么" in plain(ask(app, "%"))


# ── what it takes ─────────────────────────────────────────────────────────────────────────────────────────

MOST_STATEMENTS = 12


@pytest.fixture
def statements(app: Flask) -> list[str]:
    seen: list[str] = []
    with app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    return seen


def counted(app: Flask, seen: list[str], question: str) -> int:
    ask(app, question)
    del seen[:]
    ask(app, question)
    return sum(not one.startswith("PRAGMA") and "page_revision" not in one for one in seen)


@pytest.mark.parametrize("question", ["理发", "修鞋", "弹钢琴", "豆腐、修鞋"])
def test_a_question_takes_few_statements_however_many_markets_there_were(
    app: Flask, days: Days, cast: Cast, statements: list[str], question: str
) -> None:
    before = counted(app, statements, question)
    neighbour(app, "liuyin", "柳荫社区", "370303001000")
    neighbour(app, "faraway", "远处社区", "370303002000")
    with app.app_context(), unit_of_work():
        for ago in (-40, -50, -60):
            held_by(find_community(cast.ours), ago, COBBLER, to=S.CLOSED)
    after = counted(app, statements, question)
    assert after - before <= 1  # the sellers of the neighbours, where there are any
    assert after <= MOST_STATEMENTS


@both_engines
def test_both_engines_answer_alike(app: Flask, days: Days) -> None:
    assert said(ask(app, "剪头")).startswith("来。理发在 A0")
    assert "上次" in said(ask(app, "修鞋"))
    assert "最近要开的集市" in plain(ask(app, "剪头", "/find"))


# ── the plan ──────────────────────────────────────────────────────────────────────────────────────────────


def stall(label: str, x: int, y: int, state: str = "taken") -> PlanStall:
    return PlanStall(label, label, x, y, 30, 30, state, "老顾理发店铺名字很长", 0, False, False)


def test_the_flag_of_the_first_row_stands_below_and_inside() -> None:
    plan = found_plan([stall("A01", 20, 20), stall("A02", 450, 20), stall("B01", 20, 120)], [], ["A02"])
    assert plan is not None
    (flag,) = plan.flags
    assert flag.box.y > 50
    assert flag.box.x + flag.box.width <= plan.view.x + plan.view.width
    assert [mark.face for mark in plan.marks] == ["taken", "found", "taken"]
    assert [head.letter for head in plan.heads] == ["A", "B"]


def test_both_of_two_stalls_are_found() -> None:
    plan = found_plan([stall("A01", 20, 20), stall("A02", 55, 20)], [], ["A01+A02"])
    assert plan is not None
    assert [mark.face for mark in plan.marks] == ["found", "found"]


def test_the_name_of_a_door_covers_neither_stall_nor_fire_lane() -> None:
    drawn = [stall(f"{row}0{n}", 20 + 35 * n, y) for row, y in (("A", 20), ("B", 90)) for n in range(9)]
    lanes = [
        PlanLane("消防通道", 440, 0, 40, 200),
        PlanLane("西门", 0, 80, 10, 40, entrance=True),
        PlanLane("东门", 470, 80, 10, 40, entrance=True),
    ]
    plan = found_plan(drawn, lanes, ["B03"])
    assert plan is not None
    west, east = plan.doors
    assert (west.anchor, east.anchor) == ("start", "end")
    assert east.x <= 440
    assert not any(mark.box.y < west.y < mark.box.y + mark.box.height for mark in plan.marks)
    assert plan.nearest == "西门"


def test_a_plaza_without_stalls_has_no_plan() -> None:
    assert found_plan([], [], ["A01"]) is None


def test_staff_who_ask_are_residents_too(
    app: Flask, days: Days, sign_in: Callable[[str], FlaskClient]
) -> None:
    assert said(sign_in("staff").get(f"{HERE}?q=lifa").text).startswith("来。")
