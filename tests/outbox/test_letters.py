"""What staff write: to one, some or all, taken back while it has not left, brought by what reaches each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.db import lock_row, unit_of_work
from market.errors import Refusal
from market.notices.rules import Channel
from market.outbox import service
from market.outbox.models import Letter
from market.outbox.rules import LETTER_LENGTH, UNDO
from market.outbox.service import letters
from market.outbox.words import letter_text
from market.vendors import service as vendors
from tests.cast import person
from tests.conftest import both_engines
from tests.factories.vendors import act_for
from tests.outbox.conftest import House
from tests.parts.receivers import Mailbox

TEXT = "停车场在修，请从东门进。"


@pytest.mark.parametrize(
    "written, ended", [("请带伞", "请带伞。"), ("来吗？", "来吗？"), ("Bring sand bags", "Bring sand bags.")]
)
def test_another_sentence_follows_what_was_written(house: House, written: str, ended: str) -> None:
    assert (
        letter_text(written, "甲", house.day.community) == f"甲您好：{ended}有事请打 0533-000-0000。槐荫社区"
    )


def write(house: House, *names: str, text: str = TEXT, hour: int = 12) -> Letter:
    with unit_of_work():
        refs = [house.application(name).ref for name in names]
        return service.write_letter(house.day, text, refs, by=house.staff, at=house.at(hour))


def quiet_about_the_rest(house: House) -> None:
    """Only the letter is left to be told."""
    house.tell_everybody(house.at(9))


@both_engines
def test_a_letter_reaches_those_it_is_for_and_nobody_else(house: House, box: Mailbox) -> None:
    house.addressed("甲", "乙", "丙")
    quiet_about_the_rest(house)
    write(house, "甲", "丙")
    assert house.send(house.at(12) + UNDO - timedelta(seconds=1)) == 0
    assert house.send(house.at(12) + UNDO) == 2
    assert sorted(box.texts()) == [
        f"{name}您好：{TEXT}有事请打 0533-000-0000。槐荫社区" for name in ("丙", "甲")
    ]
    assert house.send(house.at(13)) == 0


def test_a_letter_taken_back_in_time_reaches_nobody(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    quiet_about_the_rest(house)
    letter = write(house, "甲")
    house.plan(house.at(12, 1))
    house.do(lambda: service.take_back_letter(letter, by=house.staff, at=house.at(12, 2)))
    service.send_due(lambda: house.at(12, 10))
    assert box.received == []
    assert service.letters_to_call(house.day.community, house.at(12, 10)) == []


def test_a_letter_that_has_left_is_not_taken_back(house: House) -> None:
    letter = write(house, "甲")
    with unit_of_work(), pytest.raises(Refusal) as refused:
        service.take_back_letter(letter, by=house.staff, at=house.at(12) + UNDO)
    assert refused.value.code == "outbox.letter_left"


def test_who_reads_it_in_the_app_gets_no_email(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    quiet_about_the_rest(house)
    with unit_of_work():
        act_for(house.vendor("甲"), person("gate"))
    write(house, "甲")
    soon = house.at(12) + UNDO
    (copy,) = service.unread_letters(house.vendor("甲"), soon)
    house.do(lambda: service.tell_copy(copy, channel=Channel.APP, by=person("gate"), at=soon))
    assert house.send(soon) == 0
    assert (service.unread_letters(house.vendor("甲"), soon), box.received) == ([], [])


def test_whom_nothing_reaches_is_on_the_telephone_list(house: House, box: Mailbox) -> None:
    house.addressed("甲")
    quiet_about_the_rest(house)
    write(house, "甲", "乙")
    soon = house.at(12) + UNDO

    def to_call() -> list[str]:
        copies = service.letters_to_call(house.day.community, soon)
        return [copy.application.vendor.trading_name for copy in copies]

    assert to_call() == ["乙"]
    box.mood = lambda: "550"
    house.send(soon)
    assert to_call() == ["甲", "乙"]
    copy = service.letters_to_call(house.day.community, soon)[0]
    house.do(lambda: service.tell_copy(copy, channel=Channel.CALL, by=house.staff, at=soon))
    assert to_call() == ["乙"]


@pytest.mark.parametrize(
    ("names", "text", "hours", "code"),
    [
        ((), TEXT, 0, "outbox.letter_to_nobody"),
        (("甲",), " ", 0, "outbox.letter_length"),
        (("甲",), "长" * (LETTER_LENGTH + 1), 0, "outbox.letter_length"),
        (("甲",), TEXT, 24 * 30, "outbox.letter_late"),
    ],
)
def test_what_is_no_letter(names: tuple[str, ...], text: str, hours: int, code: str, house: House) -> None:
    refs = [house.application(name).ref for name in names]
    at = house.at(12) + timedelta(hours=hours)
    with unit_of_work(), pytest.raises(Refusal) as refused:
        service.write_letter(house.day, text, refs, by=house.staff, at=at)
    assert refused.value.code == code


def test_nobody_is_written_to_about_a_market_that_ended_while_the_lock_was_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lock first, look second: who held the lock before us may have ended the market."""
    refs = [house.application("甲").ref]

    def waited(day: MarketDay) -> None:
        day.state = DayState.CLOSED
        lock_row(day)

    monkeypatch.setattr(letters, "lock_row", waited)
    with unit_of_work(), pytest.raises(Refusal) as refused:
        service.write_letter(house.day, TEXT, refs, by=house.staff, at=house.at(12))
    assert refused.value.code == "outbox.letter_late"


def test_who_was_forgotten_keeps_no_address(house: House) -> None:
    house.addressed("甲")
    vendor = house.vendor("甲")
    with unit_of_work():
        house.day.state = DayState.SETTLED
    house.do(lambda: vendors.forget_vendor(vendor, by=house.staff, at=house.at(13)))
    assert service.ways_of(vendor) is None
