"""Reading the charity's statement out of a workbook, a text file or a paste. Nothing is stored here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from market.errors import Refusal
from market.fund.matching import TheirLine
from market.money import parse_yuan
from market.tables.reading import read_table
from market.tables.rows import ReadTable
from market.typed_text import plain, plain_date, search_key

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "on": ("日期", "交易日期", "记账日期", "入账日期", "到账日期", "凭证日期", "date"),
    "reference": (
        "凭证号", "凭证编号", "流水号", "交易流水号", "收据号", "票据号", "票据号码", "捐赠票据号", "编号",
        "reference", "no.",
    ),
    "text": ("摘要", "说明", "用途", "项目", "备注", "text", "memo", "description"),
    "came": ("收入", "收入金额", "贷方", "贷方金额", "贷方发生额", "转入", "存入", "in", "credit"),
    "went": ("支出", "支出金额", "借方", "借方金额", "借方发生额", "转出", "支取", "out", "debit"),
    "amount": ("金额", "发生额", "交易金额", "amount"),
    "balance": ("余额", "结余", "账户余额", "当前余额", "balance"),
}  # fmt: skip
"""How the columns may be headed. Charities keep the money, so their credit is what came to the fund."""

OPENING = ("期初", "上期结余", "上期余额", "承前", "上年结转", "openingbalance")
CLOSING = ("期末", "本期结余", "合计", "总计", "本期合计", "本月合计", "本季合计", "closingbalance", "total")
"""How rows begin that are no payment."""


@dataclass
class StatementFile:
    """What was read."""

    lines: list[TheirLine] = field(default_factory=list)
    opening_fen: int | None = None
    closing_fen: int | None = None
    problems: list[str] = field(default_factory=list)
    """Rows that cannot be used, in sentences."""

    @property
    def begins_with_fen(self) -> int | None:
        """The opening balance, where the file says it or the first line tells it."""
        first = self.lines[0] if self.lines else None
        if self.opening_fen is not None or first is None or first.balance_fen is None:
            return self.opening_fen
        return first.balance_fen - first.fen

    @property
    def ends_with_fen(self) -> int | None:
        last = self.lines[-1].balance_fen if self.lines else None
        return last if self.closing_fen is None else self.closing_fen


def read_statement(data: bytes, text: str) -> StatementFile:
    """The lines of a file or a paste, the oldest first.

    Refuses `fund.no_table`, `fund.unreadable_file`, `fund.no_columns` and `fund.too_long`.
    """
    table = read_table(data, text, "fund")
    if table.cut:
        raise Refusal("fund.too_long", _("这张表太长了。请按季度分开，一次对一个季度。"), 422)
    columns, rows = _below_heading(table)
    found = StatementFile()
    for number, cells in rows:
        _Row(number, cells, columns, found).read()
    if len(found.lines) > 1 and found.lines[0].on > found.lines[-1].on:
        found.lines.reverse()  # a bank prints the newest first
    return found


def _below_heading(table: ReadTable) -> tuple[dict[str, int], list[tuple[int, list[str]]]]:
    rows = [(row.number, cells) for row, cells in zip(table.rows, table.cells, strict=True)]
    for place, (_number, cells) in enumerate(rows):
        columns = _columns(cells)
        if "on" in columns and ("amount" in columns or {"came", "went"} <= columns.keys()):
            return columns, rows[place + 1 :]
    sentence = _("没找到表头。请留一行写明各列是什么：日期、凭证号、摘要、收入、支出、余额。")
    raise Refusal("fund.no_columns", sentence, 422)


def _columns(cells: Sequence[str]) -> dict[str, int]:
    known = {search_key(word): column for column, words in COLUMNS.items() for word in words}
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        column = known.get(search_key(cell.split("（")[0].split("(")[0]).replace(" ", ""))
        if column is not None:
            found.setdefault(column, index)
    return found


class _Row:
    """One row of the file, put into what was found."""

    def __init__(
        self, number: int, cells: Sequence[str], columns: Mapping[str, int], found: StatementFile
    ) -> None:
        self.number, self.found = number, found
        self.cells = {column: cells[at].strip() for column, at in columns.items() if at < len(cells)}
        self.words = "".join(search_key(cell) for cell in cells if cell.strip())

    def read(self) -> None:
        if not self.words:
            return
        try:
            self._put()
        except (Refusal, ValueError) as error:
            why = error.sentence if isinstance(error, Refusal) else _("日期看不懂。")
            self.found.problems.append(_("第 %(n)s 行：", n=self.number) + str(why))

    def _put(self) -> None:
        balance = self._fen("balance")
        named = search_key(self.cells.get("text", "") or next(self._written(), ""))
        if named.startswith(OPENING):
            self.found.opening_fen = balance
        elif named.startswith(CLOSING):
            self.found.closing_fen = balance if balance is not None else self.found.closing_fen
        else:
            self.found.lines.append(self._line(balance))

    def _written(self) -> Iterator[str]:
        return (cell for cell in self.cells.values() if cell)

    def _line(self, balance: int | None) -> TheirLine:
        fen = self._fen("amount")
        if fen is None:
            fen = (self._fen("came") or 0) - (self._fen("went") or 0)
        if fen == 0:
            raise Refusal("fund.no_amount", _("没有金额。"), 422)
        on = date.fromisoformat(_spelt_out(self.cells.get("on", "")))
        cell = self.cells.get
        return TheirLine(self.number, on, fen, cell("reference", "")[:60], cell("text", "")[:200], balance)

    def _fen(self, column: str) -> int | None:
        figure = plain(self.cells.get(column, ""))
        if figure in ("", "-", "—"):
            return None
        below = figure.startswith("-") or (figure.startswith("(") and figure.endswith(")"))
        fen = parse_yuan(figure.strip("()").removeprefix("-"))
        return -fen if below else fen


def _spelt_out(text: str) -> str:
    """A date as ISO 8601 has it; banks also write 20240301 and put the hour behind it."""
    written = plain(text).split(" ")[0].split("T")[0]
    return (
        f"{written[:4]}-{written[4:6]}-{written[6:]}"
        if len(written) == 8 and written.isdigit()
        else plain_date(written)
    )
