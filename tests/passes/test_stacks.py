"""A long print in stacks: every pass once, whole sheets, one ZIP that is written as it is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given, strategies as st

from market.passes.layouts import SHEETS
from market.passes.rules import Layout
from market.passes.stacks import STACK, File, stacks, zipped

AT = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
MARK = b"PK\x03\x04\x14\x00\x08\x08\x00\x00"
"""How each file begins in the stream; `static/js/long_print.js` counts by it."""


@pytest.mark.parametrize(
    "count, layout, start, sizes",
    [
        (1, Layout.A6, 1, [1]),
        (200, Layout.A6, 1, [200]),
        (501, Layout.A6, 1, [200, 200, 101]),
        (501, Layout.A4X4, 4, [197, 200, 104]),
        (501, Layout.LABELS24, 1, [192, 192, 117]),
        (501, Layout.LABELS14, 10, [187, 196, 118]),
    ],
)
def test_a_long_print_is_cut_between_sheets(count: int, layout: Layout, start: int, sizes: list[int]) -> None:
    assert [len(stack) for stack in stacks(count, layout, start)] == sizes


@given(st.integers(1, 5000), st.sampled_from(list(Layout)), st.data())
def test_every_pass_is_in_one_file_and_only_the_last_ends_within_a_sheet(
    count: int, layout: Layout, data: st.DataObject
) -> None:
    cells = len(SHEETS[layout].corners)
    start = data.draw(st.integers(1, cells))
    cut = stacks(count, layout, start)
    assert [number for stack in cut for number in stack] == list(range(count))
    assert max(map(len, cut)) <= STACK
    assert [(stack.stop + start - 1) % cells for stack in cut[:-1]] == [0] * (len(cut) - 1)


def test_a_file_is_sent_before_the_next_is_made() -> None:
    made: list[str] = []

    def files() -> Iterator[File]:
        for name in ("摊位证 0001-0200.pdf", "摊位证 0201-0400.pdf"):
            made.append(name)
            yield File(name, name.encode() * 1000)

    pieces = zipped(files(), AT)
    first = next(pieces)
    assert (len(made), len(first) > 20_000) == (1, True)
    whole = first + b"".join(pieces)
    archive = ZipFile(BytesIO(whole))
    assert {name: archive.read(name) for name in made} == {name: name.encode() * 1000 for name in made}
    assert (archive.testzip(), whole.count(MARK)) == (None, 2)
