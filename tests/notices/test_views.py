"""The vendor's cards, the telephone list, the text for the group; and whose notices nobody else sees."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.rules import Step
from market.calendar.service import find_day_by_ref
from market.cli import main
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.notices.models import Notice
from market.passes import service as passes
from market.stalls import service as stalls
from market.vendors.models import Vendor
from tests.cast import person, post
from tests.factories.vendors import act_for, make_vendor
from tests.notices.conftest import Published
from tests.stalls.desk import words

VENDOR, CALLS = "/vendor/huaiyin/", "/staff/huaiyin/notices"


def read(client: FlaskClient, address: str) -> str:
    return words(client.get(address).get_data(as_text=True))


def test_a_vendor_reads_where_to_stand_until_it_is_understood(
    published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    vendor = sign_in("gate")
    sentence = f"您在 {published.label} 号摊位。请 7:40 前到小区广场。摊位证手机上有，纸的找社区拿。"
    home = read(vendor, VENDOR)
    assert (sentence in home, "知道了" in home) == (True, True)
    for _twice in range(2):
        answer = post(vendor, VENDOR, f"{VENDOR}notices/{published.notices['甲']}/reading")
        assert (answer.status_code, answer.location) == (302, VENDOR)
    assert "知道了" not in read(vendor, VENDOR)
    assert sentence in read(vendor, f"{VENDOR}notices")


def test_staff_read_out_what_to_say_and_tick_it_off(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff = sign_in("staff")
    page = staff.get(CALLS).get_data(as_text=True)
    assert re.findall(r'href="tel:(\d+)"', page) == numbers_of(app, "乙", "丙")
    assert ("乙您好：" in page, "摊位证找社区拿。有事请打 0533-000-0000。槐荫社区" in page) == (True, True)
    assert "甲您好" not in page
    assert re.search(r'class="badge">2<', page) is not None
    address = f"{CALLS}/{published.notices['乙']}/call"
    assert post(staff, CALLS, address).location == f"{CALLS}#calls"
    page = staff.get(CALLS).get_data(as_text=True)
    assert re.findall(r'href="tel:(\d+)"', page) == numbers_of(app, "丙")
    assert "刚才告诉过的" in page
    assert re.search(r'class="badge">1<', page) is not None
    post(staff, CALLS, f"{address}/removal")
    assert re.findall(r'href="tel:(\d+)"', staff.get(CALLS).get_data(as_text=True)) == numbers_of(
        app, "乙", "丙"
    )


def numbers_of(app: Flask, *names: str) -> list[str]:
    query = sa.select(Vendor.phone).where(Vendor.trading_name.in_(names)).order_by(Vendor.id)
    with app.app_context():
        return list(db.session.scalars(query))


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


def test_notices_of_others_do_not_exist(
    app: Flask, published: Published, sign_in: Callable[[str], FlaskClient]
) -> None:
    with app.app_context(), unit_of_work():
        staff_b, theirs = person("staff-b"), find_community("songhe")
        act_for(make_vendor(theirs, staff_b, "松"), person("gate-b"))
    vendor, stranger, staff_b_page = sign_in("gate"), sign_in("gate-b"), sign_in("staff-b")
    ours = published.notices
    foreign = "/vendor/songhe/"
    assert post(vendor, VENDOR, f"{VENDOR}notices/{ours['乙']}/reading").status_code == 404
    assert post(stranger, foreign, f"{foreign}notices/{ours['甲']}/reading").status_code == 404
    calls = "/staff/songhe/notices"
    for rest in ("call", "call/removal"):
        assert post(staff_b_page, calls, f"{calls}/{ours['乙']}/{rest}").status_code == 404
    assert "现在没有要打电话告诉的人" in read(staff_b_page, calls)
    assert "还没有消息" in read(stranger, f"{foreign}notices")
    with app.app_context():
        touched = sa.select(Notice).where(sa.or_(Notice.read_at.is_not(None), Notice.told_at.is_not(None)))
        assert db.session.scalars(touched).all() == []


def test_the_clock_deletes_what_is_older_than_a_year(app: Flask, published: Published) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(sa.update(Notice).values(made_at=clock.now() - timedelta(days=366)))
    assert app.test_cli_runner().invoke(main, ["tick"]).exit_code == 0
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == 0
