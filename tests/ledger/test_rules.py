"""Lines, texts and sums."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from market.ledger.rules import (
    CHART,
    MAX_LINE_FEN,
    Code,
    Kind,
    Line,
    LineFault,
    TextFault,
    balances,
    check_lines,
    check_text,
    credit,
    debit,
    mirror,
    natural,
    overdraws,
)

amounts = st.integers(-MAX_LINE_FEN, MAX_LINE_FEN).filter(bool)
lines = st.builds(
    Line, st.sampled_from(sorted(CHART)), amounts, st.none() | st.sampled_from(["蔬菜水果", "便民服务"])
)


def test_every_account_of_the_chart_has_its_own_code_and_name() -> None:
    assert {code: account.code.value for code, account in CHART.items()} == {code: code for code in CHART}
    assert len({account.name for account in CHART.values()}) == len(CHART) == len(Code) == 30


@pytest.mark.parametrize(
    ("digit", "kind"),
    [("1", Kind.ASSET), ("2", Kind.LIABILITY), ("3", Kind.NET), ("4", Kind.INCOME), ("5", Kind.EXPENSE)],
)
def test_the_first_digit_of_a_code_tells_its_kind(digit: str, kind: Kind) -> None:
    assert {account.kind for code, account in CHART.items() if code[0] == digit} == {kind}


@pytest.mark.parametrize(
    ("given_lines", "fault"),
    [
        ([], LineFault.TOO_FEW),
        ([Line("1001", 100)], LineFault.TOO_FEW),
        ([Line("1001", 100), Line("4101", -99)], LineFault.UNBALANCED),
        ([Line("1001", 100), Line("4101", 100)], LineFault.UNBALANCED),
        ([Line("1001", 0), Line("4101", 0)], LineFault.ZERO),
        ([Line("1001", 100), Line("9999", -100)], LineFault.UNKNOWN_ACCOUNT),
        ([Line("1001", 10**12 + 1), Line("4101", -(10**12) - 1)], LineFault.TOO_LARGE),
        ([Line("1001", 10**12), Line("4101", -(10**12))], None),
        ([Line("1001", 100), Line("4101", -60), Line("4105", -40)], None),
        ([Line("1001", 60, "蔬菜水果"), Line("1001", 40, "便民服务"), Line("4101", -100)], None),
    ],
)
def test_lines_balance_or_the_first_fault_is_named(given_lines: list[Line], fault: LineFault | None) -> None:
    assert check_lines(given_lines) == fault


@given(st.lists(lines, min_size=1, max_size=8))
def test_lines_and_their_mirror_always_balance(some: list[Line]) -> None:
    assert check_lines([*some, *mirror(some)]) is None
    assert mirror(mirror(some)) == tuple(some)


@given(st.lists(lines, min_size=1, max_size=8), amounts)
def test_one_more_line_unbalances_what_balanced(some: list[Line], amount_fen: int) -> None:
    assert check_lines([*some, *mirror(some), Line("1001", amount_fen)]) == LineFault.UNBALANCED


def test_debit_and_credit_are_the_two_sides() -> None:
    assert debit(Code.AT_CHARITY, 5) == Line("1001", 5)
    assert credit(Code.FROM_MARKETS, 5, "蔬菜水果") == Line("4101", -5, "蔬菜水果")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("第 1 场集市反哺", None),
        ("x" * 200, None),
        ("x" * 201, TextFault.TOO_LONG),
        ("", TextFault.EMPTY),
        (" \u3000", TextFault.EMPTY),
        ("两\n行", TextFault.UNPRINTABLE),
        ("a\x00b", TextFault.UNPRINTABLE),
        ("a\ud800b", TextFault.UNPRINTABLE),
        ("张三 13812345678", TextFault.PERSONAL),
        ("电话１３８１２３４５６７８", TextFault.PERSONAL),
        ("37030319700101001X", TextFault.PERSONAL),
        ("银行流水 202409150000123456", None),
        ("订单 20240127000112345678901", None),
        ("鋆䶮𠮷 “=1+1”", None),
    ],
)
def test_a_text_that_stays_for_thirty_years_is_checked(text: str, fault: TextFault | None) -> None:
    assert check_text(text) == fault


@given(st.lists(lines, max_size=12))
def test_balances_lose_nothing(some: list[Line]) -> None:
    assert sum(balances(some).values()) == sum(line.amount_fen for line in some)
    assert list(balances(some)) == sorted({line.account for line in some})


def test_people_read_income_as_a_positive_amount() -> None:
    assert [natural(code, 5) for code in ("1001", "2001", "3001", "4101", "5101")] == [5, -5, -5, -5, 5]


@pytest.mark.parametrize(
    ("held_fen", "change_fen", "refused"),
    [(100, -100, False), (100, -101, True), (0, 1, False), (-5, 1, False), (-5, -1, True)],
)
def test_no_more_is_spent_than_the_charity_holds(held_fen: int, change_fen: int, refused: bool) -> None:
    spending = [Line("1001", change_fen), Line("5103", -change_fen)]
    assert overdraws({"1001": held_fen}, spending) is refused


def test_money_that_leaves_and_comes_back_in_one_entry_is_no_overdraft() -> None:
    assert overdraws({}, [Line("1001", -100), Line("1001", 100)]) is False


def test_the_first_spending_of_an_empty_fund_overdraws_it() -> None:
    assert overdraws({}, [Line("1001", -1), Line("5101", 1)]) is True


def test_an_entry_that_leaves_the_charitys_money_alone_overdraws_nothing() -> None:
    assert overdraws({"1001": -1}, [Line("1003", 5), Line("4101", -5)]) is False


def test_both_sides_keep_what_the_line_is_about() -> None:
    assert debit("1003", 5, "蔬菜水果") == Line("1003", 5, "蔬菜水果")
    assert credit("4101", 5, "蔬菜水果") == Line("4101", -5, "蔬菜水果")


@pytest.mark.parametrize("break_", ["\u2028", "\u2029"], ids=["line", "paragraph"])
def test_a_break_that_no_line_shows_is_unprintable(break_: str) -> None:
    assert check_text(f"米{break_}面") == TextFault.UNPRINTABLE
