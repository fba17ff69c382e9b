"""The questions of residents, in their own words, asked of the demo's next market through its page.

`questions.csv` was written in six parts: the first hundred before there was an engine, the others one after
the other; each was asked before anything was changed for it (100, 83, 93, 70, 80 and 85 of a hundred).
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.demo_year import OURS, client_of

FILE = Path(__file__).with_name("questions.csv")
LEAST_RIGHT = 0.95
NOT_HERE = "-"
ROW = re.compile(r'<span class="stallno">(.*?)</span>\s*<span class="body">\s*<strong>(.*?)</strong>')


class Question(NamedTuple):
    """What somebody asks, and which stalls are right; `-`: none is there, it can be asked for."""

    part: str
    kind: str
    text: str
    right: tuple[frozenset[str], ...]
    """For each thing that is asked for."""


def questions() -> Iterator[Question]:
    with FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            right = tuple(frozenset(names.split("|")) for names in row["right"].split("&"))
            yield Question(row["part"], row["kind"], row["question"], right)


@pytest.fixture(scope="module")
def resident(year_app: Flask) -> FlaskClient:
    return client_of(year_app, None)


def led_to(client: FlaskClient, question: str) -> list[str]:
    """The first stall of each answer, `-` where the page says that it can be asked for here."""
    page = client.get(f"/c/{OURS}/find?q={quote(question)}").text
    answers = page.partition('id="on-the-plan"')[0].split('<div class="answer')[1:]
    return [_first_of(answer, can_ask='id="ask"' in page) for answer in answers]


def _first_of(answer: str, *, can_ask: bool) -> str:
    rows = [html.unescape(name) for _stall, name in ROW.findall(answer)]
    if rows:
        return rows[0]
    return NOT_HERE if can_ask and "没有" in answer else "nothing"


def is_right(led: list[str], right: tuple[frozenset[str], ...]) -> bool:
    return len(led) == len(right) and all(name in names for name, names in zip(led, right, strict=True))


def test_the_table_has_all_kinds_of_questions() -> None:
    known = list(questions())
    assert len(known) >= 200
    assert len({question.text for question in known}) == len(known)
    assert {question.kind for question in known} == {
        "goods", "services", "nickname", "pinyin", "slip", "half", "two",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("part", ["1", "2", "3", "4", "5", "6"])
def test_questions_lead_to_the_right_stall_or_to_asking_for_it(resident: FlaskClient, part: str) -> None:
    known = [question for question in questions() if question.part == part]
    wrong = [
        (question.text, led)
        for question in known
        if not is_right(led := led_to(resident, question.text), question.right)
    ]
    print(part, f"{len(known) - len(wrong)} of {len(known)}", wrong)  # noqa: T201 - shown by pytest -rP
    assert len(wrong) <= len(known) * (1 - LEAST_RIGHT)


def test_an_answer_that_leads_elsewhere_would_be_seen(resident: FlaskClient) -> None:
    assert led_to(resident, "理发") == ["老顾理发"]
    assert led_to(resident, "弹钢琴") == [NOT_HERE]
    assert led_to(resident, "？？") == []
    assert led_to(resident, "剪头和磨刀") == ["老顾理发", "磨剪子戗菜刀"]
    assert not is_right(["老顾理发"], (frozenset({"老顾理发"}), frozenset({NOT_HERE})))
