"""The paper kit: columns as offices use them, every stall once, codes that lead on, files that open."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from market.calendar.models import MarketDay
from market.calendar.printed import clock_of, foot_words, heading_of
from market.calendar.service import local_date
from market.communities.service import find_community, profile_of
from market.db import db, unit_of_work
from market.gate import service as gate
from market.gate.rules import CountMethod, Sample, Sampling
from market.inspection import service as inspections
from market.inspection.rules import Result, sheet_numbers
from market.inspection.service import Problem
from market.inspection.words import RESULT_WORDS
from market.passes import service as passes
from market.print import A4_LANDSCAPE, paper
from market.print.columns import Kind
from market.print.table import Cell, Heading, Table, draw_table, print_text
from market.settlement.paper_kit.pdf import write_paper_kit
from market.settlement.paper_kit.plain import csv_text, write_csv
from market.settlement.paper_kit.tables import TableKey, kit_of, table_of, tables_of, titles
from market.settlement.paper_kit.workbook import file_name, tab_name, write_workbook
from market.settlement.service.links import takings_url
from market.stalls import service as stalls
from market.stalls.models import ZoneDuty
from market.stalls.rules import ReleaseReason
from market.stalls.short_code import format_code
from market.vendors import service as vendors
from market.vendors.rules import DocumentKind
from tests.cast import Cast, person, sign_in_client
from tests.factories.calendar import make_day
from tests.factories.gate import published_day
from tests.factories.settlement import TWENTY_YUAN
from tests.parts.office import cells_in, cells_of, opened_by_office
from tests.parts.pdf import both_readers, codes, fonts, lines, page_count, picture, text
from tests.settlement.conftest import Desk

ADDRESS = "https://jishi.example.cn/vendor/huaiyin/days/abcdefghij/takings"

COLUMNS = {
    TableKey.APPLICATIONS: "序号·商户/摊主名称·经营者·联系电话·经营品类·主要商品·价格区间·"
    "营业执照/备案号·健康证(人数/到期)·是否用电(kW)·是否明火·自带帐篷·车牌·参加日期·意向捐赠(方式/比例)·备注·签字",
    TableKey.STALLS: "摊位号·区域·商户·品类·用电·到场时间·相邻要求·负责网格员·备注",
    TableKey.SIGN_IN: "摊位号·商户·到场人·证件核对·签到时间·签退时间·保洁验收·签字",
    TableKey.INSPECTION_1: "时间·摊位号·检查项·结果·整改要求·复查·检查人·摊主签字",
    TableKey.INSPECTION_2: "时间·摊位号·检查项·结果·整改要求·复查·检查人·摊主签字",
    TableKey.INCIDENTS: "时间·在哪里·什么事·告诉了谁·怎么处理的·记的人",
    TableKey.FOOTFALL: "日期·入口·时段·计数·系数·估算·计数人·天气",
    TableKey.TAKINGS: "摊位号·商户·自报营业额·捐赠方式·比例·应捐(自愿)·实捐·交付方式·票据需求·签字",
}


def printed(day: MarketDay) -> bytes:
    out = io.BytesIO()
    write_paper_kit(kit_of(day), out, takings_address=ADDRESS)
    return out.getvalue()


def published(desk: Desk, vendors: int = 3) -> MarketDay:
    """A market whose passes are out."""
    with unit_of_work():
        return published_day(desk.community, desk.clerk, vendors=vendors)


def workbook_bytes(day: MarketDay) -> bytes:
    out = io.BytesIO()
    write_workbook(day, tables_of(kit_of(day)), out)
    return out.getvalue()


def workbook(day: MarketDay) -> Workbook:
    return load_workbook(io.BytesIO(workbook_bytes(day)))


def table(day: MarketDay, key: TableKey) -> list[list[str]]:
    """A CSV as Excel reads it."""
    out = io.BytesIO()
    write_csv(table_of(kit_of(day), key), out)
    return list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))


# ── tables ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("key", COLUMNS)
def test_columns_are_those_that_offices_use(desk: Desk, key: TableKey) -> None:
    assert table(desk.open(), key)[0] == COLUMNS[key].split("·")


LISTS = [k for k in TableKey if k not in (TableKey.APPLICATIONS, TableKey.INCIDENTS, TableKey.FOOTFALL)]
"""Those with a line for each stall."""
PLAZA = "广场"
"""The last line of an inspection."""


def test_the_applications_say_how_many_health_certificates_hold_and_when_the_first_ends(desk: Desk) -> None:
    day = desk.open(vendors=1)
    held, on = desk.held(day), local_date(day)
    column = COLUMNS[TableKey.APPLICATIONS].split("·").index("健康证(人数/到期)")

    def told(number: str, **facts: object) -> str:
        with unit_of_work():
            vendors.check_document(
                held.vendor, DocumentKind.HEALTH_CERT, number=number, issuer="局", by=desk.clerk,
                at=day.open_at - timedelta(days=60), **facts,  # type: ignore[arg-type]  # fields by name
            )  # fmt: skip
        return table(day, TableKey.APPLICATIONS)[1][column]

    assert told("H-old", valid_to=on - timedelta(days=1)) == ""
    soon = on + timedelta(days=20)
    assert told("H-new", valid_to=soon).endswith(f" / {soon.isoformat()}")


@pytest.mark.parametrize("key", LISTS)
def test_every_stall_stands_once_on_every_list(desk: Desk, key: TableKey) -> None:
    day = desk.open(vendors=5)
    heads, *rows = table(day, key)
    column = heads.index("摊位号")
    standing = sorted(row[column] for row in rows if row[column] != PLAZA)
    assert standing == [held.stall.label for held in stalls.assignments(day)]
    inspects = key in (TableKey.INSPECTION_1, TableKey.INSPECTION_2)
    assert [row[column] for row in rows].count(PLAZA) == inspects


def test_the_rosters_carry_the_short_codes_by_stall_and_by_pinyin(desk: Desk) -> None:
    day = published(desk, vendors=4)
    codes_by_stall = {p.assignment.stall.label: format_code(p.short_code) for p in passes.live_passes(day)}
    names = sorted(stalls.assignments(day), key=lambda held: (held.vendor.pinyin, held.stall.label))
    by_stall = [(row[0], row[5]) for row in table(day, TableKey.ROSTER)[1:]]
    by_name = table(day, TableKey.ROSTER_BY_NAME)[1:]
    assert (len(by_stall), by_stall) == (4, sorted(codes_by_stall.items()))
    assert {row[2]: row[3] for row in by_name} == codes_by_stall
    assert [row[1] for row in by_name] == [held.vendor.trading_name for held in names]


def test_the_takings_list_knows_the_agreement_before_and_the_sums_after(desk: Desk) -> None:
    before = table(desk.open(vendors=1), TableKey.TAKINGS)[1]
    fixed = table(desk.open(vendors=1, terms=TWENTY_YUAN, in_days=17), TableKey.TAKINGS)[1]
    after = table(desk.ended([82_010], in_days=24), TableKey.TAKINGS)[1]
    assert before[2:7] == ["", "按比例", "5%", "", ""]
    assert fixed[2:7] == ["", "定额", "每场 20.00 元", "", ""]
    assert after[2:7] == ["820.10", "按比例", "5%", "41.01", "41.01"]


def test_a_vendor_with_two_stalls_stands_once_on_every_list_with_both_numbers(desk: Desk) -> None:
    day = desk.open(vendors=2)
    with unit_of_work():
        held, beside = stalls.assignments(day)
        stalls.release(beside, ReleaseReason.NO_SHOW, by=desk.clerk, at=day.open_at)
        held.second_stall = beside.stall
    both = f"{held.stall.label}+{beside.stall.label}"
    assert {key: [row for row in table(day, key) if both in row] != [] for key in LISTS} == dict.fromkeys(
        LISTS, True
    )
    pdf = printed(day)
    pages = ["".join(text("pdfium", pdf, page + 1).split()) for page in range(page_count(pdf))]
    assert ([both in page for page in pages].count(True), beside.vendor.trading_name in pages) == (8, False)


def test_duties_and_what_vendors_said_of_themselves_are_printed(desk: Desk) -> None:
    day = desk.open(vendors=2)
    with unit_of_work():
        first, other = stalls.assignments(day)
        db.session.add(ZoneDuty(day_id=day.id, zone=first.stall.zone, person="孙桂英"))
        vendor = first.vendor
        vendor.price_range, vendor.open_flame, vendor.own_tent, vendor.plate = (
            "2–15 元",
            True,
            True,
            "鲁C12345",
        )
    listed = table(day, TableKey.STALLS)[1]
    asked = {row[1]: row[6:13] for row in table(day, TableKey.APPLICATIONS)[1:]}
    inspected = {row[1]: row[2].split() for row in table(day, TableKey.INSPECTION_2)[1:]}
    assert (listed[7], "明火、自带帐篷" in listed[8]) == ("孙桂英", True)
    assert [asked[vendor.trading_name][n] for n in (0, 4, 5, 6)] == ["2–15 元", "是", "是", "鲁C12345"]
    assert [asked[other.vendor.trading_name][n] for n in (0, 4, 5, 6)] == ["", "", "", ""]
    flame = str(sheet_numbers(profile_of(day.community))["flame"])
    assert [flame in inspected[held.label] for held in (first, other)] == [True, False]


def test_the_sheet_of_visits_has_what_phones_counted(desk: Desk) -> None:
    day = desk.open()
    gate_name = gate.footfall(day).entrances[0]
    with unit_of_work():
        gate.count_visits(day, gate_name, 1, 78, CountMethod.FULL_COUNT, by=desk.clerk, at=day.open_at)
        gate.count_visits(day, gate_name, 2, 115, CountMethod.SAMPLE, by=desk.clerk, at=day.open_at)
        gate.count_sample(day, gate_name, 3, Sample(23, Sampling.OTHER, 350), by=desk.clerk, at=day.open_at)
    rows = [row[3:6] for row in table(day, TableKey.FOOTFALL)[1:4]]
    assert rows == [["78", "1", "78"], ["", "", "115"], ["23", "3.5", "81"]]


def test_the_sheet_of_a_round_says_what_was_found_and_when_it_was_mended(desk: Desk) -> None:
    day = published(desk)
    at = day.open_at - timedelta(hours=1)
    with unit_of_work():
        problem = Problem("aisle", Result.TO_MEND, "货堆出来了", day.open_at)
        held = stalls.assignments(day)[0]
        inspections.check_spot(day, held, 1, [problem], client_id="c1", by=desk.clerk, at=at)
        found = inspections.open_findings(day)[0]
    number = sheet_numbers(profile_of(day.community))["aisle"]
    before = table(day, TableKey.INSPECTION_1)[1]
    with unit_of_work():
        moment = at + timedelta(minutes=20)
        inspections.follow_up(found, "搬走了", closes=True, by=desk.clerk, at=moment)
    after = table(day, TableKey.INSPECTION_1)[1]
    by_when = f"货堆出来了 {clock_of(day.open_at, day)} 前改好"
    assert before[3:6] == [f"{number} {RESULT_WORDS[Result.TO_MEND]}", by_when, ""]
    assert after[3:6] == [*before[3:5], f"{clock_of(moment, day)} 改好"]


def test_sums_stand_on_the_last_line_once_everybody_has_told(desk: Desk) -> None:
    told = table_of(kit_of(desk.ended([82_010, 0])), TableKey.TAKINGS)
    waiting = table_of(kit_of(desk.ended([82_010, None], in_days=17)), TableKey.TAKINGS)
    assert [sheet.total(2) for sheet in (told, waiting)] == [82_010, None]
    for sheet, total in ((told, "820.10"), (waiting, "")):
        last = "".join(lines("pdfium", drawn(sheet)))
        assert ("合计" in last, last.count("820.10")) == (True, 1 + bool(total))


def drawn(sheet: Table) -> bytes:
    out = io.BytesIO()
    with paper(out, A4_LANDSCAPE, title=sheet.title) as canvas:
        draw_table(canvas, sheet, Heading(sheet.title, "示例社区"), foot_words())
    return out.getvalue()


def test_the_unit_stands_at_the_right_above_the_table(desk: Desk) -> None:
    page = picture("pdfium", drawn(table_of(kit_of(desk.open()), TableKey.TAKINGS)), dpi=100)
    above = page.crop((0, 92, page.width, 116)).point(lambda grey: 255 if grey < 128 else 0)
    left, _top, right, _bottom = above.getbbox() or (0, 0, 0, 0)
    assert (left > page.width * 0.85, right < page.width - 35) == (True, True)


@pytest.mark.parametrize(
    "cell, kind, printed_text",
    [
        ("13800000001", Kind.PHONE, "138 0000 0001"),
        ("0533-0000000", Kind.PHONE, "0533-0000000"),
        (123_456, Kind.MONEY, "1,234.56"),
        (0, Kind.MONEY, "0.00"),
        (1500, Kind.KILOWATTS, "1.5"),
        (0, Kind.KILOWATTS, ""),
        (None, Kind.NUMBER, ""),
        (5236, Kind.NUMBER, "5,236"),
    ],
)
def test_a_cell_is_printed_as_people_write_it(cell: Cell, kind: Kind, printed_text: str) -> None:
    assert print_text(cell, kind) == printed_text


@pytest.mark.parametrize(
    "cell, kind, written",
    [
        ("=1+1", Kind.TEXT, "'=1+1"),
        ("-1", Kind.TEXT, "'-1"),
        ("@SUM(A1)", Kind.TEXT, "'@SUM(A1)"),
        ("+86 138", Kind.TEXT, "'+86 138"),
        ("13800000001", Kind.TEXT, "13800000001"),
        (123456, Kind.MONEY, "1234.56"),
        (1500, Kind.KILOWATTS, "1.5"),
        (None, Kind.MONEY, ""),
    ],
)
def test_a_csv_cell_is_never_computed(cell: str | int | None, kind: Kind, written: str) -> None:
    assert csv_text(cell, kind) == written


# ── the workbook ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_workbook_has_every_table_with_title_unit_and_footer(desk: Desk) -> None:
    day = desk.ended()
    book = workbook(day)
    assert book.sheetnames == list(titles().values())
    page = book[titles()[TableKey.TAKINGS]]
    merged = sorted(str(cells) for cells in page.merged_cells.ranges)
    assert (page["A1"].value, page["I2"].value) == ("收入（营业额）登记表", "单位：元")
    assert {"A1:J1", "A2:H2", "I2:J2"} <= set(merged)
    foot = [cell.value for cell in page[page.max_row] if cell.value]
    assert [str(word).rstrip("_") for word in foot] == ["制表人：", "审核人：", "日期："]


def test_the_workbook_adds_up_what_is_typed_in(desk: Desk) -> None:
    day = desk.ended([82_010, 100])
    page = workbook(day)[titles()[TableKey.TAKINGS]]
    sums = [page.cell(6, column).value for column in (1, 3, 6, 7)]
    assert sums == ["合计", "=SUM(C4:C5)", "=SUM(F4:F5)", "=SUM(G4:G5)"]


def test_the_workbook_prints_on_a4_across_and_keeps_its_head_in_sight(desk: Desk) -> None:
    for page in workbook(desk.open()).worksheets:
        setup = page.page_setup
        assert (setup.orientation, int(setup.paperSize or 0), setup.fitToHeight) == ("landscape", 9, 0)
        fits = page.sheet_properties.pageSetUpPr
        assert fits is not None
        assert fits.fitToPage is True
        head = int(str(page.freeze_panes)[1:]) - 1
        assert page.print_title_rows in (f"$1:${head}", f"1:{head}")
        assert all(page.cell(head, column).value for column in range(1, page.max_column + 1))
        assert min(d.width for d in page.column_dimensions.values()) >= 5


def test_cells_have_the_types_that_people_compute_with(desk: Desk) -> None:
    day = desk.ended([82_010])
    held = stalls.assignments(day)[0]
    with unit_of_work():
        held.vendor.trading_name = "=HYPERLINK(1)"
    book = workbook(day)
    roster, takings = (book[titles()[key]] for key in (TableKey.ROSTER, TableKey.TAKINGS))
    asked = book[titles()[TableKey.APPLICATIONS]]
    phone, name, amount = roster["D5"], takings["B4"], takings["C4"]
    assert (phone.value, phone.data_type, phone.number_format) == (held.vendor.phone, "s", "@")
    assert (name.value, name.data_type) == ("=HYPERLINK(1)", "s")
    assert (amount.value, amount.number_format) == (820.1, "#,##0.00_ ")
    assert (asked["A4"].value, asked["N4"].value) == (
        1,
        datetime.combine(local_date(day), datetime.min.time()),
    )
    assert asked["D4"].data_type == "s"


def test_a_tab_has_a_name_that_excel_takes() -> None:
    assert tab_name("Income/takings: [all] of this market?") == "Income takings   all  of this m"


@pytest.mark.slow
def test_libreoffice_opens_the_workbook_with_the_same_cells(desk: Desk, tmp_path: Path) -> None:
    content = workbook_bytes(desk.ended([82_010]))
    assert cells_of(opened_by_office(content, tmp_path)) == cells_in(content)


def test_files_are_called_as_offices_file_them(desk: Desk) -> None:
    day = desk.open()
    name = file_name(day, titles()[TableKey.SIGN_IN], "csv")
    assert name == f"{desk.community.name}_商户签到表_{local_date(day).isoformat()}.csv"


# ── print ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_print_holds_plan_lists_sheets_and_slips_in_order(desk: Desk) -> None:
    pdf = printed(desk.open(vendors=3))
    firsts = [text("pdfium", pdf, page + 1).split()[0] for page in range(page_count(pdf))]
    lists = [titles()[key] for key in TableKey if key is not TableKey.APPLICATIONS]
    assert firsts == ["摊位图", *lists, "营业额单", "营业额单"]
    assert fonts(pdf) == {("NotoSansCJKsc-Regular", True)}


@both_readers
def test_each_slip_has_the_link_of_its_stall_and_a_spare_one_the_takings_page(
    desk: Desk, reader: str
) -> None:
    day = published(desk)
    pdf = printed(day)
    pages = page_count(pdf)
    slips = [code for page in (pages - 1, pages) for code in codes(picture(reader, pdf, page))]
    found = "".join("".join(text(reader, pdf, page).split()) for page in (pages - 1, pages))
    known = [format_code(p.short_code) for p in passes.live_passes(day)]
    links = [takings_url(held) for held in stalls.assignments(day)]
    assert sorted(slips) == sorted([*links, *[ADDRESS] * 5])
    assert [code in found for code in known] == [True] * 3


@pytest.mark.parametrize("vendors, sheets", [(1, 1), (2, 1), (3, 2), (4, 2), (6, 2)])
def test_there_are_always_at_least_two_spare_slips(desk: Desk, vendors: int, sheets: int) -> None:
    pdf = printed(desk.open(vendors=vendors))
    firsts = [text("pdfium", pdf, page + 1).split()[0] for page in range(page_count(pdf))]
    assert firsts.count("营业额单") == sheets


def test_a_long_list_goes_on_with_its_head_repeated(desk: Desk) -> None:
    kit = kit_of(desk.open())
    roster = table_of(kit, TableKey.ROSTER)
    long, out = replace(roster, rows=roster.rows * 8), io.BytesIO()
    with paper(out, A4_LANDSCAPE, title="名册") as canvas:
        draw_table(canvas, long, heading_of(kit.day, roster.title), foot_words())
    pages = ["".join(text("pdfium", out.getvalue(), page).split()) for page in (1, 2)]
    assert [("短码" in page, f"第{n}页，共2页" in page) for n, page in enumerate(pages, 1)] == [
        (True, True)
    ] * 2


# ── the pages that serve it ───────────────────────────────────────────────────────────────────────────────


def test_one_button_on_the_day_page_gives_print_workbook_and_tables(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        ref = published_day(find_community(cast.ours), person("staff")).ref
    client = sign_in_client(app, app.test_client(), "staff")
    base = f"/staff/{cast.ours}/days/{ref}"
    page = client.get(base).get_data(as_text=True)
    tables = [f"{base}/tables/{key}.csv" for key in TableKey]
    links = [f"{base}/paper-kit.pdf", f"{base}/paper-kit.xlsx", *tables]
    assert [link for link in links if f'"{link}"' not in page] == []
    assert [client.get(link).mimetype for link in links[:3]] == [
        "application/pdf",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "text/csv",
    ]
    assert client.get(f"{base}/tables/nothing.csv").status_code == 404
    slips = client.get(links[0]).data
    own = f"http://127.0.0.1:8000/vendor/{cast.ours}/days/{ref}/takings"
    assert codes(picture("pdfium", slips, page_count(slips))) == [own] * 4


def test_a_market_without_stalls_offers_no_paper_yet(app: Flask, cast: Cast) -> None:
    with app.app_context(), unit_of_work():
        ref = make_day(find_community(cast.ours), person("staff"), in_days=12).ref
    page = sign_in_client(app, app.test_client(), "staff").get(f"/staff/{cast.ours}/days/{ref}")
    assert "paper-kit" not in page.get_data(as_text=True)
