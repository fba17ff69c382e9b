"""A resident draws a published draw again in a browser, with every rule a community may set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from market import clock
from market.allocation.market_rules import Quota
from market.calendar.models import MarketDay
from market.communities.service import find_community
from market.db import unit_of_work
from market.stalls import service
from market.stalls.service import SeedAnswer
from market.vendors.rules import Category
from market.vendors.service import applications
from tests.cast import Cast, person
from tests.factories.stalls import approved, day_under_review, stall
from tests.parts.axe import violations
from tests.parts.live import served

SEED = "03 11 17 22 29 31 08"
KINDS: tuple[tuple[Category, dict[str, Any]], ...] = (
    (Category.COOKED_FOOD, {"power_w": 2_000, "needs_water": True}), (Category.PRODUCE, {}),
    (Category.KIDS_PLAY, {}), (Category.HEALTH_OUTREACH, {}), (Category.DAILY_GOODS, {}),
)  # fmt: skip


def _drawn_day(cast: Cast) -> MarketDay:
    """Double stalls, quotas, a reserved and a kept-free stall, lines that are short, neighbours apart;
    since the list was frozen two have left, a stall is gone, and one came late."""
    by, at = person("staff"), clock.now()
    day = day_under_review(find_community(cast.ours), by, limit=24)
    for number in range(40):
        category, needs = KINDS[number % len(KINDS)]
        application = approved(day, by, f"商户{number:02}", category, **needs)
        application.double = number % 7 == 0
    stall(day, "A02").reserved = True
    service.keep_free(day, stall(day, "B02"), by=by, at=at)
    quotas = {"produce": Quota(maximum=4), "health_outreach": Quota(minimum=2), "cooked_food": Quota(2, 6)}
    service.set_quotas(day, quotas, by=by, at=at)
    service.choose_method(day, "draw", by=by, at=at)
    service.freeze_list(day, "public_number", "福彩双色球第 2026136 期开奖号码", by=by, at=at)
    for application in applications(day)[3:5]:
        service.withdraw(application, by=by, at=at)
    stall(day, "A03").retired_at = at
    approved(day, by, "后来的")
    service.hold_lottery(day, SeedAnswer(SEED), by=by, at=at)
    return day


@pytest.fixture
def draw_page(app: Flask, cast: Cast) -> Iterator[str]:
    """The address of the public page of a draw."""
    with app.app_context(), unit_of_work():
        ref = _drawn_day(cast).ref
    with served(app) as address:
        yield f"{address}/c/huaiyin/markets/{ref}/draw"


def test_anybody_draws_again_and_a_changed_number_or_list_is_noticed(
    draw_page: str, page: Page, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(draw_page)
    verdict, again = page.locator("[data-verdict]"), page.get_by_role("button", name="重抽一遍")
    again.click()
    expect(verdict).to_have_text("一致：重抽的结果和公布的一字不差。")
    assert violations(page) == []

    page.get_by_label("号码", exact=True).fill(f"{SEED[:-1]}9")
    again.click()
    expect(verdict).to_have_text("不一致：重抽的结果和公布的不同。")

    page.get_by_label("号码", exact=True).fill(SEED)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载名单").click()
    own = tmp_path / "list.jsonl"
    download.value.save_as(own)
    page.set_input_files("#own", own)
    again.click()
    expect(verdict).to_have_text("一致：重抽的结果和公布的一字不差。")
    own.write_bytes(own.read_bytes().replace("商户01".encode(), "商户91".encode()))
    page.set_input_files("#own", own)
    again.click()
    expect(verdict).to_have_text("不一致：名单和抽签以前公布的不是同一份。")


def test_the_drawn_plan_keeps_every_rule(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        day = _drawn_day(cast)
        held = service.assignments(day)
        counts = [one.vendor.category.value for one in held]
        assert (counts.count("produce") <= 4, counts.count("health_outreach") >= 2) == (True, True)
        assert sum(2 if one.second_stall else 1 for one in held) <= 24
        assert "B02" not in "+".join(one.label for one in held).split("+")
