"""Pictures of the fund: both bars are as long, the table says the same, nothing needs a style in the page."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from flask import current_app

from market.fund.pictures import HEIGHT, WIDTH, columns, flow_of, months_of, parts, plans_of, running
from market.fund.published import public_book
from market.money import yuan
from tests.fund.conftest import Desk

PAGE = "/c/huaiyin/fund/pictures"


@pytest.fixture
def paid(desk: Desk) -> Desk:
    """430.00 came, 60.00 were paid, 20.00 are decided on."""
    desk.arrive(desk.market(400_000, 200_000, 260_000).day, "GZ-1")
    desk.pay(desk.approved())
    desk.approved(2_000, purpose="修路灯")
    return desk


def test_pieces_of_a_bar_are_as_long_as_what_they_stand_for() -> None:
    found = parts([("一", 300), ("没有", 0), ("二", 100)], 5)
    assert [(part.number, part.name, part.x, part.width) for part in found] == [
        (5, "一", 0, WIDTH * 3 / 4),
        (6, "二", WIDTH * 3 / 4, WIDTH / 4),
    ]
    assert parts([], 1) == []


def test_months_without_a_movement_have_what_was_there() -> None:
    held = running(Counter({"2025-11": 100, "2026-02": -40}))
    assert held == [("2025-11", 100), ("2025-12", 100), ("2026-01", 100), ("2026-02", 60)]
    assert [(month.height, month.y) for month in columns(held)][::3] == [
        (HEIGHT, 0),
        (HEIGHT * 0.6, HEIGHT * 0.4),
    ]
    assert columns([]) == []


def test_what_came_is_what_went_and_what_is_there(paid: Desk) -> None:
    flow = flow_of(public_book(paid.community))
    assert sum(part.fen for part in flow.went) == flow.total_fen == 43_000
    assert {part.name: part.fen for part in flow.went} == {"慰问走访": 6_000, "存于慈善组织": 37_000}
    assert months_of(paid.fund, public_book(paid.community))[-1].fen == 37_000
    assert [(plan.planned_fen, plan.paid_fen) for plan in plans_of(paid.fund)] == [(8_000, 6_000)]


def test_the_page_has_each_number_in_a_table_and_no_style_of_its_own(paid: Desk) -> None:
    page = current_app.test_client().get(PAGE).text
    tables = "".join(re.findall(r"<table.*?</table>", page, re.DOTALL))
    assert [fen for fen in (43_000, 37_000, 6_000, 8_000) if yuan(fen) not in tables] == []
    assert page.count("<svg") >= 3
    assert re.search(r"\sstyle=|<style|<script", page.split("<main")[1].split("</main>")[0]) is None


def test_a_fund_without_money_says_so(desk: Desk) -> None:
    assert "还没有一分钱进来" in current_app.test_client().get(PAGE).text
