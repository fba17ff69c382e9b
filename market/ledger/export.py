"""The book as other programs read it: beancount text and a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple, TextIO

from flask_babel import gettext as _

from market.ledger.chain import fingerprint
from market.ledger.models import Book, Entry, Posting
from market.ledger.rules import CHART, EntryKind, Kind, Line, balances
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


Shown = Entry | Together


def write_beancount(book: Book, entries: Sequence[Entry], together: Sequence[Together], out: TextIO) -> None:
    """A book for `bean-check`: accounts, transactions, and the closing balances as assertions."""
    out.writelines(f"{line}\n" for line in _beancount(book, [*entries, *together]))


def _beancount(book: Book, entries: Sequence[Shown]) -> Iterator[str]:
    yield f'option "title" {_quoted(book.title)}'
    yield 'option "operating_currency" "CNY"'
    yield f"; {book.entry_count} {book.head_hash} {fingerprint(book.head_hash)}"
    if not entries:
        return
    sums = balances(line for entry in entries for line in entry.lines)
    first = min(entry.happened_on for entry in entries)
    after = max(entry.happened_on for entry in entries) + timedelta(days=1)
    yield ""
    yield from (f"{first} open {_account(code)} CNY" for code in sums)
    for entry in entries:
        yield ""
        yield from _transaction(entry) if isinstance(entry, Entry) else _sum(entry)
    yield ""
    yield from (f"{after} balance {_account(code)} {_plain(fen)} CNY" for code, fen in sums.items())


def _transaction(entry: Entry) -> Iterator[str]:
    yield f"{entry.happened_on} * {_quoted(entry.kind)} {_quoted(entry.memo)}"
    facts = {
        "number": entry.voucher,
        "sequence": str(entry.sequence),
        "source": entry.source,
        "posted-at": entry.posted_at.isoformat(),
        "reverses": entry.reverses.voucher if entry.reverses else None,
        "reason": entry.reason,
        "prev-hash": entry.prev_hash,
        "hash": entry.hash,
    }
    yield from (f"  {key}: {_quoted(value)}" for key, value in facts.items() if value)
    for posting in entry.postings:
        yield f"  {_account(posting.account)}  {_plain(posting.amount_fen)} CNY"
        if posting.dimension:
            yield f"    dimension: {_quoted(posting.dimension)}"


def _sum(together: Together) -> Iterator[str]:
    yield f"{together.happened_on} * {_quoted(together.kind)} {_quoted(together.memo)}"
    for line in together.lines:
        yield f"  {_account(line.account)}  {_plain(line.amount_fen)} CNY"


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


def write_csv(book: Book, entries: Sequence[Entry], together: Sequence[Together], out: TextIO) -> None:
    """One row per line of every entry; begins with a byte order mark, without which Excel garbles Chinese."""
    out.write("\ufeff")
    rows = csv.writer(out)
    rows.writerow(_headings())
    rows.writerows(_csv_row(entry, posting) for entry in entries for posting in entry.postings)
    rows.writerows(_csv_sum(one, line) for one in together for line in one.lines)


def _headings() -> tuple[str, ...]:
    words = (_("凭证号"), _("序号"), _("日期"), _("摘要"), _("科目代码"), _("科目"), _("借方"), _("贷方"))
    return (*words, _("类别"), _("来源"), _("冲销凭证"), _("原因"), _("校验值"))


def _csv_row(entry: Entry, posting: Posting) -> tuple[str | int, ...]:
    fen = posting.amount_fen
    return (
        entry.voucher,
        entry.sequence,
        entry.happened_on.isoformat(),
        cell_text(entry.memo),
        posting.account,
        CHART[posting.account].name,
        _plain(fen) if fen > 0 else "",
        _plain(-fen) if fen < 0 else "",
        cell_text(posting.dimension or ""),
        cell_text(entry.source),
        entry.reverses.voucher if entry.reverses else "",
        cell_text(entry.reason or ""),
        entry.hash,
    )


def _csv_sum(one: Together, line: Line) -> tuple[str | int, ...]:
    fen, account = line.amount_fen, CHART[line.account]
    sides = (_plain(fen) if fen > 0 else "", _plain(-fen) if fen < 0 else "")
    facts = ("", "", one.happened_on.isoformat(), cell_text(one.memo), line.account, account.name)
    return (*facts, *sides, "", "", "", "", "")
