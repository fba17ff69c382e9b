"""English is complete: every sentence of the code has one, with the same blanks to fill in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import gettext, lazy_gettext

from market.config import ROOT
from market.counted import FORMS, choose_forms

FOLDER = ROOT / "market" / "translations"
MESSAGES = FOLDER / "en" / "LC_MESSAGES"
BLANK = re.compile(r"%\(\w+\)[sd]|\{\}")
HAN = re.compile(r"[\u3400-\u9fff]")


@cache
def english() -> Catalog:
    with (MESSAGES / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


@cache
def sentences() -> dict[str, str]:
    """Every Chinese sentence of code and templates, and a file it stands in."""
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel has types, this function has none
    found = extract_from_dir(ROOT, methods, options, directory_filter=_is_ours)
    return {str(message): file for file, _line, message, _comments, _context in found}


def _is_ours(folder: str) -> bool:
    return Path(folder).relative_to(ROOT).parts[0] in ("market", "templates")


def translated() -> Iterator[tuple[str, str]]:
    for message in english():
        if message.id:
            yield str(message.id), str(message.string)


def test_every_sentence_has_its_english() -> None:
    known = {chinese for chinese, text in translated() if text}
    silent = {sentence: file for sentence, file in sentences().items() if sentence not in known}
    assert silent == {}, f"`make messages`, write their English into {MESSAGES / 'messages.po'}, and again"


def test_no_english_is_left_of_sentences_that_are_gone() -> None:
    gone = {chinese for chinese, _text in translated()} - set(sentences())
    assert gone == set(), "`make messages` takes them out; what was only reworded takes its English along"


def test_english_fills_in_the_same_blanks() -> None:
    wrong = [
        (chinese, text)
        for chinese, text in translated()
        if sorted(BLANK.findall(chinese)) != sorted(BLANK.findall(text))
    ]
    assert wrong == []


def test_one_is_not_many() -> None:
    """Where a number that is counted stands before a word that has a form for one, both are there."""
    texts = [text for _chinese, text in translated()]
    forms = [form for text in texts for form in FORMS.findall(text)]
    numbers = "|".join({name for name, _one, _many in forms})
    many = "|".join({plural for _name, _one, plural in forms if re.fullmatch(r"[a-z]+s|people", plural)})
    bare = re.compile(rf"%\((?:{numbers})\)s (?:[a-z-]+ ){{0,2}}?(?:{many})\b(?!')")
    wrong = [text for text in texts if bare.search(FORMS.sub("", text)) and text not in NOT_COUNTED]
    assert len(forms) > 200
    assert wrong == []


NOT_COUNTED = {
    "Line %(n)s has letters that cannot be read. ",
    "Agree to all %(n)s with papers complete",
}
"""Where the number is a name, or the word behind it belongs to nothing that is counted."""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"n": 1, "m": 2}, "1 day, 2 people are"),
        ({"n": "1", "m": 1}, "1 day, 1 person is"),
        ({"n": 0, "m": "1,001"}, "0 days, 1,001 people are"),
    ],
)
def test_the_form_follows_its_number(values: dict[str, object], said: str) -> None:
    sentence = "%(n)s {n:day|days}, %(m)s {m:person|people} {m:is|are}"
    assert choose_forms(sentence, values) % values == said


def test_one_day_is_one_day_in_code_and_template(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": "preferences=en"}):
        assert gettext("%(n)s 个工作日", n=1) == "1 working day"
        assert str(lazy_gettext("%(n)s 个工作日", n=2)) == "2 working days"
        template = app.jinja_env.from_string('{{ _("%(n)s 个工作日", n=n) }}')
        assert [template.render(n=n) for n in (1, "<2>")] == ["1 working day", "&lt;2&gt; working days"]
    with app.test_request_context():
        assert gettext("%(n)s 个工作日", n=1) == "1 个工作日"


def test_english_is_english() -> None:
    assert [(chinese, text) for chinese, text in translated() if HAN.search(text)] == []


def test_what_is_shipped_was_compiled_from_what_is_written() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, english())
    assert (MESSAGES / "messages.mo").read_bytes() == compiled.getvalue(), "`make messages` compiles it"
