"""Tables that people bring: read as text and never computed, whatever the file claims to be."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from hypothesis import given, strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from market.errors import Refusal
from market.tables import workbook as limits
from market.tables.reading import read_file, read_table, table_of
from market.tables.rows import ReadTable
from market.tables.workbook import Unreadable, number_text, read_workbook


def made(fill: Callable[[Worksheet], object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    fill(sheet)
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, changes: dict[str, Callable[[bytes], bytes]]) -> bytes:
    """The same workbook with some parts written otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            change = changes.get(part.filename, bytes)
            new.writestr(part.filename, change(old.read(part.filename)))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_shared(texts: bytes, number: int = 0) -> bytes:
    """A workbook whose first cell says which of the shared texts it is."""
    row = b'<row r="1"><c r="A1" t="s"><v>%d</v></c></row>' % number
    cell = b"<worksheet><sheetData>" + row + b"</sheetData></worksheet>"
    data, out = repacked(made(lambda sheet: sheet.append(["a"])), {SHEET: lambda _part: cell}), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            if part.filename != "xl/sharedStrings.xml":
                new.writestr(part.filename, old.read(part.filename))
        new.writestr("xl/sharedStrings.xml", b"<sst>" + texts + b"</sst>")
    return out.getvalue()


# ── cells ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_cells_are_read_as_people_typed_them() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["文字", 13_800_000_001, 0.1 + 0.2, 1.5, date(2026, 3, 5), True, None, "=1+1", "末"])

    (row,) = read_workbook(made(fill)).rows
    assert row.cells == ["文字", "13800000001", "0.30", "1.50", "2026-03-05", "1", "", "", "末"]
    assert (sorted(row.dates), sorted(row.uncounted), row.hidden) == ([4], [7], False)


def test_shared_texts_are_whole_and_without_how_they_are_spoken() -> None:
    shared = "<si><r><t>老</t></r><r><t>张</t></r><rPh><t>lao zhang</t></rPh></si>".encode()
    assert read_workbook(with_shared(shared)).cells == [["老张"]]


def test_a_formula_counts_as_what_it_came_to() -> None:
    data = made(lambda sheet: sheet.append(["=A2"]))
    kept = repacked(
        data, {SHEET: lambda part: part.replace(b"<v></v>", b"<v>7</v>").replace(b"<v />", b"<v>7</v>")}
    )
    (row,) = read_workbook(kept).rows
    assert (row.cells, row.uncounted) == (["7"], frozenset())


def test_hidden_rows_and_sheets_are_marked_and_merged_cells_reach_down() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["标题"])
        for cells in (["甲", "蔬菜"], ["乙", None], ["丙", "理发"]):
            sheet.append(cells)
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("B2:B3")
        sheet.row_dimensions[4].hidden = True
        book = sheet.parent
        assert isinstance(book, Workbook)
        book.create_sheet("别的").append(["x"])
        hidden = book.create_sheet("藏", 0)
        hidden.append(["不读"])
        hidden.sheet_state = "hidden"

    table = read_workbook(made(fill))
    assert [(row.number, row.cells, row.hidden) for row in table.rows] == [
        (1, ["标题"], False),
        (2, ["甲", "蔬菜"], False),
        (3, ["乙", "蔬菜"], False),
        (4, ["丙", "理发"], True),
    ]
    assert sorted(table.rows[2].merged) == [1]
    assert table.cells[2] == ["乙", ""], "a merged amount counts once"
    assert table.more_sheets == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(900.0, "900"), (13800000001.0, "13800000001"), (0.30000000000000004, "0.30"), (1.2345, "1.2345")],
)
def test_numbers(value: float, text: str) -> None:
    assert number_text(value) == text


# ── what is no workbook, or too much of one ───────────────────────────────────────────────────────────────


def bomb() -> bytes:
    """A hundred million letters in a small file, whose header lies about their number."""
    data = made(lambda sheet: sheet.append(["a"]))
    return repacked(
        data, {SHEET: lambda part: part.replace(b"</sheetData>", b" " * 40_000_000 + b"</sheetData>")}
    )


def entities(part: bytes) -> bytes:
    declared = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    return part[: part.index(b"<worksheet")] + declared + part[part.index(b"<worksheet") :]


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 nothing",
        bomb(),
        repacked(made(lambda sheet: sheet.append(["a"])), {SHEET: entities}),
        repacked(made(lambda sheet: sheet.append(["a"])), {SHEET: lambda part: part[:-20]}),
        repacked(made(lambda sheet: sheet.append(["a"])), {"xl/workbook.xml": lambda _part: b"<workbook/>"}),
        with_shared(b"<si><t>a</t></si>", number=7),
    ],
    ids=["no zip", "bomb", "entities", "torn", "no sheet", "no texts"],
)
def test_what_cannot_be_read_is_said_and_costs_little(data: bytes) -> None:
    since = time.process_time()
    with pytest.raises(Unreadable):
        read_workbook(data)
    assert time.process_time() - since < 1


def test_too_many_cells_are_no_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_CELLS", 10)
    with pytest.raises(Unreadable):
        read_workbook(made(lambda sheet: sheet.append(list(range(20)))))


def test_more_rows_than_anybody_has_are_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_ROWS", 3)

    def fill(sheet: Worksheet) -> None:
        for number in range(5):
            sheet.append([number])

    table = read_workbook(made(fill))
    assert (len(table.rows), table.cut) == (3, True)


# ── text ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_in_the_encodings_of_an_office(encoding: str) -> None:
    data = "摊名,电话\r\n老张,13800000001\r\n".encode(encoding)
    assert read_file(data, "vendors").cells == [["摊名", "电话"], ["老张", "13800000001"]]


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7", b"\xd0\xcf\x11\xe0\xa1\xb1", b"\x89PNG\r\n", b"\xff\xd8\xff\xe0", b"a\0b", b"\x80\xff",
        b"\xff\xfea",
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_whatever_it_is_called(context: Flask, data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        read_file(data, "vendors")
    assert refused.value.code == "vendors.unreadable_file"


BIG5 = "攤名,姓名,電話,賣什麼\r\n老張蔬菜,張偉,13800000001,蔬菜水果\r\n王大姐豆腐,王秀英,13800000002,豆製品"
CHINESE = "摊名,姓名,电话,卖什么\r\n老张蔬菜,张伟,13800000001,蔬菜水果\r\n吴䶮面点,吴䶮,13800000002,面点"


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (BIG5.encode("big5"), "这像是繁体（Big5）的文件，读出来会是乱码。"),
        ("商戶名稱,聯絡人\n李記烘焙,李小明\n".encode("big5"), "这像是繁体（Big5）的文件，读出来会是乱码。"),
        (CHINESE.encode("utf-16-le"), "这像是 Unicode（UTF-16）文本，开头少了标记。"),
        (CHINESE.encode("utf-16-be"), "这像是 Unicode（UTF-16）文本，开头少了标记。"),
        (CHINESE.encode("gb18030") + b"\r\n\xff", "第 4 行有认不出的字。"),
    ],
)
def test_another_encoding_is_refused_with_what_to_do(context: Flask, data: bytes, begins: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_file(data, "vendors")
    sentence = str(refused.value.sentence)
    assert sentence.startswith(begins)
    assert "另存为 .xlsx 或 .csv" in sentence


@pytest.mark.parametrize("text", [CHINESE, BIG5, "王芳,张伟\n李娜,刘洋", "吴䶮", "攤名,電話\n老張,1", "café"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_names_in_rare_and_traditional_letters_are_read(context: Flask, text: str, encoding: str) -> None:
    cells = [line.split(",") for line in text.splitlines()]
    assert read_file(text.encode(encoding), "vendors").cells == cells


def test_the_first_bad_line_is_named(context: Flask) -> None:
    with pytest.raises(Refusal) as refused:
        read_file("摊名\n老张\n".encode() + b"\xff\xff", "vendors")
    assert str(refused.value.sentence).startswith("第 3 行")


def test_a_stray_quotation_mark_swallows_no_rows() -> None:
    rows = ['老张"\t1', '"老李\t2', *(f"第{n}家\t{n}" for n in range(3, 20))]
    assert len(table_of("\n".join(rows)).rows) == 19
    assert table_of('"两\n行"\t1\n老李\t2').cells == [["两 行", "1"], ["老李", "2"]]


def test_nothing_is_no_table(context: Flask) -> None:
    with pytest.raises(Refusal) as refused:
        read_table(b"", " \n", "vendors")
    assert refused.value.code == "vendors.no_table"


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_cells(text: str) -> None:
    table = table_of(text)
    assert isinstance(table, ReadTable)
    assert [row.number for row in table.rows] == sorted({row.number for row in table.rows})


@given(st.binary(max_size=300))
def test_whatever_is_sent_is_read_or_refused(data: bytes) -> None:
    try:
        read_workbook(b"PK" + data)
    except Unreadable:
        return
