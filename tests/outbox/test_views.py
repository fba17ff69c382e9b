"""Channels, log, letters and the group's text as people see and press them; and whose they are not."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.db import unit_of_work
from market.outbox import service
from market.outbox.rules import Way
from tests.cast import person, post
from tests.factories.vendors import act_for
from tests.outbox.conftest import House
from tests.parts.pdf import text
from tests.parts.receivers import Hook, Mailbox

SignIn = Callable[[str], FlaskClient]
STAFF = "/staff/huaiyin"
CHANNELS, LOG, CALLS = f"{STAFF}/channels", f"{STAFF}/outbox", f"{STAFF}/notices"
TEXT = "停车场在修，请从东门进。"


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return html.unescape(answer.get_data(as_text=True))


@pytest.fixture
def staff(shown: House, sign_in: SignIn) -> FlaskClient:
    return sign_in("staff")


def test_channels_are_set_and_say_whether_they_work(shown: House, staff: FlaskClient) -> None:
    page = read(staff, CHANNELS)
    assert ("能用" in page, "没有打开" in page) == (True, True)
    post(staff, CHANNELS, email="y", reply_to="shequ@example.com", quiet_from="22:00", quiet_to="7:00")
    with shown.app.app_context():
        rule = service.rule_of(shown.day.community)
        assert rule is not None
        assert (rule.email, rule.sms, rule.quiet_from.hour) == (True, False, 22)
    refused = post(staff, CHANNELS, reply_to="no address", quiet_from="22:00", quiet_to="7:00")
    assert (refused.status_code, "邮箱不对" in refused.get_data(as_text=True)) == (409, True)


def after_sending(shown: House, staff: FlaskClient, minutes: int = 0) -> str:
    """The page of the channels, after whatever is due by then was tried."""
    with shown.app.app_context():
        service.send_due(lambda: clock.now() + timedelta(minutes=minutes))
    return read(staff, CHANNELS)


def test_a_channel_that_fails_says_so_until_something_gets_through(
    shown: House, staff: FlaskClient, box: Mailbox
) -> None:
    post(staff, CHANNELS, f"{CHANNELS}/tests", way="email", address="me@example.com")
    box.mood = lambda: "451"
    assert "对方说现在忙，过会儿再试。会自己再试" in after_sending(shown, staff)
    box.mood = lambda: ""
    page = after_sending(shown, staff, minutes=30)
    assert ("能用" in page, "最近的没送到" in page) == (True, False)


def test_a_robots_address_is_never_shown_again(shown: House, staff: FlaskClient, web: Hook) -> None:
    assert post(staff, CHANNELS, f"{CHANNELS}/robot", url=web.robot).status_code == 302
    page = read(staff, CHANNELS)
    assert (web.robot[-4:] in page, "0a1b2c3d" in page, "robot-4e5f" in page) == (True, False, False)
    refused = post(staff, CHANNELS, f"{CHANNELS}/robot", url="http://169.254.169.254/latest?key=1")
    assert refused.status_code == 409
    assert "不是群机器人的地址" in refused.get_data(as_text=True)
    assert "169.254" not in refused.get_data(as_text=True)
    post(staff, CHANNELS, f"{CHANNELS}/robot/removal")
    assert web.robot[-4:] not in read(staff, CHANNELS)


def test_a_test_goes_the_road_of_every_message(shown: House, staff: FlaskClient, box: Mailbox) -> None:
    answer = post(staff, CHANNELS, f"{CHANNELS}/tests", way="email", address="me@example.com")
    assert answer.status_code == 302
    assert "等着送" in read(staff, CHANNELS)
    with shown.app.app_context():
        service.send_due(clock.now)
    assert "这是槐荫社区发出的测试消息" in box.texts()[0]
    assert "送出去了" in read(staff, CHANNELS)


def test_a_test_to_no_address_keeps_what_was_typed_where_it_was_typed(
    shown: House, staff: FlaskClient
) -> None:
    answer = post(staff, CHANNELS, f"{CHANNELS}/tests", way="email", address="me at home")
    assert answer.status_code == 409
    marks = 'href="#address-email"', 'id="address-email-error"', 'value="me at home"', "address-sms-error"
    assert [answer.text.count(mark) for mark in marks] == [1, 1, 1, 0]


def test_the_log_says_what_failed_and_the_telephone_list_says_so(
    shown: House, staff: FlaskClient, box: Mailbox
) -> None:
    box.mood = lambda: "550"
    with shown.app.app_context():
        shown.addressed("甲")
        shown.send(shown.at(12))
    page = read(staff, LOG)
    assert "没送到 1 条" in page
    assert "地址或号码不对，请核对" in page
    calls = read(staff, CALLS)
    assert "有 1 条消息没送到，这些人请打电话。" in calls
    assert f'href="{LOG}?state=failed"' in calls
    box.mood = lambda: ""
    retry = re.search(rf"{LOG}/\w+/retry", page)
    assert retry is not None
    assert post(staff, LOG, retry[0]).status_code == 302
    assert "等着送" in read(staff, LOG)


def test_a_letter_is_looked_at_sent_and_taken_back(shown: House, staff: FlaskClient) -> None:
    with shown.app.app_context():
        shown.addressed("甲")
    page = f"{STAFF}/days/{shown.ref}/letters"
    looked = post(staff, page, text=TEXT, all="y")
    preview = html.unescape(looked.get_data(as_text=True))
    assert f"甲您好：{TEXT}有事请打 0533-000-0000。槐荫社区" in preview
    assert ("发给这 3 家" in preview, "邮件" in preview, "打电话" in preview) == (True, True, True)
    with shown.app.app_context():
        refs = [shown.application(name).ref for name in "甲乙"]
    sent = post(staff, page, text=TEXT, to=refs, sure="y")
    assert sent.status_code == 302
    written = read(staff, page)
    assert "2 家里 0 家知道了" in written
    removal = re.search(rf"{STAFF}/letters/\w+/removal", written)
    assert removal is not None
    post(staff, page, removal[0])
    assert "撤回了" in read(staff, page)


@pytest.mark.parametrize(
    ("fields", "said"), [({"text": ""}, "请写几个字"), ({"text": TEXT}, "还没有选发给谁")]
)
def test_a_letter_without_text_or_people_says_so(
    fields: dict[str, str], said: str, shown: House, staff: FlaskClient
) -> None:
    answer = post(staff, f"{STAFF}/days/{shown.ref}/letters", **fields)
    assert said in answer.get_data(as_text=True)


def test_a_vendor_reads_a_letter_at_home_and_chooses_ways(
    shown: House, staff: FlaskClient, sign_in: SignIn
) -> None:
    with shown.app.app_context(), unit_of_work():
        act_for(shown.vendor("甲"), person("gate"))
        refs = [shown.application("甲").ref]
        service.write_letter(shown.day, TEXT, refs, by=shown.staff, at=shown.at(12, days_before=30))
    vendor = sign_in("gate")
    home = read(vendor, "/vendor/huaiyin/")
    assert TEXT in home
    reading = re.search(r"/vendor/huaiyin/letters/copies/\w+/reading", home)
    assert reading is not None
    assert post(vendor, "/vendor/huaiyin/", reading[0]).status_code == 302
    assert TEXT not in read(vendor, "/vendor/huaiyin/")
    assert post(vendor, "/vendor/huaiyin/ways", email="jia@example.com", no_sms="y").status_code == 302
    assert "jia@example.com" in read(vendor, "/vendor/huaiyin/ways")
    assert post(vendor, "/vendor/huaiyin/ways", email="jia").status_code == 409


def test_nobody_reads_a_letter_to_somebody_else(shown: House, staff: FlaskClient, sign_in: SignIn) -> None:
    with shown.app.app_context(), unit_of_work():
        act_for(shown.vendor("甲"), person("gate"))
        refs = [shown.application("乙").ref]
        letter = service.write_letter(shown.day, TEXT, refs, by=shown.staff, at=shown.at(12, days_before=30))
        copy = letter.copies[0].ref
    vendor = sign_in("gate")
    assert TEXT not in read(vendor, "/vendor/huaiyin/")
    assert (
        post(vendor, "/vendor/huaiyin/", f"/vendor/huaiyin/letters/copies/{copy}/reading").status_code == 404
    )


def test_another_communitys_rows_and_letters_are_not_found(
    shown: House, staff: FlaskClient, sign_in: SignIn
) -> None:
    with shown.app.app_context(), unit_of_work():
        row = service.ask_for_test(
            shown.day.community, Way.EMAIL, "a@example.com", by=shown.staff, at=clock.now()
        )
        ref = row.ref
    other = sign_in("staff-b")
    page = "/staff/songhe/channels"
    assert post(other, page, f"/staff/songhe/outbox/{ref}/retry").status_code == 404
    assert other.get(f"/staff/songhe/days/{shown.ref}/group").status_code == 404
    assert other.get(CHANNELS).status_code == 403


def test_the_group_gets_text_and_code(shown: House, staff: FlaskClient) -> None:
    page = read(staff, f"{STAFF}/days/{shown.ref}/group")
    assert "请 7:40 前到。" in page
    assert "<svg" in page
    assert f"/c/huaiyin/markets/{shown.ref}" in page


def test_slips_are_for_those_whom_nothing_reaches(shown: House, staff: FlaskClient) -> None:
    with shown.app.app_context():
        shown.addressed("甲")
    answer = staff.get(f"{STAFF}/days/{shown.ref}/message-slips.pdf")
    assert answer.mimetype == "application/pdf"
    said = text("pdfium", answer.data)
    assert ("乙您好" in said, "甲您好" in said) == (True, False)


def test_the_platform_without_a_server_says_so(app: Flask, shown: House, staff: FlaskClient) -> None:
    app.extensions["settings"] = app.extensions["settings"].model_copy(update={"smtp": ""})
    assert "平台没有开通" in read(staff, CHANNELS)
