"""The demo year, played once: every market comes to what the record says, and the book proves it."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from market import clock
from market.audit import AuditRow
from market.calendar import service as calendar
from market.calendar.models import MarketDay
from market.calendar.rules import DayState
from market.communities.models import Community
from market.communities.service import find_community
from market.db import db
from market.demo import play, records
from market.demo.ahead import ENDS_SOON
from market.demo.cast import SLUG
from market.demo.records import MarketRow
from market.fund import service as funds
from market.fund.due import Standing
from market.fund.published import public_book
from market.fund.quarter_facts import read_facts
from market.fund.service import quarter_notices as notices
from market.gate import service as gate
from market.gate.models import Scan
from market.gate.rules import ScanMethod, Verdict
from market.insight import proof, service as insight
from market.insight.rules import Counters
from market.ledger import service as ledger
from market.ledger.rules import IN_KIND, Code, EntryKind
from market.passes import service as passes
from market.people import service as people
from market.settlement import service as settlement
from market.stalls import service as stalls
from market.stalls.models import Assignment
from market.stalls.rules import ReleaseReason
from market.vendors import service as vendors
from market.vendors.models import Application, Vendor
from market.vendors.rules import ApplicationState
from tests.demo_year import client_of

pytestmark = pytest.mark.slow

TOTALS = Counters(
    days=11,
    vendors=62,
    appearances=306,
    visits=5_236,
    takings_fen=20_965_000,
    contribution_fen=1_048_250,
    items=112,
    counted_days=11,
)
YEAR = records.markets()
PHONES = {row.phone: row.code for row in records.vendors()}


@pytest.fixture
def year(year_app: Flask) -> Iterator[Flask]:
    """An application on a database in which the demo was played a moment ago."""
    with year_app.app_context():
        yield year_app


def ours() -> Community:
    return find_community(SLUG)


def day_of(number: int) -> MarketDay:
    market = YEAR[number - 1]
    return next(day for day in calendar.days(ours()) if day.open_at == market.moment(market.open_at))


def code_of(vendor: Vendor) -> str:
    return PHONES[vendor.phone]


# ── the year ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("market", YEAR, ids=lambda market: market.theme)
def test_a_market_is_settled_with_the_totals_of_the_record(year: Flask, market: MarketRow) -> None:
    day = day_of(market.number)
    closed = settlement.settlement_of(day)
    assert closed is not None
    assert (day.theme, day.state, funds.in_transit(day)) == (market.theme, DayState.SETTLED, 0)
    assert (closed.vendors, closed.visits, closed.items, closed.takings_fen, closed.contribution_fen) == (
        market.vendors,
        market.visits,
        market.items,
        market.takings_fen,
        market.contribution_fen,
    )


@pytest.mark.parametrize("market", YEAR, ids=lambda market: market.theme)
def test_every_vendor_gave_what_the_record_says(year: Flask, market: MarketRow) -> None:
    closed = settlement.settlement_of(day_of(market.number))
    assert closed is not None
    assert {
        code_of(line.assignment.vendor): (line.takings_fen, line.contribution_fen) for line in closed.lines
    } == {
        row.vendor: (row.takings_fen, row.contribution_fen)
        for row in market.applications
        if row.attendance == "attended"
    }


@pytest.mark.parametrize("market", YEAR, ids=lambda market: market.theme)
def test_every_vendor_came_in_when_the_record_says(year: Flask, market: MarketRow) -> None:
    came = gate.attendance(day_of(market.number)).values()
    assert {
        code_of(seen.assignment.vendor): seen.scanned_at for seen in came if seen.assignment is not None
    } == {row.vendor: market.moment(row.arrived_at) for row in market.applications if row.arrived_at}


@pytest.mark.parametrize("market", YEAR, ids=lambda market: market.theme)
def test_who_was_not_placed_waits_in_the_order_of_application(year: Flask, market: MarketRow) -> None:
    waiting = [code_of(application.vendor) for application in stalls.waiting_list(day_of(market.number))]
    assert waiting == [row.vendor for row in market.applications if row.placement == "waitlist"]


def test_the_counters_are_those_of_the_report(year: Flask) -> None:
    assert insight.counters(ours()) == TOTALS


def test_the_street_begins_with_the_year_of_its_newest_market(year: Flask) -> None:
    page = client_of(year, "demo-viewer").get(f"/region/{ours().region.code}").text
    assert insight.newest_market(ours().region) == day_of(11).open_at
    assert "2024 年" in page


def test_the_street_sees_both_communities(year: Flask) -> None:
    assert insight.roll_up(ours().region) == [
        (find_community("songlin"), Counters()),
        (ours(), TOTALS),
    ]


# ── its stories ───────────────────────────────────────────────────────────────────────────────────────────


def test_two_did_not_come_in_may_and_the_first_in_line_stood_in_on_the_spot(year: Flask) -> None:
    query = sa.select(Assignment).where(Assignment.release_reason == ReleaseReason.NO_SHOW)
    missed = list(db.session.scalars(query))
    assert {(code_of(held.vendor), held.day) for held in missed} == {
        ("F04", day_of(5)),
        ("M02", day_of(5)),
    }
    promoted = db.session.scalars(sa.select(Assignment).where(Assignment.reason_code == "promoted")).one()
    assert (code_of(promoted.vendor), promoted.day) == ("S03", day_of(5))


def test_the_cook_whose_health_certificate_had_ended_was_turned_down_and_came_again(year: Flask) -> None:
    query = sa.select(Application).where(Application.state == ApplicationState.REJECTED)
    refused = db.session.scalars(query).one()
    assert (code_of(refused.vendor), refused.day, refused.decision_note) == (
        "C02",
        day_of(6),
        "健康证 2024-06-01 到期",
    )
    lacking = vendors.findings_by_vendor([refused.vendor], date(2024, 7, 6))
    assert lacking[refused.vendor_id] == []


def test_the_rain_closed_the_market_early_and_residents_read_why(year: Flask) -> None:
    day = day_of(8)
    assert (day.closed_early, day.closed_at, day.public_note[:8]) == (
        True,
        datetime(2024, 8, 10, 2, 10, tzinfo=UTC),
        "下雨，10:10",
    )
    left = db.session.scalars(
        sa.select(Assignment).where(Assignment.release_reason == ReleaseReason.WITHDRAWN)
    ).one()
    assert (code_of(left.vendor), left.day) == ("P06", day)


def test_the_wrong_reports_stand_reversed_beside_the_right_ones(year: Flask) -> None:
    """Three of them: fewer would be published with the next market only, and there is none."""
    latest, *_between, first = settlement.revisions(day_of(11))
    assert (first.contribution_fen, latest.contribution_fen) == (160_610, 97_250)
    assert (latest.reason, latest.settled_by == first.settled_by) == ("当日错报，收市后更正", False)
    kinds = [entry.kind for entry in ledger.entries(ledger.book_of(ours()))][-8:]
    corrected = [EntryKind.REVERSAL, EntryKind.CONTRIBUTION] * 3
    assert kinds == [EntryKind.CONTRIBUTION, *corrected, EntryKind.REMITTANCE]
    seen = public_book(ours())
    assert (seen.waiting, seen.contributed()) == (0, 1_048_250)


def test_the_gate_was_passed_by_camera_by_code_and_by_list(year: Flask) -> None:
    scans = list(db.session.scalars(sa.select(Scan)))
    assert {seen.method for seen in scans} == set(ScanMethod)
    assert [seen.verdict for seen in scans] == [Verdict.ADMITTED] * 306


# ── the money ─────────────────────────────────────────────────────────────────────────────────────────────


def test_all_the_money_is_at_the_charity(year: Flask) -> None:
    book = ledger.book_of(ours())
    assert ledger.balance(book, Code.AT_CHARITY) == 472_250
    assert ledger.balance(book, Code.TRANSFER_PENDING) == 0
    spent = [ledger.balance(book, code) for code in (Code.VISITS, Code.REPAIRS, Code.SERVICE_PROJECTS)]
    assert spent == [240_000, 186_000, 150_000]


@pytest.mark.parametrize(("slug", "balance"), [(SLUG, 472_250), ("hemu", None), ("qiaonan", None)])
def test_every_quarter_that_is_over_was_published_in_time(
    year: Flask, slug: str, balance: int | None
) -> None:
    """The last one may still have days left; the running one is open."""
    fund = funds.require_fund(find_community(slug))
    clocks = notices.clocks(fund, clock.today(fund.community.zone))
    assert {due.standing for due, _period, _notice in clocks[2:]} == {Standing.IN_TIME}
    assert clocks[0][0].standing is Standing.RUNNING
    assert clocks[1][0].standing in (Standing.IN_TIME, Standing.DUE)
    told = [read_facts(notice.facts) for _due, _period, notice in clocks if notice is not None]
    assert all(facts.adds_up for facts in told)
    assert all(later.opening_fen == facts.closing_fen for later, facts in pairwise(told))
    assert balance is None or told[0].closing_fen == balance


def test_rice_stands_beside_the_money_of_a_neighbour(year: Flask) -> None:
    community = find_community("hemu")
    held = {code: ledger.balance(ledger.book_of(community), code) for code in IN_KIND}
    in_store = [lot for lot in funds.lots(community) if lot.booked is not None]
    assert held[Code.GOODS] == sum(180_000 * lot.left // lot.count for lot in in_store)
    assert sum(held.values()) == 0


def test_the_whole_proof_holds(year: Flask) -> None:
    report = proof.verify_everything()
    assert (report.faults, [line for line in report.lines if line.startswith("✕")]) == (0, [])


def test_an_independent_program_accepts_the_book(year: Flask, tmp_path: Path) -> None:
    out = io.StringIO()
    ledger.export_beancount(ledger.book_of(ours()), out)
    target = tmp_path / "demo.beancount"
    target.write_text(out.getvalue(), encoding="utf-8")
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "bean-check"), str(target)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


# ── what lies ahead ───────────────────────────────────────────────────────────────────────────────────────


def coming() -> MarketDay:
    return next(day for day in calendar.days(ours()) if day.state is DayState.PUBLISHED)


def test_the_next_market_is_published_within_days_with_a_pass_for_everyone(year: Flask) -> None:
    day = coming()
    assert timedelta(days=1) < day.open_at - clock.now() < timedelta(days=9)
    assert calendar.local_date(day).weekday() == 5
    placed = stalls.assignments(day)
    assert (len(placed), len(passes.live_passes(day)), len(stalls.waiting_list(day))) == (24, 24, 2)
    assert "P01" in {code_of(held.vendor) for held in placed}


def test_the_next_market_has_one_warning_to_learn_from(year: Flask) -> None:
    found = stalls.readiness(coming(), clock.today("Asia/Shanghai"))
    names = [dict(finding.params)["vendor"] for finding in found]
    vendor = next(row.trading_name for row in records.vendors() if row.code == ENDS_SOON[0])
    assert ([finding.code for finding in found], names) == (["health_cert_expires_soon"], [vendor])


def test_the_vendor_who_can_sign_in_may_apply_at_once(year: Flask) -> None:
    [day] = calendar.open_for_application(ours(), clock.now())
    user = people.find_user("demo-vendor")
    assert user is not None
    assert vendors.of_day(day, vendors.vendor_of(user, ours())) is None
    states = {application.state for application in vendors.applications(day)}
    assert states == {ApplicationState.SUBMITTED, ApplicationState.NEEDS_MORE, ApplicationState.APPROVED}


def test_nobody_has_a_password(year: Flask) -> None:
    assert [user.login for user in people.demo_users() if user.password_hash is not None] == []
    assert [user.login for user in people.demo_users()][0::8] == ["demo-staff", "demo-vendor"]


# ── once ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_playing_again_changes_nothing(year: Flask) -> None:
    before = db.session.scalar(sa.select(sa.func.max(AuditRow.id)))
    assert play.is_empty() is False
    play.play(at=clock.now())
    assert db.session.scalar(sa.select(sa.func.max(AuditRow.id))) == before
    assert insight.counters(ours()) == TOTALS


def test_an_installation_in_use_is_never_played_into(context: Flask, cast: object) -> None:
    assert play.is_empty() is False


@pytest.mark.postgres
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_postgresql_comes_to_the_same(context: Flask) -> None:
    play.play(at=clock.now())
    assert (insight.counters(ours()), proof.verify_everything().faults) == (TOTALS, 0)
