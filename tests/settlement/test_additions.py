"""Not counted is not zero; what was missed is added in the open, by a second person; the button asks once."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient

from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.gate import service as gate
from market.gate.rules import CountMethod
from market.insight import service as insight
from market.settlement import service
from market.settlement.rules import CloseGap, Completeness, close_gaps
from market.stalls import service as stalls
from tests.cast import Cast, person, post
from tests.factories import settlement as make
from tests.factories.calendar import bring_to
from tests.factories.desk import refused
from tests.settlement.conftest import Desk

G = CloseGap


@pytest.mark.parametrize(
    ("known", "named"),
    [
        (Completeness(12, 0), []),
        (Completeness(0, 12), [(G.NOT_COUNTED, 1)]),
        (Completeness(5, 7), [(G.PARTLY_COUNTED, 7)]),
        (Completeness(12, 0, without_takings=2), [(G.NO_TAKINGS, 2)]),
        (
            Completeness(0, 12, without_takings=1, estimated=3, not_scanned=2),
            [(G.NOT_COUNTED, 1), (G.NO_TAKINGS, 1), (G.ESTIMATED, 3), (G.ACCEPTED, 2)],
        ),
    ],
)
def test_what_is_missing_is_named_before_a_market_is_posted(
    known: Completeness, named: list[tuple[CloseGap, int]]
) -> None:
    assert close_gaps(known) == named


# ── not counted ───────────────────────────────────────────────────────────────────────────────────────────

CELL = {("东门", 1): 320}


def add(desk: Desk, cells: dict[tuple[str, int], int], *, by: str = "second") -> int:
    day = service.settlements(desk.community)[-1].day
    return service.add_counts(
        day, cells, CountMethod.FULL_COUNT, by=person(by), at=make.evening(day).replace(hour=23)
    )


def test_a_market_nobody_counted_has_no_number_and_one_counted_as_empty_has_zero(desk: Desk) -> None:
    silent = desk.settled()
    assert (silent.counted, silent.visits) == (None, 0)
    empty = desk.ended(in_days=12)
    with unit_of_work():
        gate.count_visits(empty, "东门", 1, 0, CountMethod.FULL_COUNT, by=desk.clerk, at=empty.open_at)
    assert desk.close(empty).counted == 0
    sums = insight.counters(desk.community)
    assert (sums.days, sums.counted_days, sums.visits) == (2, 1, 0)


def test_a_second_person_adds_what_was_missed_and_the_money_stays(desk: Desk) -> None:
    closed = desk.settled()
    before = (closed.contribution_fen, closed.takings_fen, closed.entry_id, closed.revision)
    giver = stalls.assignments(closed.day)[0].vendor
    late = make.evening(closed.day).replace(hour=23)
    with unit_of_work():
        assert add(desk, CELL) == 320
        service.add_goods(closed.day, giver, "大白菜", 20, by=desk.second, at=late)
    db.session.expire_all()
    now = service.settlement_of(closed.day)
    assert now is not None
    assert (now.counted, now.given, now.visits, now.items) == (320, 20, 0, 0)
    assert (now.contribution_fen, now.takings_fen, now.entry_id, now.revision) == before
    assert [(one.number, one.goods, one.person) for one in service.added(closed.day)] == [
        (320, "", "李书记"), (20, "大白菜", "李书记"),
    ]  # fmt: skip
    assert (insight.counters(desk.community).visits, insight.counters(desk.community).items) == (320, 20)


def test_what_was_counted_stands(desk: Desk) -> None:
    closed = desk.settled()
    with unit_of_work():
        add(desk, CELL)
        with refused("gate.counted"):
            add(desk, {("东门", 1): 500})
        with refused("gate.no_entrance"):
            add(desk, {("北门", 1): 500})
        with refused("settlement.nothing_added"):
            add(desk, {})
    db.session.expire_all()
    assert closed.counted == 320


def test_who_settled_adds_nothing_and_nobody_does_before_or_after(desk: Desk) -> None:
    closed = desk.settled()
    with unit_of_work():
        with refused("settlement.second_person"):
            add(desk, CELL, by="staff")
        bring_to(closed.day, type(closed.day.state).ARCHIVED, desk.second)
        with refused("settlement.archived"):
            add(desk, CELL)
    ended = desk.ended(in_days=12)
    with unit_of_work(), refused("settlement.not_settled"):
        service.check_adding(ended, desk.second)


def test_what_was_written_down_in_time_is_no_addition(desk: Desk) -> None:
    day = desk.ended()
    with unit_of_work():
        gate.count_visits(day, "东门", 1, 40, CountMethod.FULL_COUNT, by=desk.clerk, at=day.close_at)
    closed = desk.close(day)
    assert (closed.counted, service.added(day)) == (40, [])


# ── pages ─────────────────────────────────────────────────────────────────────────────────────────────────


class Held(NamedTuple):
    ref: str

    def page(self, name: str) -> str:
        return f"/staff/huaiyin/days/{self.ref}/{name}"

    @property
    def public(self) -> tuple[str, str, str]:
        return (
            f"/c/huaiyin/fund/markets/{self.ref}", f"/c/huaiyin/markets/{self.ref}", "/c/huaiyin/impact",
        )  # fmt: skip


@pytest.fixture
def held(app: Flask, cast: Cast) -> Held:
    """A market that is over; one has told no takings, and nobody counted."""
    with app.app_context(), unit_of_work():
        day = make.ended_market(find_community(cast.ours), person("staff"), (90_000, None, 0))
        last = stalls.assignments(day)[1]
        fault = service.close_view(day).faults[0].fault
        assert fault is not None
        service.waive_fault(last, fault, "电话打不通", by=person("staff"), at=make.evening(day))
        return Held(day.ref)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_button_names_what_is_missing_asks_once_and_acts(
    held: Held, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff = sign_in("staff")
    page = staff.get(held.page("settlement")).text
    read = text(page)
    for sentence in ("还缺这些", "没有人数过有多少人来逛", "1 家没有报数，按没有捐算。", "入账以后撤不回来"):
        assert sentence in read, sentence
    asked = page[page.index("data-confirm") :]
    assert asked.index("<summary") < asked.index("还缺这些") < asked.index("就这样，收市入账")
    assert post(staff, held.page("settlement"), seen="4500").status_code == 302


def test_nobody_reads_a_zero_where_nobody_counted_and_everybody_reads_what_was_added(
    app: Flask, held: Held, sign_in: Callable[[str], FlaskClient]
) -> None:
    staff, second, guest = sign_in("staff"), sign_in("second"), app.test_client()
    post(staff, held.page("settlement"), seen="4500")
    for address in held.public:
        read = text(guest.get(address).text)
        assert ("没有数" in read, re.search(r"\b0 人次", read)) == (True, None), address
    assert "没有数人" in text(guest.get("/c/huaiyin/").text)

    statement, missed = held.page("statement"), held.page("missed-counts")
    assert "请第二位同事到这一页补记" in text(staff.get(statement).text)
    assert post(staff, missed, **{"visits-0-1": "12", "method": "full_count"}).status_code == 403
    assert post(second, missed, method="full_count").status_code == 422
    fields = {"visits-0-1": "1,200", "visits-1-2": "34", "method": "full_count"}
    assert post(second, missed, **fields).headers["Location"] == statement
    read = text(second.get(statement).text)
    assert ("补记 1,234 人次" in read, "李书记" in read) == (True, True)
    assert post(second, missed, **{"visits-0-1": "5", "method": "full_count"}).status_code == 409

    with app.app_context():
        stall = stalls.assignments(find_day_by_ref(held.ref))[0].ref
    goods = {"assignment": stall, "goods": "大白菜", "items": "20"}
    assert post(staff, held.page("statement"), held.page("goods"), **goods).status_code == 403
    assert post(second, held.page("goods"), **goods).status_code == 302
    account = text(guest.get(held.public[0]).text)
    for part in ("1,234 人次", "补记 大白菜 20 件", "补记 1,234 人次", "李书记"):
        assert part in account, part
    assert "1,234 人次" in text(guest.get(held.public[2]).text)
