"""Twice is once, for every form: the id that each carries, and what happens without its guard."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask, g, redirect
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from market import clock, form_use
from market.access import KEY_HOLDERS, Audience, policy_of
from market.communities.service import find_community
from market.config import ROOT
from market.db import Model, db, do_in_unit_of_work, new_ref, unit_of_work
from market.form_use import FormUse
from market.settlement.models import InKindItem
from market.stalls import service as stalls
from market.stalls.models import PassVersion
from tests.cast import Cast, csrf_token, person
from tests.conftest import both_engines
from tests.demo_year import OURS, client_of, rules, samples
from tests.factories import settlement as make
from tests.races import guards_off

SignIn = Callable[[str], FlaskClient]

# ── every form, every route ───────────────────────────────────────────────────────────────────────────────


ONCE_ANYWAY = {
    "join.html": "by which a phone takes its place at the gate: it has no session, a place can be taken once",
    "wish.html": "what residents want: no session either, and one phone has one voice a week",
    "wishes.html": "the same, and a voice is taken back once",
    "taps.html": "how a market was: no session, one phone answers once a day and may take it back once",
    "praise.html": "the same phone praises a vendor once for a market",
    "new_complaint.html": "no session; the same words from the same phone are one complaint",
    "complaint.html": "no session; it is said once that a complaint is not settled",
    "question_page.html": "no session, and one phone asks the same once",
    "story.html": "no session, and one phone says the same once",
}
"""Templates whose forms carry no id, and why pressing twice is harmless."""


def test_every_form_that_posts_carries_an_id() -> None:
    silent = [
        f"{path.name}: {form[:60]}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.S)
        if re.search(r'method="post"', form) and "csrf()" not in form and path.name not in ONCE_ANYWAY
    ]
    assert silent == []


def test_every_frame_holds_a_second_press_back() -> None:
    """Who says something for the first time has no cookie yet: two presses would be two phones."""
    frames = {name: (ROOT / f"templates/base_{name}.html").read_text() for name in FRAMES}
    assert [name for name, text in frames.items() if '"once"' not in text] == []


FRAMES = ("gate", "public", "staff", "vendor")
"""What a page with a form may extend; `base_paper.html` is for what is printed."""


SIGNED_IN = {
    Audience.SIGNED_IN: "demo-staff", Audience.VENDOR: "demo-vendor", Audience.GATE: "demo-gate",
    Audience.STAFF: "demo-staff", Audience.COMMITTEE: "demo-member-1", Audience.PLATFORM: "demo-platform",
    Audience.REGION: "demo-viewer",
}  # fmt: skip


@pytest.mark.slow
def test_every_act_of_everybody_who_is_signed_in_is_done_once(year_app: Flask) -> None:
    """Whatever a view does, the same form again does not reach it; another one does."""
    year_app.config["WTF_CSRF_ENABLED"] = False
    clients = {login: client_of(year_app, login) for login in set(SIGNED_IN.values())}
    with year_app.app_context():
        found = samples()
    wrong, asked = [], 0
    for rule in rules(year_app):
        view = year_app.view_functions[rule.endpoint]
        policy = policy_of(view)
        assert policy is not None
        audience = policy.audiences[0]
        if "POST" not in (rule.methods or ()) or (audience,) in ((Audience.PUBLIC,), *KEY_HOLDERS):
            continue
        given = {"slug": OURS} if "slug" in rule.arguments else {}
        with year_app.test_request_context():
            address = year_app.url_map.bind("127.0.0.1").build(
                rule.endpoint, {**found.of(rule), **given}, method="POST"
            )
        calls: list[int] = []

        def act(_calls: list[int] = calls, **_values: object) -> object:
            _calls.append(1)
            return redirect(f"/done/{len(_calls)}")

        act.policy = policy  # type: ignore[attr-defined]  # as open_to declares it
        client, body = clients[SIGNED_IN[audience]], {"form_id": f"form of {rule.endpoint}", "text": "一"}
        with patch.dict(year_app.view_functions, {rule.endpoint: act}):
            answers = [
                client.post(address, data=data).location for data in (body, body, {**body, "text": "二"})
            ]
        asked += 1
        expected = [f"/done/{n}" for n in ((1, 2, 3) if rule.endpoint in form_use.ALWAYS_RUN else (1, 1, 2))]
        if answers != expected:
            wrong.append(f"{rule.rule}: {answers}")
    assert wrong == []
    assert asked > 70


# ── what came of it ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def goods(app: Flask, cast: Cast) -> tuple[str, dict[str, str]]:
    """The page where gifts in kind are written down, and one gift as typed."""
    with app.app_context(), unit_of_work():
        day = make.open_market(find_community(cast.ours), person("staff"), vendors=2)
        held = stalls.assignments(day)[0].ref
        ref = day.ref
    return f"/staff/{cast.ours}/days/{ref}/goods", {"assignment": held, "goods": "大白菜", "items": "20"}


def ids_of(page: str) -> list[str]:
    return re.findall(r'name="form_id" value="([^"]+)"', page)


def count(app: Flask, model: type[Model]) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_the_same_gift_sent_fifty_times_is_one_gift(
    app: Flask, sign_in: SignIn, goods: tuple[str, dict[str, str]]
) -> None:
    address, typed = goods
    staff = sign_in("staff")
    page = staff.get(address).text
    form = {**typed, "csrf_token": csrf_token(page), "form_id": ids_of(page)[-1]}
    answers = {staff.post(address, data=form).location for _ in range(50)}
    assert answers == {address}
    assert (count(app, InKindItem), count(app, FormUse)) == (1, 1)
    changed = {**form, "items": "30"}
    staff.post(address, data=changed)
    assert count(app, InKindItem) == 2


def test_a_refused_form_is_not_used_up(
    app: Flask, sign_in: SignIn, goods: tuple[str, dict[str, str]]
) -> None:
    address, typed = goods
    staff = sign_in("staff")
    page = staff.get(address).text
    form = {**typed, "csrf_token": csrf_token(page), "form_id": ids_of(page)[-1]}
    refused = staff.post(address, data={**form, "items": "很多"})
    assert refused.status_code == 422
    assert set(ids_of(refused.text)).isdisjoint(ids_of(page))
    assert staff.post(address, data=form).status_code == 302


def test_a_pass_is_issued_anew_once(
    app: Flask, sign_in: SignIn, cast: Cast, goods: tuple[str, dict[str, str]]
) -> None:
    address, typed = goods
    staff = sign_in("staff")
    before = count(app, PassVersion)
    token = csrf_token(staff.get(address).text)
    again = address.replace("/goods", f"/assignments/{typed['assignment']}/pass")
    form = {"csrf_token": token, "form_id": "one and the same", "reason": "lost"}
    for _ in range(26):
        assert staff.post(again, data=form).status_code == 302
    assert count(app, PassVersion) == before + 1


def test_a_link_that_is_shown_once_is_made_once(app: Flask, sign_in: SignIn, cast: Cast) -> None:
    staff = sign_in("staff")
    page = f"/staff/{cast.ours}/team"
    form = {
        "csrf_token": csrf_token(staff.get(page).text), "form_id": "x", "display_name": "小王",
        "login": "13900000077", "role": "gate",
    }  # fmt: skip
    assert staff.post(page, data=form).status_code == 200
    again = staff.post(page, data=form)
    assert again.status_code == 409
    assert "这一步刚才已经做过了" in again.text


def test_somebody_elses_form_and_a_stranger_are_not_answered(
    app: Flask, sign_in: SignIn, goods: tuple[str, dict[str, str]]
) -> None:
    address, typed = goods
    for login in ("staff", "second"):
        client = sign_in(login)
        token = csrf_token(client.get(address).text)
        client.post(address, data={**typed, "csrf_token": token, "form_id": "the same"})
    assert count(app, InKindItem) == 2


def test_forms_of_long_ago_are_forgotten(context: Flask) -> None:
    at = clock.now()
    with unit_of_work():
        for key, days in (("old", 31), ("new", 29)):
            db.session.add(FormUse(key=key, answer="/", used_at=at - timedelta(days=days)))
    with unit_of_work():
        assert form_use.purge(at=at) == 1


# ── at the same moment ────────────────────────────────────────────────────────────────────────────────────


def at_once(app: Flask, staff: FlaskClient, address: str, form: dict[str, str], times: int) -> list[int]:
    cookie = staff.get_cookie("session")
    assert cookie is not None
    start = threading.Barrier(times)

    def send(_number: int) -> int:
        client = app.test_client(use_cookies=False)
        start.wait(30)
        return client.post(address, data=form, headers={"Cookie": f"session={cookie.value}"}).status_code

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(send, range(times)))


def the_form(staff: FlaskClient, goods: tuple[str, dict[str, str]]) -> tuple[str, dict[str, str]]:
    address, typed = goods
    page = staff.get(address).text
    return address, {**typed, "csrf_token": csrf_token(page), "form_id": ids_of(page)[-1]}


@both_engines
def test_twenty_presses_at_once_are_one_act(
    app: Flask, sign_in: SignIn, goods: tuple[str, dict[str, str]]
) -> None:
    staff = sign_in("staff")
    assert at_once(app, staff, *the_form(staff, goods), times=20) == [302] * 20
    assert (count(app, InKindItem), count(app, FormUse)) == (1, 1)


def send_without_a_page(app: Flask, user_id: int) -> None:
    """The same form as every other thread: its act writes one row, and nothing of its own guards it."""

    def view() -> ResponseReturnValue:
        db.session.add(FormUse(key=new_ref(), answer="", used_at=clock.now()))
        db.session.flush()
        return redirect("/done")

    with app.test_request_context("/acts", method="POST", data={"form_id": "one"}):
        g.user_id = user_id
        do_in_unit_of_work(lambda: form_use.once(view))


def acts_of(app: Flask, times: int) -> int:
    with ThreadPoolExecutor(times) as pool:
        list(pool.map(lambda _number: send_without_a_page(app, 1), range(times)))
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).where(FormUse.answer == "")) or 0


@both_engines
def test_without_the_guard_several_presses_are_several_acts(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No lock and no unique key, and everyone has looked before the first one writes."""
    assert acts_of(app, 4) == 1
    with app.app_context(), unit_of_work():
        db.session.execute(sa.delete(FormUse))
    with app.app_context(), guards_off(app, monkeypatch, together=4, indices=["uq_form_use_key"]):
        assert acts_of(app, 4) == 4
