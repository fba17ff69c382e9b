"""The sheet for the notice board says what the public page says, and can be checked against the book."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from market import clock
from market.fund.disclosure import disclose
from market.fund.notice import FundNotice, Line, notice_of, write_notice
from market.ledger import service as ledger
from market.money import yuan
from tests.fund.conftest import Desk
from tests.parts.pdf import both_readers, codes, fonts, page_count, page_size_mm, picture, text

ADDRESS = "https://jishi.example.cn/c/huaiyin/fund"
TODAY = date(2026, 11, 23)


def printed(notice: FundNotice) -> bytes:
    out = BytesIO()
    write_notice(notice, out)
    return out.getvalue()


def notice(desk: Desk) -> FundNotice:
    return notice_of(disclose(desk.fund), today=TODAY, page_address=ADDRESS)


def test_the_sums_are_those_of_the_page_and_add_up(desk: Desk) -> None:
    desk.money(12_345)
    it = disclose(desk.fund)
    sums = [line.amount for line in notice(desk).sums]
    assert sums == ["0.00", yuan(it.income_fen), yuan(it.spent_fen), yuan(it.balance_fen)]
    assert (it.income_fen, it.balance_fen) == (12_345, 12_345)


@both_readers
def test_the_sheet_carries_sums_fingerprint_and_the_way_to_the_page(desk: Desk, reader: str) -> None:
    desk.money(12_345)
    pdf = printed(notice(desk))
    found = "".join(text(reader, pdf).split())
    fingerprint = ledger.head_fingerprint(desk.fund.book).replace(" ", "")
    wanted = ("123.45", fingerprint, "编制", "审核", "公示期", "监督电话", desk.fund.charity, "单位：元")
    assert [word for word in wanted if word not in found] == []
    assert (page_count(pdf), page_size_mm(pdf), codes(picture(reader, pdf))) == (1, (210, 297), [ADDRESS])
    assert fonts(pdf) == {("NotoSansCJKsc-Regular", True)}


def test_what_does_not_fit_is_counted(desk: Desk) -> None:
    many = [Line(f"第 {number} 笔", "1.00") for number in range(60)]
    found = "".join(text("pdfium", printed(notice(desk)._replace(lines=many))).split())
    shown = sum(f"第{number}笔" in found for number in range(60))
    assert f"还有{60 - shown}笔" in found


def test_its_page_serves_it_under_the_name_offices_use(desk: Desk) -> None:
    from flask import current_app

    answer = current_app.test_client().get(f"/c/{desk.community.slug}/fund/notice.pdf")
    today = clock.today(desk.community.zone).isoformat()
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert f"_{today}.pdf" in answer.headers["Content-Disposition"]
