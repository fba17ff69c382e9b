"""The book as other programs read it."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import date
from pathlib import Path

from market.db import unit_of_work
from market.ledger import service
from market.ledger.rules import CHART, credit, debit
from tests.ledger.conftest import Desk, given


def bean_check(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """What beancount's own checker, a program that knows nothing of ours, says about a text."""
    file = folder / "book.beancount"
    file.write_text(text, encoding="utf-8")
    program = Path(sys.executable).with_name("bean-check")
    return subprocess.run([program, "--no-cache", file], capture_output=True, text=True, check=False)


def beancount(desk: Desk) -> str:
    out = io.StringIO()
    service.export_beancount(desk.book, out)
    return out.getvalue()


def rows(desk: Desk) -> list[dict[str, str]]:
    out = io.StringIO()
    service.export_csv(desk.book, out)
    assert out.getvalue()[0] == "\ufeff"
    return list(csv.DictReader(io.StringIO(out.getvalue()[1:])))


def test_the_export_passes_bean_check(year: Desk, tmp_path: Path) -> None:
    done = bean_check(beancount(year), tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_bean_check_would_see_one_fen_too_many(year: Desk, tmp_path: Path) -> None:
    text = beancount(year).replace("1001-存于慈善组织  300.00", "1001-存于慈善组织  300.01")
    done = bean_check(text, tmp_path)
    assert done.returncode == 1
    assert "Transaction does not balance" in done.stderr


def test_bean_check_would_see_a_missing_transaction(year: Desk, tmp_path: Path) -> None:
    head, gone, rest = beancount(year).partition("2024-03-23 *")
    done = bean_check(head + rest[rest.index("\n\n") :], tmp_path)
    assert gone
    assert done.returncode == 1
    assert "Balance failed" in done.stderr


def test_a_transaction_carries_its_number_its_hash_and_its_way_back(year: Desk) -> None:
    reversal = service.entries(year.book)[3]
    expected = [
        '2024-04-26 * "reversal" "冲销 2024-0002"',
        '  number: "2024-0004"',
        '  sequence: "4"',
        f'  source: "{reversal.source}"',
        '  posted-at: "2024-04-26T10:00:00+00:00"',
        '  reverses: "2024-0002"',
        '  reason: "报错了金额"',
        f'  prev-hash: "{reversal.prev_hash}"',
        f'  hash: "{reversal.hash}"',
        "  Assets:Fund:1001-存于慈善组织  -200.00 CNY",
        "  Income:Fund:4101-集市反哺  200.00 CNY",
    ]
    assert "\n".join(expected) in beancount(year)


def test_hostile_text_and_every_account_pass_bean_check(desk: Desk, tmp_path: Path) -> None:
    with unit_of_work():
        desk.post("a", given(5, '=cmd|"x"\\'), memo='"反哺" \\ ; #标签 ^x 䶮𠮷 {% x %}', reason="@1")
        for code in sorted(set(CHART) - {"1001"}):
            desk.post(f"b:{code}", [debit("1001", 3), credit(code, 3)], memo=CHART[code].name)
    done = bean_check(beancount(desk), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_empty_book_passes_bean_check(desk: Desk, tmp_path: Path) -> None:
    assert bean_check(beancount(desk), tmp_path).returncode == 0


def test_the_spreadsheet_has_a_row_for_every_line_and_balances(year: Desk) -> None:
    table = rows(year)
    assert len(table) == 12
    assert sum(round(float(row["借方"] or 0) * 100) for row in table) == 1350_00
    assert sum(round(float(row["贷方"] or 0) * 100) for row in table) == 1350_00
    assert [table[6][name] for name in ("凭证号", "日期", "科目", "借方", "贷方", "冲销凭证")] == [
        "2024-0004",
        "2024-04-26",
        "存于慈善组织",
        "",
        "200.00",
        "2024-0002",
    ]


def test_what_is_kept_back_is_in_no_row(year: Desk) -> None:
    out = io.StringIO()
    service.export_csv(year.book, out, hidden={service.entries(year.book)[5].ref})
    told = csv.DictReader(io.StringIO(out.getvalue()[1:]))
    assert [row["凭证号"] for row in told] == [row["凭证号"] for row in rows(year)][:10]


def test_a_text_is_never_a_formula_in_the_spreadsheet(desk: Desk) -> None:
    with unit_of_work():
        desk.post("@a", given(5, "+1"), memo="=1+1", reason="-1", day=date(2024, 2, 1))
    (first, second) = rows(desk)
    assert [first[name] for name in ("摘要", "来源", "原因")] == ["'=1+1", "'@a", "'-1"]
    assert second["类别"] == "'+1"
