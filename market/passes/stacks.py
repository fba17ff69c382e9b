"""A long print in stacks: files of whole sheets, sent as one ZIP while they are made."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from market.passes.layouts import SHEETS
from market.passes.rules import Layout

STACK = 200
"""Passes in a file at most: so many pages reportlab keeps in memory (2 MB), and one tray of a printer."""


class File(NamedTuple):
    name: str
    content: bytes


def stacks(count: int, layout: Layout, start: int = 1) -> list[range]:
    """The numbers of the passes in each file, from 0. Only the last file ends within a sheet; the first
    begins in cell `start`."""
    cells = len(SHEETS[layout].corners)
    full = STACK // cells * cells
    edges = [0, *range(full - (start - 1), count, full), count]
    return [range(begin, end) for begin, end in pairwise(edges) if begin < end]


def zipped(files: Iterable[File], at: datetime) -> Iterator[bytes]:
    """One ZIP in pieces, a file each, of which only one is in memory; PDFs are packed already."""
    pipe = Pipe()
    with ZipFile(pipe, "w", ZIP_STORED) as archive:
        for file in files:
            archive.writestr(ZipInfo(file.name, at.timetuple()[:6]), file.content)
            yield pipe.taken()
    yield pipe.taken()


class Pipe(io.RawIOBase):
    """What is written is taken out again; there is no way back, and `zipfile` writes accordingly."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # any buffer will do, zipfile writes bytes
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        written, self._written = bytes(self._written), bytearray()
        return written
