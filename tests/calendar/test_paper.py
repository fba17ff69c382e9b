"""Posters and month sheets: what the page says, large, whole, and with a code that leads back to the page."""

from __future__ import annotations

from datetime import time, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from icalendar import Calendar

from market.calendar.month_sheet import MonthDay, MonthEvent, MonthSheet, write_month_sheet
from market.calendar.poster import Poster, Size, choose_highlights, write_poster
from market.calendar.rules import DayState, Step
from market.calendar.service import find_day_by_ref, local_date, take_step
from market.communities.service import find_community
from market.db import unit_of_work
from market.print.qr import draw_qr
from tests.cast import Cast, person
from tests.factories.calendar import make_day
from tests.factories.gate import published_day
from tests.parts.pdf import (
    black_and_white,
    both_readers,
    characters,
    codes,
    fonts,
    needs_poppler,
    page_count,
    page_size_mm,
    picture,
    text,
)

POSTER = Poster(
    community="槐荫社区",
    title="睦邻集市",
    theme="冬储菜集",
    date_text="11 月 28 日",
    weekday_text="星期六",
    hours_text="8:00–11:30",
    place="睦邻广场",
    address="示例路 18 号",
    highlights=(("老顾理发 · 理发", "D03"), ("磨剪子戗菜刀 · 磨刀", "D01")),
    scan="扫一扫，看谁来、在哪个摊位",
    page_address="https://jishi.example.cn/c/huaiyin/markets/abcdefghij",
    contact="电话 0533-000-0001",
)
LONGEST = "金秋时节邻里乡亲齐聚一堂共品家乡味道同享睦邻生活大型便民集市会"


def printed(poster: Poster, size: Size = Size.A4) -> bytes:
    out = BytesIO()
    write_poster(poster, out, size=size, draw_code=draw_qr)
    return out.getvalue()


@both_readers
def test_a_poster_says_everything_once(reader: str) -> None:
    words = [word for part in POSTER[:9] if isinstance(part, str) for word in part]
    lines = [word for pair in POSTER.highlights for part in pair for word in part]
    rest = [*POSTER.scan, *POSTER.contact]
    assert characters(text(reader, printed(POSTER))) == characters("".join([*words, *lines, *rest]))


@pytest.mark.parametrize("size, millimetres", [(Size.A4, (210, 297)), (Size.A3, (297, 420))])
def test_a_poster_is_one_page_of_the_paper_asked_for(size: Size, millimetres: tuple[int, int]) -> None:
    pdf = printed(POSTER, size)
    assert (page_count(pdf), page_size_mm(pdf)) == (1, millimetres)
    assert fonts(pdf) == {("NotoSansCJKsc-Regular", True)}


@pytest.mark.parametrize("size", Size)
@both_readers
def test_the_code_of_a_poster_leads_to_its_page(reader: str, size: Size) -> None:
    assert codes(picture(reader, printed(POSTER, size), dpi=100)) == [POSTER.page_address]


@needs_poppler
def test_the_code_is_read_from_a_printer_without_grey() -> None:
    assert codes(black_and_white(printed(POSTER))) == [POSTER.page_address]


@both_readers
def test_the_longest_theme_is_printed_whole(reader: str) -> None:
    found = "".join(text(reader, printed(POSTER._replace(theme=LONGEST[:30]))).split())
    assert LONGEST[:30] in found


def test_nothing_is_drawn_over_the_edge() -> None:
    """Left and right of the type area the sheet is white below the awning, whatever is written."""
    long = "二十五个字的商户名称缝纫改衣配钥匙开锁修鞋服务部" * 2
    poster = POSTER._replace(theme=LONGEST[:30], place=long, highlights=((long, "A103"),) * 5, scan=long)
    page = picture("pdfium", printed(poster), dpi=72)
    edges = [page.crop((0, 80, 38, page.height)), page.crop((page.width - 38, 80, page.width, page.height))]
    assert [edge.getextrema() for edge in edges] == [(255, 255), (255, 255)]


def test_a_called_off_market_says_so_larger_than_its_date() -> None:
    pdf = printed(POSTER._replace(stop_word="取消", stop_note="大风预警，改日再约。"))
    found = "".join(text("pdfium", pdf).split())
    assert ["取消" in found, "大风预警，改日再约。" in found, "老顾理发" in found] == [True, True, False]


@pytest.mark.parametrize(
    "things, most, chosen",
    [
        ([], 5, []),
        ([("a", 1), ("a", 2), ("a", 3)], 2, [1, 2]),
        ([("a", 1), ("a", 2), ("b", 3), ("c", 4), ("b", 5)], 5, [1, 3, 4, 2, 5]),
        ([("a", 1), ("a", 2), ("b", 3)], 2, [1, 3]),
    ],
)
def test_highlights_take_every_kind_in_turn(
    things: list[tuple[str, int]], most: int, chosen: list[int]
) -> None:
    assert choose_highlights(things, most) == chosen


# ── the month ─────────────────────────────────────────────────────────────────────────────────────────────

WEEK = tuple(MonthDay(number, True) for number in range(1, 7))
MONTH = MonthSheet(
    title="2026 年 11 月集市",
    community="槐荫社区",
    weekdays=("一", "二", "三", "四", "五", "六", "日"),
    weeks=[[*WEEK, MonthDay(7, True, (MonthEvent("8:00–11:30", LONGEST[:30], "睦邻广场"),))]],
    scan="扫一扫",
    page_address="https://jishi.example.cn/c/huaiyin/calendar?month=2026-11",
    contact="电话 0533-000-0001",
    nothing="这个月没有集市。",
)


def month_pdf(sheet: MonthSheet) -> bytes:
    out = BytesIO()
    write_month_sheet(sheet, out, draw_code=draw_qr)
    return out.getvalue()


@both_readers
def test_the_month_says_day_hours_and_theme(reader: str) -> None:
    pdf = month_pdf(
        MONTH._replace(weeks=[[*WEEK, MonthDay(7, True, (MonthEvent("8:00–11:30", "冬储菜集", "广场"),))]])
    )
    found = "".join(text(reader, pdf).split())
    assert [word for word in ("2026年11月集市", "8:00–11:30", "冬储菜集", "广场") if word not in found] == []
    assert (page_size_mm(pdf), codes(picture(reader, pdf))) == ((297, 210), [MONTH.page_address])


def test_a_long_theme_stays_in_its_day() -> None:
    """The box left of it is as empty as without it."""
    boxes = [
        picture("pdfium", month_pdf(sheet), dpi=72).crop((600, 110, 690, 500)).tobytes()
        for sheet in (MONTH, MONTH._replace(weeks=[[*WEEK, MonthDay(7, True)]]))
    ]
    assert boxes[0] == boxes[1]


def test_a_month_without_a_market_says_so() -> None:
    empty = month_pdf(MONTH._replace(weeks=[[*WEEK, MonthDay(7, True)]]))
    assert MONTH.nothing in "".join(text("pdfium", empty).split())


# ── their pages ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_published_market_has_a_poster_of_five_stalls_linked_from_its_page(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        day = published_day(find_community(cast.ours), person("staff"), vendors=7)
        ref, theme = day.ref, day.theme
    page = f"/c/{cast.ours}/markets/{ref}"
    client = app.test_client()
    assert f"{page}/poster.pdf" in client.get(page).get_data(as_text=True)
    answer = client.get(f"{page}/poster.pdf?size=a3")
    found = "".join(text("pdfium", answer.data).split())
    assert (answer.mimetype, page_size_mm(answer.data), theme in found) == (
        "application/pdf",
        (297, 420),
        True,
    )
    leads, head = codes(picture("pdfium", answer.data, dpi=72))
    assert leads == f"http://127.0.0.1:8000{page}"
    assert head.startswith("http://127.0.0.1:8000/c/huaiyin/fund/head?head=")
    assert client.get(f"{page}/poster.pdf?size=a0").status_code == 422


@pytest.mark.parametrize(
    ("opens", "closes", "hours"), [(18, (0, 0), "18:00–24:00"), (22, (0, 30), "22:00–次日0:30")]
)
def test_a_market_over_midnight_has_its_end_on_poster_page_and_feed(
    app: Flask, cast: Cast, opens: int, closes: tuple[int, int], hours: str
) -> None:
    with app.app_context(), unit_of_work():
        day = make_day(
            find_community(cast.ours), person("staff"), state=DayState.OPEN_FOR_APPLICATION,
            opens=time(opens), closes=time(*closes), arrive_by=time(opens - 1),
        )  # fmt: skip
        ref, last = day.ref, local_date(day) + timedelta(days=1)
    client, page = app.test_client(), f"/c/{cast.ours}/markets/{ref}"
    poster = "".join(text("pdfium", client.get(f"{page}/poster.pdf").data).split())
    read = "".join(client.get(page).text.split())
    assert (hours in poster, hours in read) == (True, True)
    event = Calendar.from_ical(client.get(f"/c/{cast.ours}/calendar.ics").data).walk("VEVENT")[0]
    assert event.decoded("dtend").astimezone(ZoneInfo("Asia/Shanghai")).date() == last


def test_a_draft_has_no_poster_and_a_cancelled_market_says_why(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        community, by = find_community(cast.ours), person("staff")
        draft = make_day(community, by, in_days=19).ref
        day = make_day(community, by, in_days=12, state=DayState.OPEN_FOR_APPLICATION)
        take_step(day, Step.CANCEL, by=by, at=day.apply_from, reason="大风", public_note="大风预警，不办了。")
        off = day.ref
    client = app.test_client()
    assert client.get(f"/c/{cast.ours}/markets/{draft}/poster.pdf").status_code == 404
    pdf = client.get(f"/c/{cast.ours}/markets/{off}/poster.pdf").data
    assert "大风预警，不办了。" in "".join(text("pdfium", pdf).split())


def test_the_month_sheet_shows_what_the_month_page_shows(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        day = published_day(find_community(cast.ours), person("staff"), vendors=2)
        month, theme = f"{local_date(find_day_by_ref(day.ref)):%Y-%m}", day.theme
    client = app.test_client()
    sheet = f"/c/{cast.ours}/calendar/{month}.pdf"
    assert sheet in client.get(f"/c/{cast.ours}/calendar?month={month}").get_data(as_text=True)
    assert theme in "".join(text("pdfium", client.get(sheet).data).split())
    assert client.get(f"/c/{cast.ours}/calendar/2026-13.pdf").status_code == 404
