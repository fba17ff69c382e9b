"""A compulsory fee: another object with another payee than the gift, in no book of the fund, told to all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from market import clock
from market.calendar.models import MarketDay
from market.calendar.service import find_day_by_ref
from market.communities.service import find_community
from market.db import db, unit_of_work
from market.fund import recompute
from market.fund.bundle import write_bundle
from market.fund.service import require_fund
from market.insight.proof import verify_everything
from market.ledger import service as ledger
from market.ledger.models import Entry
from market.settlement import service
from market.settlement.commitments import line_facts
from market.settlement.fee import MOST_FEN, Fee, fee_fault, wrong_fees
from market.settlement.models import Settlement, StallFee
from market.settlement.paper_kit.statement import fee_sentence, lines_sheet, vendor_slip
from market.settlement.rules import TakingsSource
from market.vendors.rules import Category
from tests.cast import Cast, person, post
from tests.conftest import both_engines
from tests.factories import settlement as make
from tests.factories.desk import refused
from tests.settlement.conftest import Desk

SignIn = Callable[[str], FlaskClient]
TWENTY = Fee(2_000, "示例小区业主委员会", "2026 年 3 月业主大会决定")


@pytest.mark.parametrize(
    ("fee", "fault"),
    [
        (TWENTY, None),
        (Fee(0, "", ""), None),
        (Fee(MOST_FEN, "物业公司", "物业合同"), None),
        (Fee(-1, "物业公司", "物业合同"), "fee_range"),
        (Fee(MOST_FEN + 1, "物业公司", "物业合同"), "fee_range"),
        (Fee(1, "", "物业合同"), "fee_incomplete"),
        (Fee(1, "物业公司", ""), "fee_incomplete"),
        (Fee(1, "某市慈善总会", "协议"), "fee_to_charity"),
        (Fee(1, "慈善总会", "协议"), "fee_to_charity"),
        (Fee(1, "物业公司", "捐款的摊主免收"), "fee_for_giving"),
        (Fee(1, "社区基金专户", "协议"), "fee_for_giving"),
        (Fee(1, "Office", "free for Donators"), "fee_for_giving"),
    ],
)
def test_a_fee_is_neither_a_gift_nor_a_condition_of_one(fee: Fee, fault: str | None) -> None:
    assert fee_fault(fee, ("某市慈善总会", "")) == fault


def test_everybody_pays_the_same_but_for_whole_categories() -> None:
    fee = Fee(2_000, "物业公司", "物业合同", frozenset({Category.HAIRCUT}))
    assert [fee.of(category) for category in (Category.HAIRCUT, Category.PRODUCE)] == [0, 2_000]


def test_a_fee_that_was_not_set_is_found() -> None:
    assert wrong_fees([0, 2_000, 1_999], TWENTY) == [1_999]
    assert wrong_fees([0, 2_000], None) == [2_000]


def before(day: MarketDay) -> datetime:
    """Early enough to be charged at this market."""
    return day.open_at - timedelta(days=30)


def charged(desk: Desk, fee: Fee = TWENTY) -> Settlement:
    """A settled market of a community that charges."""
    day = desk.ended()
    with unit_of_work():
        service.set_stall_fee(desk.community, fee, by=desk.clerk, at=before(day))
    return desk.close(day)


@both_engines
def test_what_is_charged_is_in_no_sum_of_the_fund(desk: Desk) -> None:
    settled = charged(desk)
    assert settled.fees_fen == 2_000 * len(settled.lines)
    assert settled.contribution_fen == sum(line.contribution_fen for line in settled.lines)
    given = settled.contribution_fen
    assert ledger.balances(require_fund(desk.community).book) == {"1003": given, "2001": -given}
    assert not verify_everything().faults


def test_a_correction_leaves_the_fee_alone(desk: Desk) -> None:
    settled = charged(desk)
    again = desk.correct(settled.lines[0].assignment, 1_000)
    assert again.stall_fee is settled.stall_fee
    assert [line.fee_fen for line in again.lines] == [line.fee_fen for line in settled.lines]


def test_who_gives_nothing_pays_no_more(desk: Desk) -> None:
    settled = charged(desk)
    assert {line.fee_fen for line in settled.lines if line.contribution_fen} == {2_000}
    assert {line.fee_fen for line in settled.lines if not line.contribution_fen} <= {2_000}


def test_nobody_is_charged_by_a_fee_of_afterwards(desk: Desk) -> None:
    day = desk.ended()
    with unit_of_work():
        service.set_stall_fee(desk.community, TWENTY, by=desk.clerk, at=make.evening(day))
    settled = desk.close(day)
    assert settled.stall_fee is None
    assert not settled.fees_fen
    assert fee_sentence(settled) == ""
    assert service.current_fee(desk.community) is not None


def test_the_same_fee_again_changes_nothing_and_none_ends_it(desk: Desk) -> None:
    day = desk.ended()
    at = before(day)
    with unit_of_work():
        nothing = Fee(0, "", "")
        assert service.set_stall_fee(desk.community, nothing, by=desk.clerk, at=at) is None
        first = service.set_stall_fee(desk.community, TWENTY, by=desk.clerk, at=at)
        assert service.set_stall_fee(desk.community, TWENTY, by=desk.second, at=at) is first
        assert service.fee_for(day) is first
        service.set_stall_fee(desk.community, nothing, by=desk.second, at=at)
        assert service.fee_for(day) is None
        assert service.current_fee(desk.community) is None
    assert len(service.fee_history(desk.community)) == 2


def test_the_receiver_of_gifts_receives_no_fee(desk: Desk) -> None:
    desk.settled()
    with refused("settlement.fee_to_charity"):
        fee = Fee(100, require_fund(desk.community).charity, "协议")
        service.set_stall_fee(desk.community, fee, by=desk.clerk, at=clock.now())


def test_the_paper_and_the_slip_show_it_apart(desk: Desk) -> None:
    settled = charged(desk)
    sheet = lines_sheet(settled, [])
    assert [column.title for column in sheet.columns][4:6] == ["捐赠", "摊位费"]
    assert sheet.rows[0][4:6] == (settled.lines[0].contribution_fen, 2_000)
    assert "业主委员会，不是捐款，不进基金" in (sheet.note or "")
    assert ("摊位费", "20.00 元") in vendor_slip(settled, settled.lines[0], None).lines
    assert line_facts(settled.lines[0])["fee_fen"] == 2_000


def test_the_public_file_says_it_and_the_program_checks_it(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    charged(desk)
    out = BytesIO()
    write_bundle(require_fund(desk.community), out)
    path = tmp_path_factory.mktemp("bundle") / "b.zip"
    path.write_bytes(out.getvalue())
    assert recompute.main([str(path)]) == 0
    text = ZipFile(path).read("settlements.json").decode()
    assert '"payee": "示例小区业主委员会"' in text
    check = recompute.Check()
    wrong = {"total_fen": 1, "each_fen": 2_000, "stalls": 3}
    recompute.check_fees(check, "x", wrong, 2)
    assert len(check.wrong) == 2
    capsys.readouterr()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE stall_fee SET payee = '张三'",
        "UPDATE stall_fee SET amount_fen = 1",
        "UPDATE settlement_line SET fee_fen = 5",
        "UPDATE settlement SET fee_id = NULL",
    ],
)
def test_verify_names_a_changed_fee(desk: Desk, change: str) -> None:
    charged(desk)
    with unit_of_work():
        db.session.execute(sa.text(change))
    db.session.expire_all()
    assert verify_everything().faults


def test_staff_set_it_and_vendor_and_public_read_it(app: Flask, cast: Cast, sign_in: SignIn) -> None:
    staff, page = sign_in("staff"), f"/staff/{cast.ours}/stall-fee"
    assert "现在不收摊位费" in staff.get(page).text
    typed: dict[str, Any] = {
        "amount": "20",
        "payee": TWENTY.payee,
        "basis": TWENTY.basis,
        "exempt": ["haircut"],
    }
    assert post(staff, page, **{**typed, "basis": "捐款的免收"}).status_code == 422
    assert post(staff, page, **{**typed, "amount": ""}).status_code == 422
    assert post(staff, page, **typed).status_code == 302
    shown = staff.get(page).text
    assert "20.00 元" in shown
    assert 'value="20.00"' in shown
    with app.app_context():
        ref = db.session.scalars(sa.select(StallFee.ref)).one()
    assert "定摊位费" in staff.get(f"/staff/{cast.ours}/history/stallfee/{ref}").text


def test_the_public_reads_the_fee_and_that_takings_are_more_than_was_told(
    app: Flask, cast: Cast, sign_in: SignIn
) -> None:
    client = app.test_client()
    with app.app_context():
        desk = Desk(find_community(cast.ours), person("staff"), person("second"))
        day = desk.ended((90_000, 80_000, 70_000, 60_000, 50_000))
        at = make.evening(day)
        with unit_of_work():
            service.set_stall_fee(desk.community, TWENTY, by=desk.clerk, at=before(day))
            held, how = desk.held(day), {"source": TakingsSource.STAFF, "by": desk.clerk, "at": at}
            service.report_takings(held, 0, chosen_fen=500, gift_only=True, **how)  # type: ignore[arg-type]  # plain keyword values
        ref = day.ref
    assert "交给 示例小区业主委员会" in client.get(f"/c/{cast.ours}/markets/{ref}").text
    with app.app_context():
        again = Desk(find_community(cast.ours), person("staff"), person("second"))
        settled = again.close(find_day_by_ref(ref))
        fees = f"{settled.fees_fen / 100:.2f} 元"
    shown = client.get(f"/c/{cast.ours}/fund/markets/{ref}").text
    assert "摊位费，不在上面的数里" in shown
    assert fees in shown
    assert "有的商户只报了捐多少" in shown
    assert "另收摊位费" in sign_in("staff").get(f"/staff/{cast.ours}/days/{ref}/statement").text


def test_no_entry_tells_of_it(desk: Desk) -> None:
    charged(desk)
    assert [entry.kind.value for entry in db.session.scalars(sa.select(Entry))] == ["contribution"]
