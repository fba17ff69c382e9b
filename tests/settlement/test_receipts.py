"""What a vendor takes home after the close: its own slip, and the receipt that the charity issues."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market.audit import AuditRow
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.settlement.models import ReceiptRequest
from tests.cast import make_user, person, post
from tests.factories.vendors import act_for, make_vendor
from tests.parts.pdf import page_count, page_size_mm, text as printed
from tests.settlement.test_views import Make, market as market, text

SignIn = Callable[[str], FlaskClient]


def numbering(app: Flask, page: str) -> str:
    """Where the number of the only receipt is typed."""
    with app.app_context():
        return f"{page}/{db.session.scalars(sa.select(ReceiptRequest)).one().ref}/number"


def test_a_vendor_asks_and_reads_the_number_on_page_and_slip(
    app: Flask, market: Make, sign_in: SignIn
) -> None:
    held = market(settled=True)
    vendor, staff = sign_in("zhou"), sign_in("staff")
    asked, slip = held.mine.replace("takings", "receipt"), held.mine.replace("takings", "slip.pdf")
    before = vendor.get(slip).data
    assert (page_count(before), page_size_mm(before)) == (1, (105, 148))
    for part in ("A01", "900.00", "45.00"):
        assert part in printed("pdfium", before)
    assert "820.10" not in printed("pdfium", before)
    for _press in range(2):
        assert post(vendor, held.mine, asked).headers["Location"] == held.mine
    assert "要了捐赠票据，等慈善组织开。" in text(vendor.get(held.mine))
    assert "要了，等慈善组织开" in printed("pdfium", vendor.get(slip).data)
    page = held.page("receipts")
    assert "1 家" in text(staff.get(page))
    for _press in range(2):
        assert post(staff, page, numbering(app, page), number="鲁 0017").status_code == 302
    assert "捐赠票据：鲁 0017" in text(vendor.get(held.mine))
    assert "0017" in printed("pdfium", vendor.get(slip).data)
    with app.app_context():
        said = sa.select(sa.func.count()).where(AuditRow.act == "settlement.number_receipt")
        assert db.session.scalar(said) == 1


def test_who_gave_nothing_takes_a_slip_home_without_a_voucher(market: Make, sign_in: SignIn) -> None:
    held = market(settled=True, terms=None)
    slip = printed("pdfium", sign_in("zhou").get(held.mine.replace("takings", "slip.pdf")).data)
    report = printed("pdfium", sign_in("staff").get(held.page("settlement.pdf")).data)
    for paper in (slip, report):
        assert "900.00" in paper
        assert "凭证" not in paper


def test_who_has_no_stall_has_neither_slip_nor_receipt(app: Flask, market: Make, sign_in: SignIn) -> None:
    held = market(settled=True)
    with app.app_context(), unit_of_work():
        act_for(make_vendor(find_community("huaiyin"), person("staff"), "没摊的"), make_user("sun", "孙师傅"))
    stranger = sign_in("sun")
    slip = stranger.get(held.mine.replace("takings", "slip.pdf"))
    asked = post(stranger, "/vendor/huaiyin/terms", held.mine.replace("takings", "receipt"))
    for answer in (slip, asked):
        assert (answer.status_code, "您这一场没有摊位" in text(answer)) == (404, True)


def test_a_receipt_of_no_stall_or_that_nobody_asked_for_is_not_there(market: Make, sign_in: SignIn) -> None:
    held, staff = market(settled=True), sign_in("staff")
    page = held.page("receipts")
    nobody = post(staff, page)
    assert (nobody.status_code, "这一场没有这个摊位" in text(nobody)) == (404, True)
    unasked = post(staff, page, f"{page}/abcdefghij/number", number="1")
    assert (unasked.status_code, "这一场没有这张票据的登记。" in text(unasked)) == (404, True)
