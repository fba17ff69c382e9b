"""A round with a phone, in a real browser: a photo is made small before it is sent, a next stall follows."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.inspection.models import Finding, FindingPhoto
from tests.cast import PASSWORD, Cast, person
from tests.factories.gate import running_today
from tests.parts.axe import violations
from tests.parts.live import served

pytestmark = pytest.mark.browser


def test_a_round_on_a_small_phone(app: Flask, cast: Cast, page: Page, tmp_path: Path) -> None:
    with app.app_context(), unit_of_work():
        ref = running_today(find_community(cast.ours), person("staff")).ref
    Image.effect_noise((3000, 2000), 60).save(tmp_path / "large.jpg", quality=95)
    page.set_viewport_size({"width": 360, "height": 640})
    sizes: list[int] = []
    page.on("request", lambda one: sizes.append(len(one.post_data_buffer or b"")))
    with served(app) as address:
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "gate")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        page.goto(f"{address}/gate/huaiyin/days/{ref}/inspection?round=1")
        assert violations(page) == []
        page.get_by_role("link", name="去看 A01").click()
        expect(page.locator("h1")).to_contain_text("A01")
        page.locator(".point summary", has_text="垃圾").click()
        point = page.locator(".point[open]")
        point.get_by_label("限时改").check()
        point.get_by_label("哪里不对").fill("鱼鳞没收")
        point.get_by_label("几点前改好").fill("23:30")
        point.locator("[data-photo]").set_input_files(tmp_path / "large.jpg")
        expect(point.locator("[data-photo-shown]")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert violations(page) == []
        page.get_by_role("button", name="看完了，下一处").click()
        expect(page.locator("h1")).to_contain_text("A02")
        assert max(sizes) < (tmp_path / "large.jpg").stat().st_size / 3
        page.get_by_role("link", name="回到名单").click()
        page.get_by_role("link", name="复查").click()
        expect(page.get_by_role("button", name="改好了，了结")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name="改好了，了结").click()
        expect(page.locator(".flashes")).to_contain_text("已经改好")
    with app.app_context():
        assert db.session.query(Finding).one().closing is not None
        assert db.session.query(FindingPhoto).one().width == 1280
