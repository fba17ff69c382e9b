"""A staff member before the plan of a day, in a real browser."""

from __future__ import annotations

from flask import Flask
from playwright.sync_api import Locator, Page, expect

from market.calendar.service import find_day_by_ref
from market.stalls import service
from tests.cast import PASSWORD


class Screen:
    """A signed-in staff member before the plan of a day, in a real browser."""

    def __init__(self, app: Flask, page: Page, address: str, ref: str, venue: str) -> None:
        self.app, self.page, self.address, self.ref, self.venue = app, page, address, ref, venue
        page.goto(f"{address}/sign-in")
        page.fill("[name=login]", "staff")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_load_state()
        self.open(f"/staff/huaiyin/days/{ref}/plan")

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def stall_of(self, name: str) -> str | None:
        with self.app.app_context():
            held = service.assignments(find_day_by_ref(self.ref))
            return next((one.label for one in held if one.vendor.trading_name == name), None)

    def answer(self, sentence: str) -> None:
        expect(self.page.locator(".flashes")).to_contain_text(sentence)

    def stall(self, label: str) -> Locator:
        return self.page.locator(on(label))

    def says(self, sentence: str) -> None:
        """What is announced beside the plan."""
        expect(self.page.locator("[data-plan-live]")).to_have_text(sentence)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)


def on(label: str) -> str:
    return f'[data-stall="{label}"]'


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: str, end: str) -> None:
    page.mouse.move(*middle(page, start))
    page.mouse.down()
    page.mouse.move(*middle(page, end), steps=6)
