"""WeChat's own browser opens no file: every link to one has another way beside it, on every page of residents
and vendors; elsewhere nothing of it is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from market.access import Audience, policy_of
from tests.demo_year import OURS, client_of, rules, samples
from tests.parts.axe import violations
from tests.parts.live import served
from tests.parts.walk import pages
from tests.test_every_page import PUBLIC

AGENT = (
    "Mozilla/5.0 (Linux; Android 9; V1818A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/86.0.4240.99 Mobile Safari/537.36 MicroMessenger/8.0.32.2300(0x2800205D) WeChat/arm64 NetType/4G"
)
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"[^>]*>', re.DOTALL)


def public_pages(app: Flask) -> Iterator[str]:
    """Every page of a community that residents may open, as an address of real objects."""
    with app.app_context():
        known = samples()
    adapter = app.url_map.bind("127.0.0.1")
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        mine = policy is not None and policy.audiences == (Audience.PUBLIC,)
        if not mine or "GET" not in (rule.methods or ()) or not rule.rule.startswith("/c/<slug>/"):
            continue
        if "." not in rule.rule:
            with app.test_request_context():
                yield adapter.build(rule.endpoint, known.of(rule) | {"slug": OURS})


def seen(app: Flask) -> Iterator[tuple[str | None, str, str]]:
    """Who, which address, what stands there: all pages of residents and vendors."""
    wanted: list[tuple[str | None, str]] = [(None, one) for one in {*public_pages(app), *PUBLIC}]
    wanted += [(login, address) for login, address in pages(app) if address.startswith("/vendor/")]
    clients = {login: client_of(app, login) for login in {login for login, _address in wanted}}
    for login, address in sorted(wanted, key=str):
        answer = clients[login].get(address)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            yield login, address, answer.get_data(as_text=True)


@pytest.mark.slow
def test_every_link_to_a_file_is_known_and_has_its_other_way(year_app: Flask) -> None:
    """What is no page by what the server answers, and not by what the script thinks of its address."""
    script = re.compile(
        r"\.(ics|pdf|xlsx|csv|zip|txt|json|jsonl|py|beancount|docx|xml|atom)(\?|#|$)|^webcal:"
    )
    files: set[str] = set()
    pictures: set[tuple[str | None, str]] = set()
    looked = 0
    kinds: dict[tuple[str | None, str], str] = {}
    for login, address, text in seen(year_app):
        looked += 1
        client = client_of(year_app, login)
        for found in LINK.finditer(text):
            href = unescape(found[1])
            if href.startswith(("#", "tel:", "http", "mailto:")):
                continue
            if not href.startswith("webcal:") and (login, href) not in kinds:
                answer = client.get(href.partition("#")[0] or address, follow_redirects=True)
                kinds[login, href] = answer.mimetype or ""
                answer.close()
            kind = kinds.get((login, href), "text/calendar")
            if kind == "text/html" or kind.startswith("image/"):
                assert not script.search(href), href
                continue
            files.add(href)
            assert 'id="wechat"' in text, address
            assert "js/wechat.js" in text, address
            assert script.search(href) or " download" in found[0], href
            pictures |= {(login, unescape(one)) for one in re.findall(r'data-picture="([^"]+)"', found[0])}
    assert looked > 40
    assert len(files) > 10
    assert len(pictures) >= 2
    for login, picture in pictures:
        assert client_of(year_app, login).get(picture).mimetype == "image/png", picture


@pytest.mark.browser
@pytest.mark.slow
def test_no_button_is_dead_in_wechat(year_app: Flask, browser: Browser) -> None:
    """As a person with the phone: beside each file the other way, and where it leads is there."""
    addresses = [address for login, address, _text in seen(year_app) if login is None]
    with served(year_app) as host:
        context = browser.new_context(user_agent=AGENT, viewport={"width": 360, "height": 740})
        page, offered = context.new_page(), 0
        for address in addresses:
            page.goto(f"{host}{address}")
            if address.endswith("/embed"):
                continue  # a piece for other sites, in which no script runs and no file is linked
            expect(page.locator("html")).to_have_attribute("data-browser", "wechat")
            found = page.evaluate(
                """() => [...document.querySelectorAll("main a[href]")]
                    .filter((a) => a.download || a.hasAttribute("download") || a.protocol === "webcal:"
                        || /\\.[a-z]{2,9}$/.test(a.pathname) && !/\\.(png|html)$/.test(a.pathname))
                    .map((a) => [a.href, a.nextElementSibling?.className ?? "",
                        a.nextElementSibling?.getAttribute("href") ?? ""])"""
            )
            for href, beside, leads in found:
                offered += 1
                assert beside == "otherwise", (address, href)
                assert leads == "#wechat" or leads.endswith(".png"), (address, href)
            assert page.locator("#wechat").is_visible() is bool(found), address
        assert offered > 10
        context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_hint_is_whole_and_seen_nowhere_else(year_app: Flask, browser: Browser, width: int) -> None:
    with served(year_app) as host:
        for agent, shown in ((AGENT, True), ("Mozilla/5.0 (Linux; Android 9) Chrome/86.0", False)):
            context = browser.new_context(user_agent=agent, viewport={"width": width, "height": 740})
            page = context.new_page()
            page.goto(f"{host}/c/demo/fund")
            if shown:
                expect(page.locator("html")).to_have_attribute("data-browser", "wechat")
            assert page.locator("#wechat").is_visible() is shown
            assert (page.locator(".otherwise").count() > 0) is shown
            assert violations(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            context.close()
