"""What the group is told: a text for every state from the call on, and a robot that keeps its pace."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.errors import Refusal
from market.outbox import service
from market.outbox.group_text import group_address, group_message, robot_message
from market.outbox.models import SendRule
from market.outbox.rules import ROBOT_BYTES, Errand, SendState, Way
from market.outbox.sealing import seal, unseal
from market.outbox.service.settings import robot_url
from market.stalls import service as stalls
from tests.cast import Cast, person
from tests.conftest import both_engines
from tests.factories.calendar import make_day
from tests.factories.gate import planned_day, published_day
from tests.outbox.conftest import House
from tests.parts.receivers import Hook

SAID = {
    DayState.OPEN_FOR_APPLICATION: ("开始报名", "/vendor/huaiyin/"),
    DayState.REVIEWING: ("报名截止了，3 家报了名", "/markets/"),
    DayState.ALLOCATED: ("正在看报名、排摊位", "/markets/"),
    DayState.PUBLISHED: ("请 7:40 前到", "/markets/"),
    DayState.SETTING_UP: ("请 7:40 前到", "/markets/"),
    DayState.OPEN: ("请 7:40 前到", "/markets/"),
    DayState.CLOSED: ("收市了", "/vendor/huaiyin/"),
    DayState.SETTLING: ("还没报营业额的", "/vendor/huaiyin/"),
    DayState.SETTLED: ("账目公布了", "/c/huaiyin/fund"),
    DayState.ARCHIVED: ("账目公布了", "/c/huaiyin/fund"),
    DayState.POSTPONED: ("延期了", "/markets/"),
    DayState.CANCELLED: ("取消了", "/markets/"),
}


@pytest.fixture
def day(context: Flask, cast: Cast) -> MarketDay:
    with unit_of_work():
        return planned_day(find_community(cast.ours), person("staff"))


@pytest.mark.parametrize("state", [*SAID])
def test_the_group_is_told_something_in_every_state_from_the_call_on(state: DayState, day: MarketDay) -> None:
    with unit_of_work():
        day.state = state
    sentence, path = SAID[state]
    assert sentence in group_message(day)
    assert path in group_address(day)
    assert day.theme in group_message(day)
    assert not [one for one in ("张师傅", "134") if one in group_message(day)]


@pytest.mark.parametrize("state", [DayState.DRAFT, DayState.PREPARED])
def test_before_the_call_there_is_nothing_to_say(state: DayState, day: MarketDay) -> None:
    with unit_of_work():
        day.state = state
    assert group_message(day) == ""


def test_a_long_list_is_cut_for_the_robot_and_whole_for_who_copies_it(day: MarketDay) -> None:
    with unit_of_work():
        day.state = DayState.PUBLISHED
        for held in stalls.assignments(day):
            held.vendor.trading_name = "摊" * 400
    whole, cut = group_message(day), robot_message(day)
    assert len(cut.encode()) <= ROBOT_BYTES < len(whole.encode())
    assert cut.splitlines()[-1] == f"全部名单：{group_address(day)}"


def connect_robot(house: House, web: Hook) -> None:
    with unit_of_work():
        service.set_robot(house.day.community, web.robot, by=house.staff, at=house.at(9, days_before=4))


@both_engines
def test_the_robot_says_a_state_once_and_a_new_hour_again(house: House, web: Hook) -> None:
    connect_robot(house, web)
    house.send(house.at(12))
    assert len(web.said()) == 1
    assert "请 7:40 前到" in web.said()[0]
    house.send(house.at(13))
    assert len(web.said()) == 1
    with unit_of_work():
        house.day.arrive_by -= timedelta(minutes=20)
        house.day.changed_at = house.at(14)
    assert (house.send(house.at(14, 1)), house.send(house.at(14, 2))) == (0, 1)
    assert "请 7:20 前到" in web.said()[1]


def test_twenty_five_at_once_are_few_messages_in_order_and_none_is_lost(house: House, web: Hook) -> None:
    """企业微信 takes 20 a minute and 2,048 bytes; with others floods were simply lost."""
    connect_robot(house, web)
    noon = house.at(12)
    with unit_of_work():
        for _number in range(25):
            row = service.ask_for_test(house.day.community, Way.ROBOT, "", by=house.staff, at=noon)
            row.not_before = noon
    moments = iter(noon + timedelta(seconds=second) for second in range(1000))
    for _second in range(100):
        service.send_due(lambda: next(moments))
    db.session.expire_all()
    assert house.states() == ["sent"] * 25
    assert len(web.posts) <= 20
    assert "\n\n".join(web.said()).count("测试消息") == 25
    assert max(len(text.encode()) for text in web.said()) <= ROBOT_BYTES
    ids = ",".join(post.headers["X-Message-Id"] for post in web.posts).split(",")
    assert ids == [row.message_id for row in house.rows()]


def test_a_robot_that_says_later_is_asked_later(house: House, web: Hook) -> None:
    connect_robot(house, web)
    web.mood = lambda: '{"errcode": 45009, "errmsg": "api freq out of limit"}'
    house.send(house.at(12))
    assert house.states() == ["due"]
    web.mood = lambda: ""
    assert house.send(house.at(12, 2)) == 1
    assert len({post.headers["X-Message-Id"] for post in web.posts}) == 1


def test_the_address_of_a_robot_lies_sealed_and_is_deleted(house: House, web: Hook) -> None:
    connect_robot(house, web)
    rule = db.session.scalars(sa.select(SendRule)).one()
    stored = bytes(rule.robot_sealed or b"")
    assert (b"robot" in stored, b"key" in stored, rule.robot_tail) == (False, False, web.robot[-4:])
    assert robot_url(rule) == web.robot
    assert unseal(stored, rule.community_id + 1) is None
    assert seal("x", 1) != seal("x", 1)
    house.do(lambda: service.remove_robot(house.day.community, by=house.staff, at=house.at(12)))
    assert (rule.robot_sealed, robot_url(rule)) == (None, "")


def test_no_other_address_is_taken_for_a_robot(house: House) -> None:
    url = "https://evil.example/cgi-bin/webhook/send?key=1"
    with unit_of_work(), pytest.raises(Refusal) as refused:
        service.set_robot(house.day.community, url, by=house.staff, at=house.at(12))
    assert refused.value.code == "outbox.bad_robot"


def test_a_robot_of_another_community_says_nothing_of_ours(house: House, web: Hook, cast: Cast) -> None:
    connect_robot(house, web)
    with unit_of_work():
        published_day(find_community(cast.theirs), person("staff-b"), theme="松鹤集市")
    house.send(house.at(12))
    assert "松鹤集市" not in "".join(web.said())


def test_old_rows_are_deleted_and_waiting_ones_are_not(house: House) -> None:
    house.addressed("甲", "乙")
    house.plan(house.at(12))
    with unit_of_work():
        first = house.rows()[0]
        first.state = SendState.SENT
        assert service.purge(at=clock.now() + timedelta(days=900)) == 1
    assert house.states() == ["due"]
    assert {row.errand for row in house.rows()} == {Errand.NEWS}


def test_a_day_in_the_call_is_called_to_the_group(context: Flask, cast: Cast) -> None:
    with unit_of_work():
        day = make_day(
            find_community(cast.ours), person("staff"), in_days=15, state=DayState.OPEN_FOR_APPLICATION
        )
    text = group_message(day)
    assert "报名点这里：" in text
    assert "摊位一共 6 个" in text
