"""The vendor's cards, the telephone list, the text for the group; and whose messages nobody else sees."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar import service as calendar
from market.calendar.rules import Step
from market.calendar.service import find_day_by_ref
from market.cli import main
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.notices.models import Telling
from market.passes import service as passes
from market.stalls import service as stalls
from market.vendors.models import Vendor
from tests.cast import csrf_token, person, post
from tests.factories.gate import crowd
from tests.factories.vendors import act_for, make_vendor
from tests.notices.conftest import Published
from tests.stalls.desk import words
from tests.test_statements import counted

VENDOR, CALLS = "/vendor/huaiyin/", "/staff/huaiyin/notices"


def read(client: FlaskClient, address: str) -> str:
    return words(client.get(address).get_data(as_text=True))


def change_hours(app: Flask, published: Published) -> None:
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(published.ref)
        draft = replace(calendar.draft_of(day), opens=time(7, 0), closes=time(10, 0), arrive_by=time(6, 30))
        calendar.edit_day(day, draft, by=person("staff"), at=clock.now())


def tick(client: FlaskClient, published: Published, *names: str) -> str:
    """Ticks these as told; what the page says then."""
    seen = [published.seen(name) for name in names]
    post(client, CALLS, published.calls, seen=seen)
    return read(client, CALLS)


def test_a_vendor_reads_where_to_stand_until_it_is_understood(
    published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    vendor = sign_in("gate")
    sentence = f"您在 {published.label} 号摊位。请 7:40 前到小区广场。摊位证手机上有，纸的找社区拿。"
    home, seen = read(vendor, VENDOR), published.seen("甲")
    assert (sentence in home, "知道了" in home) == (True, True)
    assert sentence in read(vendor, f"{VENDOR}notices")
    for _twice in range(2):
        answer = post(vendor, VENDOR, published.reading, seen=seen)
        assert (answer.status_code, answer.location) == (302, VENDOR)
    assert "知道了" not in read(vendor, VENDOR)
    assert read(vendor, f"{VENDOR}notices").count(sentence) == 1


def test_staff_read_out_what_to_say_and_tick_it_off(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff = sign_in("staff")
    page = staff.get(CALLS).get_data(as_text=True)
    assert re.findall(r'href="tel:(\d+)"', page) == numbers_of(app, "乙", "丙")
    assert ("乙您好：" in page, "摊位证找社区拿。有事请打 0533-000-0000。槐荫社区" in page) == (True, True)
    assert "甲您好" not in page
    assert re.search(r'class="badge">2<', page) is not None
    assert post(staff, CALLS, published.calls, seen=published.seen("乙")).location == f"{CALLS}#calls"
    page = staff.get(CALLS).get_data(as_text=True)
    assert re.findall(r'href="tel:(\d+)"', page) == numbers_of(app, "丙")
    assert "刚才告诉过的" in page
    assert re.search(r'class="badge">1<', page) is not None
    post(staff, CALLS, f"{CALLS}/{telling_of(app, '乙')}/call/removal")
    assert re.findall(r'href="tel:(\d+)"', staff.get(CALLS).get_data(as_text=True)) == numbers_of(
        app, "乙", "丙"
    )


def numbers_of(app: Flask, *names: str) -> list[str]:
    query = sa.select(Vendor.phone).where(Vendor.trading_name.in_(names)).order_by(Vendor.id)
    with app.app_context():
        return list(db.session.scalars(query))


def telling_of(app: Flask, name: str) -> str:
    with app.app_context():
        found = db.session.scalars(sa.select(Telling)).all()
        return next(one.ref for one in found if one.application.vendor.trading_name == name)


def test_a_whole_list_is_ticked_and_taken_back_at_once(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff = sign_in("staff")
    page = staff.get(CALLS).get_data(as_text=True)
    form = re.search(r'<form method="post" action="[^"]+/calls" class="stack">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    assert "全部已通知" in page
    seen = re.findall(r'name="seen" value="([^"]+)"', form[1])
    staff.post(published.calls, data={"csrf_token": csrf_token(page), "seen": seen})
    page = read(staff, CALLS)
    assert ("现在没有要打电话告诉的人" in page, "一起记的 2 家" in page) == (True, True)
    post(staff, CALLS, f"{CALLS}/{telling_of(app, '丙')}/list/removal")
    page = read(staff, CALLS)
    assert ("乙您好" in page, "丙您好" in page, "刚才告诉过的" in page) == (True, True, False)


def test_what_changed_since_the_page_was_made_is_not_ticked_as_told(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff, vendor = sign_in("staff"), sign_in("gate")
    called, card = published.seen("乙"), published.seen("甲")
    change_hours(app, published)
    post(staff, CALLS, published.calls, seen=called)
    assert "有 1 家刚才又有变动" in read(staff, CALLS)
    assert "乙您好" in read(staff, CALLS)
    post(vendor, VENDOR, published.reading, seen=card)
    home = read(vendor, VENDOR)
    assert "刚才又有变动，请再看一遍。" in home
    assert ("请 6:30 前到" in home, "7:40" in home) == (True, False)


def test_from_an_edit_on_nobody_is_told_the_old_hour_and_whoever_was_told_is_told_anew(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    """Case B7: 8:00 becomes 7:00; 甲 and 乙 know the old hour, passes say it."""
    staff, vendor = sign_in("staff"), sign_in("gate")
    day_page = f"/staff/huaiyin/days/{published.ref}"
    post(vendor, VENDOR, published.reading, seen=published.seen("甲"))
    tick(staff, published, "乙", "丙")
    assert "还要告诉的" not in read(staff, day_page)
    change_hours(app, published)
    home, calls, day = read(vendor, VENDOR), read(staff, CALLS), read(staff, day_page)
    new = "改了时间：7:00–10:00，请 6:30 前到，您还在 {label} 号摊位。"
    assert (new.format(label=published.label) in home, "7:40" in home, "8:00" in home) == (True, False, False)
    assert ("乙您好" in calls, "请 6:30 前到" in calls, "7:40" in calls) == (True, True, False)
    assert "丙您好" in calls  # who waits learns the hours, and of no arrival
    assert ("3 家还只知道原来的时间。" in day, "2 张摊位证是旧的" in day) == (True, True)
    # 甲 reads it in the app; the count and the telephone list say the same.
    assert ("其中 2 家要打电话" in day, calls.count("您好")) == (True, 2)
    tick(staff, published, "乙", "丙")
    post(vendor, VENDOR, published.reading, seen=published.seen("甲"))
    assert "知道了" not in read(vendor, VENDOR)
    assert "家还只知道" not in read(staff, day_page)
    assert "您好" not in read(staff, CALLS)


def test_what_is_copied_is_no_formula_in_a_spreadsheet(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        vendor = db.session.scalars(sa.select(Vendor).where(Vendor.trading_name == "乙")).one()
        vendor.trading_name = '=HYPERLINK("https://example.com")'
    page = sign_in("staff").get(CALLS).get_data(as_text=True)
    copied = [html.unescape(part).strip() for part in re.findall(r"data-copy-source[^>]*>([^<]+)<", page)]
    assert any("=HYPERLINK" in text for text in copied)
    lines = [line for text in copied for line in text.splitlines()]
    assert [line for line in lines if line.startswith(("=", "+", "-", "@"))] == []


def test_the_page_of_a_person_says_what_they_were_told_when_and_by_whom(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff = sign_in("staff")
    with app.app_context():
        ref = db.session.scalars(sa.select(Vendor.ref).where(Vendor.trading_name == "乙")).one()
    page = f"/staff/huaiyin/vendors/{ref}"
    assert "还没告诉到" in read(staff, page)
    tick(staff, published, "乙")
    told = read(staff, page)
    assert ("还没告诉到" in told, "工作人员告诉 · 王社工" in told) == (False, True)
    assert "请 7:40 前到小区广场" in told


def test_the_text_for_the_group_names_stalls_and_no_persons(
    published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    page = sign_in("staff").get(CALLS).get_data(as_text=True)
    found = re.search(r"<textarea[^>]*>([^<]*)</textarea>", page)
    assert found is not None
    lines = html.unescape(found[1]).splitlines()
    assert re.sub(r"】.*星期.", "】D", lines[0]) == "【金秋生活集市】D 8:00–11:30，小区广场。请 7:40 前到。"
    assert f"{published.label} 甲" in lines[1:3]
    assert lines[3:] == ["候补：1. 丙。有空位就按次序打电话。", "有事请打 0533-000-0000。"]


def test_a_market_called_off_is_told_to_the_vendor_to_the_group_and_on_the_telephone(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(published.ref)
        passes.call_off_day(day, Step.CANCEL, "明天有大风", by=person("staff"), at=clock.now())
    sentence = "取消了，不用来了。原因是：明天有大风"
    home = read(sign_in("gate"), VENDOR)
    assert (sentence in home, f"{published.label} 号摊位" in home) == (True, False)
    page = read(sign_in("staff"), CALLS)
    assert page.count(sentence) == 3  # 乙, 丙 and the group
    assert "去打电话" in read(sign_in("staff"), f"/staff/huaiyin/days/{published.ref}/call-off")


def test_an_offer_is_asked_once_on_the_page(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        day = find_day_by_ref(published.ref)
        act_for(stalls.waiting_list(day)[0].vendor, person("second"))
        db.session.flush()
        held = stalls.assignments(day)[0]
        stalls.withdraw(held.application, by=person("staff"), at=clock.now())
    home = read(sign_in("second"), VENDOR)
    assert ("空出来了，先留给您" in home, "知道了" in home) == (True, False)
    assert "空出一个摊位" in read(sign_in("second"), f"{VENDOR}notices")


def test_messages_to_others_do_not_exist(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        staff_b, theirs = person("staff-b"), find_community("songhe")
        act_for(make_vendor(theirs, staff_b, "松"), person("gate-b"))
    vendor, stranger, staff_b_page = sign_in("gate"), sign_in("gate-b"), sign_in("staff-b")
    foreign, ours = "/vendor/songhe/", published.seen("乙")
    assert post(vendor, VENDOR, published.reading, seen=ours).status_code == 302  # another's says nothing
    other = published.reading.replace("huaiyin", "songhe")
    assert post(stranger, foreign, other, seen=published.seen("甲")).status_code == 404
    calls = published.calls.replace("huaiyin", "songhe")
    assert post(staff_b_page, "/staff/songhe/notices", calls, seen=ours).status_code == 404
    with app.app_context():
        assert db.session.scalars(sa.select(Telling)).all() == []
    tick(sign_in("staff"), published, "乙")
    for rest in ("call", "list"):
        address = f"/staff/songhe/notices/{telling_of(app, '乙')}/{rest}/removal"
        assert post(staff_b_page, "/staff/songhe/notices", address).status_code == 404
    assert "现在没有要打电话告诉的人" in read(staff_b_page, "/staff/songhe/notices")
    assert "还没有消息" in read(stranger, f"{foreign}notices")


def test_a_hundred_vendors_more_cost_no_statement_more(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff, pages = sign_in("staff"), (CALLS, f"/staff/huaiyin/days/{published.ref}", "/staff/huaiyin/team")
    few = [statements(app, staff, page) for page in pages]
    with app.app_context(), unit_of_work():
        crowd(find_day_by_ref(published.ref), 100)
    many = [statements(app, staff, page) for page in pages]
    assert (read(staff, CALLS).count("您好："), many) == (102, few)


def statements(app: Flask, client: FlaskClient, page: str) -> int:
    client.get(page)  # a process learns some things once
    with counted(app) as found:
        assert client.get(page).status_code == 200
    return len(found)


def test_the_clock_deletes_what_is_older_than_a_year(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    tick(sign_in("staff"), published, "乙", "丙")
    with app.app_context(), unit_of_work():
        db.session.execute(sa.update(Telling).values(told_at=clock.now() - timedelta(days=366)))
    assert app.test_cli_runner().invoke(main, ["tick"]).exit_code == 0
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Telling.id))) == 0
