"""One number gets no flood of text messages: what was sent counts, the rest waits, and staff read of it."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.notices import service as notices
from market.outbox import service
from market.outbox.models import Outgoing
from market.outbox.rules import LEASE, SMS_A_DAY, Errand, Fault, SendState, Way
from market.outbox.service import claims
from tests.cast import Cast
from tests.conftest import both_engines
from tests.outbox.conftest import House
from tests.parts.receivers import Hook

NUMBER = "13800000001"


def got(house: House, slug: str, moments: list[datetime], number: str = NUMBER) -> None:
    """Text messages that this number got at these moments."""
    with unit_of_work():
        community = find_community(slug)
        for index, moment in enumerate(moments):
            row = Outgoing(
                community_id=community.id,
                way=Way.SMS,
                errand=Errand.TEST,
                subject=f"old:{slug}",
                number=index + 1,
                mark="",
                address=number,
                state=SendState.SENT,
                made_at=moment,
                not_before=moment,
                ended_at=moment,
            )
            db.session.add(row)


def news_of(house: House) -> Outgoing:
    return next(row for row in house.rows() if row.errand is Errand.NEWS)


@pytest.fixture
def reached_by_text(house: House) -> House:
    """甲 can be told by text message, and nobody by anything else."""
    with unit_of_work():
        house.vendor("甲").phone = NUMBER
    return house


@both_engines
def test_after_ten_in_a_day_the_next_waits_and_leaves_by_itself(
    reached_by_text: House, cast: Cast, web: Hook
) -> None:
    """Those of the other community count as well: it is the number that is flooded."""
    house, noon = reached_by_text, reached_by_text.at(12, days_before=4)
    before = [noon - timedelta(hours=2, minutes=10 * number) for number in range(SMS_A_DAY)]
    got(house, cast.ours, before[:5])
    got(house, cast.theirs, before[5:])
    assert house.send(noon) == 0
    row = news_of(house)
    assert (row.state, row.fault, row.attempts) == (SendState.DUE, Fault.TOO_MANY, 0)
    assert row.not_before == before[-1] + timedelta(days=1)
    assert service.held_back(house.day.community) == 1
    later = row.not_before
    assert service.send_due(lambda: later) == 1
    db.session.expire_all()
    assert (news_of(house).state, news_of(house).fault) == (SendState.SENT, None)
    assert [post.json["phone"] for post in web.posts if post.path == "/sms"] == [NUMBER]


def test_another_number_is_not_held_back(reached_by_text: House, cast: Cast, web: Hook) -> None:
    noon = reached_by_text.at(12)
    got(reached_by_text, cast.ours, [noon - timedelta(hours=2)] * SMS_A_DAY, "13800000002")
    assert reached_by_text.send(noon) == 1


def test_what_would_come_too_late_is_said_by_telephone(reached_by_text: House, cast: Cast) -> None:
    house, noon = reached_by_text, reached_by_text.at(12, days_before=1)
    got(house, cast.ours, [noon - timedelta(hours=1)] * SMS_A_DAY)
    house.send(noon)
    assert news_of(house).not_before > house.day.arrive_by
    due = notices.due_messages(house.day.community, at=noon)
    assert house.application("甲").id in service.carried(house.day.community, due).failed


def test_of_two_at_once_the_second_waits_a_minute(house: House, web: Hook) -> None:
    noon = house.at(12)
    with unit_of_work():
        for _number in range(2):
            service.ask_for_test(house.day.community, Way.SMS, NUMBER, by=house.staff, at=noon)
    assert service.send_due(lambda: noon) == 1
    assert service.send_due(lambda: noon + timedelta(seconds=59)) == 0
    assert service.send_due(lambda: noon + timedelta(minutes=1)) == 1


@both_engines
@pytest.mark.parametrize(("in_hand", "sent"), [("older", 0), ("newer", 1)])
def test_of_two_hosts_with_one_number_the_older_row_goes_first(
    house: House, web: Hook, in_hand: str, sent: int
) -> None:
    """The other host has one of them in hand, and has not said yet how it ended."""
    noon = house.at(12)
    with unit_of_work():
        rows = [
            service.ask_for_test(house.day.community, Way.SMS, NUMBER, by=house.staff, at=noon)
            for _number in range(2)
        ]
        db.session.flush()
        theirs, ours = sorted((row.id for row in rows), reverse=in_hand == "newer")
        later = sa.update(Outgoing).where(Outgoing.id == ours)
        db.session.execute(later.values(not_before=noon + timedelta(seconds=1)))
    with unit_of_work():
        assert claims.claim_some(noon)[1] == [theirs]
    assert service.send_due(lambda: noon + timedelta(seconds=1)) == sent
    assert service.send_due(lambda: noon + LEASE) == 1


def test_staff_read_that_a_message_is_held_back(
    shown: House, cast: Cast, sign_in: Callable[[str], FlaskClient]
) -> None:
    with shown.app.app_context():
        noon = shown.at(12)
        with unit_of_work():
            shown.vendor("甲").phone = NUMBER
        got(shown, cast.ours, [noon - timedelta(hours=2)] * SMS_A_DAY)
        shown.send(noon)
    staff = sign_in("staff")
    page = html.unescape(staff.get("/staff/huaiyin/outbox").text)
    assert "1 条短信先压着：一个号码一天最多收 10 条" in page
    assert "这个号码收的短信太多了，再发会被拦下来。" in page
    assert "一个号码一分钟最多 1 条、一小时 5 条、一天 10 条" in html.unescape(
        staff.get("/staff/huaiyin/channels").text
    )
