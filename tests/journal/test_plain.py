"""A line that is told at a glance has no fault when looked at closely, whatever was changed in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings, strategies as st

from market.journal.opening import OPENED
from market.journal.plain import plainly_told
from market.journal.rules import (
    ChainEnd,
    LineFacts,
    line_faults,
    line_hash,
    said_hash,
    shown_facts,
)
from market.journal.verification import _COLUMNS, _sealed

PUBLIC = frozenset({"entry"})
AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
ENTRY: dict[str, str | None] = {"entry:abc": "0" * 32}
VOTE: dict[str, str | None] = {"vote:17": "1" * 32}
TOLD: tuple[dict[str, str | None], ...] = (
    {}, ENTRY, VOTE, {**ENTRY, **VOTE}, {"vote:17": None}, {"票:1": "0" * 32}, {"entry:x": "ZZ"},
)  # fmt: skip

Row = list[Any]


def line(act: str, facts: dict[str, str | None], detail: dict[str, object]) -> Row:
    """A line as it is stored, second of its chain."""
    end = ChainEnd(5)
    said_of = LineFacts(5, 1, 5, 1, None, act, "vote", "17", detail, AT, facts)
    salt = "ab" * 16
    said = said_hash(said_of, salt)
    hash_ = line_hash(end.hash, said, shown_facts(facts, PUBLIC))
    at = AT.strftime("%Y-%m-%d %H:%M:%S.%f")
    return [*said_of[:8], json.dumps(detail), at, json.dumps(facts), salt, said, hash_, 3]


ODD = st.sampled_from([
    None, 0, 1, 2, "1", 1.0, "", "x", "{}", "[]", "{", '{"a": 1}', '{"entry:abc": "' + "0" * 32 + '"}',
    '{"entry:abc":"' + "0" * 32 + '"}', '{"vote:17": "' + "1" * 32 + '"}', "2026-03-04 05:06:07.000000",
    "2026-03-04T05:06:07", "0" * 64, "AB" * 16, OPENED, b"x",
])  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from(["vote.cast", OPENED]),
    st.sampled_from(TOLD),
    st.sampled_from([{}, {"n": 1}, {"词": "中\n"}]),
    st.lists(st.tuples(st.integers(0, len(_COLUMNS) - 1), ODD), max_size=2),
)
@example("vote.cast", ENTRY, {}, [])
@example("vote.cast", VOTE, {}, [(_COLUMNS.index("number"), 2)])
def test_what_is_told_at_a_glance_has_no_fault(
    act: str, facts: dict[str, str | None], detail: dict[str, object], changes: list[tuple[int, Any]]
) -> None:
    row = line(act, facts, detail)
    for place, value in changes:
        row[place] = value
    glance, close = ChainEnd(5), ChainEnd(5)
    told = plainly_told(row, glance, PUBLIC)
    sealed = _sealed(row)
    found = list(line_faults(close, sealed, PUBLIC))
    if told is None:
        assert glance == ChainEnd(5)
    else:
        assert (found, dict(told), glance) == ([], dict(sealed.line.facts), close)
    if not changes:
        assert found == []
        assert (told is None) == (act == OPENED)
