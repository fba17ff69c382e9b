"""Every act that a page offers, pressed once: no public page stays as it was that would be another now, and
what shows nothing leaves the pages alone.

The acts are found, not listed: each page of the demo year is opened by whom it is for, each form that it
offers is filled in and sent. As public pages read marked tables only (tests/test_revisions.py), the rows of
those tables are compared before and after, as they lie in the database: where none is another, the pages must
be left alone; where one is and they are left alone, each page is made anew and must say the same.
tests/revisions.txt says what each act does, and is read in review:

    REVISIONS=write python -m pytest tests/test_revisions_of_acts.py

`raised` and `still` say whether the pages of the community count as old afterwards; `refused` names acts that
the demo year leaves no room for.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule

from market import clock, revisions
from market.access import Audience, policy_of
from market.config import ROOT
from market.db import db
from market.revisions import PageRevision
from tests.demo_year import client_of, rules
from tests.story.visitor import Form, forms_of
from tests.test_revisions import NEVER_THE_SAME, OF_THE_RECORDS, models, pages_of
from tests.test_statements import ACTS, PEOPLE, STATES, Asker, Known, known, methods, opened

pytestmark = [pytest.mark.slow, pytest.mark.own_app]

FILE = ROOT / "tests" / "revisions.txt"
REGENERATE = "REVISIONS=write python -m pytest tests/test_revisions_of_acts.py"

TURNED = ("allocated", "closed")
TRIED = 4
"""Forms of one address that are tried in one state of the market, until one leads on."""
LED_ON = (200, 302, 303)

LEAVING = {"people.delete_session", "people.delete_sessions", "people.demo_sign_in", "people.create_session"}
"""Whoever signs out, or in as somebody else, presses nothing more."""

TYPED = {
    "amount": "1.00", "bank_reference": "回单 1", "body": "说明", "by": "王", "change": "改好了",
    "code": "370305999000", "date": "2027-03-06", "detail": "每周两次。", "display_name": "赵新人",
    "document_number": "1", "goods": "竹编", "happened_at": "9:20", "holder": "新来的人",
    "host_org": "居委会", "label": "Z9", "last_four": "1234", "length_cm": "300", "login": "newcomer",
    "name": "新名字", "note": "看过了", "number": "1", "password": "long enough to be one",
    "payee": "社区饭店", "percent": "5", "phone": "13700000001", "place": "东门边", "power_w": "0",
    "public_note": "有大风，不办了。", "purpose": "给老人送饭", "quantity": "3", "query": "A01",
    "reason": "当天问过本人", "slug": "newplace", "takings": "100", "text": "新来的 修鞋 13911113333",
    "theme": "换了的主题", "title": "标题", "trading_name": "新来的摊", "visits": "7", "watts": "2000",
    "what": "有人摔了一跤", "where": "东门", "word": "弹棉花", "people": "7", "sentence": "还在问师傅。",
}  # fmt: skip
"""What somebody types into an empty field of this name."""
ALTERED = ("goods", "purpose", "theme", "public_note")
"""Fields that get it though something stands there: a form sent as it was changes nothing."""


NEEDLESS: set[str] = set()
"""Acts that make pages anew though none says anything else."""


class Pressed(NamedTuple):
    """An act: whose button, where it goes, what the form holds, and the state of the market."""

    rule: Rule
    audience: Audience
    path: str
    data: dict[str, Any]
    state: str


class Standing(NamedTuple):
    """How things stand in the database."""

    revisions: str
    lines: str
    """Where the records end: an act that said something did something."""
    rows: dict[str, str]
    """A hash of what public pages can read of each marked table."""


@dataclass
class Year:
    """The demo year, put back after each act."""

    app: Flask
    refs: Known
    file: Path
    people: dict[Audience, FlaskClient]
    kept: Path
    before: dict[str, bytes] | None = None
    """What residents read before the act; made when it is asked for."""

    def keep(self) -> None:
        """From now on the year is put back to this."""
        self._close()
        shutil.copy(self.file, self.kept)
        self.before = None

    def put_back(self) -> None:
        self._close()
        for name in ("-wal", "-shm"):
            Path(f"{self.file}{name}").unlink(missing_ok=True)
        shutil.copy(self.kept, self.file)

    def _close(self) -> None:
        with self.app.app_context():
            db.session.remove()
            with db.engine.connect() as connection:
                connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
            db.engine.dispose()

    def pages(self) -> dict[str, bytes]:
        """What residents read now, page by page; papers follow from the same rows. Pages that say where the
        records end are others after every line of the journal, and are looked at with it."""
        client, found = self.app.test_client(), {}
        for page in pages_of(self.app, self.refs):
            if page.endpoint not in NEVER_THE_SAME | OF_THE_RECORDS:
                answer = client.get(page.path, buffered=True)
                if (answer.mimetype or "").startswith("text/"):
                    found[page.path] = answer.data
        return found

    def stale_after(self) -> list[str]:
        """The pages that say something else than before; puts the year back."""
        now = self.pages()
        self.put_back()
        if self.before is None:
            self.before = self.pages()
        return sorted(path for path, text in now.items() if self.before.get(path) != text)

    def standing(self) -> Standing:
        with self.app.app_context(), db.engine.connect() as connection:
            revised = connection.execute(sa.select(PageRevision.__table__).order_by(sa.text("1"))).all()
            lines = connection.execute(sa.text("SELECT chain, lines FROM journal ORDER BY 1")).all()
            rows = {model.__name__: _hash(connection, model) for model in models()}
        return Standing(str(revised), str(lines), rows)


def _hash(connection: sa.Connection, model: type[Any]) -> str:
    """Of what public pages read of a table."""
    columns = [model.__table__.c[name] for name in model.shown_columns] or [model.__table__]
    text = connection.execute(sa.select(*columns).order_by(model.__table__.c.id)).all()
    return hashlib.sha256(repr(text).encode()).hexdigest()


@pytest.fixture
def year(played_year: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Year]:
    now = clock.now()
    monkeypatch.setattr("market.clock.now", lambda: now)
    with opened(played_year, tmp_path) as app:
        people = {audience: client_of(app, login) for audience, login in PEOPLE.items()}
        made = Year(app, known(app), tmp_path / "market.sqlite3", people, tmp_path / "kept.sqlite3")
        made.keep()
        yield made


# ── which acts there are ──────────────────────────────────────────────────────────────────────────────────


def forms_in(year: Year, state: str) -> Iterator[Pressed]:
    """Every form of every page that somebody may open while the market is in this state."""
    urls = year.app.url_map.bind("localhost")
    for rule in rules(year.app):
        policy = policy_of(year.app.view_functions[rule.endpoint])
        is_paper = "." in rule.rule.rpartition("/")[2] or rule.endpoint == "static"
        is_known = state != STATES[0] and "/days/<ref>" not in rule.rule  # it has nothing new to offer
        if policy is None or "GET" not in methods(rule) or is_paper or is_known:
            continue
        path = urls.build(rule.endpoint, year.refs.of(rule, state))
        for audience in policy.audiences:
            answer = year.people[audience].get(path, buffered=True)
            if answer.status_code == 200 and answer.mimetype == "text/html":
                page = answer.get_data(as_text=True)
                for form, choices in zip(forms_of(page), Choices(page).found, strict=True):
                    yield from _acts(urls, form, choices, path, audience, state)


class Choices(HTMLParser):
    """What each form of a page offers to choose from: the first choice that is one, by field."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[dict[str, str]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append({})
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self.found and given.get("value"):
            self.found[-1].setdefault(self._select, given["value"])
        elif tag == "input" and given.get("type") in ("radio", "checkbox") and self.found:
            self.found[-1].setdefault(given.get("name", ""), given.get("value", "on"))


def _acts(
    urls: Any, form: Form, choices: dict[str, str], path: str, audience: Audience, state: str
) -> Iterator[Pressed]:
    if form.method != "POST":
        return
    address = form.action or path
    try:
        rule, _values = urls.match(address.partition("?")[0], method="POST", return_rule=True)
    except MethodNotAllowed:
        return  # its buttons have addresses of their own
    if rule.endpoint not in LEAVING:
        buttons = form.buttons or [("", "", "")]
        for button in buttons:
            yield Pressed(rule, audience, address, _filled(form, {}, button), state)
        yield Pressed(rule, audience, address, _filled(form, choices, buttons[-1]), state)


def _filled(form: Form, choices: dict[str, str], button: tuple[str, str, str]) -> dict[str, Any]:
    """The form as it is offered, with something typed where nothing stands."""
    typed = {
        name: [TYPED[name.rpartition("-")[2]]]
        for name, values in form.fields.items()
        if not "".join(values).strip() and name.rpartition("-")[2] in TYPED
    }
    altered = {
        name: [TYPED[name.rpartition("-")[2]]] for name in form.fields if name.rpartition("-")[2] in ALTERED
    }
    chosen = {name: [value] for name, value in choices.items() if not any(form.fields.get(name, ()))}
    _label, name, value = button
    return {**form.fields, **typed, **chosen, **altered, **({name: [value]} if name else {})}


def acts_in(year: Year, state: str, done: set[str]) -> Iterator[Pressed]:
    """Some forms for each address that has not led on yet."""
    offered: dict[str, list[Pressed]] = {}
    for act in forms_in(year, state):
        if act.rule.rule not in done:
            offered.setdefault(act.rule.rule, []).append(act)
    by_hand = {act.rule: act for act in ACTS if act.state == state}
    for rule in rules(year.app):
        known_act = by_hand.get(rule.rule)
        if known_act is not None and "POST" in methods(rule) and rule.rule not in done:
            path = year.app.url_map.bind("localhost").build(
                rule.endpoint, year.refs.of(rule, state), method="POST"
            )
            yield Pressed(rule, known_act.audience, path, dict(known_act.form), state)
        yield from _some(offered.get(rule.rule, []))


def _some(acts: list[Pressed]) -> list[Pressed]:
    """The first ones and the last one: those offer different things."""
    return [*acts[: TRIED - 1], *acts[TRIED - 1 :][-1:]]


# ── what each of them does ────────────────────────────────────────────────────────────────────────────────


class Effect(NamedTuple):
    """What an act did to the pages."""

    word: str
    changed: tuple[str, ...]
    """Marked tables of which pages could read something else."""
    stale: tuple[str, ...] = ()
    """Pages that would be shown as they were."""


def effect_of(year: Year, act: Pressed) -> Effect | None:
    """Presses, looks, and puts the year back; None when the act did not lead on."""
    before = year.standing()
    answer = year.people[act.audience].post(act.path, data=act.data, buffered=True)
    if answer.status_code not in LED_ON:
        return None
    after = year.standing()
    changed = tuple(name for name in after.rows if after.rows[name] != before.rows[name])
    if answer.status_code == 200 and after == before:
        return None
    if after.revisions != before.revisions:
        year.put_back()
        return Effect("raised", changed)
    stale = year.stale_after() if changed else []
    year.put_back()
    return Effect("still", changed, tuple(stale))


def effects(year: Year) -> dict[str, Effect]:
    """By address, of every act that leads on in some state of the market."""
    found: dict[str, Effect] = {}
    asker = Asker(year.app, year.refs)
    untouched = year.kept.with_name("untouched.sqlite3")
    shutil.copy(year.kept, untouched)
    for state in (*STATES, *TURNED):
        asker._turn(state, state, 0)
        year.keep()
        for act in acts_in(year, state, set(found)):
            if act.rule.rule not in found:
                effect = effect_of(year, act)
                if effect is not None:
                    found[act.rule.rule] = effect
        shutil.copy(untouched, year.kept)
        year.put_back()
    return found


def post_rules(app: Flask) -> list[str]:
    return sorted({rule.rule for rule in rules(app) if "POST" in methods(rule)})


def test_after_each_act_no_page_is_old_and_what_shows_nothing_leaves_them(year: Year) -> None:
    found = effects(year)
    assert {rule: effect.stale for rule, effect in found.items() if effect.stale} == {}
    needless = {rule for rule, effect in found.items() if effect.word == "raised" and not effect.changed}
    assert needless == NEEDLESS
    assert {rule for rule in found if rule.startswith("/gate/") and found[rule].word != "still"} == set()
    lines = [f"{found[rule].word if rule in found else 'refused':8} {rule}" for rule in post_rules(year.app)]
    if os.environ.get("REVISIONS") == "write":
        FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert FILE.read_text(encoding="utf-8").splitlines() == lines, REGENERATE
    assert len(found) >= 80


def test_without_the_mark_an_act_would_leave_pages_old(year: Year) -> None:
    """The control: a unit of work that raises nothing."""
    year.app.extensions["before_commit"].remove(revisions.raise_revisions)
    tried = (act for act in acts_in(year, "published", set()) if act.rule.rule.endswith("/call-off"))
    effect = next(effect for act in tried if (effect := effect_of(year, act)) is not None)
    assert effect.stale
