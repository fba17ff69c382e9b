"""What is spelt at once is what the encoder makes of it: every chain that exists depends on it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, strategies as st

from market.journal.rules import LineFacts, canonical, digest, digests_of, spelt_facts, spelt_line
from market.stored import mapping, spelt_moment

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(10**20), 10**20)
MOMENTS = st.datetimes(timezones=st.just(UTC))
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
DETAILS = st.dictionaries(TEXTS, JSON, max_size=4)
FACTS = st.dictionaries(TEXTS, st.none() | TEXTS, max_size=4)
LINES = st.builds(
    LineFacts, NUMBERS, NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS, st.none() | TEXTS, TEXTS, TEXTS,
    TEXTS, DETAILS, MOMENTS, FACTS,
)  # fmt: skip
VALUES = JSON | MOMENTS | st.dates() | st.binary(max_size=4) | st.lists(st.lists(MOMENTS | NUMBERS))


@given(LINES)
def test_a_line(line: LineFacts) -> None:
    assert spelt_line(line).encode() == canonical(line._asdict())


@given(FACTS)
def test_what_a_line_tells(facts: dict[str, str | None]) -> None:
    assert spelt_facts(facts).encode() == canonical(facts)


@given(st.dictionaries(TEXTS, VALUES, max_size=6))
def test_a_digest(row: dict[str, Any]) -> None:
    said = {name: value for name, value in row.items() if value is not None}
    assert digest(row) == hashlib.sha256(canonical(said)).hexdigest()[:32]
    assert digests_of(tuple(row))(tuple(row.values())) == digest(row)


def test_a_line_whose_detail_is_not_even_empty_differs() -> None:
    line = LineFacts(0, 1, None, None, None, "", "", "", {}, datetime(2026, 1, 2, tzinfo=UTC), {})
    forged: tuple[Any, ...] = (None, [], "", 0, False)
    for nothing in forged:
        assert spelt_line(line._replace(detail=nothing)) != spelt_line(line)


@given(MOMENTS)
def test_a_stored_moment(moment: datetime) -> None:
    spelt = moment.isoformat(timespec="microseconds")
    naive = moment.replace(tzinfo=None)
    assert spelt_moment(naive) == spelt
    assert spelt_moment(naive.isoformat(" ", "microseconds")) == spelt
    assert spelt_moment(naive.isoformat(" ")) == spelt


@given(DETAILS)
def test_a_stored_object(detail: dict[str, Any]) -> None:
    assert mapping(json.dumps(detail)) == detail
    assert mapping(" " + json.dumps(detail)) == detail
    assert mapping(detail) == detail
