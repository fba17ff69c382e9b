"""A list of takings from a spreadsheet or pasted: read into the paper list, where it is looked at and saved.

Nothing is stored here. What a row says that cannot be read or belongs to no stall is named by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from market.errors import Refusal
from market.money import parse_yuan
from market.settlement.grid import UNTOLD_WORDS
from market.settlement.rules import share
from market.settlement.service.comparison import CloseRow, CloseView
from market.tables import reading as tables
from market.typed_text import plain, search_key

TICKS = ("是", "√", "✓", "对", "y", "yes", "1", "估计")

NO_STALLS = ("合计", "制表人")
"""How rows of a list begin that are no stall's."""

Table = list[list[str]]


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    number: int
    stall: str
    name: str
    takings: str
    gift: str
    estimated: bool


@dataclass
class Import:
    """What a table says, as the fields of the paper list."""

    fields: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    """By assignment: the number of its row."""
    problems: list[str] = field(default_factory=list)
    """Rows that could not be used, in sentences."""


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────


def read_table(data: bytes, text: str) -> Table:
    """The cells of a workbook, of a text file, or of what was pasted.

    Refuses `settlement.no_table` and `settlement.unreadable_file`.
    """
    return tables.read_table(data, text, "settlement").cells


# ── what the columns are ──────────────────────────────────────────────────────────────────────────────────

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "stall": ("摊位号", "摊位", "摊号", "stall", "stall no."),
    "name": ("商户", "商户名称", "名称", "摊主", "vendor", "name"),
    "takings": ("自报营业额", "营业额", "卖了", "卖了多少", "销售额", "收入", "takings"),
    "gift": ("实捐", "这次捐", "这次另捐", "捐款", "捐", "gift"),
    "estimated": ("估计", "estimated", "estimate"),
}
"""How the columns may be headed; our own lists come back as they were printed."""


def _own_headings() -> dict[str, tuple[str, ...]]:
    """How our own list heads them in the language of the reader."""
    return {
        "stall": (_("摊位号"),),
        "name": (_("商户"),),
        "takings": (_("自报营业额"),),
        "gift": (_("实捐"),),
    }


def _heading(row: Sequence[str]) -> dict[str, int] | None:
    """Which column is which; None for a row that is no heading."""
    own = _own_headings()
    known = {
        search_key(word): column
        for column, words in COLUMNS.items()
        for word in (*words, *own.get(column, ()))
    }
    found: dict[str, int] = {}
    for index, cell in enumerate(row):
        column = known.get(search_key(cell.split("（")[0].split("(")[0]))
        if column is not None:
            found.setdefault(column, index)
    return found if "takings" in found and ("stall" in found or "name" in found) else None


def _columns_by_look(rows: Iterable[Sequence[str]]) -> dict[str, int]:
    """Without a heading: stall, perhaps a name, takings, perhaps the gift."""
    named = any(
        len(row) > 2 and row[1].casefold() not in ("", *UNTOLD_WORDS) and _fen(row[1]) is None for row in rows
    )
    order = ("stall", "name", "takings", "gift") if named else ("stall", "takings", "gift")
    return {column: index for index, column in enumerate(order)}


def _fen(text: str) -> int | None:
    try:
        return parse_yuan(text)
    except Refusal:
        return None


def read_lines(table: Table) -> list[Line]:
    """The rows below the heading that say something, with their numbers as the spreadsheet shows them."""
    start, columns = 0, None
    for index, row in enumerate(table):
        columns = _heading(row)
        if columns is not None:
            start = index + 1
            break
    columns = columns or _columns_by_look(table)
    return [_line(number, row, columns) for number, row in enumerate(table[start:], start + 1)]


def _line(number: int, row: Sequence[str], columns: Mapping[str, int]) -> Line:
    def cell(column: str) -> str:
        index = columns.get(column, len(row))
        return row[index] if index < len(row) else ""

    ticked = plain(cell("estimated")).casefold() in TICKS
    return Line(number, cell("stall"), cell("name"), cell("takings"), cell("gift"), ticked)


# ── whose row it is ───────────────────────────────────────────────────────────────────────────────────────


def import_lines(lines: Iterable[Line], view: CloseView, clean: Iterable[int]) -> Import:
    """The rows as fields of the paper list, each at its stall; what belongs to none is named."""
    found, cleaned = Import(), set(clean)
    for line in lines:
        if (not line.takings and not line.gift) or search_key(line.stall).startswith(NO_STALLS):
            continue
        row = _row_of(line, view, found)
        if row is not None:
            found.numbers[row.assignment.ref] = line.number
            found.fields.update(_fields(line, row, row.assignment.vendor_id in cleaned))
    return found


def _row_of(line: Line, view: CloseView, found: Import) -> CloseRow | None:
    by_stall = {_stall_key(row.assignment.label): row for row in view.rows}
    by_name = {search_key(row.assignment.vendor.trading_name): row for row in view.rows}
    row = by_stall.get(_stall_key(line.stall)) if line.stall else by_name.get(search_key(line.name))
    sentence = _problem(line, row, found)
    if sentence:
        found.problems.append(_("第 %(n)s 行：", n=line.number) + sentence)
        return None
    return row


def _stall_key(label: str) -> str:
    return search_key(label).removesuffix("摊").replace(" ", "")


def _problem(line: Line, row: CloseRow | None, found: Import) -> str:
    if row is None:
        return _("这一场没有「%(which)s」。", which=line.stall or line.name)
    name = row.assignment.vendor.trading_name
    if line.stall and line.name and search_key(line.name) != search_key(name):
        return _(
            "%(stall)s 是%(name)s，表上写的是%(written)s。",
            stall=row.assignment.label,
            name=name,
            written=line.name,
        )
    if row.assignment.ref in found.numbers:
        return _("和第 %(n)s 行是同一个摊位。", n=found.numbers[row.assignment.ref])
    return ""


def _fields(line: Line, row: CloseRow, clean: bool) -> dict[str, str]:
    ref = row.assignment.ref
    fields = {
        f"takings-{ref}": line.takings,
        f"gift-{ref}": "" if _as_agreed(line, row) else line.gift,
        f"seen-{ref}": str(row.report.revision if row.report else 0),
    }
    if line.estimated:
        fields[f"estimated-{ref}"] = "y"
    if clean:
        fields |= {f"clean-{ref}": "y", f"clean-seen-{ref}": "y"}
    return fields


def _as_agreed(line: Line, row: CloseRow) -> bool:
    """Whether the gift is what the agreement comes to: our own list has it, and nobody chose it."""
    takings_fen, gift_fen = _fen(line.takings), _fen(line.gift)
    return takings_fen is not None and gift_fen == share(takings_fen, row.terms)
