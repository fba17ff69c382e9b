"""A paper that runs out is told of a month and a week before, once each, and never when it was renewed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from market import clock
from market.db import unit_of_work
from market.outbox.models import Outgoing
from market.outbox.rules import Errand, SendState
from market.vendors import service as vendors
from market.vendors.rules import DocumentKind
from tests.outbox.conftest import House
from tests.parts.receivers import Mailbox


def show_licence(house: House, name: str, valid_to: date, at: datetime) -> None:
    with unit_of_work():
        vendors.check_document(
            house.vendor(name), DocumentKind.BUSINESS_LICENCE, number="91370303", issuer="市场监管局",
            valid_to=valid_to, by=house.staff, at=at,
        )  # fmt: skip


def reminders(house: House) -> list[Outgoing]:
    return [row for row in house.rows() if row.errand is Errand.PAPER]


def test_a_vendor_is_told_a_month_and_a_week_before_and_no_more(house: House, box: Mailbox) -> None:
    at = house.at(9)
    house.addressed("甲")
    house.tell_everybody(at)
    today = clock.local(at, house.day.community.zone).date()
    show_licence(house, "甲", today + timedelta(days=30), at)
    show_licence(house, "乙", today + timedelta(days=30), at)  # has no address
    for days in (0, 1, 22, 23, 24, 31):
        house.send(at + timedelta(days=days))
    assert [row.state for row in reminders(house)] == [SendState.SENT, SendState.SENT]
    assert {len(row.mark) for row in reminders(house)} == {16}  # PostgreSQL takes no more than 20
    told = [text for text in box.texts() if "营业执照" in text]
    assert ["还有 30 天到期" in told[0], "还有 7 天到期" in told[1], len(told)] == [True, True, 2]


def test_what_was_renewed_meanwhile_is_not_said(house: House) -> None:
    at = house.at(23)  # in the quiet hours: it waits for the morning
    house.addressed("甲")
    house.tell_everybody(at)
    today = clock.local(at, house.day.community.zone).date()
    show_licence(house, "甲", today + timedelta(days=20), at)
    house.send(at)
    show_licence(house, "甲", today + timedelta(days=400), at)
    house.send(at + timedelta(hours=12))
    assert [row.state for row in reminders(house)] == [SendState.OVERTAKEN]
