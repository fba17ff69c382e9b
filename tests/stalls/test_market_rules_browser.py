"""The pages of the rules in a browser: they fit a phone, in large type too, and axe has nothing to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from market import clock
from market.allocation.market_rules import Quota
from market.allocation.rules import PUBLISHED_WEIGHTS
from market.communities.service import find_community
from market.db import unit_of_work
from market.stalls import service
from tests.cast import PASSWORD, Cast, person
from tests.factories.stalls import planned_day, stall
from tests.parts.axe import violations
from tests.parts.live import served

UNFOLD = "document.querySelectorAll('main details').forEach(fold => fold.open = true)"


@pytest.fixture
def day_page(app: Flask, cast: Cast, page: Page) -> Iterator[str]:
    """A day with rules, whose address is answered to a signed-in browser."""
    with app.app_context(), unit_of_work():
        by, at = person("staff"), clock.now()
        ours = find_community(cast.ours)
        day = planned_day(ours, by)
        service.set_quotas(day, {"produce": Quota(1, 3, 2)}, by=by, at=at)
        service.keep_free(day, stall(day, "E03"), by=by, at=at)
        stall(day, "E01").reserved = True
        service.set_weights(ours, {**PUBLISHED_WEIGHTS, "zone": 60}, "分区更要紧", by=by, at=at)
        ref = day.ref
    with served(app) as address:
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "staff")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        yield f"{address}/staff/huaiyin/days/{ref}"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("elder", ["0", "1"])
def test_pages_fit_the_screen_and_axe_has_nothing_to_say(
    day_page: str, page: Page, width: int, elder: str
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    address = day_page.split("/staff/")[0]
    page.goto(f"{address}/preferences?elder={elder}&next=/sign-in")
    for path in (
        f"{day_page}/rules?fill=advised",
        f"{day_page}/rules?fill=votes&votes_produce=many",
        f"{address}/staff/huaiyin/allocation-weights?fill=usual",
        f"{address}/c/huaiyin/allocation",
    ):
        page.goto(path)
        page.evaluate(UNFOLD)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        assert violations(page) == [], path


def test_a_refused_rule_is_found_from_the_summary_and_corrected(day_page: str, page: Page) -> None:
    page.goto(f"{day_page}/rules")
    page.get_by_label("蔬菜水果最多").fill("x")
    page.get_by_role("button", name="存好").click()
    page.get_by_role("link", name="蔬菜水果最多").click()
    expect(page.locator("#most_produce")).to_be_in_viewport()
    page.get_by_label("蔬菜水果最多").fill("4")
    page.get_by_role("button", name="存好").click()
    expect(page.locator(".flashes")).to_contain_text("存好了。分摊位的时候就按这些来。")
    expect(page.get_by_label("蔬菜水果最多")).to_have_value("4")
