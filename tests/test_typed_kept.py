"""Sending one form of a page empties nothing that was typed into another: every page with more than one."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.cast import PASSWORD, Cast
from tests.demo_year import client_of
from tests.parts.live import served
from tests.parts.walk import pages

BUTTONS = ("hidden", "submit", "button", "file", "password")


class Forms(HTMLParser):
    """How many forms that post have a field to type into."""

    def __init__(self) -> None:
        super().__init__()
        self.typable = 0
        self._posts = self._counted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "form":
            # what is hidden until a script shows it does its act by script: it is never sent as a form
            self._posts, self._counted = told.get("method") == "post" and "hidden" not in told, False
        typed = tag in ("textarea", "select") or (tag == "input" and told.get("type") not in BUTTONS)
        if typed and self._posts and not self._counted and "disabled" not in told and "readonly" not in told:
            self.typable, self._counted = self.typable + 1, True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._posts = False


def forms_of(text: str) -> int:
    found = Forms()
    found.feed(text)
    return found.typable


class Door(NamedTuple):
    """A page with more than one form, and who opens it."""

    login: str
    address: str


@pytest.fixture(scope="module")
def doors(year_app: Flask) -> list[Door]:
    found: dict[str, Door] = {}
    for login, address in pages(year_app):
        answer = client_of(year_app, login).get(address)
        if answer.mimetype == "text/html" and forms_of(answer.text) > 1:
            found.setdefault(address, Door(login, address))
    return list(found.values())


@pytest.mark.slow
def test_many_pages_have_more_than_one_form(doors: list[Door]) -> None:
    """What the test in the browser walks; should it find none, it would say nothing."""
    kinds = {urlsplit(door.address).path.split("/")[-1] for door in doors}
    assert len(doors) > 8, kinds
    assert {"communities", "applications"} <= kinds


TYPE = """(which) => {
  const values = {date: "2026-12-24", time: "09:41", "datetime-local": "2026-12-24T09:41", number: "7"};
  const skip = ["hidden", "submit", "button", "file", "password", "fieldset"];
  const leaves = (form) => form.action.endsWith("/sign-out");
  const forms = [...document.forms].filter((form) => form.method === "post" && !leaves(form));
  const typed = [];
  const sent = which < 0 ? forms.length - 1 : which;
  forms.forEach((form, place) => {
    if (place === sent) return;
    for (const [at, field] of [...form.elements].entries()) {
      if (!field.name || skip.includes(field.type) || field.disabled || field.readOnly) continue;
      if (["radio", "checkbox"].includes(field.type)) field.checked = !field.checked;
      else if (field.options) field.selectedIndex = field.options.length - 1;
      else field.value = values[field.type] ?? "字 7";
      typed.push([place, at]);
    }
  });
  const now = typed.map(([place, at]) => {
    const field = forms[place].elements[at];
    return [place, at, ["radio", "checkbox"].includes(field.type) ? field.checked : field.value];
  });
  forms[sent].dispatchEvent(new SubmitEvent("submit", {bubbles: true, cancelable: true}));
  return now;
}"""
"""Types into every form but one, and sends that one without leaving the page."""

LOST = """(typed) => {
  const leaves = (form) => form.action.endsWith("/sign-out");
  const forms = [...document.forms].filter((form) => form.method === "post" && !leaves(form));
  return typed.filter(([place, at, value]) => {
    const field = forms[place].elements[at];
    return (["radio", "checkbox"].includes(field.type) ? field.checked : field.value) !== value;
  }).map(([place, at]) => `${forms[place].action} ${forms[place].elements[at].name}`);
}"""


@pytest.mark.browser
@pytest.mark.slow
def test_sending_one_form_empties_no_other(year_app: Flask, doors: list[Door], browser: Browser) -> None:
    lost = []
    with served(year_app) as site:
        for login in sorted({door.login for door in doors}):
            context = _signed_in(year_app, browser, site, login)
            for door in doors:
                if door.login == login:
                    lost += _lost_on(context, site + door.address)
            context.close()
    assert lost == []


def _signed_in(
    app: Flask, browser: Browser, site: str, login: str, *, java_script_enabled: bool = True
) -> BrowserContext:
    cookie = client_of(app, login).get_cookie("session")
    assert cookie is not None
    context = browser.new_context(java_script_enabled=java_script_enabled)
    context.add_cookies([{"name": "session", "value": cookie.value, "url": site}])
    return context


def _lost_on(context: BrowserContext, address: str) -> list[str]:
    page = context.new_page()
    page.goto(address)
    lost = []
    for sent in (0, -1):
        typed = page.evaluate(TYPE, sent)
        page.reload()
        lost += [f"{urlsplit(address).path}: {field}" for field in page.evaluate(LOST, typed)]
        page.evaluate("sessionStorage.clear()")
        page.reload()
    page.close()
    return lost


SENT_AWAY = """(mine) => [...document.querySelectorAll("main form[method=post]")].flatMap((form, place) =>
  place === mine ? [] : [...form.elements].filter((one) => !["hidden", "fieldset"].includes(one.type)
    && one.checkVisibility({visibilityProperty: true}))
    .map((one) => `${place} ${one.name || one.textContent.trim()}`))"""
"""What could still be pressed or filled in outside of the form that holds something."""

TYPABLE = "main form[method=post] :is(input:not([type]), input[type=text], input[type=tel], textarea)"


@pytest.mark.browser
@pytest.mark.slow
def test_without_a_script_the_other_forms_wait_until_what_was_typed_is_sent(
    year_app: Flask, doors: list[Door], browser: Browser
) -> None:
    """Nothing keeps it there, so nothing else can be sent meanwhile."""
    tried, lost = 0, []
    with served(year_app) as site:
        for login in sorted({door.login for door in doors}):
            context = _signed_in(year_app, browser, site, login, java_script_enabled=False)
            page = context.new_page()
            for door in [door for door in doors if door.login == login]:
                page.goto(site + door.address)
                field = page.locator(TYPABLE).locator("visible=true")
                if not field.count():
                    continue
                tried += 1
                assert page.evaluate(SENT_AWAY, -1), "before anything is typed, all of them are there"
                field.first.fill("字 7")
                field.first.blur()
                mine = field.first.evaluate(
                    "(one) => [...document.querySelectorAll('main form[method=post]')].indexOf(one.form)"
                )
                lost += [f"{door.address}: {one}" for one in page.evaluate(SENT_AWAY, mine)]
                expect(page.locator(".one-form")).to_be_in_viewport()
            context.close()
    assert lost == []
    assert tried > 4


@pytest.mark.browser
def test_what_was_typed_stays_through_a_refused_form_and_a_taken_one(
    app: Flask, cast: Cast, browser: Browser
) -> None:
    with served(app) as site:
        page = _desk_of_the_platform(browser, site)
        page.fill("#new-region [name=region-name]", "新街道")
        page.fill("#new-community [name=name]", "新社区")
        page.locator("#new-community button.first, #new-community button").last.click()
        expect(page.locator("#new-community [role=alert]")).to_be_visible()
        assert page.input_value("#new-region [name=region-name]") == "新街道"
        assert page.locator("#new-region").inner_text().count("刚才在这里填的都还在") == 1
        page.fill("#new-region [name=region-code]", "370305001000")
        page.locator("#new-region button").last.click()
        page.wait_for_load_state()
        assert page.input_value("#new-community [name=name]") == "新社区", "a refused form is typed text too"
        assert page.input_value("#new-region [name=region-name]") == "", "what was taken is not offered again"
        page.reload()
        assert page.input_value("#new-community [name=name]") == "", "it is offered once"
        page.context.close()


@pytest.mark.browser
def test_no_password_is_kept_and_nothing_after_signing_out(app: Flask, cast: Cast, browser: Browser) -> None:
    with served(app) as site:
        page = _desk_of_the_platform(browser, site)
        page.goto(f"{site}/account")
        page.locator("[type=password]").first.fill("geheimes-Wort")
        page.locator('footer a[href^="/preferences"]').first.click()
        page.wait_for_load_state()
        assert "geheimes" not in page.evaluate("JSON.stringify({...sessionStorage})")
        page.goto(f"{site}/platform/communities")
        page.fill("#new-community [name=name]", "新社区")
        page.locator('footer a[href^="/preferences"]').first.click()
        page.wait_for_load_state()
        assert page.input_value("#new-community [name=name]") == "新社区"
        page.locator('form[action="/sign-out"] button').first.click()
        page.wait_for_load_state()
        assert page.evaluate("Object.keys(sessionStorage).length") == 0
        page.context.close()


def _desk_of_the_platform(browser: Browser, site: str) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{site}/sign-in")
    page.fill("[name=login]", "platform")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/platform/**")
    page.goto(f"{site}/platform/communities")
    return page
