"""What must be told is brought: looked at again when it leaves, at least once, not at night."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from market.calendar.rules import Step
from market.db import db, unit_of_work
from market.notices import service as notices
from market.notices.rules import Channel
from market.outbox import service
from market.outbox.models import Outgoing
from market.outbox.rules import BACK_OFF, LEASE, Fault, SendState, Way
from market.outbox.service import claims
from market.passes import service as passes
from market.places.models import Stall
from market.stalls import service as stalls
from tests.conftest import both_engines
from tests.outbox.conftest import House
from tests.parts.receivers import Hook, Mailbox


def move(house: House, name: str, label: str, at: datetime) -> None:
    """Somebody comes to stand elsewhere."""

    def act() -> None:
        held = next(one for one in stalls.assignments(house.day) if one.vendor.trading_name == name)
        stall = db.session.scalars(
            sa.select(Stall).where(Stall.label == label, Stall.venue_id == house.day.venue_id)
        ).one()
        stalls.move(held, stall, by=house.staff, at=at)

    house.do(act)


def called(house: House, at: datetime) -> str:
    """Whom staff must telephone."""
    due = notices.due_messages(house.day.community, at=at)
    found = notices.to_call(due, at=at, carried=service.carried(house.day.community, due))
    return "".join(sorted(message.person.row.vendor for message in found))


@both_engines
def test_what_must_be_told_is_brought_once_and_known_afterwards(house: House, box: Mailbox) -> None:
    house.addressed("甲", "乙")
    noon = house.at(12)
    assert house.send(noon) == 2
    assert [text[:4] for text in sorted(box.texts())] == ["乙您好：", "甲您好："]
    assert all("号摊位。请 7:40 前到小区广场。" in text for text in box.texts())
    assert (house.told_by("甲"), house.told_by("丙")) == ([Channel.EMAIL], [])
    assert house.send(noon + timedelta(minutes=5)) == 0
    assert house.states() == ["sent", "sent"]


@both_engines
def test_moved_and_moved_back_in_the_quiet_hours_says_nothing_in_the_morning(
    house: House, box: Mailbox
) -> None:
    """Zulip and GitLab: what is not true any more when it leaves does not leave."""
    house.addressed("甲")
    house.send(house.at(12))
    box.received.clear()
    first = house.application("甲")
    label = next(one.label for one in stalls.assignments(house.day) if one.application_id == first.id)
    move(house, "甲", "A05", house.at(22))
    assert house.send(house.at(22, 10)) == 0
    assert house.states()[-1] == "due"
    move(house, "甲", label, house.at(23))
    assert house.send(house.at(23, 10)) == 0
    house.send(house.at(8, 0, days_before=1))
    assert not [text for text in box.texts() if "A05" in text]


def test_news_that_is_overtaken_says_the_newest_alone(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.tell_everybody(house.at(10))
    move(house, "甲", "A05", house.at(12))
    house.plan(house.at(12, 1))
    move(house, "甲", "A06", house.at(12, 2))
    house.send(house.at(12, 10))
    (text,) = box.texts()
    assert ("A06 号" in text, "A05" in text) == (True, False)


def test_what_staff_told_meanwhile_is_not_sent(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.plan(house.at(12))
    house.tell_everybody(house.at(12, 1))
    service.send_due(lambda: house.at(12, 2))
    db.session.expire_all()
    assert (house.states(), box.received) == (["overtaken"], [])


def test_an_act_is_not_told_before_it_has_settled(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.tell_everybody(house.at(10))
    move(house, "甲", "A05", house.at(12))
    assert house.send(house.at(12, 1)) == 0
    assert house.send(house.at(12, 2)) == 1


@both_engines
def test_nothing_leaves_in_the_quiet_hours_but_that_tomorrow_is_off(house: House, box: Mailbox) -> None:
    house.addressed("甲", "乙")
    assert house.send(house.at(21)) == house.send(house.at(7, 59)) == 0
    night = house.at(22, days_before=1)
    house.tell_everybody(house.at(20, days_before=1))
    move(house, "乙", "A05", house.at(21, 30, days_before=1))
    assert house.send(night) == 0
    house.do(lambda: passes.call_off_day(house.day, Step.CANCEL, "有大风", by=house.staff, at=night))
    assert house.send(night + timedelta(minutes=3)) == 2
    assert all("取消了，不用来了。原因是：有大风" in text for text in box.texts())


def test_what_waits_for_the_morning_leaves_in_the_morning(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.send(house.at(22))
    assert house.rows()[0].not_before == house.at(8, days_before=1)
    assert service.send_due(lambda: house.at(8, days_before=1)) == 1


def test_quiet_hours_that_were_set_later_count_too(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.plan(house.at(20, 30))
    assert house.states() == ["due"]
    assert service.send_due(lambda: house.at(21, 5)) == 0
    assert service.send_due(lambda: house.at(8, days_before=1)) == 1


def test_what_fails_is_tried_again_under_the_same_number(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    box.mood = lambda: "drop"
    noon = house.at(9)
    assert house.send(noon) == 0
    (row,) = house.rows()
    assert (row.state, row.fault, row.attempts) == (SendState.DUE, Fault.UNREACHABLE, 1)
    assert BACK_OFF[0] <= row.not_before - noon < BACK_OFF[0] + timedelta(seconds=20)
    box.mood = lambda: ""
    assert house.send(noon + timedelta(minutes=2)) == 1
    first, second = (message["Message-ID"] for message in box.received)
    assert first == second
    assert house.told_by("甲") == [Channel.EMAIL]


def test_an_address_that_is_wrong_leads_to_the_next_way_and_then_to_the_telephone(
    house: House, box: Mailbox, web: Hook
) -> None:
    house.addressed("甲", no_sms=False)
    with unit_of_work():
        house.vendor("甲").phone = "13800000001"
    noon = house.at(12, days_before=4)
    assert called(house, noon) == "丙乙"
    box.mood = lambda: "550"
    house.send(noon)
    web.mood = lambda: '{"code": "bad_phone"}'
    house.send(noon + timedelta(minutes=1))
    assert [(row.way, row.state, row.fault) for row in house.rows() if row.way is not Way.ROBOT] == [
        (Way.EMAIL, SendState.FAILED, Fault.BAD_ADDRESS),
        (Way.SMS, SendState.FAILED, Fault.BAD_ADDRESS),
    ]
    assert house.send(noon + timedelta(hours=2)) == 0
    assert called(house, noon + timedelta(hours=2)) == "丙乙甲"


def test_what_a_server_answered_about_who_is_forgotten_is_deleted(house: House, box: Mailbox) -> None:
    """It often repeats the address: 550 5.1.1 <zhang@example.com> user unknown."""
    house.addressed("甲")
    box.mood = lambda: "550"
    house.send(house.at(12, days_before=4))
    (row,) = [row for row in house.rows() if row.way is Way.EMAIL]
    assert row.detail.startswith("550")
    with unit_of_work():
        service.forget(house.vendor("甲"))
    db.session.refresh(row)
    assert (row.detail, row.fault, service.ways_of(house.vendor("甲"))) == ("", Fault.BAD_ADDRESS, None)


def test_a_text_message_names_its_sentence(house: House, web: Hook) -> None:
    with unit_of_work():
        house.vendor("甲").phone = "13800000001"
    house.send(house.at(12))
    (post,) = [post for post in web.posts if post.path == "/sms"]
    assert post.json["template"] == "gate.placed"
    assert post.json["params"]["stall"] in post.json["text"]
    assert house.told_by("甲") == [Channel.SMS]


def test_after_the_last_try_it_waits_for_a_person_who_may_try_again(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    box.mood = lambda: "451"
    house.plan(house.at(12))
    with unit_of_work():
        db.session.execute(sa.update(Outgoing).values(attempts=len(BACK_OFF)))
    service.send_due(lambda: house.at(12))
    db.session.expire_all()
    (row,) = house.rows()
    assert (row.state, row.fault) == (SendState.FAILED, Fault.BUSY)
    assert house.send(house.at(13)) == 0
    assert "甲" in called(house, house.at(13))
    box.mood = lambda: ""
    house.do(lambda: service.retry(house.rows()[0], by=house.staff, at=house.at(14)))
    assert service.send_due(lambda: house.at(14)) == 1


def test_one_way_that_is_silent_stops_no_other(house: House, box: Mailbox, web: Hook) -> None:
    house.addressed("甲", "乙")
    with unit_of_work():
        house.vendor("丙").phone = "13800000003"
    box.mood = lambda: "drop"
    assert house.send(house.at(12)) == 1
    assert house.told_by("丙") == [Channel.SMS]


@pytest.mark.usefixtures("web")
def test_three_silences_are_enough_for_a_while(house: House, box: Mailbox) -> None:
    with unit_of_work():
        for number in range(8):
            service.ask_for_test(
                house.day.community, Way.EMAIL, f"a{number}@example.com", by=house.staff, at=house.at(12)
            )
    box.mood = lambda: "drop"
    service.send_due(lambda: house.at(12))
    db.session.expire_all()
    assert box.connections == 3
    assert [row.attempts for row in house.rows()] == [1, 1, 1, 0, 0, 0, 0, 0]


@both_engines
def test_what_a_dead_host_had_begun_is_taken_over_after_its_lease(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    noon = house.at(12)
    house.plan(noon)
    with unit_of_work():
        claims.claim_some(noon)
    assert service.send_due(lambda: noon + timedelta(minutes=4)) == 0
    assert service.send_due(lambda: noon + LEASE) == 1
    db.session.expire_all()
    (row,) = house.rows()
    assert (row.state, row.unsure, row.attempts) == (SendState.SENT, 1, 2)


def test_a_host_that_comes_back_too_late_breaks_nothing(house: House, box: Mailbox) -> None:
    """It was asleep with the row in its hand; another one has sent it meanwhile."""
    house.addressed("甲")
    noon = house.at(12)
    house.plan(noon)
    with unit_of_work():
        claim, ids = claims.claim_some(noon)
    service.send_due(lambda: noon + LEASE)
    with unit_of_work():
        row = db.session.get_one(Outgoing, ids[0])
        claims.fail(row, claim, Fault.BUSY, "", for_good=True, at=noon + LEASE)
        claims.release(ids, claim, noon)
    db.session.expire_all()
    assert house.states() == ["sent"]


def test_the_same_is_not_said_more_than_twice_in_a_row(house: House, box: Mailbox) -> None:
    """Staff took back that it was told: once more, and then never again."""
    house.addressed("甲")
    for minute in range(0, 50, 10):
        house.send(house.at(12, minute))
        with unit_of_work():
            for telling in notices.history(house.vendor("甲")):
                notices.take_back(telling, by=house.staff, at=house.at(12, minute))
    assert len(box.received) == 2


def test_who_wants_none_gets_none(house: House, box: Mailbox, web: Hook) -> None:
    with unit_of_work():
        house.vendor("甲").phone = "13800000001"
        service.choose_ways(
            house.vendor("甲"), "a@example.com", no_email=True, no_sms=True, by=house.staff, at=house.at(9)
        )
    assert house.send(house.at(12)) == 0
    assert "甲" in called(house, house.at(12))


def test_nothing_leaves_where_nothing_is_switched_on(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.plan(house.at(12))
    with unit_of_work():
        rule = service.rule_of(house.day.community)
        assert rule is not None
        rule.email = False
    service.send_due(lambda: house.at(12))
    db.session.expire_all()
    (row,) = house.rows()
    assert (row.state, row.fault, box.received) == (SendState.FAILED, Fault.NO_WAY, [])


def test_what_is_on_its_way_need_not_be_called_yet(house: House) -> None:
    house.addressed("甲")
    assert called(house, house.at(12, days_before=4)) == "丙乙"
    near = house.day.arrive_by - timedelta(hours=3)
    assert called(house, near) == "丙乙甲"


# ── the day before ────────────────────────────────────────────────────────────────────────────────────────


@both_engines
def test_who_stands_tomorrow_is_reminded_once(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.tell_everybody(house.at(12, days_before=4))
    assert house.send(house.at(9, 59, days_before=1)) == 0
    assert house.send(house.at(10, days_before=1)) == 1
    (text,) = box.texts()
    assert "请 7:40 前到。请带上：摊位证、证照原件、垃圾袋。" in text
    assert box.subjects == ["【金秋生活集市】明天见"]
    assert house.send(house.at(18, days_before=1)) == 0


def test_who_was_just_told_needs_no_reminder(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    assert house.send(house.at(9, days_before=1)) == 1
    assert house.send(house.at(15, days_before=1)) == 0


def test_a_market_that_moves_twice_reminds_twice_at_most(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.tell_everybody(house.at(12, days_before=4))
    for count in (1, 2, 2):
        house.send(house.at(10, days_before=1))
        assert len([one for one in box.subjects if "明天见" in one]) == count
        with unit_of_work():
            day = house.day
            for name in ("open_at", "close_at", "arrive_by"):
                setattr(day, name, getattr(day, name) + timedelta(days=3))
        house.tell_everybody(house.at(12, days_before=2))


def test_who_gave_up_the_stall_is_not_reminded(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    house.tell_everybody(house.at(12, days_before=4))
    house.plan(house.at(10, days_before=1))
    with unit_of_work():
        held = next(one for one in stalls.assignments(house.day) if one.vendor.trading_name == "甲")
        held.released_at, held.released_by = house.at(10, days_before=1), house.staff.id
    service.send_due(lambda: house.at(10, 1, days_before=1))
    db.session.expire_all()
    assert (house.states(), box.received) == (["overtaken"], [])
