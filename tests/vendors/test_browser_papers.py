"""A vendor's phone: the home, one press to the papers, a photo that is sent as soon as it is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from market.communities.service import find_community
from market.db import db, unit_of_work
from market.vendors.paper_rows import HandedPaper
from market.vendors.rules import Category
from tests.cast import PASSWORD, Cast, person
from tests.factories.vendors import make_vendor
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.zoo import pdf

pytestmark = pytest.mark.browser

LOGIN = "13800009999"


def test_a_paper_is_handed_in_with_three_presses(app: Flask, cast: Cast, page: Page, tmp_path: Path) -> None:
    with app.app_context(), unit_of_work():
        make_vendor(
            find_community(cast.ours), person("staff"), login=LOGIN, papers=False,
            category=Category.COOKED_FOOD, goods="馒头",
        )  # fmt: skip
    Image.effect_noise((3000, 4000), 60).save(tmp_path / "large.jpg", quality=95)
    (tmp_path / "paper.pdf").write_bytes(pdf(2))
    page.set_viewport_size({"width": 360, "height": 640})
    sizes: list[int] = []
    page.on("request", lambda one: sizes.append(len(one.post_data_buffer or b"")))
    with served(app) as address:
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", LOGIN)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.get_by_role("link", name="拍照交证照").click()
        expect(page.locator("h1")).to_have_text("我的证照")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        line = page.locator(".papers > li", has_text="健康证")
        line.locator("input[capture]").set_input_files(tmp_path / "large.jpg")
        expect(page.locator(".flashes")).to_contain_text("交上去了")
        expect(line).to_contain_text("等社区看")
        assert max(sizes) < (tmp_path / "large.jpg").stat().st_size / 2
        licence = page.locator(".papers > li", has_text="食品经营许可证")
        licence.locator("input:not([capture])[type=file]").set_input_files(tmp_path / "paper.pdf")
        expect(licence.locator("img")).to_have_count(2)
        assert violations(page) == []
        page.get_by_text("加一个人").click()
        page.get_by_label("怎么称呼").fill("小王")
        page.get_by_label("会碰吃的").check()
        page.get_by_role("button", name="记下来").click()
        expect(page.locator(".papers")).to_contain_text("健康证 · 小王")
    with app.app_context():
        papers = db.session.query(HandedPaper).order_by(HandedPaper.id).all()
        assert [len(paper.pictures) for paper in papers] == [1, 2]
        assert max(papers[0].pictures[0].width, papers[0].pictures[0].height) == 1800
