"""The charity's statement read in and compared; what is entered later fits from then on."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from werkzeug.test import TestResponse

from market.db import do_in_unit_of_work, unit_of_work
from market.errors import NotFound, Refusal
from market.fund import service
from market.fund.matching import Difference
from market.fund.models import AccountStatement
from market.fund.statement_file import read_statement
from market.ledger import service as ledger
from tests.cast import Cast, post
from tests.conftest import both_engines
from tests.fund.conftest import AT, Desk, day_of
from tests.fund.test_views import Year, at_desk, text_of, year as year

SignIn = Callable[[str], FlaskClient]
HEAD = ["日期", "凭证号", "摘要", "收入", "支出", "余额"]


def workbook(*rows: Sequence[object]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(file)
    return file.getvalue()


def send(client: FlaskClient, url: str, data: bytes, **fields: str) -> TestResponse:
    """A file into the form, of the last ninety days unless told otherwise."""
    first, last = day_of(AT) - timedelta(days=90), day_of(AT)
    typed = {"reference": "DZ-1", "first_on": first.isoformat(), "last_on": last.isoformat(), **fields}
    return post(client, url, None, sheet=(io.BytesIO(data), "对账单.xlsx"), **typed)


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_workbook_is_read_whatever_stands_above_and_below_it() -> None:
    file = read_statement(
        workbook(
            ["示例慈善总会 专项账户明细"],
            ["编号", "DZ-1"],
            HEAD,
            ["", "", "期初余额", "", "", "1,000.00"],
            [date(2027, 1, 5), "捐2027-001", "集市反哺", 125.5, None, "1,125.50"],
            ["2027/1/9", "", "慰问", "", "60", 1065.5],
            ["20270120", "捐2027-002", "退回", "-5.50", "", "1060"],
            [],
            ["合计", "", "", "120.00", "60.00", ""],
        ),
        "",
    )
    assert file.problems == []
    assert [(line.row, line.on.isoformat(), line.fen, line.reference) for line in file.lines] == [
        (5, "2027-01-05", 12_550, "捐2027-001"),
        (6, "2027-01-09", -6_000, ""),
        (7, "2027-01-20", -550, "捐2027-002"),
    ]
    assert (file.begins_with_fen, file.ends_with_fen) == (100_000, 106_000)


def test_the_newest_first_and_one_column_of_amounts() -> None:
    file = read_statement(b"", "交易日期,金额,余额\n2027-01-09,-60,65.50\n2027-01-05,125.50,125.50")
    assert [line.fen for line in file.lines] == [12_550, -6_000]
    assert (file.begins_with_fen, file.ends_with_fen) == (0, 6_550)


def test_a_row_that_cannot_be_read_is_named() -> None:
    file = read_statement(b"", "日期,收入,支出\n2027-01-05,一百,\n昨天,5,\n2027-01-06,,\n2027-02-30,1,")
    assert [problem.split("：")[0] for problem in file.problems] == [
        "第 2 行",
        "第 3 行",
        "第 4 行",
        "第 5 行",
    ]
    assert file.lines == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "fund.no_table"),
        ("甲,乙\n1,2", "fund.no_columns"),
        ("日期,收入\n2027-01-05,5", "fund.no_columns"),
        ("日期,金额\n" + "2027-01-05,5\n" * 2_001, "fund.too_long"),
    ],
)
def test_what_is_no_statement_is_refused(app: Flask, text: str, code: str) -> None:
    with app.test_request_context(), pytest.raises(Refusal) as refused:
        read_statement(b"", text)
    assert refused.value.code == code


# ── comparing ─────────────────────────────────────────────────────────────────────────────────────────────


def draft(desk: Desk, *rows: str, opening: int = 0, closing: int = 0) -> service.StatementDraft:
    file = read_statement(b"", "\n".join(("日期,凭证号,金额", *rows)))
    first, last = day_of(AT) - timedelta(days=90), day_of(AT)
    return service.StatementDraft("DZ-1", first, last, opening, closing, tuple(file.lines))


def read_in(desk: Desk, what: service.StatementDraft) -> AccountStatement:
    return do_in_unit_of_work(lambda: service.read_in(desk.fund, what, by=desk.clerk, at=AT))


@both_engines
def test_an_arrival_entered_later_fits_from_then_on(desk: Desk) -> None:
    day = desk.market(100_000).day
    on = day_of(day.close_at)
    statement = read_in(desk, draft(desk, f"{on},GZ-1,50.00", closing=5_000))
    it = service.compare(statement)
    assert [found.kind for found in it.matching.differences] == [Difference.NOT_IN_BOOK]
    assert (it.unexplained, it.fits, it.ours_closing_fen) == (1, False, 0)
    desk.arrive(day, "GZ-1")
    it = service.compare(statement)
    assert it.fits
    assert it.ours_closing_fen == 5_000
    with pytest.raises(Refusal) as refused, unit_of_work():
        service.explain(statement, "row:2", "以前没有", by=desk.clerk, at=AT)
    assert refused.value.code == "fund.no_such_difference"


@both_engines
def test_the_same_statement_is_one_and_can_be_taken_back(desk: Desk) -> None:
    what = draft(desk, f"{day_of(AT)},GZ-1,50.00", closing=5_000)
    statement = read_in(desk, what)
    assert read_in(desk, what) is statement
    assert service.account_statements(desk.fund) == [statement]
    do_in_unit_of_work(lambda: service.explain(statement, "row:2", "不是我们的", by=desk.clerk, at=AT))
    assert service.compare(statement).unexplained == 0
    ref = statement.ref
    do_in_unit_of_work(lambda: service.withdraw_statement(statement, by=desk.clerk, at=AT))
    assert service.account_statements(desk.fund) == []
    with pytest.raises(NotFound):
        service.find_statement(desk.fund, ref)


def test_what_was_undone_in_the_same_days_is_nothing(desk: Desk) -> None:
    desk.money(6_000)
    payment = desk.pay(desk.approved(6_000))
    with unit_of_work():
        ledger.reverse(payment.entry, reason="付错了", by=desk.clerk, at=AT)
    it = service.compare(read_in(desk, draft(desk, f"{day_of(AT)},GZ-1,60.00", closing=6_000)))
    assert it.fits


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reference": " "}, "fund.no_statement"),
        ({"lines": ()}, "fund.no_lines"),
        ({"first_on": day_of(AT) + timedelta(days=1)}, "fund.wrong_days"),
        ({"last_on": day_of(AT) - timedelta(days=1)}, "fund.line_outside"),
    ],
)
def test_a_statement_that_cannot_be_one_is_refused(desk: Desk, change: dict[str, object], code: str) -> None:
    what = draft(desk, f"{day_of(AT)},GZ-1,50.00")
    fields = {**what.__dict__, **change}
    with pytest.raises(Refusal) as refused, unit_of_work():
        service.read_in(desk.fund, service.StatementDraft(**fields), by=desk.clerk, at=AT)
    assert refused.value.code == code


# ── the pages ─────────────────────────────────────────────────────────────────────────────────────────────


def test_staff_read_a_statement_enter_what_arrived_and_say_why_the_rest_differs(
    cast: Cast, year: Year, sign_in: SignIn
) -> None:
    client = sign_in("second")
    url = f"/staff/{cast.ours}/fund/statements"
    today = day_of(AT)
    rows: list[Sequence[object]] = [
        HEAD,
        [today - timedelta(days=59), "GZ-1", "集市反哺", 125, None, 125],
        [today - timedelta(days=29), "GZ-2", "集市反哺", "41.01", None, "166.01"],
        [today - timedelta(days=1), "FK-1", "慰问", None, 60, "106.01"],
        [today, "", "手续费", None, 2, "104.01"],
    ]
    answer = client.get(send(client, url, workbook(*rows)).location)
    page = text_of(answer.text)
    assert "2 处对不上" in page
    assert "对得上的 2 笔" in page
    form = re.search(rf'action="({url}/\w+/arrivals/{year.in_transit})"', answer.text)
    assert form is not None
    page = text_of(client.get(post(client, url, form[1], reference="GZ-2").location).text)
    assert "1 处对不上" in page
    assert "没有说明" in page
    remarks = re.sub(r"/arrivals/.*", "/remarks", form[1])
    again = post(client, url, remarks, about="row:5", sentence=" ")
    assert (again.status_code, "请写一句是怎么回事。" in again.text) == (422, True)
    page = text_of(client.get(post(client, url, remarks, about="row:5", sentence="下季度补记").location).text)
    assert "下季度补记" in page
    assert "1 处对不上，都写了说明" in text_of(client.get(url).text)


def test_a_file_that_cannot_be_read_keeps_what_was_typed(cast: Cast, year: Year, sign_in: SignIn) -> None:
    client = sign_in("second")
    url = f"/staff/{cast.ours}/fund/statements"
    answer = send(client, url, workbook(HEAD, ["昨天", "", "", 5, "", ""]), reference="DZ-7")
    assert answer.status_code == 422
    assert "第 2 行：日期看不懂。" in answer.text
    assert 'value="DZ-7"' in answer.text
    answer = send(client, url, workbook(HEAD, [day_of(AT), "", "", 5, "", ""]))
    assert (answer.status_code, "请照对账单填期初余额和期末余额" in answer.text) == (422, True)
    answer = send(client, url, workbook(HEAD, [day_of(AT), "", "", 5, "", ""]), opening="0", closing="5")
    assert answer.status_code == 302


def test_a_wrong_sum_is_said_with_both_numbers(cast: Cast, year: Year, sign_in: SignIn) -> None:
    client = sign_in("second")
    rows: list[Sequence[object]] = [HEAD, [day_of(AT), "", "", 5, "", 5], [day_of(AT), "", "", 5, "", 11]]
    page = text_of(
        client.get(send(client, f"/staff/{cast.ours}/fund/statements", workbook(*rows)).location).text
    )
    assert "第 3 行的余额，不等于上一行加这一笔（11.00 元，应当是 10.00 元）。" in page


def test_a_statement_of_a_quarter_fills_in_its_close(
    app: Flask, cast: Cast, year: Year, sign_in: SignIn
) -> None:
    client = sign_in("second")
    with at_desk(app, cast) as desk:
        desk.market(100_000, in_days=-200)  # so that a quarter is over, whatever the date
        span = service.quarters(desk.fund, day_of(AT))[-1].span
        days = {"first_on": span.first.isoformat(), "last_on": span.last.isoformat()}
        rows: list[Sequence[object]] = [
            HEAD,
            [span.first, "A1", "", 5, "", 5],
            [span.last, "A2", "", "", 2, 3],
        ]
    url = f"/staff/{cast.ours}/fund"
    send(client, f"{url}/statements", workbook(*rows), **days)
    page = client.get(f"{url}/periods").text
    for name, value in (("reference", "DZ-1"), ("income", "5"), ("spent", "2"), ("balance", "3")):
        assert re.search(rf'name="{name}"[^>]*value="{value}"', page), name


def test_money_on_its_way_for_more_than_three_days_is_marked(cast: Cast, year: Year, sign_in: SignIn) -> None:
    page = sign_in("staff").get(f"/staff/{cast.ours}/fund").text
    assert re.search(r'class="tag stop"[^<]*(?:<svg.*?</svg>)?\s*在路上 \d+ 天', page, re.DOTALL)
