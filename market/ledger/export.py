"""The book as other programs read it: beancount text and a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import NamedTuple, TextIO

from flask_babel import gettext as _

from market.ledger.chain import Sealed, fingerprint, voucher
from market.ledger.models import Book
from market.ledger.rules import CHART, EntryKind, Kind, Line
from market.money import yuan
from market.spreadsheet import cell_text

_ROOTS = {
    Kind.ASSET: "Assets",
    Kind.LIABILITY: "Liabilities",
    Kind.NET: "Equity",
    Kind.INCOME: "Income",
    Kind.EXPENSE: "Expenses",
}


class Together(NamedTuple):
    """Several entries as one sum, where none of them may stand by itself: without number and hash."""

    happened_on: date
    kind: EntryKind
    memo: str
    lines: tuple[Line, ...]


class Shown(NamedTuple):
    """What of a book is written, read while it is written: a book may be longer than a memory."""

    book: Book
    entries: Iterable[Sealed]
    undone: Mapping[int, str]
    """The vouchers of entries that another one undoes, by sequence."""
    together: Sequence[Together] = ()


def write_beancount(shown: Shown, out: TextIO) -> None:
    """A book for `bean-check`: accounts, transactions, and the closing balances as assertions."""
    book, sums = shown.book, _Sums()
    out.write(f'option "title" {_quoted(book.title)}\noption "operating_currency" "CNY"\n')
    out.write(f"; {book.entry_count} {book.head_hash} {fingerprint(book.head_hash)}\n")
    with TemporaryFile("w+", encoding="utf-8") as body:  # accounts are opened above, and known at the end
        body.writelines(_transactions(shown, sums))
        if sums.of:
            out.writelines(["\n", *sums.opened()])
            body.seek(0)
            copyfileobj(body, out)
            out.writelines(["\n", *sums.closed()])


class _Sums:
    """What accounts come to, and from when until when, of everything that was written."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        self.first, self.last = date.max, date.min

    def add(self, day: date, lines: Iterable[Line]) -> None:
        self.first, self.last = min(self.first, day), max(self.last, day)
        for line in lines:
            self.of[line.account] += line.amount_fen

    def opened(self) -> Iterator[str]:
        return (f"{self.first} open {_account(code)} CNY\n" for code in sorted(self.of))

    def closed(self) -> Iterator[str]:
        after = self.last + timedelta(days=1)
        for code in sorted(self.of):
            yield f"{after} balance {_account(code)} {_plain(self.of[code])} CNY\n"


def _transactions(shown: Shown, sums: _Sums) -> Iterator[str]:
    for entry in shown.entries:
        sums.add(entry.facts.happened_on, entry.facts.lines)
        yield "\n"
        yield from (f"{line}\n" for line in _transaction(entry, shown.undone))
    for together in shown.together:
        sums.add(together.happened_on, together.lines)
        yield "\n"
        yield from (f"{line}\n" for line in _sum(together))


def _transaction(entry: Sealed, undone: Mapping[int, str]) -> Iterator[str]:
    it = entry.facts
    yield f"{it.happened_on} * {_quoted(it.kind)} {_quoted(it.memo)}"
    facts = {
        "number": voucher(it.fiscal_year, it.number),
        "sequence": str(it.sequence),
        "source": it.source,
        "posted-at": datetime.fromisoformat(str(it.posted_at)).isoformat(),
        "reverses": undone.get(it.reverses or 0),
        "reason": it.reason,
        "prev-hash": entry.prev_hash,
        "hash": entry.hash,
    }
    yield from (f"  {key}: {_quoted(value)}" for key, value in facts.items() if value)
    for line in it.lines:
        yield f"  {_account(line.account)}  {_plain(line.amount_fen)} CNY"
        if line.dimension:
            yield f"    dimension: {_quoted(line.dimension)}"


def _sum(together: Together) -> Iterator[str]:
    yield f"{together.happened_on} * {_quoted(together.kind)} {_quoted(together.memo)}"
    for line in together.lines:
        yield f"  {_account(line.account)}  {_plain(line.amount_fen)} CNY"


@cache
def _account(code: str) -> str:
    """`Assets:Fund:1001-存于慈善组织`: beancount takes letters, digits and hyphens."""
    account = CHART[code]
    name = re.sub(r"[\W_]+", "-", account.name)
    return f"{_ROOTS[account.kind]}:Fund:{code}-{name}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _plain(fen: int) -> str:
    """`-10482.50`: as programs read money."""
    sign = "-" if fen < 0 else ""
    return sign + yuan(abs(fen)).replace(",", "")


def write_csv(shown: Shown, out: TextIO) -> None:
    """One row per line of every entry; begins with a byte order mark, without which Excel garbles Chinese."""
    out.write("\ufeff")
    rows = csv.writer(out)
    rows.writerow(_headings())
    rows.writerows(
        _csv_row(entry, line, shown.undone) for entry in shown.entries for line in entry.facts.lines
    )
    rows.writerows(_csv_sum(one, line) for one in shown.together for line in one.lines)


def _headings() -> tuple[str, ...]:
    words = (_("凭证号"), _("序号"), _("日期"), _("摘要"), _("科目代码"), _("科目"), _("借方"), _("贷方"))
    return (*words, _("类别"), _("来源"), _("冲销凭证"), _("原因"), _("校验值"))


def _csv_row(entry: Sealed, line: Line, undone: Mapping[int, str]) -> tuple[str | int, ...]:
    it, fen = entry.facts, line.amount_fen
    return (
        voucher(it.fiscal_year, it.number),
        it.sequence,
        it.happened_on.isoformat(),
        cell_text(it.memo),
        line.account,
        CHART[line.account].name,
        _plain(fen) if fen > 0 else "",
        _plain(-fen) if fen < 0 else "",
        cell_text(line.dimension or ""),
        cell_text(it.source),
        undone.get(it.reverses or 0, ""),
        cell_text(it.reason or ""),
        entry.hash,
    )


def _csv_sum(one: Together, line: Line) -> tuple[str | int, ...]:
    fen, account = line.amount_fen, CHART[line.account]
    sides = (_plain(fen) if fen > 0 else "", _plain(-fen) if fen < 0 else "")
    facts = ("", "", one.happened_on.isoformat(), cell_text(one.memo), line.account, account.name)
    return (*facts, *sides, "", "", "", "", "")
