"""What people type and paste: one folding, for every field of every form and for every search."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from datetime import date, time
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, SelectMultipleField
from wtforms.csrf.core import CSRFTokenField

from market import typed_text
from market.app import ROOMS
from market.config import ROOT
from market.forms import (
    CountField,
    DayField,
    FigureField,
    HourField,
    KilowattField,
    LongTextField,
    MarketForm,
    PastedField,
    SecretField,
    TextField,
    WallTimeField,
    WattField,
    YuanField,
)
from market.people.rules import tidy_login
from market.places.forms import MetreField
from market.print import printable
from market.settlement.forms import PercentField
from market.stalls.forms import rules_form, votes_form, weights_form
from market.stalls.short_code import code_of, parse_code
from market.vendors.numbers import is_credit_code, normal_phone, normal_plate

# ── every form, every field ───────────────────────────────────────────────────────────────────────────────

MADE = (rules_form("AB"), votes_form(), weights_form())
"""Forms whose fields depend on something else."""

CHOSEN = (BooleanField, CSRFTokenField, HiddenField, RadioField, SelectField, SelectMultipleField)
"""Fields in which nobody types."""

TYPED: dict[type[Field], tuple[str, Callable[[Any], object], object]] = {
    TextField: ("老张·豆浆", lambda field: field.data, "老张·豆浆"),
    LongTextField: ("一行\r\n两行", lambda field: field.data, "一行\n两行"),
    PastedField: ("A01\t８８\r\nA02\t９０", lambda field: field.data, "A01\t８８\nA02\t９０"),
    FigureField: ("１，２００", lambda field: typed_text.whole_number(field.data), 1_200),
    YuanField: ("￥１，１６０．５元", lambda field: field.fen, 116_050),
    KilowattField: ("１．５千瓦", lambda field: field.watts, 1_500),
    MetreField: ("２．５米", lambda field: field.dm, 25),
    PercentField: ("２．５％", lambda field: field.basis_points, 250),
    CountField: ("１２", lambda field: field.data, 12),
    WattField: ("３千瓦", lambda field: field.data, 3_000),
    DayField: ("２０２６／１１／５", lambda field: field.data, date(2026, 11, 5)),
    WallTimeField: ("２０２６－１１－２０ １８：００", lambda field: str(field.data), "2026-11-20 18:00:00"),
    HourField: ("８：３０", lambda field: field.data, time(8, 30)),
}
"""Kind of field → what is typed, how it is read, what it means."""

MARKS = ("\u202d{}\u202c", "\u2068{}\u2069", "\ufeff{}", "{}\u200b", "\u200e{}\u200f", " {}\u3000")
"""What phones and pages put around a copied text."""


def every_form() -> Iterator[type[MarketForm]]:
    """Each class of a form that anybody may meet."""
    for room in ROOMS:
        if (ROOT / "market" / room / "forms.py").exists():
            module = importlib.import_module(f"market.{room}.forms")
            for _name, found in inspect.getmembers(module, inspect.isclass):
                if issubclass(found, MarketForm) and found.__module__ == module.__name__:
                    yield found
    yield from MADE


@pytest.fixture
def request_of(app: Flask) -> Iterator[None]:
    app.config["WTF_CSRF_ENABLED"] = False
    with app.test_request_context("/", method="POST"):
        yield


@pytest.mark.usefixtures("request_of")
def test_every_field_of_every_form_folds_what_is_typed() -> None:
    """A field of a library's own would read `１．５` in its own way: every field must be one of ours."""
    wrong, seen = [], 0
    for form_class in every_form():
        for field in form_class(formdata=None):
            if isinstance(field, (*CHOSEN, SecretField)):
                continue
            seen += 1
            if type(field) not in TYPED and not isinstance(field, MetreField):
                wrong.append(f"{form_class.__name__}.{field.name} is a {field.type}")
                continue
            kind = next(kind for kind in type(field).__mro__ if kind in TYPED)
            typed, read, meant = TYPED[kind]
            for mark in MARKS:
                form = form_class(MultiDict({field.name: mark.format(typed)}))
                form[field.name].validate(form)
                if read(form[field.name]) != meant:
                    wrong.append(f"{form_class.__name__}.{field.name}: {mark!r} {read(form[field.name])!r}")
    assert wrong == []
    assert seen > 60


@pytest.mark.usefixtures("request_of")
def test_also_what_is_chosen_loses_its_marks_and_a_password_keeps_everything() -> None:
    class Form(MarketForm):
        hidden = HiddenField()
        password = SecretField()

    form = Form(MultiDict({"hidden": "\u202dabc\u202c", "password": " \u202da\u202c "}))
    assert (form.hidden.data, form.password.text) == ("abc", " \u202da\u202c ")


# ── money: every field of every form × what a paste brings ────────────────────────────────────────────────

ONE_AMOUNT = {
    "1,160": 116_000, "1，160": 116_000, "¥1,160.50": 116_050, "８８元": 8_800, "900.5": 90_050,
    "880\r\n": 88_000, "\t880": 88_000, "\u202d880\u202c": 88_000, "880 块钱": 88_000,
}  # fmt: skip
SEVERAL = (
    "880\r\n540\r\n770", "880\n540", "880\r540", "880\t540", "186\t2", "880 540 770", "1 160",
    "880\u2028540", "880\u00a0540", "880\u3000540", "880元 540元", "¥880\t¥540", "880\v540", "880\x85540",
    "880、540",
)  # fmt: skip


def fen_of(field: Field) -> int | None:
    assert isinstance(field, YuanField)
    return field.fen


@pytest.mark.usefixtures("request_of")
def test_no_money_field_of_any_form_makes_one_amount_of_several() -> None:
    fields = [(form, field.name) for form in every_form() for field in form(formdata=None)
              if isinstance(field, YuanField)]  # fmt: skip
    assert len(fields) >= 6
    for form_class, name in fields:
        for typed, fen in ONE_AMOUNT.items():
            form = form_class(MultiDict({name: typed}))
            form[name].validate(form)
            assert fen_of(form[name]) == fen, (form_class.__name__, name, typed)
        for typed in SEVERAL:
            form = form_class(MultiDict({name: typed}))
            assert not form[name].validate(form), (form_class.__name__, name, typed)
            assert fen_of(form[name]) is None


@pytest.mark.usefixtures("request_of")
def test_every_form_that_takes_takings_can_be_told_that_an_odd_figure_is_meant() -> None:
    """What is far from usual is asked about once, wherever it is typed."""
    told = {
        form_class.__name__: {field.name for field in form_class(formdata=None)}
        for form_class in every_form()
    }
    typing = {name: names for name, names in told.items() if names & {"takings", "only"}}
    assert len(typing) >= 3
    assert [name for name, names in typing.items() if "sure" not in names] == []


# ── what the font of our papers lacks ─────────────────────────────────────────────────────────────────────


def unprinted(field: Field) -> str:
    assert isinstance(field, TextField)
    return field.unprinted


EMOJI, RARE = "\U0001f9e7", "\U00031ede"


@pytest.mark.usefixtures("request_of")
def test_letters_that_no_paper_can_show_are_asked_about_once_in_every_printed_field() -> None:
    fields = [(form, field.name) for form in every_form() for field in form(formdata=None)
              if isinstance(field, TextField) and field.printed]  # fmt: skip
    assert len(fields) >= 20
    for form_class, name in fields:
        typed = f"老{RARE}豆浆{EMOJI}"
        asked = form_class(MultiDict({name: typed}))
        assert not asked[name].validate(asked), (form_class.__name__, name)
        assert unprinted(asked[name]) == RARE + EMOJI
        ticked = form_class(MultiDict({name: typed, f"unprinted-{name}": RARE + EMOJI}))
        ticked[name].validate(ticked)
        assert not unprinted(ticked[name])
        known = form_class(MultiDict({name: typed}))
        known.known_before({name: typed})
        known[name].validate(known)
        assert not unprinted(known[name])
        other = form_class(MultiDict({name: "😀", f"unprinted-{name}": EMOJI}))
        assert not other[name].validate(other)


@pytest.mark.usefixtures("request_of")
@pytest.mark.parametrize("number", ["13812345678", "138 1234 5678", "１３８-1234-5678", "37030319600101123X"])
def test_what_is_published_for_good_holds_nobodys_number(number: str) -> None:
    fields = [(form, field.name) for form in every_form() for field in form(formdata=None)
              if isinstance(field, TextField) and field.public]  # fmt: skip
    assert len(fields) >= 9
    for form_class, name in fields:
        form = form_class(MultiDict({name: f"找 {number} 问"}))
        assert not form[name].validate(form), (form_class.__name__, name)


@given(st.text(max_size=20).filter(lambda text: "+" not in text))
def test_no_paper_shows_a_number_for_a_letter(text: str) -> None:
    assert "U+" not in printable(text)


# ── what is kept ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "line", "several"),
    [
        (" 老张 ", "老张", "老张"),
        ("a\x00b\x1bc", "abc", "abc"),
        ("一行\r\n两行\n", "一行 两行", "一行\n两行"),
        ("一格\t两格", "一格 两格", "一格 两格"),
        ("一\u2028二", "一 二", "一\n二"),
        ("\u3000老张\u3000", "老张", "老张"),
        ("老\u200b张\ufeff\u3164", "老张", "老张"),
        ("e\u0301", "é", "é"),
        ("（全角）１号，", "（全角）１号，", "（全角）１号，"),
        ("", "", ""),
    ],
)
def test_what_nobody_sees_goes_and_what_is_seen_stays(typed: str, line: str, several: str) -> None:
    assert typed_text.one_line(typed) == line
    assert typed_text.lines(typed) == several


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    for fold in (typed_text.one_line, typed_text.lines, typed_text.cells, typed_text.search_key):
        assert fold(fold(text)) == fold(text)


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────

KILOWATTS = {"": 1000, "千瓦": 1000, "瓦": 1, "kw": 1000, "w": 1}


@pytest.mark.parametrize(
    ("typed", "watts"),
    [
        ("1.5", 1_500),
        ("１．５", 1_500),
        ("1.5 千瓦", 1_500),
        ("1.5kW", 1_500),
        ("1500瓦", 1_500),
        ("1,500 W", 1_500),
        (".5", 500),
        ("0", 0),
        ("1_0", None),
        ("1e1", None),
        ("nan", None),
        ("-1", None),
        ("1\t5", None),
        ("1 5", None),
        ("", None),
        (".", None),
        ("千瓦", None),
        ("٣", None),
    ],
)
def test_a_number_is_read_with_its_unit_or_not_at_all(typed: str, watts: int | None) -> None:
    assert typed_text.scaled(typed, KILOWATTS) == watts


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("20", 20),
        ("２０件", 20),
        ("1，200", 1_200),
        ("20.0", None),
        ("1_0", None),
        ("2 3", None),
        ("", None),
    ],
)
def test_a_whole_number_is_whole(typed: str, number: int | None) -> None:
    assert typed_text.whole_number(typed, ("件",)) == number


@pytest.mark.parametrize(
    ("typed", "hour"),
    [
        ("8:00", (8, 0)),
        ("８：３０", (8, 30)),
        ("8点半", (8, 30)),
        ("8点", (8, 0)),
        ("8时05分", (8, 5)),
        ("712", (7, 12)),
        ("0712", (7, 12)),
        ("00:30", (0, 30)),
        ("24:00", (24, 0)),
        ("24:01", None),
        ("25:00", None),
        ("7:60", None),
        ("8", None),
        ("七点", None),
    ],
)
def test_an_hour_is_read_as_people_write_it(typed: str, hour: tuple[int, int] | None) -> None:
    assert typed_text.hour_of(typed) == hour


# ── searching, and what is no field of a form ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", True),
        ("豆", True),
        ("Ａ０１", True),
        ("ａ01 豆腐", True),
        ("COFFEE 万家", True),
        ("豆\u200b腐", True),
        ("豆浆", False),
        ("豆腐 A02", False),
        ("买买提•吐", True),
        ("买买提・吐尔逊", True),
        ("买买提吐", True),
    ],
)
def test_a_search_finds_words_whatever_their_case_width_and_dots(query: str, found: bool) -> None:
    assert typed_text.matches(query, ("A01", "万家豆制品", "豆腐、coffee", "买买提·吐尔逊")) is found


@pytest.mark.parametrize("mark", MARKS)
def test_numbers_of_people_and_things_are_read_through_every_mark(mark: str) -> None:
    assert normal_phone(mark.format("139 1111-0002")) == "13911110002"
    assert normal_phone(mark.format("+86 １３９１１１１０００２")) == "13911110002"
    assert normal_plate(mark.format("鲁c•123 45")) == "鲁C12345"
    assert is_credit_code(mark.format("91350100M000100Y43"))
    assert tidy_login(mark.format("139 1111‑0002")) == "13911110002"
    assert parse_code(mark.format(code_of(7).lower())) == code_of(7)
