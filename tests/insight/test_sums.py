"""Every sum by period, on any page, paper or export, is the book's; also across a closed quarter."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from beancount import loader
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from market.communities.service import find_community
from market.db import do_in_unit_of_work, unit_of_work
from market.fund import service
from market.fund.models import Fund
from market.fund.published import public_book
from market.fund.rules import Figures
from market.insight import service as insight
from market.ledger import service as ledger
from market.ledger.spans import Span, quarter_of
from market.money import yuan
from market.settlement import service as settlement
from market.stalls import service as stalls
from tests.cast import STREET, Cast, person
from tests.factories.settlement import make_fund
from tests.fund.conftest import AT, Desk, day_of
from tests.ledger.test_export import bean_check

SignIn = Callable[[str], FlaskClient]


@dataclass
class Books:
    """Two years with corrections across a quarter that is closed, and what the book says of each year."""

    years: list[int]
    contributed: dict[int, int]
    income: dict[int, int]
    closed: Span


@pytest.fixture
def books(app: Flask, cast: Cast) -> Books:
    with app.app_context():
        community = find_community(cast.ours)
        with unit_of_work():
            fund = make_fund(community, person("staff"), AT - timedelta(days=900))
        desk = Desk(community, fund)
        days = [desk.market(*fen, in_days=-ago).day for fen, ago in MARKETS]
        desk.arrive(days[0], "GZ-1")
        closed = quarter_of(day_of(days[0].open_at))
        period = do_in_unit_of_work(
            lambda: service.close_quarter(
                fund, closed.first, Figures(0, 0, 0), reference="DZ-1", explanation="还在核",
                by=person("staff"), at=AT,
            )
        )  # fmt: skip
        do_in_unit_of_work(lambda: service.confirm_quarter(period, by=person("member1"), at=AT))
        for stall, fen in enumerate((61_100, 10_100, 45_100)):
            with unit_of_work():  # three vendors, so that the corrections are public as one sum
                by = person("second" if stall % 2 == 0 else "staff")
                held = stalls.assignments(days[0])[stall]
                settlement.correct_takings(held, fen, "看错了一行", by=by, at=AT)
        desk.pay(desk.approved(1_500))
        first, last = day_of(days[0].open_at).year, day_of(AT).year
        years = list(range(first, last + 1))
        return Books(
            years,
            {year: ledger.contributed(fund.book, *bounds(year)) for year in years},
            {year: income_of(fund, year) for year in years},
            closed,
        )  # fmt: skip


MARKETS = (((50_000, 20_000, 30_000), 500), ((70_000, 30_000, 10_000), 60), ((9_000, 8_000, 7_700), 20))


def bounds(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def income_of(fund: Fund, year: int) -> int:
    since, until = bounds(year)
    return -ledger.balances(fund.book, since=since, until=until).get("4101", 0)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def beancount_sums(path: Path) -> Iterator[tuple[int, str, int]]:
    """Year, account and fen of every line, as beancount itself reads the file."""
    entries, errors, _options = loader.load_file(str(path))
    assert errors == []
    for entry in entries:
        for posting in getattr(entry, "postings", ()):
            yield entry.date.year, posting.account, int(posting.units.number * 100)


def test_years_with_corrections_are_told_as_the_book_has_them(
    app: Flask, books: Books, sign_in: SignIn
) -> None:
    anybody, staff, street = app.test_client(), sign_in("staff"), sign_in("viewer")
    for year, fen in books.contributed.items():
        assert yuan(fen) in text_of(anybody.get(f"/c/huaiyin/impact?year={year}").text)
        assert yuan(fen) in text_of(staff.get(f"/staff/huaiyin/insight?year={year}").text)
        assert yuan(fen) in text_of(street.get(f"/region/{STREET}?year={year}").text)
    with app.app_context():
        community = find_community("huaiyin")
        seen = public_book(community)
        assert seen.waiting == 0
        assert {year: seen.contributed(*bounds(year)) for year in books.years} == books.contributed
        for year, fen in books.contributed.items():
            assert insight.counters(community, *bounds(year)).contribution_fen == fen


@pytest.mark.parametrize("form", ["beancount", "csv"])
def test_exports_add_up_to_the_book_for_each_year(
    app: Flask, books: Books, tmp_path: Path, form: str
) -> None:
    answer = app.test_client().get(f"/c/huaiyin/fund/ledger.{form}", buffered=True)
    income = dict.fromkeys(books.years, 0)
    if form == "beancount":
        (tmp_path / "book").write_bytes(answer.data)
        for year, account, fen in beancount_sums(tmp_path / "book"):
            income[year] -= fen if ":4101-" in account else 0
        checked = bean_check(answer.text, tmp_path)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    else:
        for row in csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))):
            if row[4] == "4101":
                debit, credit = (int(side.replace(".", "") or 0) for side in row[6:8])
                income[int(row[2][:4])] += credit - debit
    assert income == books.income


def test_the_full_export_of_the_operator_passes_bean_check(app: Flask, books: Books, tmp_path: Path) -> None:
    with app.app_context():
        out = io.StringIO()
        ledger.export_beancount(ledger.book_of(find_community("huaiyin")), out)
    checked = bean_check(out.getvalue(), tmp_path)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_page_and_notice_of_the_fund_say_what_the_book_holds(app: Flask, books: Books) -> None:
    with app.app_context():
        sums = ledger.balances(ledger.book_of(find_community("huaiyin")))
    came, left = -sums["4101"] + sums["1003"], sums["1001"] + sums["1003"]
    client = app.test_client()
    page = text_of(client.get("/c/huaiyin/fund").text)
    assert f"一共进来 {yuan(came)}" in page
    assert f"合计 {yuan(came)}" in page
    assert f"现在还有 {yuan(left)}" in page
    paper = PdfReader(io.BytesIO(client.get("/c/huaiyin/fund/notice.pdf").data)).pages[0].extract_text()
    assert (yuan(came) in paper, yuan(left) in paper) == (True, True)


def test_the_page_of_periods_has_the_sums_of_each_quarter(app: Flask, books: Books, sign_in: SignIn) -> None:
    pages = [
        sign_in("staff").get("/staff/huaiyin/fund/periods").text,
        sign_in("member1").get("/committee/huaiyin/periods").text,
    ]
    with app.app_context():
        fund = service.require_fund(find_community("huaiyin"))
        views = service.quarters(fund, day_of(AT))
        for view in views:
            moved = ledger.balances(fund.book, since=view.span.first, until=view.span.last)
            assert view.ours.income_fen == -moved.get("4101", 0)
            assert all(yuan(view.ours.income_fen) in page for page in pages)
        whole = -ledger.balances(fund.book)["4101"]
        assert sum(view.ours.income_fen for view in views) == whole


def test_what_was_closed_is_what_it_was_before_the_corrections(app: Flask, books: Books) -> None:
    """D18: no period is negative because of dates."""
    with app.app_context():
        book = ledger.book_of(find_community("huaiyin"))
        span = {"since": books.closed.first, "until": books.closed.last}
        moved = ledger.balances(book, **span)
        assert (moved["4101"], moved["1001"]) == (-5_000, 5_000)
        assert public_book(find_community("huaiyin")).balances(**span) == moved
    assert all(fen >= 0 for fen in books.contributed.values())
