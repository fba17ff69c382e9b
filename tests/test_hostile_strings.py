"""Hostile strings in every text field, and then on every page, feed, paper and workbook.

Nothing runs, nothing breaks, and what was taken is shown as it was typed.

The default run takes every field with a chosen part of the strings, and every address with one string in each
text column. Marked slow, in the same suite: every field with all of them, and every address again and again
until each string stood in each column.
"""

from __future__ import annotations

import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import html5lib
import openpyxl
import pytest
import sqlalchemy as sa
import vobject
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from wtforms import Field

from market import typed_text
from market.access import KEY_HOLDERS, Audience, policy_of
from market.app import create_app
from market.config import ROOT
from market.db import db
from market.forms import LongTextField, MarketForm, TextField
from tests.demo_year import OURS, _settings, client_of, rules, samples
from tests.hostile.strings import chosen, everything
from tests.parts import pdf
from tests.test_junk import LOGINS
from tests.test_typed_text import every_form

# ── fields ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def request_of(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context("/", method="POST"):
        yield


def fields() -> list[tuple[type[MarketForm], str]]:
    """Every field of every form in which somebody types words."""
    return [
        (form_class, field.name)
        for form_class in every_form()
        for field in form_class(formdata=None)
        if isinstance(field, TextField | LongTextField)
    ]


def wrong_in(strings: list[str]) -> list[str]:
    """What a field neither takes as it was typed nor refuses with a sentence."""
    found = []
    for form_class, name in fields():
        for text in strings:
            form = form_class(MultiDict({name: text}))
            field = form[name]
            field.validate(form)
            said = [str(sentence) for sentence in field.errors]
            if any(not sentence.strip() for sentence in said) or not (said or kept(field, text)):
                found.append(f"{form_class.__name__}.{name}: {text!r} became {field.data!r}")
    return found


def kept(field: Field, text: str) -> bool:
    """Whether the field holds what was typed, but for what nobody sees."""
    data: str = field.data or ""
    folded = (
        typed_text.one_line(text),
        typed_text.lines(text),
        typed_text.plain(text),
        typed_text.cells(text),
    )
    same = data in folded or typed_text.search_key(data) == typed_text.search_key(text)
    return same and not UNSEEN.search(data)


UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters, which no database and no file should hold."""


@pytest.mark.usefixtures("request_of")
def test_every_text_field_takes_or_refuses_what_is_chosen() -> None:
    assert len(fields()) > 60
    assert wrong_in(chosen()) == []


@pytest.mark.slow
@pytest.mark.usefixtures("request_of")
def test_every_text_field_takes_or_refuses_each_of_them() -> None:
    assert len(everything()) > 500
    assert wrong_in(everything()) == []


# ── everything that is answered ───────────────────────────────────────────────────────────────────────────

NOT_TYPED = re.compile(
    r"(?:^|_)(?:ref|hash|sha256|salt|key|secret|slug|code|login|zone|profile|phone|network|act|kind|source|month|"
    r"account|dimension|method|wording|id|mark|claim|subject|seed|batch|journal|said|label|item|address_of|answer|needs)$"
    r"|^object_|^seed|^(?:entrance|robot_tail|email|address|sms_sign|reply_to|device|about)$"
    r"|^(?:prefix|rights|events|url)$"
)
"""Columns that nobody fills with words: made by the program, or read by a rule that lets few through."""
TABLES_NOT_TYPED = frozenset({
    "outgoing", "audit_row", "form_use", "posting", "kept_sum", "plan_run", "draw", "hook_delivery",
    "call_share", "kept_answer",
})  # fmt: skip


def typed_columns() -> list[tuple[str, str, int]]:
    """Table, column and room of all that people typed."""
    return [
        (table.name, column.name, column.type.length or 400)
        for table in db.metadata.sorted_tables
        if table.name not in TABLES_NOT_TYPED
        for column in table.columns
        if type(column.type) is sa.String and not NOT_TYPED.search(column.name)
    ] + [("venue", "address", 120)]


def made_hostile(database: Path, turn: int) -> None:
    """Puts another string into each row of each of these columns; the guards of the book look away."""
    strings = [stored for text in everything() if (stored := typed_text.one_line(text))]
    with sqlite3.connect(database) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for number, (table, column, room) in enumerate(typed_columns()):
            for row, (rowid,) in enumerate(connection.execute(f'SELECT rowid FROM "{table}"').fetchall()):
                text = strings[(turn * 37 + number * 7 + row) % len(strings)][:room]
                connection.execute(
                    f'UPDATE OR IGNORE "{table}" SET "{column}" = ? WHERE rowid = ?', (text, rowid)
                )
    connection.close()


@pytest.fixture
def hostile(played_year: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The demo year with hostile words wherever somebody typed."""
    database = tmp_path / "market.sqlite3"
    database.write_bytes(played_year.read_bytes())
    made_hostile(database, getattr(request, "param", 0))
    app = create_app(_settings(tmp_path))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def addresses(app: Flask, *audiences: Audience) -> Iterator[tuple[str | None, str]]:
    """Every address that may be read, with who reads it."""
    with app.app_context():
        known = samples()
    adapter = app.url_map.bind("127.0.0.1")
    for rule in rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        if "GET" not in (rule.methods or ()) or policy is None or policy.audiences[0] not in audiences:
            continue
        if rule.endpoint in UNREAD:
            continue
        given = known.of(rule) | ({"slug": OURS} if "slug" in rule.arguments else {})
        for form in (
            ("ics", "atom", "json")
            if "any(ics" in rule.rule
            else ("atom", "json")
            if "any(atom" in rule.rule
            else ("",)
        ):
            values = (
                given
                | ({"form": form} if form else {})
                | ({"kind": "haircut"} if "kinds" in rule.rule else {})
            )
            if "page" in rule.arguments:
                values["page"] = "calendar"
            with app.test_request_context():
                yield LOGINS.get(policy.audiences[0]), adapter.build(rule.endpoint, values)


FORMS = ("atom", "json")
UNREAD = frozenset({"static", "layout.preferences", "gate.door_worker"})
"""Files of ours, and what only leads on."""


@cache
def our_tags() -> frozenset[str]:
    """The elements that our templates are made of."""
    written = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    return frozenset(re.findall(r"<([a-z][a-z0-9]*)", written)) | {
        "tbody",
        "path",
        "rect",
        "g",
        "text",
        "svg",
    }


def faults(answer: TestResponse, address: str) -> Iterator[str]:
    """What is wrong with an answer that somebody's words stand in."""
    if answer.status_code >= 500:
        yield f"{address}: {answer.status}"
    elif answer.status_code == 200:
        read = READERS.get(answer.mimetype or "")
        try:
            yield from (f"{address}: {fault}" for fault in (read(answer.data) if read else ()))
        except Exception as broken:  # whatever the reader says, the answer cannot be read
            yield f"{address}: {broken!r}"[:300]


RUNS = re.compile(r"\s*(?:javascript|vbscript|data:text)", re.I)


def of_page(body: bytes) -> Iterator[str]:
    for element in html5lib.parse(body, namespaceHTMLElements=False).iter():
        if not isinstance(element.tag, str):
            continue
        tag = element.tag.rpartition("}")[2].lower()
        if tag not in our_tags():
            yield f"an element <{tag}>"
        if tag == "script" and not element.get("src") and "json" not in element.get("type", ""):
            yield "a script"
        for name, value in element.attrib.items():
            if str(name).lower().startswith("on") or str(name) == "style":
                yield f"an attribute {name}"
            if name in ("href", "src", "action") and re.match(
                r"\s*(?:javascript|data:text|vbscript)", str(value), re.I
            ):
                yield f"a link to {value}"


def of_pdf(body: bytes) -> Iterator[str]:
    pages = pdf.page_count(body)
    if not pages:
        yield "no page"
    for page in range(1, pages + 1):
        pdf.text("pdfium", body, page)


def of_workbook(body: bytes) -> Iterator[str]:
    for sheet in openpyxl.load_workbook(BytesIO(body)):
        for row in sheet.iter_rows():
            yield from (
                f"a formula in {cell.coordinate}"
                for cell in row
                if cell.data_type == "f" and _from_words(cell.value)
            )


def _from_words(formula: object) -> bool:
    return not re.fullmatch(r"=(?:SUM|SUBTOTAL|COUNT)\([A-Z0-9:$,]+\)", str(formula))


def of_table(body: bytes) -> Iterator[str]:
    for line in body.decode("utf-8-sig").splitlines():
        if re.search(r"(?:^|,)\"?[=@]", line):
            yield f"a formula: {line[:60]}"


def of_calendar(body: bytes) -> Iterator[str]:
    if not list(vobject.readComponents(body.decode())):
        yield "no calendar"


def of_xml(body: bytes) -> Iterator[str]:
    etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    yield from ()


def of_json(body: bytes) -> Iterator[str]:
    json.loads(body)
    yield from ()


def of_zip(body: bytes) -> Iterator[str]:
    with zipfile.ZipFile(BytesIO(body)) as archive:
        bad = archive.testzip()
        if bad or any(name.startswith(("/", "..")) or "\\" in name for name in archive.namelist()):
            yield f"a name in the archive: {archive.namelist()}"


READERS = {
    "text/html": of_page,
    "application/pdf": of_pdf,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": of_workbook,
    "text/csv": of_table,
    "text/calendar": of_calendar,
    "application/atom+xml": of_xml,
    "application/xml": of_xml,
    "application/feed+json": of_json,
    "application/json": of_json,
    "application/zip": of_zip,
}

EVERYBODY = tuple(audience for audience in LOGINS if (audience,) not in KEY_HOLDERS)


def found_in(app: Flask, *audiences: Audience) -> tuple[int, list[str]]:
    """How many addresses gave something to read, and what was wrong."""
    clients: dict[str | None, FlaskClient] = {}
    wrong: list[str] = []
    read = 0
    for login, address in addresses(app, *audiences):
        client = clients.setdefault(login, client_of(app, login))
        answer = client.get(address)
        wrong += faults(answer, address)
        read += answer.status_code == 200
    return read, sorted(set(wrong))


def test_nothing_that_everybody_reads_runs_or_breaks(hostile: Flask) -> None:
    read, wrong = found_in(hostile, Audience.PUBLIC)
    assert wrong == []
    assert read > 40


@pytest.mark.slow
def test_nothing_that_anybody_reads_runs_or_breaks(hostile: Flask) -> None:
    read, wrong = found_in(hostile, *EVERYBODY)
    assert wrong == []
    assert read > 150


@pytest.mark.slow
@pytest.mark.parametrize("hostile", range(1, 15), indirect=True)
def test_nothing_that_everybody_reads_breaks_with_any_of_them(hostile: Flask) -> None:
    """Each turn moves every string to other rows and columns."""
    assert found_in(hostile, Audience.PUBLIC)[1] == []


@pytest.mark.parametrize(
    "body",
    [
        "<p><script>hit()</script>", "<p onclick=hit()>", '<a href=" JavaScript:hit()">', "<blink>",
        "<p style='x'>", "<a href='data:text/html,x'>",
    ],
)  # fmt: skip
def test_what_would_run_would_be_seen(body: str) -> None:
    assert list(of_page(f"<!doctype html><title>x</title>{body}".encode())) != []


def test_a_formula_and_a_broken_feed_would_be_seen() -> None:
    book, out = openpyxl.Workbook(), BytesIO()
    book.active["A1"] = "=HYPERLINK(1)"  # type: ignore[index]  # a new workbook has a sheet
    book.save(out)
    assert list(of_workbook(out.getvalue())) == ["a formula in A1"]
    assert list(of_table(b"a,b\n1,=1+1\n")) != []
    with pytest.raises(etree.XMLSyntaxError):
        list(of_xml(b"<a>\x0b</a>"))


def test_what_is_searched_for_is_said_and_does_not_run(hostile: Flask) -> None:
    client = hostile.test_client()
    wrong: list[str] = []
    for text in chosen():
        for path in ("/find", f"/c/{OURS}/find"):
            address = f"{path}?q={quote(text, errors='surrogatepass')}"
            wrong += faults(client.get(address), address)
    assert wrong == []


def test_a_name_is_read_as_it_was_typed(hostile: Flask) -> None:
    """On the page of its market, which is where everybody looks."""
    with hostile.app_context():
        ref = samples().values["markets"]["ref"]
        query = sa.text(
            "SELECT v.trading_name FROM assignment a JOIN vendor v ON v.id = a.vendor_id"
            " JOIN market_day d ON d.id = a.day_id WHERE d.ref = :ref AND a.released_at IS NULL"
        )
        names = list(db.session.scalars(query, {"ref": ref}))
    page = html5lib.parse(
        hostile.test_client().get(f"/c/{OURS}/markets/{ref}").data, namespaceHTMLElements=False
    )
    read = [" ".join("".join(one.itertext()).split()) for one in page.iter("strong")]
    assert len(names) > 5
    assert [name for name in names if " ".join(name.split()) not in read] == []
