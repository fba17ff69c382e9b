"""The reports of the played year equal the ledger and the counters, for every month, quarter and year."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy.orm import InstrumentedAttribute

from market import clock
from market.calendar.models import MarketDay
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db
from market.fund.models import Payment
from market.fund.rules import figures
from market.gate.models import FootfallCount
from market.insight import service as insight
from market.insight.periods import Period, periods_between, read_period
from market.ledger import service as ledger
from market.ledger.models import Entry
from market.reports.rules import Sums, add_up
from market.reports.service.report import CommunityReport, community_report, region_report
from market.settlement.models import InKindItem
from tests.demo_year import OURS, client_of
from tests.parts.office import cells_in, cells_of, opened_by_office

AT = clock.now()
PERIODS = periods_between(date(2023, 11, 1), date(2025, 2, 28))
"""The year of the demo and what is around it, in which nothing happened."""


class Said(NamedTuple):
    """What is compared, worked out in the plainest way from what was written down."""

    days: int
    vendors: int
    appearances: int
    visits: int
    contributed_fen: int
    items: int
    arrived_fen: int
    spent_fen: int
    projects: int
    at_charity_fen: int


def report_of(period: Period) -> CommunityReport:
    return community_report(find_community(OURS), period, at=AT)


def in_report(sums: Sums) -> Said:
    return Said(*(getattr(sums, name) for name in Said._fields))


def by_other_ways(community: Community, period: Period) -> Said:
    counted = insight.counters(community, *period.span)
    book = ledger.book_of(community)
    moved = ledger.balances(book, since=period.first, until=period.last)
    money = figures(moved, ledger.balances(book, until=period.last))
    opened = MarketDay.open_at.between(
        clock.at_local(period.first, time.min, community.zone),
        clock.at_local(period.last, time.max, community.zone),
    )
    ours = sa.select(MarketDay.id).where(MarketDay.community_id == community.id, opened)
    paid = sa.select(sa.func.count(Payment.id)).join(Payment.entry)
    return Said(
        counted.days,
        counted.vendors,
        counted.appearances,
        total(FootfallCount.visits, FootfallCount.day_id.in_(ours)),
        ledger.contributed(book, *period.span),
        total(InKindItem.items, InKindItem.day_id.in_(ours), InKindItem.voided_at.is_(None)),
        money.income_fen,
        money.spent_fen,
        db.session.scalar(paid.where(Entry.happened_on.between(*period.span))) or 0,
        money.balance_fen,
    )


def total(column: InstrumentedAttribute[int], *conditions: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(*conditions)) or 0


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.code)
def test_a_report_is_what_ledger_and_counters_say(year_app: Flask, period: Period) -> None:
    with year_app.app_context():
        report = report_of(period)
        assert in_report(report.now.sums) == by_other_ways(find_community(OURS), period)
        assert sum(line.booked_fen for line in report.markets) == report.now.sums.contributed_fen
        assert sum(line.visits or 0 for line in report.own_markets) == report.now.sums.visits
        assert sum(line.items or 0 for line in report.own_markets) == report.now.sums.items
        assert len(report.own_markets) == report.now.sums.days


def test_the_year_is_the_one_of_the_newspaper(year_app: Flask) -> None:
    with year_app.app_context():
        sums = report_of(read_period("2024") or PERIODS[0]).now.sums
    assert (sums.days, sums.appearances, sums.visits, sums.items) == (11, 306, 5_236, 112)
    assert (sums.contributed_fen, sums.arrived_fen) == (1_048_250, 1_048_250)


@pytest.mark.parametrize("code", ["2024", "2024-Q1", "2024-Q3", "2024-Q4"])
def test_months_add_up_to_their_quarter_and_their_year_but_for_different_vendors(
    year_app: Flask, code: str
) -> None:
    with year_app.app_context():
        report = report_of(read_period(code) or PERIODS[0])
        months = [report_of(month).now.sums for month in report.period.months]
    whole, parts = report.now.sums, add_up(months)
    for name in (
        "days",
        "appearances",
        "visits",
        "contributed_fen",
        "items",
        "arrived_fen",
        "spent_fen",
        "projects",
    ):
        assert getattr(parts, name) == getattr(whole, name), name
    assert months[-1].at_charity_fen == whole.at_charity_fen
    assert parts.vendors > whole.vendors  # regulars came in several months
    assert [line.contributed_fen for line in report.months] == [one.contributed_fen for one in months]
    assert [line.visits for line in report.months] == [one.visits for one in months]


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.code)
def test_the_street_is_the_sum_of_its_communities(year_app: Flask, period: Period) -> None:
    with year_app.app_context():
        region = find_community(OURS).region
        report = region_report(region, period, at=AT)
        each = [
            community_report(find_community(part.place.slug), period, at=AT).now.sums
            for part in report.communities
            if part.place
        ]
        assert report.now.sums == add_up(each) == add_up(part.sums for part in report.parts)
        assert len(each) == 2


@pytest.fixture
def workbook(year_app: Flask) -> bytes:
    answer = client_of(year_app, "demo-staff").get("/staff/demo/reports/2024/report.xlsx")
    assert answer.status_code == 200
    return bytes(answer.data)


@pytest.mark.slow
def test_libreoffice_opens_the_workbook_with_the_same_cells(workbook: bytes, tmp_path: Path) -> None:
    assert cells_of(opened_by_office(workbook, tmp_path)) == cells_in(workbook)


def test_the_workbook_is_opened_and_says_the_same(year_app: Flask, workbook: bytes) -> None:
    book: Any = load_workbook(io.BytesIO(workbook))
    assert book.sheetnames == ["年度汇总表", "每个月", "每一场", "怎么算的"]
    heads = {cell.value: cell.column for cell in book["年度汇总表"][4]}
    year = [cell.value for cell in book["年度汇总表"][5]]
    assert year[0] == "2024 年"
    assert year[heads["人次"] - 1] == 5_236
    assert year[heads["反哺金额"] - 1] == 10_482.5
    assert year[heads["投诉"] - 1] == 2
    markets = [
        row for row in book["每一场"].iter_rows(min_row=5, values_only=True) if isinstance(row[0], datetime)
    ]
    assert len(markets) == 11
    assert sum(row[3] for row in markets) == 5_236
    assert round(sum(row[4] for row in markets), 2) == 10_482.5
    assert [row[0] for row in book["怎么算的"].iter_rows(min_row=4, max_row=7, values_only=True)] == [
        "场次", "商户家数", "家次", "人次",
    ]  # fmt: skip
