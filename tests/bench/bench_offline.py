"""How long a phone at the gate that is alone takes from a code to the answer on its screen."""

from __future__ import annotations

import statistics

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.harness import Measurement, bench
from tests.bench.installations import installation, open_next_market, served
from tests.parts.browser import launch_arguments

SLOWER = 4
"""A telephone of some years against this machine."""
HOW_LONG = """async (code) => {
    const word = document.querySelector("[data-verdict]");
    const form = document.querySelector("[data-typed-form]");
    form.elements.code.value = code;
    const seen = new Promise((done) => {
        const watch = new MutationObserver(() => requestAnimationFrame(() => (watch.disconnect(), done())));
        watch.observe(word, { childList: true, subtree: true, attributes: true });
    });
    const begun = performance.now();
    form.requestSubmit();
    await seen;
    return performance.now() - begun;
}"""


@bench("gate.offline", unit="ms", goal="value <= 300")
def offline() -> Measurement:
    """The slowest of a market's passes at a quarter of this machine's speed, against the middle one."""
    with installation(None) as at, sync_playwright() as playwright:
        ref, codes = open_next_market(at)
        with served(at) as address:
            browser = playwright.chromium.launch(**launch_arguments())
            page = minding(browser.new_page(), address, ref)
            page.context.set_offline(True)
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
            took = [page.evaluate(HOW_LONG, code) for code in codes[:20]]
            browser.close()
    return Measurement.of(max(took), statistics.median(took), "the middle one of twenty")


def minding(page: Page, address: str, ref: str) -> Page:
    """A phone that minds a gate of this market and is ready to be alone."""
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="· 社区工作者").click()
    page.goto(f"{address}/staff/demo/days/{ref}/phones")
    page.get_by_role("button", name="给东门出一个码").click()
    invitation = page.locator(".block.break").first.inner_text().strip()
    page.context.clear_cookies()
    page.goto(invitation)
    page.fill("[name=name]", "老高")
    page.click("button")
    expect(page.locator("[data-ready]")).to_have_text("断网也能用", timeout=30_000)
    return page
