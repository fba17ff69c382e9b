"""By what public pages are kept: they are old when something that they show was written, and only then."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask, g
from flask.testing import FlaskClient

from market import clock, public_pages, revisions
from market.access import Audience, policy_of
from market.app import create_app
from market.calendar.models import MarketDay
from market.communities.models import Community, Region
from market.config import Settings
from market.db import Model, Shown, db, do_in_unit_of_work, unit_of_work
from market.gate.models import FootfallCount
from market.gate.rules import CountMethod
from market.people.models import User
from market.public_pages import KEEP, READERS, SHOWN, Look, PublicPages
from market.reports.zipped import belongs
from market.revisions import JOURNAL_TABLES, kept_by, looker, shown_tables, tables_in
from tests.cast import Cast
from tests.conftest import both_engines
from tests.demo_year import OURS, SECRET, THEIRS, client_of, rules
from tests.test_public_pages import ask, with_cookie
from tests.test_statements import ACTS, PEOPLE, STATES, Act, Asker, Known, known, methods

pytestmark = pytest.mark.own_app

KEPT_AS_FILES = {"fund.bundle", "fund.download"}
"""Made once for a state of the book and of what is public, and kept on the disk (`fund/files.py`)."""

OF_THE_RECORDS = {
    "fund.checkpoint", "fund.head", "fund.notice", "fund.page", "insight.one_page", "pages.poster",
    "pages.poster_picture", "stalls.allocation",
}  # fmt: skip
"""Pages that print where the records end: each line of the journal, a scan too, makes them new."""


OF_ANY = {
    "partner", "partner_service", "job_count", "charity_notice", "goods_lot", "goods_out",
    "goods_valuation",
}  # fmt: skip
"""Tables in which another community of the demo has rows before ours."""
NEVER_THE_SAME = {"fund.bundle", "fund.notice", "pages.month_sheet", "pages.poster", "vendors.registration"}
"""Files that say when they were made, and a form with a number of its own."""


class Page(NamedTuple):
    endpoint: str
    path: str


def pages_of(app: Flask, refs: Known) -> Iterator[Page]:
    """Every address under which residents find something of the demo community."""
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        public = policy is not None and policy.audiences == (Audience.PUBLIC,) and "GET" in methods(rule)
        if public and (rule.rule == "/" or rule.rule.startswith("/c/")):
            dated = "/markets/<ref>" in rule.rule
            for state in STATES if dated else STATES[:1]:
                with app.test_request_context():
                    yield Page(rule.endpoint, app.url_map.bind("").build(rule.endpoint, refs.of(rule, state)))


@pytest.fixture
def year(played_year: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The demo year with its kept pages, at a moment that stands still."""
    now = clock.now()
    monkeypatch.setattr("market.clock.now", lambda: now)
    shutil.copy(played_year, tmp_path / "market.sqlite3")
    app = create_app(Settings(instance=tmp_path, secret_key=SECRET, log_level="error", demo=True))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def fresh(app: Flask) -> FlaskClient:
    """Somebody who is never given a kept page."""
    client = app.test_client()
    client.application = Flask("past the kept pages")
    client.application.wsgi_app = partial(Flask.wsgi_app, app)  # type: ignore[method-assign]
    return client


# ── what pages read ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
def test_public_pages_read_nothing_that_is_not_marked(year: Flask) -> None:
    read: dict[str, set[str]] = {}

    def note(response: Any) -> Any:
        read["now"] = set(g.get("tables_read", ()))
        return response

    year.after_request_funcs[None].append(note)
    records = set()
    for page in pages_of(year, known(year)):
        if page.endpoint in KEPT_AS_FILES:
            continue
        fresh(year).get(page.path, buffered=True)
        assert kept_by(read["now"]) is not None, (page.path, read["now"] - shown_tables())
        if read["now"] & JOURNAL_TABLES:
            records.add(page.endpoint)
    assert records == OF_THE_RECORDS


def test_a_page_that_reads_what_is_not_marked_is_not_kept() -> None:
    assert kept_by({"market_day", "venue"}) == SHOWN
    assert kept_by({"market_day", "scan"}) is None


@pytest.mark.slow
def test_a_page_of_a_community_shows_nothing_of_another(year: Flask) -> None:
    with year.app_context():
        theirs = db.session.scalars(sa.select(Community.id).where(Community.slug == THEIRS)).one()
    loaded: list[Model] = []

    def note(row: Any, _context: Any) -> None:
        loaded.append(row)

    def owners() -> set[object]:
        return {getattr(row, "community_id", None) for row in loaded if isinstance(row, Shown)}

    sa.event.listen(Model, "load", note, propagate=True)
    try:
        for page in pages_of(year, known(year)):
            del loaded[:]
            with year.app_context():
                fresh(year).get(page.path, buffered=True)
                assert page.path == "/" or theirs not in owners(), page.path
    finally:
        sa.event.remove(Model, "load", note)


def test_a_column_is_no_table() -> None:
    assert tables_in("SELECT entry.journal AS entry_journal FROM entry JOIN book ON 1") == {"entry", "book"}


# ── what makes them old ───────────────────────────────────────────────────────────────────────────────────


def models() -> list[type[Shown]]:
    return sorted({m.class_ for m in Model.registry.mappers if issubclass(m.class_, Shown)}, key=str)


@pytest.mark.slow
def test_whatever_is_marked_belongs_to_a_community_or_to_everybody(year: Flask) -> None:
    with year.app_context():
        ours = db.session.scalars(sa.select(Community.id).where(Community.slug == OURS)).one()
        for model in models():
            table = str(sa.inspect(model).local_table)
            query = sa.select(model).order_by(sa.text("1")).limit(1)
            if table in OF_ANY:  # others have such rows before ours
                query = query.where(belongs(table, ours))
            row: Any = db.session.scalars(query).first()
            if row is not None:
                found = set(revisions._communities(revisions._owner(row)))
                assert found == {0 if model in (Region, User) else ours}, model


def act_for_real(app: Flask, refs: Known, act: Act) -> int:
    (rule,) = [rule for rule in rules(app) if rule.rule == act.rule and "POST" in methods(rule)]
    with app.test_request_context():
        path = app.url_map.bind("").build(rule.endpoint, refs.of(rule, act.state), method="POST")
    return client_of(app, PEOPLE[act.audience]).post(path, data=act.form, buffered=True).status_code


def old_pages(app: Flask, refs: Known) -> set[str]:
    """The pages that are not what they would be if they were made now."""
    found = set()
    for page in pages_of(app, refs):
        kept, new = app.test_client().get(page.path), fresh(app).get(page.path, buffered=True)
        if page.endpoint not in NEVER_THE_SAME and kept.data != new.data:
            found.add(page.path)
    return found


@pytest.mark.slow
def test_after_every_act_the_pages_show_it(year: Flask) -> None:
    refs = known(year)
    asker = Asker(year, refs)
    for act in ACTS:
        with asker._turned(act.state):
            assert old_pages(year, refs) == set(), act.rule
            assert act_for_real(year, refs, act) in (302, 303), act.rule
            assert old_pages(year, refs) == set(), act.rule


@pytest.mark.slow
def test_without_revisions_a_page_stays_as_it_was(year: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = known(year)
    (call_off,) = [act for act in ACTS if act.rule.endswith("call-off")]
    year.extensions["before_commit"].remove(revisions.raise_revisions)
    assert old_pages(year, refs) == set()
    assert act_for_real(year, refs, call_off) in (302, 303)
    assert old_pages(year, refs) != set()


@both_engines
def test_only_what_is_seen_of_a_community_moves_its_number(context: Flask, cast: Cast) -> None:
    look = looker(db.engine)
    ours, theirs, everybody = look("huaiyin"), look("songlin"), look(None)
    with unit_of_work():
        community = db.session.scalars(sa.select(Community).where(Community.slug == "huaiyin")).one()
        community.phone = "0533-7654321"
    assert look("huaiyin").shown != ours.shown
    assert look(None).shown != everybody.shown
    assert look("songlin").shown == theirs.shown
    ours = look("huaiyin")
    with unit_of_work():
        db.session.scalars(sa.select(User)).first().created_at = clock.now()  # type: ignore[union-attr]
    assert look("huaiyin") == ours
    with unit_of_work():
        db.session.scalars(sa.select(Region)).first().name = "另一个名字"  # type: ignore[union-attr]
    assert look("huaiyin").shown != ours.shown
    assert look("songlin").shown != theirs.shown


@both_engines
def test_what_is_written_without_being_loaded_counts_too(context: Flask, cast: Cast) -> None:
    look = looker(db.engine)
    ours, theirs = look("huaiyin"), look("songlin")
    with unit_of_work():
        db.session.execute(sa.text("UPDATE community SET phone = phone"))
    assert look("huaiyin").shown != ours.shown
    assert look("songlin").shown != theirs.shown
    theirs = look("songlin")
    with unit_of_work():
        ids = sa.select(Community.id).where(Community.slug == "huaiyin").scalar_subquery()
        db.session.execute(sa.update(MarketDay).where(MarketDay.community_id == ids).values(theme="换了"))
    assert look("songlin").shown == theirs.shown


def test_what_was_taken_back_moves_nothing(context: Flask, cast: Cast) -> None:
    look = looker(db.engine)
    before = look("huaiyin")

    def act() -> None:
        db.session.scalars(sa.select(Community)).first().phone = "1"  # type: ignore[union-attr]
        db.session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        do_in_unit_of_work(act)
    with unit_of_work():
        pass
    assert look("huaiyin") == before


def test_visits_are_seen_once_they_are_settled(year: Flask) -> None:
    with year.app_context():
        look, moved = looker(db.engine), {}
        for state in ("published", "settled"):
            day = db.session.scalars(sa.select(MarketDay).where(MarketDay.state == state)).first()
            assert day is not None
            before, by, at = look(OURS), db.session.scalars(sa.select(User.id)).first(), clock.now()
            with unit_of_work():
                count = FootfallCount(
                    day_id=day.id, entrance="?", slot=99, visits=1, method=CountMethod.CLICKER, counted_by=by,
                    counted_at=at,
                )  # fmt: skip
                db.session.add(count)
            moved[state] = look(OURS).shown != before.shown
    assert moved == {"published": False, "settled": True}


# ── looking, and making ───────────────────────────────────────────────────────────────────────────────────


def test_a_database_that_stands_still_is_not_asked(
    context: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = looker(db.engine)
    first, asked = look("huaiyin"), list[str]()
    watched: Any = look._data  # type: ignore[attr-defined]  # of the looks at SQLite
    true = watched.ask

    def note(query: str, *rest: Any) -> Any:
        asked.append(query)
        return true(query, *rest)

    monkeypatch.setattr(watched, "ask", note)
    assert [look("huaiyin") for _ in range(5)] == [first] * 5
    assert set(asked) == {"PRAGMA data_version"}


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_lost_connection_is_made_anew(context: Flask, cast: Cast) -> None:
    look: Any = looker(db.engine)
    first = look("huaiyin")
    look._connection.close()
    with pytest.raises(Exception, match="closed"):
        look("huaiyin")
    assert look("huaiyin") == first
    look.close()


@pytest.fixture
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are kept by the minute; a test that counts them must not run over its end."""
    monkeypatch.setattr(public_pages, "_minute", lambda: 0)


class Slow:
    """An application that makes a page while everybody waits, and counts how often."""

    def __init__(self) -> None:
        self.made = 0
        self.go = threading.Event()

    def __call__(self, _environ: Any, start_response: Any) -> list[bytes]:
        self.made += 1
        self.go.wait(5)
        start_response("200 OK", [(KEEP, SHOWN)])
        return [str(self.made).encode()]


def crowd(pages: PublicPages, size: int, path: str = "/") -> tuple[list[str], Callable[[], None]]:
    """Many who ask at once, and a way to wait for them."""
    answers: list[str] = []
    threads = [threading.Thread(target=lambda: answers.append(ask(pages, path).text)) for _ in range(size)]
    for thread in threads:
        thread.start()

    def join() -> None:
        for thread in threads:
            thread.join(10)

    return answers, join


@pytest.mark.usefixtures("one_minute")
def test_a_page_is_made_once_however_many_ask() -> None:
    app = Slow()
    answers, join = crowd(PublicPages(app, lambda _slug: Look("1", "1")), READERS)
    threading.Event().wait(0.2)
    app.go.set()
    join()
    assert (app.made, answers) == (1, ["1"] * READERS)


@pytest.mark.usefixtures("one_minute")
def test_readers_never_take_the_last_threads() -> None:
    """While all readers' threads wait, one more gets the page as it was, at once."""
    app, looks = Slow(), ["1"]
    pages = PublicPages(app, lambda _slug: Look(looks[0], "1"))
    app.go.set()
    assert ask(pages).text == "1"
    app.go.clear()
    looks[0] = "2"
    answers, join = crowd(pages, READERS)
    threading.Event().wait(0.2)
    assert ask(pages).text == "1"
    app.go.set()
    join()
    assert (app.made, answers) == (2, ["2"] * READERS)
    assert ask(pages).text == "2"


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_pages, "PATIENCE", 0.05)
    app = Slow()
    _answers, join = crowd(PublicPages(app, lambda _slug: Look("1", "1")), 2)
    threading.Event().wait(0.5)
    app.go.set()
    join()
    assert app.made == 2


def test_a_kept_page_is_served_under_its_own_preferences(app: Flask, cast: Cast) -> None:
    assert "data-elder" in with_cookie(app, "preferences=elder").text
