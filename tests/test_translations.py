"""English is complete: every sentence of the code has one, with the same blanks to fill in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from market.config import ROOT

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


def test_english_is_english() -> None:
    assert [(chinese, text) for chinese, text in translated() if HAN.search(text)] == []


def test_what_is_shipped_was_compiled_from_what_is_written() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, english())
    assert (MESSAGES / "messages.mo").read_bytes() == compiled.getvalue(), "`make messages` compiles it"
