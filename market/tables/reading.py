"""A table out of a file or a paste: what kind of file it is, is seen by what is in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from market.errors import Refusal
from market.tables.rows import MOST_ROWS, ReadTable, TableRow
from market.tables.workbook import Unreadable, read_workbook

MOST_BREAKS = 3
"""Lines in one quoted cell; more is a stray quotation mark that swallowed rows."""


def read_table(data: bytes, text: str, room: str) -> ReadTable:
    """The cells of a workbook, of a text file, or of what was pasted.

    Refuses `<room>.no_table` and `<room>.unreadable_file`.
    """
    table = read_file(data, room) if data else table_of(text)
    if not any(any(row) for row in table.cells):
        raise Refusal(f"{room}.no_table", _("请选一个表格文件，或者把表格贴进来。"), 422)
    return table


def read_file(data: bytes, room: str) -> ReadTable:
    """The same of a file. Refuses `<room>.unreadable_file`."""
    if data.startswith(b"PK"):
        try:
            return read_workbook(data)
        except Unreadable as error:
            raise unreadable(room) from error
    return table_of(decoded(data, room))


def unreadable(room: str, why: str = "") -> Refusal:
    """What people read of a file that is no table."""
    sentence = _("这个文件读不出来。请用 Excel 或 WPS 另存为 .xlsx 或 .csv，或者把表格复制了贴进来。")
    return Refusal(f"{room}.unreadable_file", why + sentence, 422)


# ── text ──────────────────────────────────────────────────────────────────────────────────────────────────

BINARY = (
    b"%PDF",
    b"\xd0\xcf\x11\xe0",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"MZ",
)
"""How files begin that are no text, whatever they are called; the second is an old or encrypted workbook."""


def decoded(data: bytes, room: str) -> str:
    """Text as Excel and WPS write it: with a mark of its own, in UTF-8, or in what Windows uses in China.

    Nothing is guessed: almost any bytes are something in some encoding. What looks like one that is not read
    is refused with what to do, as its letters would be others.
    """
    if data.startswith(BINARY):
        raise unreadable(room)
    if _is_unmarked_utf16(data):
        raise unreadable(room, _("这像是 Unicode（UTF-16）文本，开头少了标记。"))
    for marks, encoding in (
        ((b"\xff\xfe", b"\xfe\xff"), "utf-16"),
        ((b"",), "utf-8-sig"),
        ((b"",), "gb18030"),
    ):
        if data.startswith(marks):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError as error:
                bad = error.start
                continue
            return _text(text, data if encoding == "gb18030" else b"", room)
    raise unreadable(room, _("第 %(n)s 行有认不出的字。", n=data[:bad].count(b"\n") + 1))


def _text(text: str, chinese: bytes, room: str) -> str:
    """`chinese`: the bytes, where they were read as GB18030."""
    if "\0" in text:
        raise unreadable(room)
    if chinese and _looks_like_big5(chinese, text):
        raise unreadable(room, _("这像是繁体（Big5）的文件，读出来会是乱码。"))
    return text


def _is_unmarked_utf16(data: bytes) -> bool:
    """Digits, commas and breaks have a zero beside them, always on the same side."""
    low, high = data[::2].count(0), data[1::2].count(0)
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return not marked and len(data) % 2 == 0 and (low == 0) != (high == 0)


def _looks_like_big5(data: bytes, text: str) -> bool:
    """Whether it could be Big5, and is hardly Chinese as GB18030: most letters are none that people write.

    Either alone says nothing: the first of a few names, the second of names in traditional letters."""
    letters = [letter for letter in text if ord(letter) > 0x7F]
    rare = sum(not _is_encodable(letter, "gb2312") for letter in letters)
    return rare * 3 > len(letters) and _is_decodable(data, "big5")


def _is_encodable(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _is_decodable(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def table_of(text: str) -> ReadTable:
    """Cells by tabs where there are any, else by commas, also those of a Chinese keyboard."""
    tidy = text.replace("\0", "")
    rows = [TableRow(number, cells) for number, cells in _rows(tidy)]
    return ReadTable(rows[:MOST_ROWS], cut=len(rows) > MOST_ROWS)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    lines, tab = text.splitlines(), "\t" in text
    if not tab:
        lines = [line.replace("，", ",") for line in lines]
    delimiter = "\t" if tab else ","
    quoted = _quoted(lines, delimiter)
    plain = enumerate(([cell.strip() for cell in line.split(delimiter)] for line in lines), 1)
    yield from plain if quoted is None else quoted


def _quoted(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]] | None:
    """Rows whose cells may be quoted and hold breaks; None where the quotation marks cannot be meant so."""
    reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
    found, last = list[tuple[int, list[str]]](), 0
    try:
        for cells in reader:
            if reader.line_num - last > MOST_BREAKS + 1:
                return None
            found.append((last + 1, [" ".join(cell.split("\n")).strip() for cell in cells]))
            last = reader.line_num
    except csv.Error:
        return None
    return found
