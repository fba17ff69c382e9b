"""Reports as people read them: pages, papers and files for staff, street and district, and nobody else."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pypdf import PdfReader

from market import clock
from market.calendar.models import MarketDay
from market.communities.service import find_community, find_region
from market.db import db, unit_of_work
from market.insight.periods import Length, period_of
from market.people import service as people
from market.people.rules import Role
from tests.cast import OTHER_STREET, STREET, Cast, make_user, person
from tests.factories.settlement import ended_market, settled_market
from tests.reports.conftest import DISTRICT, held_on, make_district

SignIn = Callable[[str], FlaskClient]
ON = clock.today("Asia/Shanghai") - timedelta(days=30)
MONTH = period_of(Length.MONTH, ON).code
OURS, BELOW = f"/staff/huaiyin/reports/{MONTH}", f"/region/{STREET}/communities/huaiyin/reports/{MONTH}"


@pytest.fixture
def settled(app: Flask, cast: Cast) -> str:
    """One settled market of ours and one of theirs, a month ago; the address of ours."""
    with app.app_context():
        make_district(cast, clock.now())
        with unit_of_work():
            people.grant(
                make_user("district", "区里"),
                Role.REGION_VIEWER,
                region=find_region(DISTRICT),
                at=clock.now(),
            )
            ours = settled_market(find_community(cast.ours), person("staff"), (100_000, 82_010), in_days=-30)
            theirs = settled_market(find_community(cast.theirs), person("staff-b"), (40_000,), in_days=-30)
            ours.day.theme = "=1+1 集"
        assert theirs.day.open_at == ours.day.open_at
        return str(ours.day.ref)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_staff_read_figures_with_their_definitions_and_come_to_each_market(
    settled: str, sign_in: SignIn
) -> None:
    page = sign_in("staff").get(OURS).text
    assert f"{ON.year} 年 {ON.month} 月" in page
    assert "来过的不同商户，一家来几场也只算一家" in page
    assert f"/staff/huaiyin/days/{settled}" in page
    assert "没有数人，人次实际还要多" in words(page)


def test_without_a_period_one_comes_to_the_newest_market(settled: str, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    assert staff.get("/staff/huaiyin/reports").headers["Location"] == OURS
    chosen = staff.get("/staff/huaiyin/reports?period=2026-Q2").headers["Location"]
    assert chosen == "/staff/huaiyin/reports/2026-Q2"
    assert sign_in("viewer").get(f"/region/{STREET}/reports").headers["Location"].endswith(MONTH)


@pytest.mark.parametrize("code", ["x", "2026-13", "2026-05-09", "0"])
def test_what_is_no_period_is_not_there(settled: str, sign_in: SignIn, code: str) -> None:
    answer = sign_in("staff").get(f"/staff/huaiyin/reports/{code}")
    assert (answer.status_code, "写成 2026-11、2026-Q4 或 2026" in answer.text) == (404, True)


def test_a_period_without_markets_says_so_and_leads_on(settled: str, sign_in: SignIn) -> None:
    page = sign_in("staff").get("/staff/huaiyin/reports/2025-02").text
    assert "这一期没有办集市" in page
    assert 'href="/staff/huaiyin/reports/2025-03"' in page
    assert sign_in("viewer").get(f"/region/{STREET}/reports/2025-02").status_code == 200


def test_what_waits_is_said_plainly_with_the_way_to_it(
    app: Flask, cast: Cast, settled: str, sign_in: SignIn
) -> None:
    with app.app_context():
        with unit_of_work():
            day = ended_market(find_community(cast.ours), person("staff"), (50_000,), in_days=-25)
        held_on(day, ON)
        ref = day.ref
    page = sign_in("staff").get(OURS).text
    assert "1 场还没收市对账，没有算进来" in words(page)
    assert f"/staff/huaiyin/days/{ref}" in page
    seen = sign_in("viewer").get(f"/region/{STREET}/reports/{MONTH}").text
    assert "1 场还没收市对账" in words(seen)


def test_a_district_leads_to_its_streets_and_they_to_communities_and_markets(
    settled: str, sign_in: SignIn
) -> None:
    viewer = sign_in("district")
    district = viewer.get(f"/region/{DISTRICT}/reports/{MONTH}").text
    assert f"/region/{STREET}/reports/{MONTH}" in district
    street = viewer.get(f"/region/{STREET}/reports/{MONTH}").text
    assert BELOW in street
    assert "松鹤社区" not in street
    community = viewer.get(BELOW).text
    assert f"/c/huaiyin/markets/{settled}" in community
    assert "/staff/" not in community


def test_nobody_sees_a_place_that_is_not_theirs(settled: str, sign_in: SignIn) -> None:
    ours, theirs = f"/region/{STREET}", f"/region/{OTHER_STREET}"
    reports, below = f"/reports/{MONTH}", f"/communities/songhe/reports/{MONTH}"
    district = f"/region/{DISTRICT}{reports}"
    asked: dict[str, dict[str, int]] = {
        "viewer": {ours + reports: 200, BELOW: 200, theirs + reports: 403, ours + below: 404,
                   theirs + below: 403, district: 403, OURS: 403},
        "viewer-b": {theirs + reports: 200, theirs + below: 200, ours + reports: 403, BELOW: 403},
        "district": {district: 200, ours + reports: 200, theirs + below: 200, ours + below: 404, OURS: 403},
        "staff": {OURS: 200, ours + reports: 403, BELOW: 403, f"/staff/songhe{reports}": 403},
        "gate": {OURS: 403, BELOW: 403},
        "member1": {OURS: 403},
    }  # fmt: skip
    wrong = []
    for login, pages in asked.items():
        client = sign_in(login)
        for page, expected in pages.items():
            for address in (page, f"{page}/report.pdf", f"{page}/report.xlsx", f"{page}/report.csv"):
                got = client.get(address).status_code
                wrong += [f"{login} {address}: {got}"] if got != expected else []
    assert wrong == []


def test_the_paper_has_figures_and_definitions_on_one_page_and_its_parts_on_the_next(
    settled: str, sign_in: SignIn
) -> None:
    answer = sign_in("staff").get(f"{OURS}/report.pdf")
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages]
    assert len(pages) == 2
    assert "月度汇总表" in pages[0]
    assert "91.01" in pages[0]
    assert "怎么算" in pages[0]
    assert "第 1 页，共 2 页" in pages[0]
    assert "第 2 页，共 2 页" in pages[1]
    assert f"月度汇总表_{MONTH}.pdf" in _file_name(answer)


def _file_name(answer: Any) -> str:
    from urllib.parse import unquote

    return unquote(answer.headers["Content-Disposition"])


def test_the_csv_computes_nothing_and_opens_in_a_spreadsheet(settled: str, sign_in: SignIn) -> None:
    answer = sign_in("staff").get(f"{OURS}/report.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["日期", "集市", "家次", "人次", "反哺金额", "物资件数", "备注"]
    assert rows[1] == [ON.isoformat(), "'=1+1 集", "2", "", "91.01", "0", "没有数人"]


def test_the_form_of_the_street_is_a_workbook_that_adds_up(settled: str, sign_in: SignIn) -> None:
    answer = sign_in("district").get(f"/region/{DISTRICT}/reports/{MONTH}/report.xlsx")
    book: Any = load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["月度汇总表", "各社区", "怎么算的"]
    rows = list(book["各社区"].iter_rows(values_only=True))
    head = next(row for row in rows if "社区" in row)
    assert head[:12] == (
        "街道（镇）", "社区", "场次", "商户家数", "家次", "人次", "反哺金额", "物资件数", "拨付金额",
        "项目数", "投诉", "事故",
    )  # fmt: skip
    found = {row[1]: row for row in rows if row[1] in ("槐荫社区", "松鹤社区")}
    assert (found["槐荫社区"][2:6], found["松鹤社区"][2:6]) == ((1, 2, 2, None), (1, 1, 1, None))
    total = next(row for row in rows if row[0] == "合计")
    assert all(str(cell).startswith("=SUM(") for cell in total[2:12])


def test_reports_speak_english(settled: str, sign_in: SignIn) -> None:
    staff = sign_in("staff")
    staff.get("/preferences?lang=en")
    page = staff.get(f"/staff/huaiyin/reports/{ON.year}").text
    assert "Different vendors that came" in page
    assert not re.search(r"[\u4e00-\u9fff]", words(page.split('id="figures"')[1].split("</section>")[0]))


def test_a_market_of_another_period_stands_where_its_money_was_booked(
    app: Flask, settled: str, sign_in: SignIn
) -> None:
    with app.app_context():
        held_on(db.session.query(MarketDay).filter_by(ref=settled).one(), date(2025, 7, 5))
    staff = sign_in("staff")
    page = words(staff.get(OURS).text)
    assert "别的期间的集市，在这一期入账或更正" in page
    assert "反哺金额里有 1 场别的期间的集市" in page
    assert settled in staff.get("/staff/huaiyin/reports/2025-Q3").text
