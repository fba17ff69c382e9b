"""A workbook (.xlsx): its first sheet that is not hidden, with what is hidden, merged or a formula marked.

Read part by part with a parser that knows no entities, within limits, so that no file can take all memory
or time. A formula is never computed: what it came to when the file was saved counts.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.parsers import expat

from market.tables.rows import MOST_ROWS, ReadTable, TableRow

MOST_UNPACKED = 30_000_000
"""Bytes of a workbook once unpacked: a small file may be packed from a huge one."""
MOST_PARTS = 500
MOST_CELLS = 100_000
MOST_COLUMNS = 100
MOST_MERGED = 5_000
CHUNK = 65_536

Attributes = Mapping[str, str]


class Unreadable(Exception):
    """A file that is no workbook, or one that is too large or too strange to be read."""


class _Enough(Exception):
    """The rows that are read have been read."""


def read_workbook(data: bytes) -> ReadTable:
    """The sheet that people see first. Raises `Unreadable`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return _read(packed)
    except Unreadable:
        raise
    except Exception as error:  # a broken file breaks its readers in many ways
        raise Unreadable from error


def _read(packed: zipfile.ZipFile) -> ReadTable:
    parts = packed.infolist()
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable
    names = {part.filename for part in parts}
    sheets = _sheets(packed)
    shown = [path for path, hidden in sheets if not hidden and path in names]
    path = next(iter(shown or [path for path, _hidden in sheets if path in names]), None)
    if path is None:
        raise Unreadable
    texts = _texts(packed) if "xl/sharedStrings.xml" in names else []
    dated = _date_styles(packed) if "xl/styles.xml" in names else frozenset()
    sheet = _Sheet(texts, dated)
    sheet.cut = not _parse(packed, path, sheet.start, sheet.end, sheet.text)
    return ReadTable(sheet.finished(), sheet.cut, more_sheets=len(shown) - 1 if shown else 0)


# ── parts ─────────────────────────────────────────────────────────────────────────────────────────────────


def _parse(
    packed: zipfile.ZipFile,
    path: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> bool:
    """Reads a part piece by piece; False when it was left early. No document type: no entity can grow."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: start(_plain(name), attributes)
    parser.StartDoctypeDeclHandler = _refuse
    if end is not None:
        parser.EndElementHandler = lambda name: end(_plain(name))
    if text is not None:
        parser.CharacterDataHandler = text
    left = MOST_UNPACKED
    with packed.open(path) as part:
        try:
            while chunk := part.read(CHUNK):
                left -= len(chunk)  # what the file says of its size may be a lie
                if left < 0:
                    raise Unreadable
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except _Enough:
            return False
    return True


def _refuse(*_declaration: object) -> None:
    raise Unreadable


def _plain(name: str) -> str:
    """A name without its namespace."""
    return name.rpartition(" ")[2]


def _sheets(packed: zipfile.ZipFile) -> list[tuple[str, bool]]:
    """Where each sheet is, and whether it is hidden, in their order."""
    found: list[tuple[str, bool]] = []
    targets: dict[str, str] = {}

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            key = next((value for at, value in attributes.items() if _plain(at) == "id"), "")
            target = targets.get(key, "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found.append((path, attributes.get("state", "visible") != "visible"))

    _parse(packed, "xl/_rels/workbook.xml.rels", relation)
    _parse(packed, "xl/workbook.xml", sheet)
    return found


def _texts(packed: zipfile.ZipFile) -> list[str]:
    """The texts that cells share; how they are spoken (`rPh`) is none."""
    texts: list[str] = []
    pieces: list[str] = []
    inside: list[str] = []

    def start(name: str, _attributes: Attributes) -> None:
        inside.append(name)
        if name == "si":
            pieces.clear()

    def end(name: str) -> None:
        inside.pop()
        if name == "si":
            texts.append("".join(pieces))

    def text(data: str) -> None:
        if inside and inside[-1] == "t" and "rPh" not in inside:
            pieces.append(data)

    _parse(packed, "xl/sharedStrings.xml", start, end, text)
    return texts


_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Numbers of the built-in formats that are dates, the Chinese ones among them."""
_NOT_DATE = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|general', re.IGNORECASE)


def _date_styles(packed: zipfile.ZipFile) -> frozenset[int]:
    """Numbers of the cell styles that show a date."""
    own: dict[int, bool] = {}
    styles: list[int] = []
    inside: list[bool] = []

    def start(name: str, attributes: Attributes) -> None:
        if name == "numFmt":
            code = _NOT_DATE.sub("", attributes.get("formatCode", ""))
            own[int(attributes.get("numFmtId", "0"))] = any(letter in code.lower() for letter in "ymdh")
        elif name == "cellXfs":
            inside.append(True)
        elif name == "xf" and inside:
            styles.append(int(attributes.get("numFmtId", "0")))

    def end(name: str) -> None:
        if name == "cellXfs":
            inside.clear()

    _parse(packed, "xl/styles.xml", start, end)
    return frozenset(index for index, number in enumerate(styles) if own.get(number, number in _DATE_FORMATS))


# ── the cells of a sheet ──────────────────────────────────────────────────────────────────────────────────

_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's date has no zone
LAST_DAY = 2_958_466
"""One after the number of 9999-12-31."""


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


@dataclass
class _Row:
    number: int
    hidden: bool
    cells: dict[int, str] = field(default_factory=dict)
    uncounted: set[int] = field(default_factory=set)
    dates: set[int] = field(default_factory=set)
    merged: set[int] = field(default_factory=set)


class _Sheet:
    """Collects the cells while the part is read."""

    def __init__(self, texts: list[str], dated: frozenset[int]) -> None:
        self.texts, self.dated = texts, dated
        self.rows: dict[int, _Row] = {}
        self.merges: list[str] = []
        self.cut = False
        self._seen = self._number = self._column = 0
        self._cell: Attributes = {}
        self._formula = False
        self._inside = ""
        self._pieces: list[str] = []

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "row":
            self._start_row(attributes)
        elif name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t", "f", "rPh"):
            self._formula = self._formula or name == "f"
            self._inside = name
        elif name == "mergeCell" and len(self.merges) < MOST_MERGED:
            self.merges.append(attributes.get("ref", ""))

    def _start_row(self, attributes: Attributes) -> None:
        self._number = int(attributes.get("r", self._number + 1))
        self._column = -1
        if len(self.rows) >= MOST_ROWS or self._number > 10 * MOST_ROWS:
            raise _Enough
        hidden = attributes.get("hidden") in ("1", "true") or attributes.get("zeroHeight") in ("1", "true")
        self.rows[self._number] = _Row(self._number, hidden)

    def _start_cell(self, attributes: Attributes) -> None:
        self._seen += 1
        if self._seen > MOST_CELLS:
            raise Unreadable
        place = _PLACE.fullmatch(attributes.get("r", ""))
        self._column = _column(place[1]) if place else self._column + 1
        self._cell, self._formula, self._pieces = attributes, False, []

    def end(self, name: str) -> None:
        if name in ("v", "t", "f", "rPh"):
            self._inside = ""
        elif name == "c" and self._column < MOST_COLUMNS:
            self._end_cell(self.rows[self._number])

    def _end_cell(self, row: _Row) -> None:
        written, kind = "".join(self._pieces), self._cell.get("t", "n")
        if (self._formula and not written) or kind == "e":
            row.uncounted.add(self._column)
        elif kind == "s":
            row.cells[self._column] = self.texts[int(written)].strip() if written else ""
        elif kind == "b":
            row.cells[self._column] = "1" if written == "1" else ""
        elif kind != "n":
            row.cells[self._column] = written.strip()
        elif written:
            self._end_number(row, float(written))

    def _end_number(self, row: _Row, value: float) -> None:
        if int(self._cell.get("s", "0")) in self.dated and 1 <= value < LAST_DAY:
            row.dates.add(self._column)
            row.cells[self._column] = (_EPOCH + timedelta(days=int(value))).date().isoformat()
        else:
            row.cells[self._column] = number_text(value)

    def text(self, data: str) -> None:
        if self._inside in ("v", "t"):
            self._pieces.append(data)

    def finished(self) -> list[TableRow]:
        """The rows in order, also empty ones; the text of a merged cell stands in each of its rows."""
        for merge in self.merges:
            self._spread(merge)
        last = max((number for number, row in self.rows.items() if row.cells), default=0)
        return [
            self._finished(self.rows.get(n) or _Row(n, False)) for n in range(1, min(last, MOST_ROWS) + 1)
        ]

    def _spread(self, merge: str) -> None:
        first, _colon, last = merge.partition(":")
        one, other = _PLACE.fullmatch(first), _PLACE.fullmatch(last)
        if one is None or other is None:
            return
        column, top, bottom = _column(one[1]), int(one[2]), int(other[2])
        text = self.rows[top].cells.get(column, "") if top in self.rows else ""
        for number in range(top + 1, min(bottom, top + MOST_ROWS) + 1):
            if text and number in self.rows and column < MOST_COLUMNS:
                self.rows[number].cells[column] = text
                self.rows[number].merged.add(column)

    @staticmethod
    def _finished(row: _Row) -> TableRow:
        width = max((*row.cells, *row.uncounted), default=-1) + 1
        return TableRow(
            row.number, _in_order(row.cells, width), row.hidden, frozenset(row.merged),
            frozenset(row.uncounted), frozenset(row.dates),
        )  # fmt: skip


def _in_order(cells: Mapping[int, str], width: int) -> list[str]:
    return [cells.get(column, "") for column in range(width)]


def number_text(value: float) -> str:
    """A number as a person would type it: a sum is stored as a fraction that is not quite one."""
    if value == int(value) and abs(value) < 2**53:
        return str(int(value))
    return f"{value:.2f}" if abs(value * 100 - round(value * 100)) < 1e-4 else repr(value)
