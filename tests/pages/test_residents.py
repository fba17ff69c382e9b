"""What residents read, exactly; what they must never read; and pages that leave no trace with them."""

from __future__ import annotations

import html
import json
import re
from datetime import time
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from market import clock
from market.calendar import service
from market.calendar.models import MarketDay
from market.calendar.rules import DayState, Step
from market.communities.service import find_community
from market.db import unit_of_work
from market.stalls import service as stalls
from market.vendors.rules import ApplicationState, Category
from tests.cast import Cast, person
from tests.factories.calendar import bring_to, make_day, make_venue
from tests.factories.vendors import make_application, make_vendor

S = DayState
SELLERS = (
    ("老顾理发", Category.HAIRCUT, "理发、修面"),
    ("万家豆制品", Category.COOKED_FOOD, "豆腐、豆浆"),
    ("<b>绣坊</b>", Category.CRAFT, "绣花鞋"),
)


class Days(NamedTuple):
    """References of the days of our community."""

    published: str
    applying: str
    draft: str


@pytest.fixture
def days(app: Flask, cast: Cast) -> Days:
    """A published market with three vendors, one that vendors may apply to, and a draft."""
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        venue = make_venue(community, by)
        published = make_day(community, by, venue=venue, in_days=5, state=S.REVIEWING, theme="冬储菜集")
        for name, category, goods in SELLERS:
            vendor = make_vendor(
                community, by, name, category=category, goods=goods, phone=_phone(name), holder="顾某某"
            )
            make_application(published, vendor, by, state=ApplicationState.APPROVED)
        stalls.compute_plan(published, by=by, at=clock.now())
        bring_to(published, S.PUBLISHED, by)
        applying = make_day(community, by, in_days=12, state=S.OPEN_FOR_APPLICATION, theme="腊八集市")
        draft = make_day(community, by, in_days=19, theme="还没说出去的集市")
        return Days(published.ref, applying.ref, draft.ref)


def _phone(name: str) -> str:
    return f"1390000{SELLERS.index(next(s for s in SELLERS if s[0] == name)):04d}"


def get(app: Flask, address: str) -> str:
    answer = app.test_client().get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def plain(page: str) -> str:
    """The words of a page, without its head."""
    body = re.sub(r"(?s)<head>.*?</head>|<title>.*?</title>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def sellers(page: str) -> list[str]:
    """The lines of the list of stalls."""
    return [plain(line) for line in re.findall(r'(?s)<li id="[A-Z]\d+">.*?</li>', page)]


def change(app: Flask, ref: str, step: Step, **words: str) -> None:
    with app.app_context(), unit_of_work():
        service.take_step(_day(ref), step, by=person("staff"), at=clock.now(), public_note=words.get("note"))


def _day(ref: str) -> MarketDay:
    return service.find_day_by_ref(ref)


# ── the next market ───────────────────────────────────────────────────────────────────────────────────────


def test_the_community_page_answers_when_where_and_what_first(app: Flask, days: Days) -> None:
    page = get(app, "/c/huaiyin/")
    with app.app_context():
        on = service.local_date(_day(days.published))
    heading = re.search(r"<h1>(.*?)</h1>", page)
    assert heading is not None
    assert heading[1].startswith(f"{on.month} 月 {on.day} 日")
    words = plain(page)
    assert "如期举行 还有 5 天 时间 8:00–11:30 地点 小区广场 槐荫路 1 号" in words
    assert f'href="/c/huaiyin/markets/{days.published}">找摊位' in page
    assert re.search(rf'href="/c/huaiyin/markets/{days.published}\.ics"[^>]*>加到手机日历', page)
    assert "腊八集市" in words
    assert "还没说出去的集市" not in words


def test_vendors_are_wanted_while_applications_are_open(app: Flask, days: Days) -> None:
    assert "正在招摊主" in plain(get(app, "/c/huaiyin/"))
    change(app, days.applying, Step.CLOSE_APPLICATIONS)
    assert "正在招摊主" not in plain(get(app, "/c/huaiyin/"))


def test_a_called_off_market_is_said_first_and_keeps_its_page(app: Flask, days: Days) -> None:
    change(app, days.published, Step.CANCEL, note="台风，改日再办。")
    words = plain(get(app, "/c/huaiyin/"))
    assert words.index("台风，改日再办。") < words.index("8:00–11:30")
    assert "下一场：腊八集市" in words
    market = plain(get(app, f"/c/huaiyin/markets/{days.published}"))
    assert "· 取消 台风，改日再办。" in market
    assert "老顾理发" not in market


def test_without_any_day_the_page_says_what_to_do(app: Flask, cast: Cast) -> None:
    words = plain(get(app, "/c/songhe/"))
    assert "下一场还没定" in words
    assert "订阅集市日历" in words


def test_the_front_page_lists_the_next_market_of_each_community(app: Flask, days: Days) -> None:
    page = get(app, "/")
    assert f"/c/huaiyin/markets/{days.published}" in page
    assert "松鹤社区 看这个社区 下一场还没定。" in plain(page)


def test_an_unknown_community_is_not_found(app: Flask, cast: Cast) -> None:
    assert app.test_client().get("/c/nowhere/").status_code == 404


# ── one market ────────────────────────────────────────────────────────────────────────────────────────────


def test_who_sells_what_stands_by_stall(app: Flask, days: Days) -> None:
    page = get(app, f"/c/huaiyin/markets/{days.published}")
    assert sorted(line[4:] for line in sellers(page)) == sorted(
        ["老顾理发 理发 · 理发、修面", "万家豆制品 熟食小吃 · 豆腐、豆浆", "<b>绣坊</b> 手作文创 · 绣花鞋"]
    )
    assert [line[:3] for line in sellers(page)] == sorted(line[:3] for line in sellers(page))
    assert "<b>绣坊" not in page


@pytest.mark.parametrize("address", ["/c/huaiyin/", "/c/huaiyin/calendar", "/c/huaiyin/markets/{0}"])
def test_phones_and_holders_are_never_shown(app: Flask, days: Days, address: str) -> None:
    page = get(app, address.format(days.published))
    assert [secret for secret in ("13900000000", "1390000", "顾某某") if secret in page] == []


@pytest.mark.parametrize("secret", ["13900000000", "顾某某"])
def test_phones_and_holders_are_not_found_by_a_search(app: Flask, days: Days, secret: str) -> None:
    assert sellers(get(app, f"/c/huaiyin/markets/{days.published}?q={secret}")) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("豆腐", ["万家豆制品"]),
        ("理发", ["老顾理发"]),
        ("手作", ["<b>绣坊</b>"]),
        ("老顾 修面", ["老顾理发"]),
    ],
)
def test_a_search_without_a_script_finds_the_stall(
    app: Flask, days: Days, query: str, found: list[str]
) -> None:
    page = get(app, f"/c/huaiyin/markets/{days.published}?q={query}")
    assert [line.split()[1] for line in sellers(page)] == found
    assert f'value="{query}"' in page
    assert "看全部 3 家" in page


def test_a_search_in_vain_keeps_its_words_and_shows_the_way(app: Flask, days: Days) -> None:
    page = get(app, f'/c/huaiyin/markets/{days.published}?q="><script>alert(1)</script>')
    assert sellers(page) == []
    assert "没有找到" in page
    assert "<script>alert" not in page


def test_before_publication_nobody_reads_who_comes(app: Flask, days: Days) -> None:
    with app.app_context(), unit_of_work():
        day, by = _day(days.applying), person("staff")
        vendor = make_vendor(day.community, by, "早鸟花坊")
        make_application(day, vendor, by, state=ApplicationState.APPROVED)
        bring_to(day, S.REVIEWING, by)
        stalls.compute_plan(day, by=by, at=clock.now())
    page = get(app, f"/c/huaiyin/markets/{days.applying}")
    assert "早鸟花坊" not in page
    assert "谁来摆摊还没定" in page


def test_a_draft_looks_as_if_it_were_not_there(app: Flask, days: Days) -> None:
    for address in (f"/c/huaiyin/markets/{days.draft}", f"/c/huaiyin/markets/{days.draft}.ics"):
        answer = app.test_client().get(address)
        assert (answer.status_code, "还没说出去的集市" in answer.get_data(as_text=True)) == (404, False)


def test_a_market_of_another_community_is_not_found_here(app: Flask, days: Days) -> None:
    for ending in ("", ".ics"):
        address = f"/c/songhe/markets/{days.published}{ending}"
        assert app.test_client().get(address).status_code == 404


def test_closing_early_stands_on_top_until_the_hour_that_was_said(app: Flask, days: Days) -> None:
    hours: dict[str, Any] = {"opens": time(0, 0), "closes": time(23, 59, 59), "arrive_by": time(0, 0)}
    with app.app_context(), unit_of_work():
        day = make_day(find_community("huaiyin"), person("staff"), in_days=0, state=S.OPEN, **hours)
        service.take_step(day, Step.CLOSE, by=person("staff"), at=day.open_at, public_note="下雨了。")
        ref = day.ref
    words = plain(get(app, f"/c/huaiyin/markets/{ref}"))
    assert "提前收市 下雨了。" in words


def test_the_market_is_described_for_search_engines(app: Flask, days: Days) -> None:
    page = get(app, f"/c/huaiyin/markets/{days.published}")
    block = re.search(r'(?s)<script type="application/ld\+json">(.*?)</script>', page)
    assert block is not None
    event = json.loads(block[1])
    assert event["name"] == "槐荫社区睦邻集市 · 冬储菜集"
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["startDate"].endswith("T08:00:00+08:00")
    assert event["location"] == {"@type": "Place", "name": "小区广场", "address": "槐荫路 1 号"}


# ── the month and the phone ───────────────────────────────────────────────────────────────────────────────


def test_the_month_shows_its_days_in_a_table(app: Flask, days: Days) -> None:
    with app.app_context():
        on = service.local_date(_day(days.published))
    page = get(app, f"/c/huaiyin/calendar?month={on:%Y-%m}")
    cell = re.search(
        rf'<span class="day"[^>]*>{on.day}</span>\s*<a class="event " href="([^"]+)">([^<]+)</a>', page
    )
    assert cell is not None
    assert (cell[1], cell[2]) == (f"/c/huaiyin/markets/{days.published}", "冬储菜集")
    assert f"<caption>{on.year} 年 {on.month} 月</caption>" in page
    assert "还没说出去的集市" not in page


def test_months_lead_on_and_back_until_the_edge(app: Flask, days: Days) -> None:
    page = get(app, "/c/huaiyin/calendar?month=2026-12")
    assert 'href="/c/huaiyin/calendar?month=2026-11" rel="prev"' in page
    assert 'href="/c/huaiyin/calendar?month=2027-01" rel="next"' in page
    assert "这个月没有集市" in get(app, "/c/huaiyin/calendar?month=2031-05")
    assert 'rel="next"' not in get(app, "/c/huaiyin/calendar?month=2099-12")


@pytest.mark.parametrize("month", ["2026-13", "nonsense", "", "20266-1", "2026-11%00"])
def test_a_month_that_is_none_is_not_found(app: Flask, cast: Cast, month: str) -> None:
    assert app.test_client().get(f"/c/huaiyin/calendar?month={month}").status_code == 404


def test_the_feed_holds_every_public_day_and_no_draft(app: Flask, days: Days) -> None:
    answer = app.test_client().get("/c/huaiyin/calendar.ics")
    assert answer.content_type == "text/calendar; charset=utf-8"
    uids = [str(event["UID"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")]
    assert uids == [f"{days.published}@127.0.0.1", f"{days.applying}@127.0.0.1"]


def test_one_market_can_be_taken_along(app: Flask, days: Days) -> None:
    answer = app.test_client().get(f"/c/huaiyin/markets/{days.published}.ics")
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert [str(event["URL"]) for event in events] == [
        f"http://127.0.0.1:8000/c/huaiyin/markets/{days.published}"
    ]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="market-{days.published}.ics"'


# ── nothing is left behind ────────────────────────────────────────────────────────────────────────────────

PAGES = ["/", "/c/huaiyin/", "/c/huaiyin/calendar", "/c/huaiyin/calendar.ics", "/c/huaiyin/markets/{0}"]


@pytest.mark.parametrize("address", PAGES)
def test_residents_get_no_cookie_and_anyone_may_keep_the_page(app: Flask, days: Days, address: str) -> None:
    client: FlaskClient = app.test_client()
    answer = client.get(address.format(days.published))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert (
        client.get(
            address.format(days.published), headers={"If-None-Match": answer.headers["ETag"]}
        ).status_code
        == 304
    )


def test_a_kept_page_is_never_older_than_the_database(app: Flask, days: Days) -> None:
    address = f"/c/huaiyin/markets/{days.published}"
    assert "大雪" not in get(app, address)
    change(app, days.published, Step.POSTPONE, note="大雪，等通知。")
    assert "大雪，等通知。" in get(app, address)
