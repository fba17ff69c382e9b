"""What `market doctor` says of the channels: what is wrong, and what to do; against real servers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from market.config import settings
from market.db import db, unit_of_work
from market.outbox import service
from market.outbox.health import examine_channels
from market.outbox.models import Outgoing, SendRule
from market.outbox.rules import Fault, SendState, Way
from market.outbox.service import claims
from tests.outbox.conftest import House
from tests.parts.receivers import Hook, Mailbox, hook, mailbox


def said(house: House, at: datetime) -> dict[str, str]:
    """The sentences, by what they are about; what is not well begins with a cross."""
    states = examine_channels(settings(), at)
    db.session.rollback()
    return {one.name: ("" if one.well else "✕ ") + one.sentence for one in states}


def connect(house: House, **changes: str) -> None:
    house.app.extensions["settings"] = settings().model_copy(update=changes)


def test_all_is_well_and_nothing_is_sent(house: House, box: Mailbox, web: Hook) -> None:
    with unit_of_work():
        service.set_robot(house.day.community, web.robot, by=house.staff, at=house.at(9))
    assert said(house, house.at(12)) == {
        "邮件": f"127.0.0.1:{box.port} 能连上",
        "短信": f"127.0.0.1:{web.port} 能连上",
        "群机器人": "1 个社区在用",
        "等着送的消息": "没有压着的",
    }
    assert (box.received, web.posts, box.connections) == ([], [], 1)


def test_a_server_that_is_gone_is_named_without_its_password(house: House) -> None:
    with mailbox() as old, hook() as gone:
        pass
    connect(house, smtp=f"smtp://us:geheim@127.0.0.1:{old.port}", sms_url=f"{gone.origin}/sms?key=geheim")
    found = said(house, house.at(12))
    assert found["邮件"].startswith(
        f"✕ 连不上 127.0.0.1:{old.port}（ConnectionRefusedError）：请核对 MARKET_SMTP"
    )
    assert found["短信"].startswith(
        f"✕ 连不上 127.0.0.1:{gone.port}（ConnectionRefusedError）：请核对 MARKET_SMS"
    )
    assert "geheim" not in "".join(found.values())


def test_a_password_that_is_not_taken(house: House, box: Mailbox) -> None:
    box.mood = lambda: "535"
    connect(house, smtp=f"smtp://us:wrong@127.0.0.1:{box.port}")
    sentence = said(house, house.at(12))["邮件"]
    assert sentence.startswith("✕ ")
    assert "不认我们（535）：请核对 MARKET_SMTP 里的用户名和密码" in sentence


def test_who_is_switched_on_but_not_connected(house: House) -> None:
    connect(house, smtp="", sms_url="")
    found = said(house, house.at(12))
    assert found["邮件"] == "✕ 1 个社区打开了，可是平台没有接：请设 MARKET_SMTP，再重启"
    with unit_of_work():
        db.session.execute(sa.update(SendRule).values(email=False, sms=False))
    assert said(house, house.at(12))["短信"] == "没有接，也没有社区在用"


@pytest.mark.parametrize(
    ("mood", "sentence"),
    [
        ("403", "不认我们（403）：请核对 MARKET_SMS_SECRET，改好再重启"),
        ("429", "说现在不收（429）：过会儿再看"),
        ('{"code": "arrears"}', "不收我们的消息（arrears）：请找对方的客服"),
    ],
)
def test_a_gateway_that_answers_but_takes_nothing(house: House, web: Hook, mood: str, sentence: str) -> None:
    with unit_of_work():
        house.vendor("甲").phone = "13800000001"
    web.mood = lambda: mood
    house.send(house.at(12))
    assert sentence in said(house, house.at(12, 1))["短信"]
    web.mood = lambda: ""
    with unit_of_work():
        service.ask_for_test(house.day.community, Way.SMS, "13800000009", by=house.staff, at=house.at(12, 10))
    service.send_due(lambda: house.at(12, 10))
    assert said(house, house.at(12, 11))["短信"].endswith("能连上")


def test_a_robot_that_was_taken_out_of_its_group(house: House, web: Hook) -> None:
    with unit_of_work():
        service.set_robot(house.day.community, web.robot, by=house.staff, at=house.at(9))
    web.mood = lambda: '{"errcode": 93000}'
    house.send(house.at(12))
    sentence = said(house, house.at(12, 1))["群机器人"]
    assert sentence.startswith("✕ 槐荫社区：最近的消息发不进群（errcode 93000）。请看机器人还在不在群里")
    connect(house, webhook_origins="https://qyapi.weixin.qq.com")
    assert "MARKET_WEBHOOK_ORIGINS" in said(house, house.at(12, 1))["群机器人"]
    with unit_of_work():
        db.session.execute(sa.update(SendRule).values(robot_sealed=b"sealed by another"))
    assert "另一把密钥" in said(house, house.at(12, 1))["群机器人"]


def test_what_nobody_takes_for_an_hour(house: House) -> None:
    house.addressed("甲")
    noon = house.at(12)
    house.plan(noon)
    assert said(house, noon + timedelta(minutes=59))["等着送的消息"] == "没有压着的"
    late = said(house, noon + timedelta(minutes=61))["等着送的消息"]
    assert late.startswith("✕ 有 1 条该送的过了一小时没有人送：market serve 没有在运行")
    with unit_of_work():
        claims.claim_some(noon)
    assert said(house, noon + timedelta(minutes=30))["等着送的消息"] == "没有压着的"
    assert said(house, noon + timedelta(minutes=70))["等着送的消息"].startswith("✕ 有 1 条该送的")


@pytest.mark.usefixtures("web")
def test_what_was_tried_for_an_hour_in_vain(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    box.mood = lambda: "451"
    at = house.at(9)
    for _attempt in range(5):
        house.send(at)
        at = house.rows()[0].not_before
    found = said(house, at)
    assert found["等着送的消息"] == "✕ 有 1 条试了将近一小时还没送到。先把上面打 ✕ 的修好，它们会自己接着送"
    assert "说现在不收（451 not this one）" in found["邮件"]


def test_text_messages_that_are_held_back_are_counted(house: House) -> None:
    with unit_of_work():
        house.vendor("甲").phone = "13800000001"
    house.plan(house.at(12))
    with unit_of_work():
        values = {"state": SendState.DUE, "fault": Fault.TOO_MANY, "not_before": house.at(20)}
        db.session.execute(sa.update(Outgoing).values(**values))
    assert said(house, house.at(13))["等着送的消息"].startswith("1 条短信压着")
